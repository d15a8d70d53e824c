"""The chat page's own files."""

from __future__ import annotations

from aiohttp import web

from simulator.control.desk import DESK, as_json

CROSS_ORIGIN = {"Access-Control-Allow-Origin": "*"}
POLICY = {"Content-Security-Policy": "default-src 'self'; img-src 'self' data:; style-src 'self'"}


async def index(request: web.Request) -> web.StreamResponse:
    """GET /: the chat page."""
    return _serve(request, "index.html")


async def page_file(request: web.Request) -> web.StreamResponse:
    """GET /page/...: scripts and styles; other origins may load the card drawing script."""
    return _serve(request, request.match_info["rest"])


async def gallery(request: web.Request) -> web.StreamResponse:
    """GET /gallery: on to the card gallery, where one is known."""
    url = request.app[DESK].parts.options.gallery
    if url is None:
        return as_json({"error": "没有卡片样张的地址"}, 404)
    return web.Response(status=302, headers={"Location": url})


def _serve(request: web.Request, name: str) -> web.StreamResponse:
    folder = request.app[DESK].parts.options.page.resolve()
    path = (folder / name).resolve()
    if not path.is_relative_to(folder) or not path.is_file():
        return as_json({"error": f"没有这个页面：{name}"}, 404)
    return web.FileResponse(path, headers={**CROSS_ORIGIN, **POLICY, "Cache-Control": "no-cache"})
