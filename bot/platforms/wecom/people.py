"""Who is who: accounts, the members of groups the app made, and who signed in on a page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bot.platforms.base import Gone, NotAllowed, Person, PlatformError
from bot.platforms.wecom.chats import APPCHAT, name_of
from bot.platforms.wecom.client import Asked, Client
from bot.platforms.wecom.envelope import string
from bot.platforms.wecom.errors import fault
from bot.platforms.wecom.keys import WecomKeys
from bot.platforms.wecom.plain import one_line

_OUT_OF_RANGE = frozenset({60011, 60021, 50002})
LOOKUPS = 500
"""Mobile numbers asked about at once; too many wrong ones close the call for a day."""


class People:
    """The vendor's directory, as far as the app's visible range goes."""

    def __init__(self, keys: WecomKeys, client: Client) -> None:
        self._keys = keys
        self._client = client

    async def person(self, account: str) -> Person | None:
        """The person with this userid; None when unknown or outside the app's visible range.

        Apps made since June 2022 are told no mobile number and no mail address.
        """
        try:
            user = await self._client.call(Asked("GET", "user/get", {"userid": account}))
        except Gone:
            return None
        except NotAllowed as error:
            if error.code in _OUT_OF_RANGE:
                return None
            raise
        return Person(
            account=(string(user, "userid") or account).lower(),
            name=one_line(string(user, "name")),
            mobile=string(user, "mobile"),
            email=string(user, "email") or string(user, "biz_mail"),
        )

    async def accounts_of(self, mobiles: Iterable[str]) -> Mapping[str, str]:
        """Mobile number to userid, for those the platform knows."""
        found: dict[str, str] = {}
        for mobile in list(dict.fromkeys(filter(None, mobiles)))[:LOOKUPS]:
            try:
                answer = await self._client.call(Asked("POST", "user/getuserid", body={"mobile": mobile}))
            except Gone:
                continue
            except NotAllowed as error:
                if error.code in _OUT_OF_RANGE:
                    continue
                raise
            if account := string(answer, "userid").lower():
                found[mobile] = account
        return found

    async def groups(self) -> list[tuple[str, str]]:
        """None: the vendor has no such list. It is asked about our app, so that wrong keys are seen here as well."""
        await self._client.call(Asked("GET", "agent/get", {"agentid": str(self._keys.agent_id)}))
        return []

    async def members(self, chat: str) -> list[Person]:
        """The people of a group that the app made; of other groups nothing is told."""
        if not chat.startswith(APPCHAT):
            return []
        info = (await self._client.call(Asked("GET", "appchat/get", {"chatid": name_of(chat)}))).get("chat_info")
        members = info.get("userlist") if isinstance(info, dict) else None
        return [
            Person(account=account.lower())
            for account in (members if isinstance(members, list) else ())
            if isinstance(account, str) and account
        ]

    async def account_of(self, hidden: str) -> str:
        """The userid of a person whom the smart bot knows by a hidden id only; empty when unknown."""
        asked = Asked("POST", "batch/openuserid_to_userid", body={"open_userid_list": [hidden]})
        found = (await self._client.call(asked)).get("userid_list")
        for row in found if isinstance(found, list) else ():
            if string(row, "open_userid") == hidden:
                return string(row, "userid").lower()
        return ""

    async def login(self, code: str) -> Person:
        """Who signed in on a page; people outside the company are refused."""
        answer = await self._client.call(Asked("GET", "auth/getuserinfo", {"code": code}))
        account = (string(answer, "userid") or string(answer, "UserId")).lower()
        if not account:
            if string(answer, "openid") or string(answer, "OpenId") or string(answer, "external_userid"):
                raise NotAllowed("wecom: the person is not of this company")
            raise fault("wecom answered a sign-in without a person")
        try:
            return await self.person(account) or Person(account=account)
        except PlatformError:
            return Person(account=account)
