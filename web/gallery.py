"""The card gallery: every card as the platform shows it, for those who build them. Only in demo and tests."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from aiohttp import web
from jinja2 import Environment, PackageLoader, select_autoescape

from cards.blocks import Card
from cards.samples import SAMPLES


@dataclass(frozen=True, slots=True)
class Face:
    """One way a card is shown: on this platform, in a chat of this kind; `render` gives what is sent there."""

    platform: str
    chat: str
    render: Callable[[Card], Mapping[str, Any]]


_pages = Environment(loader=PackageLoader("web", "templates"), autoescape=select_autoescape(), trim_blocks=True)


def add_routes(app: web.Application, faces: Sequence[Face]) -> None:
    """GET /gallery and its data. `draw` names the origin that serves the drawing script, the simulator's."""

    async def page(request: web.Request) -> web.Response:
        draw = request.query.get("draw", "http://127.0.0.1:8090")
        if not draw.startswith("http://127.0.0.1:"):
            raise web.HTTPBadRequest(text="draw 只能是本机的模拟器")
        html = _pages.get_template("gallery.html").render(draw=draw, names=list(SAMPLES))
        policy = f"default-src 'self' {draw}; style-src 'self' {draw}; img-src 'self' {draw} data:"
        return web.Response(text=html, content_type="text/html", headers={"Content-Security-Policy": policy})

    async def data(request: web.Request) -> web.Response:
        cards = [{"name": name, "messages": [_shown(face, card) for face in faces]} for name, card in SAMPLES.items()]
        return web.Response(body=orjson.dumps(cards), content_type="application/json")

    def file(name: str, content_type: str) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def answer(request: web.Request) -> web.Response:
            return web.Response(text=_pages.get_template(name).render(), content_type=content_type)

        return answer

    app.router.add_get("/gallery", page)
    app.router.add_get("/gallery.json", data)
    app.router.add_get("/gallery.js", file("gallery.js", "text/javascript"))
    app.router.add_get("/gallery.css", file("gallery.css", "text/css"))


def _shown(face: Face, card: Card) -> dict[str, Any]:
    return {"platform": face.platform, "chat": face.chat, "message": face.render(card)}
