"""The directory, as far as an app of today may see it."""

from __future__ import annotations

from simulator.wecom.directory import ROOT
from simulator.wecom.errors import ApiError
from simulator.wecom.http import Json, Request, ok

MAX_OPEN = 1000


async def one(request: Request) -> Json:
    """GET user/get: one visible member, flat."""
    directory = request.wecom.directory
    person = directory.person(request.query("userid"))
    if person is None:
        raise ApiError(60111)
    if not request.wecom.visible(person):
        raise ApiError(60011)
    return ok(**directory.view(person))


async def by_mobile(request: Request) -> Json:
    """POST user/getuserid: the member with this mobile number."""
    mobile = request.text(request.body(), "mobile").removeprefix("+86")
    person = request.wecom.company.find(mobile, ("mobile",)) if mobile else None
    if person is None or not request.wecom.visible(person):
        raise ApiError(46004)
    return ok(userid=person.userid)


async def in_department(request: Request) -> Json:
    """GET user/list: the members of one department, not of those below; fetch_child changes nothing."""
    directory = request.wecom.directory
    people = directory.members(_department(request), deep=False)
    return ok(userlist=[directory.view(person) for person in people if request.wecom.visible(person)])


async def names_in_department(request: Request) -> Json:
    """GET user/simplelist: the same with userid, name and department only."""
    answer = await in_department(request)
    users = [{name: user[name] for name in ("userid", "name", "department")} for user in answer["userlist"]]
    return ok(userlist=users)


async def departments(request: Request) -> Json:
    """GET department/list: a department and all below it; everything without an id."""
    directory = request.wecom.directory
    found = directory.below(_department(request) if request.query("id") else ROOT)
    rows = [
        {
            "id": d.id,
            "name": d.name,
            "name_en": "",
            "department_leader": directory.leaders(d.id),
            "parentid": d.parent,
            "order": 100000000 - d.id,
        }
        for d in found
    ]
    return ok(department=rows)


async def clear_userids(request: Request) -> Json:
    """POST batch/openuserid_to_userid: the members behind encrypted ids."""
    wanted = request.body().get("open_userid_list")
    if not isinstance(wanted, list) or not 1 <= len(wanted) <= MAX_OPEN:
        raise ApiError(40058, f"open_userid_list holds 1 to {MAX_OPEN} ids")
    found, unknown = [], []
    for key in wanted:
        person = request.wecom.directory.by_open_userid(key)
        if person is None:
            unknown.append(key)
        else:
            found.append({"open_userid": key, "userid": person.userid})
    return ok(userid_list=found, invalid_open_userid_list=unknown)


def _department(request: Request) -> int:
    text = request.query("department_id") or request.query("id") or str(ROOT)
    number = int(text) if text.isdecimal() else 0
    if number not in request.wecom.directory.departments:
        raise ApiError(60123)
    return number
