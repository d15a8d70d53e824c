"""The LDR alert as a state machine. R-ALERT-1, R-ALERT-2, R-ALERT-5, R-MET-0, R-MET-2."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sales import alerts
from sales.alerts import EVALUATE, FINAL, LDR, REPEAT, RESOLVE, Alert, Reading, Silence
from sales.decision import CancelTimer, Decision, Looked, Notice, StartTimer, Urgency
from sales.errors import Refusal
from sales.metrics import COMPANY, LeadCycleFact, Measure, percent_text, week_of
from sales.people import Member
from sales.policy import Policy
from tests.support.facts import MICROSECOND, NOW

POLICY = Policy()
HOUR = timedelta(hours=1)
WEEK = week_of(NOW, POLICY)
OVER = Reading(NOW, 9, 41, True, (("一组", 4, 11), ("二组", 5, 30)))
UNDER = replace(OVER, numerator=8, denominator=40)
DIRECTOR = Member("m01", "张伟", roles=("director",))
MARKETING = Member("m12", "林静", roles=("marketing_lead",))
ALERT = Alert(
    1, LDR, COMPANY, WEEK.name, NOW, "20", 1, (("W46", ""), ("W47", "21.95")), (alerts.kept(OVER),), told=1, version=1
)  # fmt: skip
SILENCE = Silence("LDR:company", NOW + timedelta(hours=4), "m01", 4, 1)


def fired(reading: Reading = OVER, silence: Silence | None = None, due_until: datetime = NOW) -> Decision:
    return alerts.fire(
        number=1, scope=COMPANY, period=WEEK, reading=reading, trend=ALERT.trend, silence=silence, due_until=due_until,
        policy=POLICY,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("cold", "counted", "provisional", "alarm"),
    [
        (5, 20, True, True),
        (4, 20, True, False),
        (19, 19, True, False),
        (2, 5, False, True),
        (1, 5, False, False),
        (4, 4, False, False),
        (0, 0, False, False),
    ],
)
def test_alarm_is_over_the_line_with_enough_cycles_r_met_2(
    cold: int, counted: int, provisional: bool, alarm: bool
) -> None:
    assert alerts.is_alarm(Reading(NOW, cold, counted, provisional), policy=POLICY) is alarm


def test_threshold_compares_the_exact_fraction_r_met_0() -> None:
    reading = Reading(NOW, 20_001, 100_000, True)

    assert reading.percent == "20.00"
    assert alerts.is_alarm(reading, policy=POLICY)
    assert not alerts.is_alarm(replace(reading, numerator=20_000), policy=POLICY)


def test_percent_rounds_half_up_and_knows_no_value_r_met_0_r_none() -> None:
    assert [percent_text(*pair) for pair in ((9, 41), (1, 800), (1, 8), (0, 5), (5, 0))] == [
        "21.95", "0.13", "12.50", "0.00", "—",
    ]  # fmt: skip


def test_reading_puts_the_worst_team_first_r_alert_2() -> None:
    def cycles(team: str, cold: int, counted: int) -> list[LeadCycleFact]:
        return [LeadCycleFact(f"{team}{n}", "", NOW, "m03", team, n >= cold) for n in range(counted)]

    facts = (*cycles("a", 1, 10), *cycles("b", 4, 11), *cycles("c", 4, 20), *cycles("d", 2, 10))

    reading = alerts.reading_of(Measure(LDR, COMPANY, WEEK, 11, 51, True, facts), at=NOW)

    assert reading == Reading(NOW, 11, 51, True, (("b", 4, 11), ("c", 4, 20), ("d", 2, 10), ("a", 1, 10)))


def test_firing_is_told_by_its_route_and_repeats_in_a_day_r_alert_1_r_alert_2() -> None:
    decision = fired()

    assert decision.saves == (replace(ALERT, version=0),)
    assert decision.notices == tuple(
        Notice("alert", audience, "alert", "alert:1", Urgency.NOW, "R-ALERT-2", {"reading": "0"})
        for audience in ("chat:director", "marketing_lead")
    )
    assert decision.timers == (
        StartTimer(REPEAT, "alert:1", NOW + timedelta(hours=24)),
        StartTimer(FINAL, f"LDR:{WEEK.name}", WEEK.end + timedelta(hours=48)),
    )


def test_firing_in_a_silence_is_told_when_it_is_over_r_alert_5() -> None:
    decision = fired(silence=SILENCE)

    assert decision.notices == ()
    assert decision.saves[0].told == 0
    assert decision.timers[0] == StartTimer(REPEAT, "alert:1", SILENCE.until)


def test_silence_that_is_over_holds_nothing_back_r_alert_5() -> None:
    assert len(fired(silence=replace(SILENCE, until=NOW)).notices) == 2
    assert fired(silence=replace(SILENCE, until=NOW + MICROSECOND)).notices == ()


@pytest.mark.parametrize(("silence", "told"), [(None, 2), (SILENCE, 0)])
def test_final_judgement_tells_and_closes_at_once_r_alert_1(silence: Silence | None, told: int) -> None:
    decision = fired(replace(OVER, provisional=False), silence)

    assert (decision.saves[0].state, decision.saves[0].closed_at) == ("closed", NOW)
    assert len(decision.notices) == told
    assert decision.timers == ()


def test_reading_is_kept_as_it_was_told_r_alert_1() -> None:
    assert ALERT.reading(0) == OVER
    assert ALERT.reading(-1).percent == "21.95"


def test_calm_begins_at_the_line_and_ends_over_it_r_alert_1() -> None:
    calm = alerts.look_again(ALERT, reading=UNDER, policy=POLICY)
    assert calm.saves == (replace(ALERT, calm_since=NOW),)
    assert calm.timers == (StartTimer(RESOLVE, "alert:1", NOW + timedelta(hours=6)),)

    again = alerts.look_again(replace(ALERT, calm_since=NOW), reading=OVER, policy=POLICY)
    assert again.saves == (ALERT,)
    assert again.timers == (CancelTimer(RESOLVE, "alert:1"),)


@pytest.mark.parametrize(
    ("alert", "reading", "why"),
    [(ALERT, OVER, "over as before"), (replace(ALERT, calm_since=NOW), UNDER, "under as before")],
)
def test_nothing_new_is_one_line_r_why(alert: Alert, reading: Reading, why: str) -> None:
    decision = alerts.look_again(alert, reading=reading, policy=POLICY)

    assert decision == Decision(looked=(Looked("R-ALERT-1", "alert:1", why),))


@pytest.mark.parametrize("state", ["firing", "acknowledged"])
def test_six_calm_hours_resolve_it_r_alert_1(state: str) -> None:
    later = replace(UNDER, at=NOW + timedelta(hours=6))
    calm = replace(ALERT, state=state, calm_since=NOW)

    decision = alerts.resolve(calm, reading=later, policy=POLICY)

    resolved = decision.saves[0]
    assert (resolved.state, resolved.resolved_at, resolved.reading(-1)) == ("resolved", later.at, later)
    assert decision.redraws == ("alert:1",)
    assert decision.timers == (CancelTimer(REPEAT, "alert:1"),)
    assert decision.notices == ()


@pytest.mark.parametrize(
    ("change", "reading"),
    [({"calm_since": None}, UNDER), ({"state": "closed"}, UNDER), ({"state": "resolved"}, UNDER), ({}, OVER)],
)
def test_what_is_not_calm_or_open_does_not_resolve_r_time_5(change: dict[str, Any], reading: Reading) -> None:
    calm = replace(ALERT, calm_since=NOW)

    decision = alerts.resolve(replace(calm, **change), reading=reading, policy=POLICY)

    assert decision.saves == ()
    assert len(decision.looked) == 1


def test_repeat_tells_the_new_figure_and_starts_the_next_day_r_alert_1() -> None:
    later = replace(OVER, at=NOW + timedelta(hours=24), numerator=11, denominator=48)

    decision = alerts.repeat(ALERT, reading=later, silence=None, due_until=later.at, policy=POLICY)

    assert decision.saves[0].told == 2
    assert [notice.args for notice in decision.notices] == [{"reading": "1"}, {"reading": "1"}]
    assert decision.saves[0].reading(0) == OVER
    assert decision.timers == (StartTimer(REPEAT, "alert:1", later.at + timedelta(hours=24)),)


@pytest.mark.parametrize(
    ("behind", "told"), [(24 * HOUR - MICROSECOND, 0), (24 * HOUR, 1), (48 * HOUR - MICROSECOND, 1), (80 * HOUR, 3)]
)
def test_after_a_downtime_only_the_last_repeat_that_is_due_tells_it_r_time_6(behind: timedelta, told: int) -> None:
    late = alerts.repeat(ALERT, reading=OVER, silence=None, due_until=NOW + behind, policy=POLICY)

    if not told:
        assert len(late.notices) == 2
        return
    assert late.notices == late.saves == ()
    assert late.looked[0].rule == "R-TIME-6"
    assert late.timers == (StartTimer(REPEAT, "alert:1", NOW + told * 24 * HOUR),)


def test_fired_after_a_downtime_the_last_repeat_tells_it_r_time_6() -> None:
    late, silent = fired(due_until=NOW + 50 * HOUR), fired(silence=SILENCE, due_until=NOW + 50 * HOUR)

    assert late.notices == ()
    assert late.saves[0].told == 0
    assert late.timers[0] == StartTimer(REPEAT, "alert:1", NOW + 48 * HOUR)
    assert silent.timers[0] == StartTimer(REPEAT, "alert:1", SILENCE.until)
    assert len(fired(due_until=NOW + 24 * HOUR - MICROSECOND).notices) == 2
    assert len(fired(due_until=WEEK.end + 48 * HOUR - MICROSECOND).notices) == 0
    assert len(fired(due_until=WEEK.end + 48 * HOUR).notices) == 2
    final = replace(OVER, at=WEEK.end + 48 * HOUR, provisional=False)
    assert len(fired(final, due_until=final.at + 50 * HOUR).notices) == 2


@pytest.mark.parametrize("state", ["acknowledged", "resolved", "closed"])
def test_only_what_fires_repeats_r_alert_1(state: str) -> None:
    decision = alerts.repeat(replace(ALERT, state=state), reading=OVER, silence=None, due_until=NOW, policy=POLICY)

    assert decision == Decision(looked=(Looked("R-ALERT-1", "alert:1", f"it is {state}"),), redraws=("alert:1",))


def test_repeat_waits_for_the_end_of_a_silence_and_skips_a_calm_day_r_alert_5() -> None:
    silent = alerts.repeat(ALERT, reading=OVER, silence=SILENCE, due_until=NOW, policy=POLICY)
    calm = alerts.repeat(ALERT, reading=UNDER, silence=replace(SILENCE, until=NOW), due_until=NOW, policy=POLICY)

    assert silent.notices == calm.notices == ()
    assert silent.timers == (StartTimer(REPEAT, "alert:1", SILENCE.until),)
    assert calm.timers == (StartTimer(REPEAT, "alert:1", NOW + timedelta(hours=24)),)


def test_final_judgement_closes_what_is_open_only_r_alert_1() -> None:
    last = replace(OVER, provisional=False)

    closed = alerts.close(ALERT, reading=last)

    assert (closed.saves[0].state, closed.saves[0].reading(-1)) == ("closed", last)
    assert closed.timers == (CancelTimer(REPEAT, "alert:1"), CancelTimer(RESOLVE, "alert:1"))
    assert alerts.close(replace(ALERT, state="resolved"), reading=last).saves == ()


def test_first_acknowledgement_counts_and_stops_repeats_r_alert_5() -> None:
    decision = alerts.acknowledge(ALERT, by=DIRECTOR, by_name="", now=NOW)

    known = decision.saves[0]
    assert (known.state, known.acknowledged_by, known.acknowledged_at) == ("acknowledged", "m01", NOW)
    assert decision.timers == (CancelTimer(REPEAT, "alert:1"),)
    with pytest.raises(Refusal, match="你已经点了"):
        alerts.acknowledge(known, by=DIRECTOR, by_name="张伟", now=NOW)
    with pytest.raises(Refusal, match="张伟已经点了"):
        alerts.acknowledge(known, by=MARKETING, by_name="张伟", now=NOW)


@pytest.mark.parametrize("state", ["resolved", "closed"])
def test_what_is_over_cannot_be_acknowledged_or_silenced_r_alert_5(state: str) -> None:
    over = replace(ALERT, state=state)

    with pytest.raises(Refusal, match="已经过去了"):
        alerts.acknowledge(over, by=DIRECTOR, by_name="", now=NOW)
    with pytest.raises(Refusal, match="已经过去了"):
        alerts.silence_for(over, choice="4h", old=None, by=DIRECTOR, now=NOW)


def test_note_is_of_who_acknowledged_r_alert_5() -> None:
    known = replace(ALERT, state="acknowledged", acknowledged_by="m01")

    assert alerts.add_note(known, by=DIRECTOR, text="今天清").saves == (replace(known, note="今天清"),)
    with pytest.raises(Refusal):
        alerts.add_note(known, by=MARKETING, text="今天清")


@pytest.mark.parametrize(("choice", "hours"), [("4h", 4), ("1d", 24), ("1w", 168)])
def test_silence_lasts_as_chosen_and_moves_the_repeat_r_alert_5(choice: str, hours: int) -> None:
    decision = alerts.silence_for(ALERT, choice=choice, old=SILENCE, by=DIRECTOR, now=NOW)

    until = NOW + timedelta(hours=hours)
    assert decision.saves == (Silence("LDR:company", until, "m01", hours, 1), ALERT)
    assert decision.timers == (StartTimer(REPEAT, "alert:1", until),)


def test_silence_of_an_acknowledged_alert_ends_without_a_repeat_r_alert_5() -> None:
    known = replace(ALERT, state="acknowledged")

    assert alerts.repeat(known, reading=OVER, silence=None, due_until=NOW, policy=POLICY).notices == ()
    assert alerts.end_silence(known, old=SILENCE, by=DIRECTOR, now=NOW, policy=POLICY).timers == ()


def test_silence_is_ended_by_who_may_silence_r_alert_5() -> None:
    decision = alerts.end_silence(ALERT, old=SILENCE, by=DIRECTOR, now=NOW, policy=POLICY)

    assert decision.saves == (replace(SILENCE, until=NOW), ALERT)
    assert decision.timers == (StartTimer(REPEAT, "alert:1", NOW + timedelta(hours=24)),)
    for old, by in ((SILENCE, MARKETING), (None, DIRECTOR), (replace(SILENCE, until=NOW), DIRECTOR)):
        with pytest.raises(Refusal):
            alerts.end_silence(ALERT, old=old, by=by, now=NOW, policy=POLICY)


@pytest.mark.parametrize(("by", "choice"), [(MARKETING, "4h"), (DIRECTOR, "2h"), (DIRECTOR, "")])
def test_silence_needs_a_director_and_a_choice_r_alert_5(by: Member, choice: str) -> None:
    with pytest.raises(Refusal):
        alerts.silence_for(ALERT, choice=choice, old=None, by=by, now=NOW)


def test_lead_figures_are_for_directors_marketing_and_operations_r_ppl_2() -> None:
    assert [alerts.may_look(member) for member in (DIRECTOR, MARKETING, replace(DIRECTOR, state="left"))] == [
        True, True, False,
    ]  # fmt: skip
    assert not alerts.may_look(Member("m03", "李雷", roles=("rep",)))


def test_every_timer_has_its_own_name() -> None:
    assert len({EVALUATE, REPEAT, RESOLVE, FINAL}) == 4


steps = st.lists(st.tuples(st.integers(0, 30), st.sampled_from(["look", "repeat", "resolve", "known", "close"])))


@given(steps)
def test_whatever_happens_it_is_told_once_a_repeat_and_never_after_its_end_r_alert_1(
    story: list[tuple[int, str]],
) -> None:
    alert, policy = ALERT, replace(POLICY, ldr_alarm_percent=Decimal(20))
    for cold, what in story:
        reading = Reading(NOW, cold, 60, what != "close")
        decision = Decision()
        match what:
            case "look" if alert.is_open:
                decision = alerts.look_again(alert, reading=reading, policy=policy)
            case "repeat":
                decision = alerts.repeat(alert, reading=reading, silence=None, due_until=reading.at, policy=policy)
            case "resolve":
                decision = alerts.resolve(alert, reading=reading, policy=policy)
            case "known" if alert.state == "firing":
                decision = alerts.acknowledge(alert, by=DIRECTOR, by_name="", now=NOW)
            case "close":
                decision = alerts.close(alert, reading=reading)
        assert bool(decision.notices) == (what == "repeat" and bool(decision.saves))
        if not alert.is_open:
            assert decision.saves == ()
        for saved in decision.saves:
            assert saved.readings[: len(alert.readings)] == alert.readings
            alert = saved
