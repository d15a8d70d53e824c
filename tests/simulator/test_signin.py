"""Sign-in codes: one use, five minutes, bound to redirect and PKCE."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.feishu.errors import ApiError
from simulator.feishu.signin import SignIn
from simulator.ids import Ids

BACK = "https://deals.example/back"
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def give(signin: SignIn, challenge: str = "") -> str:
    return signin.give("ou_1", redirect_uri=BACK, challenge=challenge, method="S256")


def code_of(signin: SignIn, code: str, redirect_uri: str = BACK, verifier: str | None = None) -> int:
    with pytest.raises(ApiError) as refused:
        signin.take(code, redirect_uri=redirect_uri, verifier=verifier)
    return refused.value.code


def test_code_is_good_once(still_clock: Any) -> None:
    signin = SignIn(still_clock, Ids())
    code = give(signin)
    assert signin.take(code, redirect_uri=BACK, verifier=None) == "ou_1"
    assert code_of(signin, code) == 20065
    assert code_of(signin, "never given") == 20003


def test_code_lives_five_minutes(still_clock: Any) -> None:
    signin = SignIn(still_clock, Ids())
    code = give(signin)
    still_clock.seconds += 300
    assert code_of(signin, code) == 20004


def test_code_is_bound_to_its_redirect(still_clock: Any) -> None:
    signin = SignIn(still_clock, Ids())
    assert code_of(signin, give(signin), redirect_uri="https://evil.example") == 20003


def test_pkce_verifier_must_match_the_challenge(still_clock: Any) -> None:
    signin = SignIn(still_clock, Ids())
    code = give(signin, CHALLENGE)
    assert code_of(signin, code, verifier="wrong") == 20049
    assert signin.take(code, redirect_uri=BACK, verifier=VERIFIER) == "ou_1"
