"""The vendor's error codes with their texts, raised by whoever finds the rule broken."""

from __future__ import annotations

TEXTS = {
    -1: "system busy",
    0: "ok",
    40001: "invalid credential",
    40003: "invalid userid",
    40004: "invalid media file type",
    40005: "invalid type",
    40006: "invalid media size",
    40007: "invalid media_id",
    40008: "invalid message type",
    40013: "invalid corpid",
    40014: "invalid access_token",
    40029: "invalid code",
    40031: "invalid userid list",
    40032: "invalid userid list size",
    40035: "invalid parameter",
    40054: "invalid sub button url domain",
    40056: "invalid agentid",
    40058: "invalid Request Parameter",
    40063: "some parameters are empty",
    41001: "access_token missing",
    41002: "corpid missing",
    41004: "corpsecret missing",
    41011: "agentid missing",
    41016: "title missing",
    41033: "description missing",
    42001: "access_token expired",
    42015: "invalid update taskcard app",
    42022: "oauth code has been used",
    44001: "empty media file",
    44004: "empty text",
    45002: "content size out of limit",
    45008: "article count out of limit",
    45009: "api freq out of limit",
    45033: "api concurrent out of limit",
    46004: "user not exist",
    47001: "data format error",
    50001: "redirect_uri domain is not the trusted domain",
    50003: "app disabled",
    60011: "no privilege to access/modify contact/party/agent",
    60020: "not allow to access from your ip",
    60111: "userid not found",
    60123: "invalid party id",
    81013: "user & party & tag all invalid",
    82001: "all to user or party or tag are empty",
    82002: "invalid party list size",
    82003: "invalid tag list size",
    830002: "the file is too large for one download",
    846605: "invalid req_id",
    846608: "stream message update expired",
    86001: "invalid chatid",
    86003: "chatid not exist",
    86004: "invalid chat name",
    86005: "invalid chat owner",
    86006: "invalid chat member size",
    86008: "chat does not belong to the app",
    86215: "chatid already exists",
    86216: "invalid chat userlist",
    93000: "invalid webhook url",
    93006: "invalid chatid",
    93008: "the bot can not speak in this chat",
    301002: "not allow to operate another agent with this accesstoken",
}


class ApiError(Exception):
    """The call is refused with the vendor's code; the HTTP status stays 200."""

    def __init__(self, code: int, detail: str = "") -> None:
        text = TEXTS.get(code, "error")
        self.code = code
        self.text = f"{text}: {detail}" if detail else text
        super().__init__(f"{code} {self.text}")


class CardRefused(ApiError):
    """The card breaks a rule; the text names the field."""

    def __init__(self, path: str, why: str) -> None:
        self.path = path
        super().__init__(40058, f"{path} {why}")
