"""Timed rules of alerts: evaluate, repeat, resolve, judge finally. R-ALERT-1, R-MET-2."""

from __future__ import annotations

from sales import alerts
from sales.alerts import LDR, Alert, Reading
from sales.decision import Decision, Looked
from sales.leads import LIMIT
from sales.metrics import COMPANY, DASH, Period, earlier_week, parse_period, week_of
from scheduler.downtime import due_until
from storage import timers
from storage.tx import Tx

WEEKS = 8


def evaluate(tx: Tx, subject: str) -> None:
    """Judge the weeks whose cycles may still ripen: this one, and the last one until 48 h after its end. R-MET-2.

    A thousand leads due in one second are one look: whoever is due too, and later, looks for all.
    """
    if timers.is_due_again(tx.conn, alerts.EVALUATE, subject, after=tx.now, until=due_until(tx)):
        tx.apply(Decision(looked=(Looked("R-ALERT-1", subject, "a later look is due too"),)))
        return
    week = week_of(tx.now, tx.policy)
    for period in (earlier_week(week, 1, tx.policy), week):
        if tx.now < period.end + LIMIT:
            _judge(tx, period)
            tx.apply(Decision(timers=(alerts.watch(period),)))


def final(tx: Tx, subject: str) -> None:
    """48 h after the week's end its figure stands: a firing is closed, a small week is judged at all. R-ALERT-1."""
    _judge(tx, parse_period(subject.removeprefix(f"{LDR}:"), tx.policy))


def repeat(tx: Tx, subject: str) -> None:
    """Nobody pressed 知道了 for a day. R-ALERT-1."""
    alert, reading = _alert_now(tx, subject)
    silence, until = tx.alerts.silence_of(alert), due_until(tx)
    tx.apply(alerts.repeat(alert, reading=reading, silence=silence, due_until=until, policy=tx.policy))


def resolve(tx: Tx, subject: str) -> None:
    """Six hours at or under the threshold are over. R-ALERT-1."""
    alert, reading = _alert_now(tx, subject)
    tx.apply(alerts.resolve(alert, reading=reading, policy=tx.policy))


def _judge(tx: Tx, period: Period) -> None:
    alert = tx.alerts.of(LDR, COMPANY, period.name)
    reading = _read(tx, period)
    if alert is not None and not alert.is_open:
        tx.apply(Decision(looked=(Looked("R-ALERT-1", f"alert:{alert.id}", f"it is {alert.state}"),)))
    elif alert is not None and not reading.provisional:
        tx.apply(alerts.close(alert, reading=reading))
    elif alert is not None:
        tx.apply(alerts.look_again(alert, reading=reading, policy=tx.policy))
    elif alerts.is_alarm(reading, policy=tx.policy):
        silence = tx.alerts.silence(f"{LDR}:{COMPANY}")
        number, trend = tx.next_number("alert"), _trend(tx, period)
        tx.apply(alerts.fire(number=number, scope=COMPANY, period=period, reading=reading, trend=trend,
                             silence=silence, due_until=due_until(tx), policy=tx.policy))  # fmt: skip
    else:
        why = f"{reading.numerator}/{reading.denominator}"
        tx.apply(Decision(looked=(Looked("R-MET-2", f"{LDR}:{period.name}", why),)))


def _alert_now(tx: Tx, subject: str) -> tuple[Alert, Reading]:
    alert = tx.alerts.get(int(subject.removeprefix("alert:")))
    assert alert is not None, subject
    return alert, _read(tx, parse_period(alert.period, tx.policy))


def _read(tx: Tx, period: Period) -> Reading:
    return alerts.reading_of(tx.leads.ldr(COMPANY, period, as_of=tx.now), at=tx.now)


def _trend(tx: Tx, period: Period) -> tuple[tuple[str, str], ...]:
    """Week and percentage of eight weeks, the alert's own last; empty where there is no value. R-ALERT-2."""
    weeks = tx.leads.ldr_weeks(COMPANY, period, count=WEEKS, as_of=tx.now)
    texts = [(week.period.name[-3:], week.percent_text()) for week in weeks]
    return tuple((name, "" if text == DASH else text) for name, text in texts)
