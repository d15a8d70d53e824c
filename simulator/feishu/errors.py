"""The vendor's error codes with their texts, raised by whoever finds the rule broken."""

from __future__ import annotations

TEXTS = {
    10003: "invalid app_id",
    10015: "app secret invalid",
    11232: "create message trigger system rate limit",
    11310: "card action is lock",
    11311: "create card content failed",
    18054: "card content is invalid",
    20002: "the client secret is invalid",
    20003: "invalid authorization code",
    20004: "the authorization code has expired",
    20024: "the authorization code does not belong to this app",
    20049: "PKCE code challenge failed",
    20065: "the authorization code has been used",
    100000: "the card is too large",
    200000: "the message has been recalled",
    200310: "the card does not belong to this app",
    230001: "Your request contains an invalid request parameter",
    230002: "The bot can not be outside the group.",
    230009: "The message is beyond the recall time limit.",
    230011: "The message was withdrawn.",
    230013: "Bot has NO availability to this user.",
    230017: "Bot is NOT the owner of the file.",
    230023: "The number of unread urgent messages of the user exceeds the limit.",
    230025: "The length of the message content reaches its limit.",
    230026: "No permission to recall this message.",
    230031: "The message sent over 14 days can not be updated.",
    230055: "The type of file upload does not match the type of message being sent.",
    230071: "The operator is not the sender of the message.",
    230072: "The message has been edited too many times.",
    230099: "Failed to create card content",
    230110: "Action unavailable as the message has been deleted.",
    232001: "Your request contains an invalid request parameter",
    232011: "Operator can NOT be out of the chat.",
    234001: "Invalid request param",
    234003: "File not in msg",
    234004: "App not in chat",
    234006: "The file size exceeds the max value",
    234008: "App is not the owner of the resource",
    234010: "File's size can't be 0",
    234011: "Can't recognize image format",
    234037: "Downloaded file size exceeds the limit",
    234039: "Image resolution exceeds the limit",
    234043: "Unsupported message type",
    300020: "invalid token",
    300030: "token expired",
    300040: "token has been used up",
    300090: "open_ids is empty",
    9499: "Bad Request",
    10001: "invalid parameter",
    10002: "invalid parameter",
    10030: "bot is not in the chat",
    99991201: "resource not find",
    99991400: "request trigger frequency limit",
    99991661: "Missing access token for authorization",
    99991663: "Invalid access token for authorization",
    99991668: "Invalid user access token",
    99992351: "The request you send is not a valid {open_id} or not exists",
    99992361: "open_id cross app",
    99992402: "field validation failed",
}


class ApiError(Exception):
    """The call is refused with the vendor's code; `http` is 400 unless the vendor says otherwise."""

    def __init__(self, code: int, detail: str = "", *, http: int = 400, headers: dict[str, str] | None = None):
        text = TEXTS.get(code, "internal error")
        self.code = code
        self.msg = f"{text}, ext={detail}" if detail else text
        self.http = http
        self.headers = headers or {}
        super().__init__(f"{code} {self.msg}")


class CardRefused(Exception):
    """The card breaks a rule; `inner` is the code the vendor puts into the message text."""

    def __init__(self, inner: int, why: str, value: str = "") -> None:
        self.inner = inner
        self.why = why
        self.value = value
        super().__init__(f"{inner} {why}")

    def as_api_error(self) -> ApiError:
        """The refusal as the send and update calls answer it."""
        value = f" ErrorValue: {self.value};" if self.value else ""
        return ApiError(230099, f"ErrCode: {self.inner}; ErrMsg: {self.why};{value}")
