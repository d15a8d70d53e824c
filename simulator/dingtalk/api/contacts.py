"""People and departments on the old host."""

from __future__ import annotations

from simulator.company import Person
from simulator.dingtalk.errors import ApiError
from simulator.dingtalk.http import Json, Request
from simulator.dingtalk.payloads import is_admin
from simulator.dingtalk.people import Department, union_id
from simulator.dingtalk.platform import Dingtalk


async def user(request: Request) -> Json:
    """POST /topapi/v2/user/get."""
    person = request.dingtalk.directory.person(request.body().get("userid"))
    if person is None:
        raise ApiError(60121)
    return _result(request, _person(request.dingtalk, person))


async def by_mobile(request: Request) -> Json:
    """POST /topapi/v2/user/getbymobile."""
    mobile = str(request.body().get("mobile", ""))
    if not mobile.removeprefix("+86").removeprefix("-").isdigit():
        raise ApiError(40104)
    person = request.dingtalk.directory.by_mobile(mobile)
    if person is None:
        raise ApiError(60121)
    return _result(request, {"userid": person.userid})


async def by_union_id(request: Request) -> Json:
    """POST /topapi/user/getbyunionid."""
    person = request.dingtalk.directory.by_union_id(request.body().get("unionid"))
    if person is None:
        raise ApiError(60121)
    return _result(request, {"contact_type": 0, "userid": person.userid})


async def departments(request: Request) -> Json:
    """POST /topapi/v2/department/listsub: one level."""
    parent = _department(request)
    rows = [
        {"dept_id": one.id, "name": one.name, "parent_id": one.parent}
        for one in request.dingtalk.directory.departments
        if one.parent == parent.id
    ]
    return _result(request, rows)


async def members(request: Request) -> Json:
    """POST /topapi/user/listid: who is directly in a department."""
    found = request.dingtalk.directory.members(_department(request).id)
    return _result(request, {"userid_list": [person.userid for person in found]})


async def signed_in(request: Request) -> Json:
    """POST /topapi/v2/user/getuserinfo: whose login code this is, once."""
    userid = request.dingtalk.sessions.login(request.body().get("code"))
    person = request.dingtalk.directory.person(userid)
    if person is None:
        raise ApiError(40078)
    level = 1 if is_admin(person) else 0
    return _result(
        request,
        {
            "userid": person.userid,
            "unionid": union_id(person),
            "name": person.name,
            "sys": bool(level),
            "sys_level": level,
        },
    )


def _department(request: Request) -> Department:
    wanted = str(request.body().get("dept_id", 1))
    found = next((one for one in request.dingtalk.directory.departments if str(one.id) == wanted), None)
    if found is None:
        raise ApiError(60003)
    return found


def _person(dingtalk: Dingtalk, person: Person) -> Json:
    world, directory = dingtalk.parts.world, dingtalk.directory
    leader = world.person(person.leader) if person.leader else None
    department = directory.department_of(person)
    found: Json = {
        "userid": person.userid,
        "unionid": union_id(person),
        "name": person.name,
        "mobile": person.mobile,
        "title": person.job_title,
        "dept_id_list": [department],
        "leader_in_dept": [{"dept_id": department, "leader": directory.leads(person)}],
        "role_list": [],
        "admin": is_admin(person),
        "boss": person.leader is None and person.team != "",
        "active": True,
    }
    return {**found, "manager_userid": leader.userid} if leader else found


def _result(request: Request, result: Json | list[Json]) -> Json:
    return {"request_id": request.dingtalk.parts.ids.new("", length=12), "result": result}
