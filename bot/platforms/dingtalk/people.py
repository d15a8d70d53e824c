"""Who is who: accounts by id and by mobile number, and who signed in on a page. Contacts are not metered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from bot.platforms.base import Gone, Malformed, Person
from bot.platforms.dingtalk.client import Asked, Client
from bot.platforms.dingtalk.content import text
from bot.platforms.dingtalk.errors import fault


class People:
    """The vendor's directory, as far as the app's contact range goes."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def person(self, account: str) -> Person | None:
        """The person with this staff id; None when unknown, or outside the app's range."""
        if not account:
            return None
        try:
            user = await self._result("/topapi/v2/user/get", {"userid": account, "language": "zh_CN"})
        except Gone:
            return None
        return _person(user, account)

    async def accounts_of(self, mobiles: Iterable[str]) -> Mapping[str, str]:
        """Mobile number to staff id, for those the platform knows; each number is a call."""
        found: dict[str, str] = {}
        for mobile in dict.fromkeys(filter(None, mobiles)):
            try:
                user = await self._result("/topapi/v2/user/getbymobile", {"mobile": mobile})
            except (Gone, Malformed):
                continue
            if account := text(user, "userid"):
                found[mobile] = account
        return found

    async def groups(self) -> list[tuple[str, str]]:
        """None: the vendor has no call that lists a robot's groups. A group is known once somebody spoke there."""
        return []

    async def members(self, chat: str) -> list[Person]:
        """None: a plain robot may not list the people of a group."""
        return []

    async def login(self, code: str) -> Person:
        """Who signed in: a code works once, for five minutes. Raises Gone for any other."""
        user = await self._result("/topapi/v2/user/getuserinfo", {"code": code})
        account = text(user, "userid")
        if not account:
            raise fault("dingtalk answered a sign-in without a person", unknown=False)
        return _person(user, account)

    async def _result(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        answer = await self._client.call(Asked("POST", path, body, old=True, free=True))
        result = answer.get("result")
        return result if isinstance(result, dict) else {}


def _person(user: Mapping[str, Any], account: str) -> Person:
    return Person(
        account=account,
        name=text(user, "name"),
        mobile=text(user, "mobile"),
        email=text(user, "email") or text(user, "org_email"),
        employee_id=text(user, "job_number"),
    )
