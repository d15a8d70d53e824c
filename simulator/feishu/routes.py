"""All paths of the open API, below /feishu and, for the vendor's own SDK, at the root."""

from __future__ import annotations

from aiohttp import web

from simulator.feishu import socket_routes
from simulator.feishu.api import (
    auth,
    cards,
    changes,
    chats,
    messages,
    people,
    uploads,
    web_signin,
)
from simulator.feishu.http import PREFIX, Endpoint, Handler, not_found

_IM = "/open-apis/im/v1"
_USERS = "/open-apis/contact/v3/users"
_AUTH = "/open-apis/auth/v3"
_AUTHEN = "/open-apis/authen"

APP: tuple[tuple[str, str, Handler], ...] = (
    ("POST", f"{_IM}/messages", messages.send),
    ("GET", f"{_IM}/messages", messages.history),
    ("POST", f"{_IM}/messages/{{id}}/reply", messages.reply),
    ("GET", f"{_IM}/messages/{{id}}", messages.get),
    ("PATCH", f"{_IM}/messages/{{id}}", changes.patch),
    ("PUT", f"{_IM}/messages/{{id}}", changes.edit),
    ("DELETE", f"{_IM}/messages/{{id}}", changes.recall),
    ("PATCH", f"{_IM}/messages/{{id}}/urgent_app", changes.urgent),
    ("PATCH", f"{_IM}/messages/{{id}}/urgent_sms", changes.urgent),
    ("PATCH", f"{_IM}/messages/{{id}}/urgent_phone", changes.urgent),
    ("GET", f"{_IM}/messages/{{id}}/resources/{{key}}", uploads.resource),
    ("GET", f"{_IM}/images/{{key}}", uploads.own_upload),
    ("GET", f"{_IM}/files/{{key}}", uploads.own_upload),
    ("GET", f"{_IM}/chats", chats.list_chats),
    ("POST", f"{_IM}/chats", chats.create_chat),
    ("GET", f"{_IM}/chats/{{id}}", chats.get_chat),
    ("GET", f"{_IM}/chats/{{id}}/members", chats.list_members),
    ("POST", f"{_IM}/chats/{{id}}/members", chats.add_members),
    ("DELETE", f"{_IM}/chats/{{id}}/members", chats.remove_members),
    ("GET", f"{_IM}/chats/{{id}}/members/is_in_chat", chats.is_in_chat),
    ("GET", f"{_USERS}/batch", people.batch),
    ("POST", f"{_USERS}/batch_get_id", people.batch_get_id),
    ("GET", f"{_USERS}/{{id}}", people.one),
    ("GET", "/open-apis/bot/v3/info", cards.bot_info),
    ("POST", "/open-apis/interactive/v1/card/update", cards.delayed_update),
    ("POST", "/open-apis/ephemeral/v1/send", cards.ephemeral_send),
    ("POST", "/open-apis/ephemeral/v1/delete", cards.ephemeral_delete),
)
UPLOADS: tuple[tuple[str, str, Handler], ...] = (
    ("POST", f"{_IM}/images", uploads.upload_image),
    ("POST", f"{_IM}/files", uploads.upload_file),
)
WITHOUT_APP: tuple[tuple[str, str, Handler, str], ...] = (
    ("POST", f"{_AUTH}/tenant_access_token/internal", auth.tenant_token, "nobody"),
    ("POST", f"{_AUTH}/app_access_token/internal", auth.app_token, "nobody"),
    ("GET", f"{_AUTHEN}/v1/authorize", web_signin.authorize, "nobody"),
    ("POST", f"{_AUTHEN}/v2/oauth/token", web_signin.oauth_token, "nobody"),
    ("POST", "/callback/ws/endpoint", socket_routes.endpoint, "nobody"),
    ("POST", "/oauth/v3/token", web_signin.oauth_token, "nobody"),
    ("GET", f"{_AUTHEN}/v1/user_info", web_signin.user_info, "person"),
)


def add_routes(app: web.Application) -> None:
    """Serve every path; anything else below open-apis gets the vendor's own 404."""
    for method, path, handler in APP:
        _add(app, method, path, Endpoint(handler, f"{method} {path}"))
    for method, path, handler in UPLOADS:
        _add(app, method, path, Endpoint(handler, f"{method} {path}", reads_body=False))
    for method, path, handler, who in WITHOUT_APP:
        _add(app, method, path, Endpoint(handler, f"{method} {path}", who))
    socket_routes.add_routes(app)
    for prefix in (PREFIX, ""):
        app.router.add_route("*", f"{prefix}/open-apis/{{rest:.*}}", not_found)


def _add(app: web.Application, method: str, path: str, endpoint: Endpoint) -> None:
    for prefix in (PREFIX, ""):
        app.router.add_route(method, prefix + path, endpoint.__call__)
