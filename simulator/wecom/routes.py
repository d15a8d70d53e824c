"""All paths of the open API, below /wecom."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp import web

from simulator.wecom.aibot import urls
from simulator.wecom.aibot.socket import connect
from simulator.wecom.api import appchat, media, menu, messages, network, people, signin, token, webhook
from simulator.wecom.http import PREFIX, WECOM, Endpoint, Handler

CGI = "/cgi-bin"

SEND = "/message/send"
APP: tuple[tuple[str, str, Handler], ...] = (
    ("POST", "/message/update_template_card", messages.update_template_card),
    ("POST", "/message/recall", messages.recall),
    ("POST", "/appchat/create", appchat.create),
    ("POST", "/appchat/update", appchat.update),
    ("POST", "/appchat/send", appchat.send),
    ("GET", "/appchat/get", appchat.get),
    ("GET", "/media/get", media.get),
    ("GET", "/user/get", people.one),
    ("GET", "/user/list", people.in_department),
    ("GET", "/user/simplelist", people.names_in_department),
    ("POST", "/user/getuserid", people.by_mobile),
    ("GET", "/department/list", people.departments),
    ("POST", "/batch/openuserid_to_userid", people.clear_userids),
    ("GET", "/auth/getuserinfo", signin.user),
    ("GET", "/user/getuserinfo", signin.user_as_before),
    ("POST", "/menu/create", menu.create),
    ("GET", "/menu/get", menu.get),
    ("GET", "/menu/delete", menu.delete),
    ("GET", "/agent/get", menu.agent),
    ("GET", "/getcallbackip", network.addresses),
    ("GET", "/get_api_domain_ip", network.addresses),
)
UPLOADS: tuple[tuple[str, Handler, bool], ...] = (
    ("/media/upload", media.upload, True),
    ("/media/uploadimg", media.upload_image, True),
    ("/webhook/upload_media", webhook.upload_media, False),
)
WITHOUT_TOKEN: tuple[tuple[str, str, Handler], ...] = (
    ("GET", f"{CGI}/gettoken", token.get),
    ("POST", f"{CGI}/webhook/send", webhook.send),
    ("POST", f"{CGI}/aibot/response", urls.answer_later),
    ("GET", "/connect/oauth2/authorize", signin.authorize),
    ("GET", "/aibot/media/{key}", urls.media),
)


def add_routes(app: web.Application) -> None:
    """Serve every path; any other path or method is 404."""
    _add(app, "POST", CGI + SEND, Endpoint(messages.send, SEND, metered=False))
    for method, path, handler in APP:
        _add(app, method, CGI + path, Endpoint(handler, path))
    for path, handler, needs_token in UPLOADS:
        _add(app, "POST", CGI + path, Endpoint(handler, path, needs_token, reads_body=False))
    for method, path, handler in WITHOUT_TOKEN:
        _add(app, method, path, Endpoint(handler, path, token=False, metered=False))
    app.router.add_get(f"{PREFIX}/ws", connect)
    app.router.add_route("*", f"{PREFIX}/{{rest:.*}}", _not_found)
    app.middlewares.append(_learn_base)


def _add(app: web.Application, method: str, path: str, endpoint: Endpoint) -> None:
    app.router.add_route(method, PREFIX + path, endpoint.__call__)


async def _not_found(http: web.Request) -> web.StreamResponse:
    return web.Response(status=404, text="404 page not found")


@web.middleware
async def _learn_base(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Until the bot has called, URLs handed out name this computer and the port of the first request."""
    wecom = request.app[WECOM]
    if not wecom.base_url:
        wecom.base_url = f"http://127.0.0.1:{request.url.port}"
    return await handler(request)
