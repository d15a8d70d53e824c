"""The app's menu and the app itself."""

from __future__ import annotations

from typing import Any

from simulator.wecom.errors import ApiError
from simulator.wecom.http import Json, Request, ok
from simulator.wecom.platform import NAME, Wecom
from simulator.words import words

KINDS = words(
    "click view view_miniprogram scancode_push scancode_waitmsg location_select"
    " pic_sysphoto pic_photo_or_album pic_weixin"
)
TOP, BELOW = 3, 5
TOP_BYTES, BELOW_BYTES, KEY_BYTES, URL_BYTES = 16, 40, 128, 1024


async def create(request: Request) -> Json:
    """POST menu/create: one to three entries with up to five below each."""
    _check_agent(request)
    entries = _entries(request.body().get("button"), "button", TOP)
    for index, entry in enumerate(entries):
        path = f"button[{index}]"
        below = entry.get("sub_button") or []
        _check_name(entry, path, TOP_BYTES)
        if not below:
            _check_entry(entry, path)
            continue
        for number, item in enumerate(_entries(below, f"{path}.sub_button", BELOW)):
            _check_name(item, f"{path}.sub_button[{number}]", BELOW_BYTES)
            _check_entry(item, f"{path}.sub_button[{number}]")
    request.wecom.menu[:] = entries
    _show(request.wecom)
    return ok()


async def get(request: Request) -> Json:
    """GET menu/get: what was made."""
    _check_agent(request)
    return ok(button=list(request.wecom.menu))


async def delete(request: Request) -> Json:
    """GET menu/delete: no menu any more."""
    _check_agent(request)
    request.wecom.menu.clear()
    request.wecom.show_menu()
    _show(request.wecom)
    return ok()


async def agent(request: Request) -> Json:
    """GET agent/get: the app as the console shows it."""
    _check_agent(request)
    wecom = request.wecom
    return ok(
        agentid=wecom.app.agent_id,
        name=wecom.company.bot_name,
        description="",
        allow_userinfos={"user": [{"userid": p.userid} for p in wecom.company.people if wecom.visible(p)]},
        allow_partys={"partyid": [1]},
        allow_tags={"tagid": []},
        close=0,
        redirect_domain=wecom.trusted_domain,
        report_location_flag=0,
        isreportenter=1,
        home_url="",
    )


def _show(wecom: Wecom) -> None:
    """The app's 1:1 chats have the menu above their input."""
    for chat in wecom.world.of(NAME):
        if chat.kind == "p2p" and chat.face == "app":
            chat.menu = list(wecom.menu)
    wecom.feed.publish("chats")


def _check_agent(request: Request) -> None:
    agent_id = request.query("agentid")
    if not agent_id:
        raise ApiError(41011)
    if agent_id != str(request.wecom.app.agent_id):
        raise ApiError(301002)


def _entries(value: Any, path: str, most: int) -> list[Json]:
    if not isinstance(value, list) or not 1 <= len(value) <= most:
        raise ApiError(40058, f"{path} holds 1 to {most} entries")
    if not all(isinstance(item, dict) for item in value):
        raise ApiError(40058, f"{path} must hold objects")
    return value


def _check_name(entry: Json, path: str, size: int) -> None:
    name = entry.get("name")
    if not isinstance(name, str) or not name or len(name.encode()) > size:
        raise ApiError(40058, f"{path}.name holds 1 to {size} bytes")


def _check_entry(entry: Json, path: str) -> None:
    kind = entry.get("type")
    if kind not in KINDS:
        raise ApiError(40058, f"{path}.type is not known")
    field, size = ("url", URL_BYTES) if kind == "view" else ("key", KEY_BYTES)
    if kind == "view_miniprogram":
        field, size = "pagepath", URL_BYTES
    value = entry.get(field)
    if not isinstance(value, str) or not value or len(value.encode()) > size:
        raise ApiError(40058, f"{path}.{field} holds 1 to {size} bytes")
