"""All paths of both API hosts; the new host's also at the root, where the vendor's own client looks for them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp import web

from simulator.dingtalk.api import auth, cards, contacts, gateway, media, robot, webhooks
from simulator.dingtalk.http import DINGTALK, Endpoint, Handler, not_found
from simulator.dingtalk.platform import OLD_PREFIX, PREFIX, Dingtalk
from simulator.dingtalk.stream import Gateway

_CARD = "/v1.0/card"
_ROBOT = "/v1.0/robot"
_TOPAPI = "/topapi"

METERED: tuple[tuple[str, str, Handler], ...] = (
    ("POST", f"{_ROBOT}/oToMessages/batchSend", robot.send_direct),
    ("GET", f"{_ROBOT}/oToMessages/readStatus", robot.read_status),
    ("POST", f"{_ROBOT}/otoMessages/batchRecall", robot.recall_direct),
    ("POST", f"{_ROBOT}/groupMessages/send", robot.send_group),
    ("POST", f"{_ROBOT}/groupMessages/recall", robot.recall_group),
    ("POST", f"{_ROBOT}/messageFiles/download", robot.download_url),
    ("POST", f"{_ROBOT}/ding/send", robot.ding),
    ("POST", f"{_CARD}/instances", cards.create),
    ("PUT", f"{_CARD}/instances", cards.update),
    ("POST", f"{_CARD}/instances/deliver", cards.deliver),
    ("POST", f"{_CARD}/instances/createAndDeliver", cards.create_and_deliver),
    ("PUT", f"{_CARD}/streaming", cards.stream),
    ("POST", f"{_CARD}/callbacks/register", cards.register),
    ("POST", f"{_CARD}/templates/copy", cards.closed),
    ("POST", "/v1.0/im/v1.0/robot/interactiveCards/send", cards.closed),
    ("PUT", "/v1.0/im/robots/interactiveCards", cards.closed),
)
FREE: tuple[tuple[str, str, Handler], ...] = (
    ("POST", "/v1.0/oauth2/accessToken", auth.access_token),
    ("POST", "/v1.0/oauth2/{corp}/token", auth.corp_token),
    ("POST", "/v1.0/gateway/connections/open", gateway.open_connection),
)
FILES: tuple[tuple[str, str, Handler], ...] = (("GET", "/files/{code}", robot.file),)
OLD_METERED: tuple[tuple[str, str, Handler], ...] = (
    ("POST", f"{_TOPAPI}/message/corpconversation/asyncsend_v2", webhooks.work_notice),
)
OLD_CONTACTS: tuple[tuple[str, str, Handler], ...] = (
    ("POST", f"{_TOPAPI}/v2/user/get", contacts.user),
    ("POST", f"{_TOPAPI}/v2/user/getbymobile", contacts.by_mobile),
    ("POST", f"{_TOPAPI}/user/getbyunionid", contacts.by_union_id),
    ("POST", f"{_TOPAPI}/v2/department/listsub", contacts.departments),
    ("POST", f"{_TOPAPI}/user/listid", contacts.members),
    ("POST", f"{_TOPAPI}/v2/user/getuserinfo", contacts.signed_in),
)
OLD_FREE: tuple[tuple[str, str, Handler], ...] = (("GET", "/gettoken", auth.old_token),)
WEBHOOKS: tuple[tuple[str, str, Handler], ...] = (
    ("POST", "/robot/sendBySession", webhooks.session),
    ("POST", "/robot/send", webhooks.custom_robot),
)


def add_routes(app: web.Application, dingtalk: Dingtalk, stream: Gateway) -> None:
    """Serve every path; anything else below the prefixes gets the vendor's own answer."""
    app[DINGTALK] = dingtalk
    app.middlewares.append(_learn_origin)
    new, old = (PREFIX, ""), (OLD_PREFIX,)
    for prefixes, rows, flags in (
        (new, METERED, {}),
        (new, FREE, {"token": False, "metered": False}),
        (new, FILES, {"token": False, "metered": False, "limited": False}),
        (old, OLD_METERED, {}),
        (old, OLD_CONTACTS, {"metered": False}),
        (old, OLD_FREE, {"token": False, "metered": False}),
        (old, WEBHOOKS, {"token": False, "metered": False, "limited": False}),
    ):
        for method, path, handler in rows:
            _add(app, prefixes, method, path, Endpoint(handler, f"{method} {path}", **flags))
    _add(app, old, "POST", "/media/upload", Endpoint(media.upload, "media", reads_body=False))
    for prefix in new:
        app.router.add_get(f"{prefix}/connect", stream.serve)
        app.router.add_route("*", f"{prefix}/v1.0/{{rest:.*}}", not_found)
    app.router.add_route("*", f"{OLD_PREFIX}/{{rest:.*}}", not_found)


def _add(app: web.Application, prefixes: tuple[str, ...], method: str, path: str, endpoint: Endpoint) -> None:
    for prefix in prefixes:
        app.router.add_route(method, prefix + path, endpoint.__call__)


@web.middleware
async def _learn_origin(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Where this simulator is reached, until the bot's own calls tell it."""
    dingtalk = request.app[DINGTALK]
    dingtalk.origin = dingtalk.origin or str(request.url.origin())
    return await handler(request)
