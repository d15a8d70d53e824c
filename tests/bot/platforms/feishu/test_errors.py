"""Codes by meaning."""

from __future__ import annotations

from typing import Any

import pytest

from bot.platforms.base import Gone, Malformed, NotAllowed, PlatformError, RetryLater, TokenExpired, TooLarge
from bot.platforms.feishu.errors import CODES, LONGEST_WAIT, read_error


def error(code: Any, *, status: int = 400, msg: Any = "no", headers: dict[str, str] | None = None) -> PlatformError:
    return read_error(status, {"code": code, "msg": msg}, headers or {})


@pytest.mark.parametrize(
    ("codes", "kind"),
    [
        ([99991661, 99991663, 99991664, 99991665, 99991668, 99991671, 99991677, 20005, 20013], TokenExpired),
        ([10003, 10014, 10015, 20002, 99991543, 99991662, 99991673], NotAllowed),
        ([99991672, 99991676, 99991679, 230027, 99991401, 99991403, 230006, 232025, 11205, 234007], NotAllowed),
        ([230018, 230035, 11235, 230022, 230028, 11248, 11312, 40004, 41050], NotAllowed),
        ([99991201, 99991301, 99992402, 9499, 230001, 232001, 234001, 10001, 10002, 11246, 11311, 18054], Malformed),
        ([230002, 10030, 232011, 234004, 230011, 230110, 200000, 230013, 11225, 230029, 230053, 230034], Gone),
        ([99992351, 99992361, 99992364, 230031, 232009, 11237, 10004, 10029, 11206, 11231, 20003], Gone),
        ([230025, 19036, 100000, 200860, 234037], TooLarge),
    ],
)
def test_code_has_its_meaning_whatever_the_status(codes: list[int], kind: type[PlatformError]) -> None:
    for code in codes:
        for status in (200, 400, 429, 500):
            found = error(code, status=status)
            assert (type(found), found.code, found.unknown) == (kind, code, False)


@pytest.mark.parametrize(
    ("code", "after", "whole_app", "unknown"),
    [
        (99991400, 1.0, True, False),
        (230020, 1.0, False, False),
        (11232, 30.0, True, False),
        (11233, 5.0, False, False),
        (11247, 10.0, True, False),
        (1000004, 5.0, True, False),
        (1000005, 5.0, True, False),
        (2200, 2.0, False, True),
        (5000, 2.0, False, True),
        (300000, 2.0, False, True),
        (18121, 2.0, False, True),
        (230049, 2.0, False, True),
        (232019, 2.0, False, False),
        (232096, 2.0, False, False),
    ],
)
def test_code_that_passes_says_when_to_try_again(code: int, after: float, whole_app: bool, unknown: bool) -> None:
    found = error(code)

    assert isinstance(found, RetryLater)
    assert (found.after, found.whole_app, found.unknown) == (after, whole_app, unknown)


@pytest.mark.parametrize(
    ("header", "after"),
    [("7", 7.0), ("0", 1.0), ("", 1.0), ("soon", 1.0), ("-3", 1.0), ("99999", LONGEST_WAIT), ("1e9", 1.0)],
)
@pytest.mark.parametrize("code", [99991400, 230020, 123456789])
def test_rate_limit_waits_as_long_as_the_header_says(header: str, after: float, code: int) -> None:
    found = error(code, status=429, headers={"x-ogw-ratelimit-reset": header})

    assert isinstance(found, RetryLater)
    assert (found.after, found.unknown, found.whole_app) == (after, False, code != 230020)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Failed to create card content, ext=ErrCode: 11310; ErrMsg: card action is lock;", RetryLater),
        ("Failed to create card content, ext=ErrCode: 11310; ErrMsg: element exceeds the limit;", TooLarge),
        ("Failed to create card content, ext=ErrCode: 11310; ErrMsg: card table number over limit;", TooLarge),
        ("Failed to create card content, ext=ErrCode: 200621; ErrMsg: parse card json err;", Malformed),
        ("Failed to create card content, ext=ErrCode: 11310; ErrMsg: template is not visible;", Malformed),
        ("card action is lock", Malformed),
        ("", Malformed),
        (None, Malformed),
    ],
)
def test_refused_card_is_read_by_its_inner_code(text: Any, kind: type[PlatformError]) -> None:
    found = error(230099, msg=text)

    assert (type(found), found.code) == (kind, 230099)
    if isinstance(found, RetryLater):
        assert (found.after, found.whole_app) == (1.0, False)


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (500, {"code": 777, "msg": "x"}, RetryLater),
        (502, None, RetryLater),
        (200, None, RetryLater),
        (404, None, RetryLater),
        (408, {"code": 777}, RetryLater),
        (302, None, RetryLater),
        (200, {"code": "0"}, RetryLater),
        (200, {}, RetryLater),
        (413, None, TooLarge),
        (403, {"code": 777}, NotAllowed),
        (400, {"code": 777}, Malformed),
        (200, {"code": 777}, Malformed),
    ],
)
def test_unknown_code_is_read_by_the_status(status: int, body: Any, kind: type[PlatformError]) -> None:
    found = read_error(status, body, {})

    assert type(found) is kind
    assert found.unknown == (kind is RetryLater)


def test_no_code_has_two_meanings_and_every_family_is_used() -> None:
    finals = {meaning for meaning in CODES.values() if isinstance(meaning, type)}

    assert finals == {TokenExpired, NotAllowed, Gone, TooLarge, Malformed}


def test_text_names_missing_scopes_and_the_vendors_log_id() -> None:
    body = {
        "code": 99991672,
        "msg": "Access denied",
        "error": {"permission_violations": [{"type": "action", "subject": "contact:user.id:readonly"}, "odd"]},
    }

    found = read_error(400, body, {"X-Tt-Logid": "20260101"})

    assert str(found) == (
        "feishu 400/99991672 · Access denied · missing scopes: contact:user.id:readonly · log id 20260101"
    )


@pytest.mark.parametrize("secret", ["t-g1044qeGEDXTB6NDJOGV4JQCYDGHRBARFTGT1234", "u-abc.def-123456", "eyJhbGciOi.x.y"])
def test_text_holds_no_token_that_the_vendor_repeats(secret: str) -> None:
    assert secret not in str(error(99991663, msg=f"Invalid access token {secret} for authorization"))


@pytest.mark.parametrize("odd", [None, [], "x", {"permission_violations": 5}, {"permission_violations": [None, {}]}])
def test_odd_error_details_are_no_obstacle(odd: Any) -> None:
    assert isinstance(read_error(400, {"code": 230001, "msg": 5, "error": odd}, {}), Malformed)
