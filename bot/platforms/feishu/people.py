"""Who is who: accounts, groups, their members, and who signed in on a page (docs/platforms/feishu.md 5.5, 5.8)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from typing import Any

from bot.platforms.base import Gone, NotAllowed, Person, TokenExpired
from bot.platforms.feishu.client import Asked, Client, is_token, segment
from bot.platforms.feishu.envelope import text
from bot.platforms.feishu.errors import fault
from bot.platforms.feishu.keys import FeishuKeys

LOOKUP_SIZE = 50
PAGE_SIZE = 100
PAGES = 500
_OUT_OF_RANGE = frozenset({40004, 41050})


class People:
    """The vendor's directory, as far as the app may see it."""

    def __init__(self, keys: FeishuKeys, client: Client) -> None:
        self._keys = keys
        self._client = client

    async def person(self, account: str) -> Person | None:
        """The person with this open_id; None when unknown, or outside the app's contact range."""
        user = await self._user(account, "open_id")
        return _person(user, account) if user else None

    async def open_id_of(self, user_id: str) -> str:
        """The open_id of a person whom the platform named by user_id only; empty when unknown."""
        return text(await self._user(user_id, "user_id"), "open_id")

    async def _user(self, given: str, kind: str) -> dict[str, Any]:
        path = f"/open-apis/contact/v3/users/{segment(given)}"
        try:
            user = (await self._client.data(Asked("GET", path, params=(("user_id_type", kind),)))).get("user")
        except Gone:
            return {}
        except NotAllowed as error:
            if error.code in _OUT_OF_RANGE:
                return {}
            raise
        return user if isinstance(user, dict) else {}

    async def accounts_of(self, mobiles: Iterable[str]) -> Mapping[str, str]:
        """Mobile number to open_id, for those the platform knows. Numbers outside the mainland need their +code."""
        found: dict[str, str] = {}
        wanted = list(dict.fromkeys(filter(None, mobiles)))
        for start in range(0, len(wanted), LOOKUP_SIZE):
            asked = Asked(
                "POST",
                "/open-apis/contact/v3/users/batch_get_id",
                params=(("user_id_type", "open_id"),),
                body={"mobiles": wanted[start : start + LOOKUP_SIZE], "include_resigned": False},
            )
            rows = (await self._client.data(asked)).get("user_list")
            for row in rows if isinstance(rows, list) else ():
                if (mobile := text(row, "mobile")) and (account := text(row, "user_id")):
                    found[mobile] = account
        return found

    async def groups(self) -> list[tuple[str, str]]:
        """Chat id and name of every group the bot is in."""
        return [
            (chat, text(item, "name"))
            async for item in self._pages("/open-apis/im/v1/chats", ())
            if (chat := text(item, "chat_id"))
        ]

    async def members(self, chat: str) -> list[Person]:
        """The people in a group; bots are not among them."""
        path = f"/open-apis/im/v1/chats/{segment(chat)}/members"
        return [
            Person(account=account, name=text(item, "name"))
            async for item in self._pages(path, (("member_id_type", "open_id"),))
            if (account := text(item, "member_id"))
        ]

    async def login(self, code: str) -> Person:
        """Who signed in: the code is exchanged for the person's own token, and that for who it is."""
        keys = self._keys
        body = {
            "grant_type": "authorization_code",
            "client_id": keys.app_id,
            "client_secret": keys.app_secret,
            "code": code,
            **({"redirect_uri": keys.redirect_uri} if keys.redirect_uri else {}),
        }
        asked = Asked("POST", "/open-apis/authen/v2/oauth/token", body=body)
        token = (await self._client.open_call(asked)).get("access_token")
        if not is_token(token):
            raise fault("feishu answered a sign-in without a token")
        try:
            user = await self._client.data(Asked("GET", "/open-apis/authen/v1/user_info", token=token))
        except TokenExpired as error:
            raise NotAllowed(str(error), code=error.code) from error
        account = text(user, "open_id")
        if not account:
            raise fault("feishu answered a sign-in without a person")
        if keys.tenant_key and text(user, "tenant_key") != keys.tenant_key:
            raise NotAllowed("feishu: the person belongs to another tenant")
        return _person(user, account)

    async def bot_open_id(self) -> str:
        """The bot's own open_id; this answer has no `data` around it."""
        bot = (await self._client.call(Asked("GET", "/open-apis/bot/v3/info"))).get("bot")
        if not (account := text(bot, "open_id")):
            raise fault("feishu did not say who the bot is")
        return account

    async def _pages(self, path: str, params: tuple[tuple[str, str], ...]) -> AsyncIterator[dict[str, Any]]:
        token = ""
        for _ in range(PAGES):
            page = (("page_size", str(PAGE_SIZE)), *((("page_token", token),) if token else ()))
            data = await self._client.data(Asked("GET", path, params=(*params, *page)))
            items = data.get("items")
            for item in items if isinstance(items, list) else ():
                if isinstance(item, dict):
                    yield item
            following = text(data, "page_token")
            if data.get("has_more") is not True or not following or following == token:
                return
            token = following


def _person(user: dict[str, Any], account: str) -> Person:
    return Person(
        account=account,
        name=text(user, "name"),
        mobile=text(user, "mobile"),
        email=text(user, "email"),
        employee_id=text(user, "employee_no"),
    )
