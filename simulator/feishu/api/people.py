"""The contact list."""

from __future__ import annotations

from simulator.feishu.api import shape
from simulator.feishu.errors import ApiError
from simulator.feishu.http import Json, Request, ok

MAX_IDS = 50


async def batch(request: Request) -> Json:
    """GET contact/v3/users/batch: people by id; unknown ids are silently missing."""
    feishu, id_type = request.feishu, request.query("user_id_type", "open_id")
    wanted = request.http.query.getall("user_ids", [])
    if not 1 <= len(wanted) <= MAX_IDS:
        raise ApiError(99992402, "user_ids holds 1 to 50 ids")
    found = [feishu.person(id_type, value) for value in wanted]
    return ok({"items": [shape.person(person, feishu, id_type) for person in found if person]})


async def one(request: Request) -> Json:
    """GET contact/v3/users/:id: one person."""
    feishu, id_type = request.feishu, request.query("user_id_type", "open_id")
    person = feishu.person(id_type, request.path("id"))
    if person is None:
        raise ApiError(99992351)
    return ok({"user": shape.person(person, feishu, id_type)})


async def batch_get_id(request: Request) -> Json:
    """POST contact/v3/users/batch_get_id: ids by mobile; an entry without user_id is not found.

    Enterprise mail addresses do not resolve, as with the vendor.
    """
    feishu, body = request.feishu, request.body()
    id_type = request.query("user_id_type", "open_id")
    mobiles, emails = body.get("mobiles", []), body.get("emails", [])
    if len(mobiles) > MAX_IDS or len(emails) > MAX_IDS or not (mobiles or emails):
        raise ApiError(99992402, "mobiles and emails hold at most 50 each")
    users: list[Json] = [{"email": email} for email in emails]
    for mobile in mobiles:
        person = feishu.company.find(str(mobile).removeprefix("+86"), ("mobile",))
        users.append({"mobile": mobile} if person is None else _found(str(mobile), person.id_of(id_type)))
    return ok({"user_list": users})


def _found(mobile: str, user_id: str) -> Json:
    status = {
        "is_frozen": False,
        "is_resigned": False,
        "is_activated": True,
        "is_exited": False,
        "is_unjoin": False,
    }
    return {"user_id": user_id, "mobile": mobile, "status": status}
