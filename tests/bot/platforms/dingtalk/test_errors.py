"""What a refusal means."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.platforms.base import Gone, Malformed, NotAllowed, PlatformError, RetryLater, TokenExpired, TooLarge
from bot.platforms.dingtalk.errors import CardExists, NoCard, NoPermission, Throttled, Unsafe, as_number, read_error
from tests.bot.platforms.dingtalk.test_parse import anything

DENIED = "Forbidden.AccessDenied."


def word(code: str, status: int = 400, **more: Any) -> PlatformError:
    return read_error(status, {"code": code, "requestid": "r", "message": "说明", **more})


def number(code: object, **more: Any) -> PlatformError:
    return read_error(200, {"errcode": code, "errmsg": "说明", **more})


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (word("InvalidAuthentication"), TokenExpired),
        (word("InvalidAuthentication", 401), TokenExpired),
        (word("whatever", 401), TokenExpired),
        (number(40014), TokenExpired),
        (number("42001"), TokenExpired),
        (number(88, sub_code="40014"), TokenExpired),
        (word("invalidClientIdOrSecret"), NotAllowed),
        (word(DENIED + "QpsLimitForAppkeyAndApi", 403), Throttled),
        (word(DENIED + "QpmLimitForAppkeyAndApi", 403), Throttled),
        (word(DENIED + "QpsLimitForApi", 403), Throttled),
        (number(90018), Throttled),
        (number(90002), Throttled),
        (word(DENIED + "ApiCountLimitForOrg", 403), NotAllowed),
        (number(90020), NotAllowed),
        (word(DENIED + "AccessTokenPermissionDenied", 403), NoPermission),
        (number(60011), NoPermission),
        (number(88, sub_code=60011), NoPermission),
        (number(88), RetryLater),
        (word(DENIED + "IpNotInWhiteList", 403), NotAllowed),
        (number(60020), NotAllowed),
        (word("", 429), Throttled),
        (word("system.busy", 500), RetryLater),
        (word("system.error"), RetryLater),
        (word("x", 503), RetryLater),
        (word("x", 504), RetryLater),
        (number(-1), RetryLater),
        (number(15), RetryLater),
        (word("send.too.fast"), Throttled),
        (word("too.many.group"), Throttled),
        (number(410100), Throttled),
        (number(130101), Throttled),
        (word("param.cardAlreadyExist"), CardExists),
        (word("param.cardNotExist"), Gone),
        (word("param.templateNotExist"), NoCard),
        (word("param.templateUnpublished"), NoCard),
        (word("param.contentUnsafe"), Unsafe),
        (word("contain.notAllowed.words"), Unsafe),
        (number(430104), Unsafe),
        (word("param.outTrackId"), Malformed),
        (word("miss.param.robotCode"), Malformed),
        (word("invalidParameter.userIds.overMax"), Malformed),
        (word("invalidParameter.robotCode.downloadCode"), Gone),
        (word("invalidParameter.robotCode.auth"), NotAllowed),
        (word("robot.oto.notExist"), Gone),
        (word("staffId.notExisted"), Gone),
        (word("group.disbanded"), Gone),
        (word("invalid.openConversationId"), Gone),
        (number(400013), Gone),
        (number(60121), Gone),
        (number(40078), Gone),
        (number(40104), Malformed),
        (word("x", 413), TooLarge),
        (word("x", 403), NotAllowed),
        (word("x", 404), Malformed),
        (number(999999), Malformed),
        (read_error(200, None), RetryLater),
        (read_error(502, None), RetryLater),
        (read_error(403, None), Throttled),
        (read_error(200, {"status": 1111, "wait": 5, "source": "x5", "punish": "deny"}), Throttled),
    ],
)
def test_meaning(error: PlatformError, kind: type[PlatformError]) -> None:
    assert isinstance(error, kind)
    assert kind in (type(error), RetryLater)


@pytest.mark.parametrize(
    ("error", "after", "unknown", "whole_app"),
    [
        (word(DENIED + "QpsLimitForAppkeyAndApi", 403), 1.2, False, True),
        (word(DENIED + "QpmLimitForAppkeyAndApi", 403), 60, False, True),
        (word("send.too.fast"), 60, False, False),
        (number(410100), 600, False, False),
        (word("system.busy", 500), 2, True, False),
        (read_error(504, None), 2, True, False),
        (read_error(403, None), 300, False, True),
    ],
)
def test_when_to_try_again(error: PlatformError, after: float, unknown: bool, whole_app: bool) -> None:
    assert isinstance(error, RetryLater)
    assert (error.after, error.unknown, error.whole_app) == (after, unknown, whole_app)


def test_missing_permission_is_named() -> None:
    error = word(
        DENIED + "AccessTokenPermissionDenied", 403, accessdenieddetail={"requiredScopes": ["Card.Instance.Write"]}
    )

    assert "missing permissions: Card.Instance.Write" in str(error)


def test_secret_in_a_text_of_the_vendor_is_not_shown() -> None:
    error = word("x", message="bad access_token=0123456789abcdef0123456789abcdef in /connect?ticket=abc-def")

    assert "0123456789" not in str(error)
    assert "abc-def" not in str(error)


@given(st.integers(200, 599), anything)
def test_any_answer_has_a_meaning(status: int, body: object) -> None:
    assert isinstance(read_error(status, body), PlatformError)
    assert isinstance(read_error(status, {"code": body, "message": body, "errcode": body}), PlatformError)
    assert isinstance(read_error(status, {"errcode": 88, "sub_code": body, "accessdenieddetail": body}), PlatformError)


@pytest.mark.parametrize(("given", "expected"), [(5, 5), ("-1", -1), ("x", 0), (None, 0), (True, 0), ("٣", 0)])
def test_number(given: object, expected: int) -> None:
    assert as_number(given) == expected
