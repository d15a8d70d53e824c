"""A change asked for, confirmed, dropped; a number that two cannot both take. R-ADM-1, R-ADM-2."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from sales.chats import Chat
from sales.decision import Audit, Decision
from sales.errors import Refusal
from sales.policy import Policy
from sales.proposals import Proposal, bind_chat, changes, check_open, confirm, drop, settings_after
from sales.settings import ConfigVersion

POLICY = Policy()
NOW = datetime(2026, 11, 19, 8, 12, tzinfo=UTC)
SET = Proposal(5, "m16", "set", "ldr_alarm_percent", "18", NOW, version=1)
BACK = replace(SET, kind="rollback", about="41", value="")
V41 = ConfigVersion(41, NOW, "m16", "set", "alert_repeat", {"alert_repeat": "12"}, version=1)
V42 = ConfigVersion(42, NOW, "m15", "set", "undo_window", {"alert_repeat": "12", "undo_window": "5"}, version=1)


def test_first_change_makes_version_2_r_adm_2() -> None:
    decision = confirm(SET, newest=None, target=None, by="m16", now=NOW)

    assert decision == Decision(
        saves=(
            ConfigVersion(2, NOW, "m16", "set", "ldr_alarm_percent", {"ldr_alarm_percent": "18"}),
            replace(SET, state="done", outcome=2),
        ),
        audits=(
            Audit("config.set", "config:2", before={"ldr_alarm_percent": "20"}, after={"ldr_alarm_percent": "18"}),
        ),
        redraws=("proposal:5",),
    )


def test_change_keeps_what_others_set_r_adm_2() -> None:
    made = confirm(SET, newest=V42, target=None, by="m16", now=NOW).saves[0]

    assert made.id == 43
    assert made.settings == {"alert_repeat": "12", "undo_window": "5", "ldr_alarm_percent": "18"}


def test_rollback_is_a_new_version_with_the_old_values_r_adm_2() -> None:
    decision = confirm(BACK, newest=V42, target=V41, by="m16", now=NOW)

    assert decision.saves[0] == ConfigVersion(43, NOW, "m16", "rollback", "41", {"alert_repeat": "12"})
    assert decision.audits[0].why == "41"


def test_rollback_to_what_was_shipped_leaves_nothing_set_r_adm_2() -> None:
    assert settings_after(replace(BACK, about="1"), newest=V42, target=None) == {}


def test_change_that_changes_nothing_is_refused_r_adm_1() -> None:
    with pytest.raises(Refusal, match="现在就是这样"):
        confirm(replace(SET, value="20"), newest=None, target=None, by="m16", now=NOW)


def test_changes_are_those_that_differ_from_what_is_in_force_r_adm_1() -> None:
    assert changes({"alert_repeat": "24"}, {"undo_window": "5"}) == [("undo_window", "10", "5")]


@pytest.mark.parametrize(
    ("change", "away", "why"),
    [
        ({"state": "done"}, timedelta(0), "已经改好了"),
        ({"state": "dropped"}, timedelta(0), "这次没改"),
        ({}, POLICY.proposal_life + timedelta(microseconds=1), "放太久了"),
    ],
)
def test_proposal_that_waits_no_more_is_refused_r_adm_1(change: dict[str, str], away: timedelta, why: str) -> None:
    with pytest.raises(Refusal, match=why):
        check_open(replace(SET, **change), now=NOW + away, policy=POLICY)  # type: ignore[arg-type]


def test_proposal_waits_to_its_last_instant_r_time_2() -> None:
    check_open(SET, now=NOW + POLICY.proposal_life, policy=POLICY)


def test_dropped_proposal_changes_nothing_r_adm_1() -> None:
    assert drop(SET) == Decision(saves=(replace(SET, state="dropped"),), redraws=("proposal:5",))


def test_group_is_bound_with_both_in_the_log_r_ppl_3_r_aud() -> None:
    chat = Chat("feishu:oc_1", "feishu", "oc_1", "总监群", bound_to="director", version=1)
    asked = replace(SET, kind="chat", about=chat.id, value="director;marketing_lead")

    decision = bind_chat(asked, chat)

    assert decision.saves == (replace(chat, bound_to="director;marketing_lead"), replace(asked, state="done"))
    assert decision.audits == (
        Audit("chat.bind", "chat:feishu:oc_1", before={"bound_to": "director"}, after={"bound_to": asked.value}),
    )
