"""All paths of the control API and the chat page."""

from __future__ import annotations

from aiohttp import web

from simulator.control import (
    clockwork,
    happenings,
    looking,
    pages,
    pressing,
    steering,
    uploading,
    writing,
)
from simulator.control.desk import answering


def add_routes(app: web.Application) -> None:
    """Serve the control API and the page."""
    for path, work in (
        ("/sim/say", writing.say),
        ("/sim/click", pressing.click),
        ("/sim/submit", pressing.submit),
        ("/sim/enter", happenings.enter),
        ("/sim/menu", happenings.menu),
        ("/sim/members", happenings.members),
        ("/sim/recall", happenings.recall),
        ("/sim/deliver", happenings.deliver),
        ("/sim/reset", steering.reset),
        ("/sim/callback", steering.callback),
        ("/sim/tokens/revoke", steering.revoke),
    ):
        app.router.add_post(path, answering(work))
    app.router.add_get("/sim/messages", answering(looking.messages))
    app.router.add_get("/sim/calls", answering(looking.calls))
    app.router.add_get("/sim/state", looking.state)
    app.router.add_get("/sim/events", looking.stream)
    app.router.add_get("/sim/files/{key}", looking.file)
    app.router.add_post("/sim/upload", uploading.upload)
    for method in ("GET", "POST"):
        app.router.add_route(method, "/sim/clock", clockwork.clock)
    for method in ("GET", "POST", "DELETE"):
        app.router.add_route(method, "/sim/faults", steering.faults)
    app.router.add_route("*", "/sim/{rest:.*}", looking.unknown)
    app.router.add_get("/", pages.index)
    app.router.add_get("/page/{rest:.*}", pages.page_file)
    app.router.add_get("/gallery", pages.gallery)
