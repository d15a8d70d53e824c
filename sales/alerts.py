"""The LDR alert: when it fires, repeats, is acknowledged, silenced, resolved and closed. R-ALERT-1, -2, -5, R-MET-2.

An alert is one firing of a rule for one scope and period. What it told is frozen in its readings: later ones are added,
none is changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

from sales.chats import WHOLE_COMPANY
from sales.decision import Audit, CancelTimer, Decision, Looked, Notice, StartTimer, Urgency
from sales.errors import Refusal
from sales.leads import LIMIT
from sales.metrics import Measure, Period, percent_text
from sales.people import Member
from sales.policy import Policy

LDR = "LDR"
EVALUATE, REPEAT, RESOLVE, FINAL = "alerts.evaluate", "alerts.repeat", "alerts.resolve", "alerts.final"
ROUTE = ("chat:director", "marketing_lead")
"""Who is told of LDR by default. R-ALERT-2."""

SILENCES: Mapping[str, tuple[int, str]] = {"4h": (4, "4 小时"), "1d": (24, "1 天"), "1w": (168, "1 周")}


@dataclass(frozen=True, slots=True)
class Reading:
    """The figure at one evaluation: cycles untouched and counted, and those of each team, the worst first."""

    at: datetime
    numerator: int
    denominator: int
    provisional: bool
    teams: tuple[tuple[str, int, int], ...] = ()

    @property
    def percent(self) -> str:
        """Rounded half up to 2 places; — without a denominator. R-MET-0, R-NONE."""
        return percent_text(self.numerator, self.denominator)


@dataclass(frozen=True, slots=True)
class Alert:
    """State: firing, acknowledged, resolved, closed (judged finally). R-ALERT-1.

    `threshold` is the one it fired at, per cent. `trend` are the percentages of eight weeks, empty for no value.
    `told` counts the cards sent about it: 0 after firing in a silence. `calm_since`: at or under the threshold again.
    """

    id: int
    rule: str
    scope: str
    period: str
    fired_at: datetime
    threshold: str
    policy_version: int
    trend: tuple[tuple[str, str], ...]
    readings: tuple[Mapping[str, Any], ...]
    state: str = "firing"
    told: int = 0
    calm_since: datetime | None = None
    acknowledged_by: str = ""
    acknowledged_at: datetime | None = None
    note: str = ""
    resolved_at: datetime | None = None
    closed_at: datetime | None = None
    version: int = 0

    def reading(self, number: int) -> Reading:
        """One of its readings; 0 is the one it fired at, -1 the newest."""
        told = self.readings[number]
        teams = tuple((team, n, d) for team, n, d in told["teams"])
        return Reading(datetime.fromisoformat(told["at"]), told["n"], told["d"], told["provisional"], teams)

    @property
    def is_open(self) -> bool:
        """True until it is resolved or closed."""
        return self.state in ("firing", "acknowledged")


@dataclass(frozen=True, slots=True)
class Silence:
    """A rule says nothing about a scope until an instant; `id` is both. R-ALERT-5."""

    id: str
    until: datetime
    by: str
    hours: int
    version: int = 0


def reading_of(measure: Measure, *, at: datetime) -> Reading:
    """What the figure is now, and the teams its facts add up from, by their exact fraction, the worst first."""
    sums: dict[str, tuple[int, int]] = {}
    for fact in measure.facts:
        cold, counted = sums.get(fact.team, (0, 0))
        sums[fact.team] = (cold + (not fact.touched), counted + 1)
    teams = [(team, cold, counted) for team, (cold, counted) in sums.items()]
    teams.sort(key=lambda team: (-Fraction(team[1], team[2]), -team[2], team[0]))
    return Reading(at, measure.numerator, measure.denominator, measure.provisional, tuple(teams))


def is_over(numerator: int, denominator: int, *, policy: Policy) -> bool:
    """True when the exact fraction is over the threshold; at it is not, and no value never. R-MET-0, R-NONE."""
    return bool(denominator) and Fraction(numerator * 100, denominator) > Fraction(policy.ldr_alarm_percent)


def is_alarm(reading: Reading, *, policy: Policy) -> bool:
    """True when the rule fires: running periods with 20 cycles or more, finally with 5 or more. R-MET-2, R-ALERT-1."""
    least = policy.ldr_cycles_running if reading.provisional else policy.ldr_cycles_final
    return reading.denominator >= least and is_over(reading.numerator, reading.denominator, policy=policy)


def watch(period: Period) -> StartTimer:
    """The period will be judged finally 48 h after its end. R-ALERT-1."""
    return StartTimer(FINAL, f"{LDR}:{period.name}", period.end + LIMIT)


def fire(
    *, number: int, scope: str, period: Period, reading: Reading, trend: tuple[tuple[str, str], ...],
    silence: Silence | None, due_until: datetime, policy: Policy,
) -> Decision:  # fmt: skip
    """The one firing of this scope and period: told by its route unless silenced, repeated until acknowledged.

    At the final judgement it is told and closed at once. R-ALERT-1, R-ALERT-2. Found after a downtime, when repeats
    are due too (`due_until`), the last of them tells it, unless the final judgement ends them. R-TIME-6.
    """
    now = reading.at
    silenced = is_silenced(silence, now=now)
    final = watch(period)
    last = _last_repeat(now, due_until=due_until if due_until < final.due else now, policy=policy)
    quiet = silenced or last > now
    alert = Alert(
        number, LDR, scope, period.name, now, f"{policy.ldr_alarm_percent.normalize():f}", policy.version, trend,
        (kept(reading),), told=0 if quiet else 1,
    )  # fmt: skip
    entry = Audit("alert.fire", f"alert:{number}", after={"period": period.name, "value": reading.percent})
    if not reading.provisional:
        closed = replace(alert, state="closed", closed_at=now)
        return Decision(saves=(closed,), audits=(entry,), notices=() if quiet else _notices(alert))
    again = silence.until if silenced and silence else max(last, now + policy.alert_repeat)
    repeat_timer = StartTimer(REPEAT, f"alert:{number}", again)
    return Decision(
        saves=(alert,), audits=(entry,), notices=() if quiet else _notices(alert), timers=(repeat_timer, final)
    )


def look_again(alert: Alert, *, reading: Reading, policy: Policy) -> Decision:
    """The wait of 6 h for its resolving begins at or under the threshold, and is over when over it. R-ALERT-1."""
    subject = f"alert:{alert.id}"
    over = is_over(reading.numerator, reading.denominator, policy=policy)
    if over and alert.calm_since is not None:
        return Decision(saves=(replace(alert, calm_since=None),), timers=(CancelTimer(RESOLVE, subject),))
    if not over and alert.calm_since is None:
        calm = replace(alert, calm_since=reading.at)
        return Decision(saves=(calm,), timers=(StartTimer(RESOLVE, subject, reading.at + policy.alert_calm),))
    return Decision(looked=(Looked("R-ALERT-1", subject, "over as before" if over else "under as before"),))


def resolve(alert: Alert, *, reading: Reading, policy: Policy) -> Decision:
    """Back at or under the threshold for 6 h: resolved, whoever was told sees it, nothing repeats. R-ALERT-1."""
    subject = f"alert:{alert.id}"
    over = is_over(reading.numerator, reading.denominator, policy=policy)
    if not alert.is_open or alert.calm_since is None or over:
        return Decision(looked=(Looked("R-ALERT-1", subject, "not open or not calm any more"),))
    done = replace(alert, state="resolved", resolved_at=reading.at, readings=(*alert.readings, kept(reading)))
    entry = Audit("alert.resolve", subject, after={"value": reading.percent})
    return Decision(saves=(done,), audits=(entry,), redraws=(subject,), timers=(CancelTimer(REPEAT, subject),))


def repeat(alert: Alert, *, reading: Reading, silence: Silence | None, due_until: datetime, policy: Policy) -> Decision:
    """Told anew while firing and not acknowledged; a silence puts it off, a calm spell leaves it out. R-ALERT-1.

    After a downtime only the last repeat that is due by `due_until` tells it. R-TIME-6.
    """
    subject = f"alert:{alert.id}"
    if alert.state != "firing":
        return Decision(looked=(Looked("R-ALERT-1", subject, f"it is {alert.state}"),), redraws=(subject,))
    if silence is not None and is_silenced(silence, now=reading.at):
        waits = Looked("R-ALERT-5", subject, "silenced")
        return Decision(relies=(silence,), looked=(waits,), timers=(StartTimer(REPEAT, subject, silence.until),))
    last = _last_repeat(reading.at, due_until=due_until, policy=policy)
    if last > reading.at:
        later = Looked("R-TIME-6", subject, "a later repeat is due too")
        return Decision(looked=(later,), timers=(StartTimer(REPEAT, subject, last),))
    again = StartTimer(REPEAT, subject, reading.at + policy.alert_repeat)
    if not is_over(reading.numerator, reading.denominator, policy=policy):
        under = Looked("R-ALERT-1", subject, "not over the threshold now")
        return Decision(looked=(under,), redraws=(subject,), timers=(again,))
    told = replace(alert, told=alert.told + 1, readings=(*alert.readings, kept(reading)))
    return Decision(saves=(told,), notices=_notices(told), redraws=(subject,), timers=(again,))


def close(alert: Alert, *, reading: Reading) -> Decision:
    """The final judgement ends an open firing: the last figure is on its cards, nothing repeats. R-ALERT-1."""
    subject = f"alert:{alert.id}"
    if not alert.is_open:
        return Decision(looked=(Looked("R-ALERT-1", subject, f"it is {alert.state}"),))
    closed = replace(alert, state="closed", closed_at=reading.at, readings=(*alert.readings, kept(reading)))
    entry = Audit("alert.close", subject, after={"value": reading.percent})
    stop = (CancelTimer(REPEAT, subject), CancelTimer(RESOLVE, subject))
    return Decision(saves=(closed,), audits=(entry,), redraws=(subject,), timers=stop)


def acknowledge(alert: Alert, *, by: Member, by_name: str, now: datetime) -> Decision:
    """Repeats of this firing stop for all who were told. The first one counts. R-ALERT-5."""
    if alert.state == "acknowledged":
        who = "你" if alert.acknowledged_by == by.id else by_name
        raise Refusal("R-ALERT-5", f"{who}已经点了「知道了」，不用再点。")
    if alert.state != "firing":
        raise Refusal("R-ALERT-5", "这次预警已经过去了，不用再点。")
    subject = f"alert:{alert.id}"
    known = replace(alert, state="acknowledged", acknowledged_by=by.id, acknowledged_at=now)
    entry = Audit("alert.acknowledge", subject, after={"by": by.id})
    return Decision(saves=(known,), audits=(entry,), redraws=(subject,), timers=(CancelTimer(REPEAT, subject),))


def add_note(alert: Alert, *, by: Member, text: str) -> Decision:
    """What was said is on the cards. Only of who acknowledged. R-ALERT-5."""
    if alert.acknowledged_by != by.id:
        raise Refusal("R-ALERT-5", "这条预警不是你在处理，这句没写上去。")
    return Decision(saves=(replace(alert, note=text),), redraws=(f"alert:{alert.id}",))


def silence_for(alert: Alert, *, choice: str, old: Silence | None, by: Member, now: datetime) -> Decision:
    """Nothing is sent about the rule and scope for a while, anywhere; what fires meanwhile is told after. R-ALERT-5."""
    if not may_silence(by, alert.scope):
        raise Refusal("R-ALERT-5", "静默要主管或总监来点。要他们处理，转告一声就行。")
    if not alert.is_open:
        raise Refusal("R-ALERT-5", "这次预警已经过去了，不用静默。")
    if choice not in SILENCES:
        raise Refusal("R-ALERT-5", f"选一个时长：{'、'.join(words for _, words in SILENCES.values())}。")
    hours = SILENCES[choice][0]
    subject, until = f"alert:{alert.id}", now + timedelta(hours=hours)
    key = silence_key(alert)
    silent = Silence(key, until, by.id, hours, old.version if old else 0)
    entry = Audit("alert.silence", key, after={"until": until.isoformat(), "by": by.id})
    again = StartTimer(REPEAT, subject, until)
    # The alert is a version further: a repeat decided at the same instant must see the silence.
    return Decision(saves=(silent, alert), audits=(entry,), redraws=(subject,), timers=(again,))


def end_silence(alert: Alert, *, old: Silence | None, by: Member, now: datetime, policy: Policy) -> Decision:
    """The silence is over now; what still fires repeats a day after. R-ALERT-5."""
    if not may_silence(by, alert.scope):
        raise Refusal("R-ALERT-5", "取消静默要主管或总监来点。")
    if old is None or not is_silenced(old, now=now):
        raise Refusal("R-ALERT-5", "现在没有静默，不用取消。")
    subject = f"alert:{alert.id}"
    entry = Audit("alert.unsilence", old.id, before={"until": old.until.isoformat()}, after={"by": by.id})
    timers = (StartTimer(REPEAT, subject, now + policy.alert_repeat),) if alert.state == "firing" else ()
    return Decision(saves=(replace(old, until=now), alert), audits=(entry,), redraws=(subject,), timers=timers)


def may_silence(member: Member, scope: str) -> bool:
    """A supervisor or above of the scope: for the company a director. R-ALERT-5."""
    return member.state == "active" and scope == "company" and "director" in member.roles


def may_look(member: Member) -> bool:
    """Who sees the company's lead figures. R-PPL-2."""
    return member.state == "active" and bool(WHOLE_COMPANY & set(member.roles))


def silence_key(alert: Alert) -> str:
    """The id of the silence of an alert's rule and scope."""
    return f"{alert.rule}:{alert.scope}"


def is_silenced(silence: Silence | None, *, now: datetime) -> bool:
    """True before the silence's last instant."""
    return silence is not None and now < silence.until


def kept(reading: Reading) -> Mapping[str, Any]:
    """The reading as it is stored with its alert: plain values, never changed."""
    return {
        "at": reading.at.isoformat(),
        "n": reading.numerator,
        "d": reading.denominator,
        "provisional": reading.provisional,
        "teams": [list(team) for team in reading.teams],
    }


def _last_repeat(at: datetime, *, due_until: datetime, policy: Policy) -> datetime:
    """The last of the repeats after `at` that are due too; `at` itself when none is. R-TIME-6."""
    return at + max(0, (due_until - at) // policy.alert_repeat) * policy.alert_repeat


def _notices(alert: Alert) -> tuple[Notice, ...]:
    args = {"reading": str(len(alert.readings) - 1)}
    return tuple(
        Notice("alert", audience, "alert", f"alert:{alert.id}", Urgency.NOW, "R-ALERT-2", args) for audience in ROUTE
    )
