"""K16: the LDR alert as it fired, repeated, was acknowledged, silenced, resolved, closed. R-ALERT-1, R-ALERT-2."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from cards.blocks import Action, Button, Buttons, Card, Fields, Headline, Menu, Note, Picture, Text, Title
from cards.stamp import stamp
from cards.when import clock, day_clock
from sales.alerts import SILENCES, Alert, Reading, Silence, is_silenced, may_look, may_silence
from sales.calendar import local
from sales.chats import GROUP, is_group, roles_of_binding, view_of
from sales.leads import LIMIT
from sales.metrics import parse_period, percent_text
from sales.people import Member
from sales.policy import Policy
from storage.tx import Tx

WORST = ("最差", "其次", "第三")
DAYS = "一二三四五六日"


@dataclass(frozen=True, slots=True)
class AlertCard:
    """What the card needs. `number` is the reading this card told. `teams`: team sums may be told apart here;
    `mutes`: 静默 may be pressed here. `handler` acknowledged it, `muter` silenced it, `final_at` is when it stands."""

    alert: Alert
    number: int
    policy: Policy
    final_at: datetime
    teams: bool = True
    mutes: bool = True
    handler: str = ""
    silence: Silence | None = None
    muter: str = ""

    @property
    def reading(self) -> Reading:
        """The figure the card told."""
        return self.alert.reading(self.number)


def mark(alert: Alert) -> str:
    """The stamp of the buttons: one firing, whatever happened to it since."""
    return stamp("alert", alert.id, alert.period)


def show(tx: Tx, subject: str, viewer: Member | None, args: Mapping[str, Any]) -> Card | None:
    """The alert as this person or group may see it, or nothing. R-PPL-2, R-PPL-3."""
    alert = tx.alerts.get(int(subject.removeprefix("alert:")))
    rights = _rights(tx, alert, viewer) if alert and viewer else None
    if alert is None or rights is None:
        return None
    number = min(int(args.get("reading", "0")), len(alert.readings) - 1)
    handler = tx.people.get(alert.acknowledged_by) if alert.acknowledged_by else None
    silence = tx.alerts.silence_of(alert)
    muter = tx.people.get(silence.by) if silence else None
    return draw(
        AlertCard(
            alert,
            number,
            tx.policy,
            parse_period(alert.period, tx.policy).end + LIMIT,
            *rights,
            handler=handler.name if handler else "",
            silence=silence if is_silenced(silence, now=tx.now) else None,
            muter=muter.name if muter else "",
        )
    )


def _rights(tx: Tx, alert: Alert, viewer: Member) -> tuple[bool, bool] | None:
    """Whether teams are told apart and 静默 is offered; None when there is nothing to see. R-PPL-3, R-ALERT-5."""
    if not is_group(viewer):
        return (True, may_silence(viewer, alert.scope)) if may_look(viewer) else None
    chat = tx.chats.get(viewer.id.removeprefix(GROUP))
    view = view_of(chat) if chat else None
    if chat is None or view is None or view.team:
        return None
    return view.teams, "director" in roles_of_binding(chat.bound_to)


def draw(data: AlertCard) -> Card:
    """The state decides which of the five it is."""
    match data.alert.state:
        case "resolved":
            return _resolved(data)
        case "closed" if data.number < len(data.alert.readings) - 1:
            return _closed(data)
    if data.alert.is_open and data.silence:
        return _silenced(data, data.silence)
    if data.alert.state == "acknowledged":
        return _acknowledged(data)
    return _repeated(data) if data.number else _fired(data)


def _fired(data: AlertCard) -> Card:
    """K16a."""
    alert, reading = data.alert, data.reading
    judged = f"周{DAYS[_local_day(data)]}定数" if reading.provisional else "已定数"
    worst = tuple((WORST[n], _team(*team)) for n, team in enumerate(reading.teams[:3])) if data.teams else ()
    return (
        Title(f"LDR {reading.percent}%，过了 {alert.threshold}% 线", "red", f"全公司 {_week(data)}"),
        Headline(_headline(reading)),
        _picture(data),
        *((Fields(worst),) if worst else ()),
        Note(f"线索衰减：48 小时没人碰的；{judged}。规则 ldr.公司 v{alert.policy_version}"),
        Buttons(_buttons(data)),
    )


def _repeated(data: AlertCard) -> Card:
    """K16b; the first card about a firing that a silence or a downtime kept back blames nobody."""
    reading = data.reading
    tag = "没人点知道了" if data.alert.told > 1 else f"全公司 {_week(data)}"
    day = (reading.at - data.alert.fired_at) // timedelta(days=1) + 1
    fields = [("比上次", _change(data))]
    if data.teams and reading.teams:
        fields.append((WORST[0], _team(*reading.teams[0])))
    return (
        Title(f"LDR {reading.percent}%，第 {day} 天还超线", "red", tag),
        Headline(_headline(reading)),
        Fields(tuple(fields)),
        Buttons(_buttons(data)),
    )


def _acknowledged(data: AlertCard) -> Card:
    """K16c."""
    alert = data.alert
    when = f"{day_clock(alert.acknowledged_at, data.policy)}" if alert.acknowledged_at else ""
    said = ((Fields(((f"{data.handler}说"[:5], alert.note[:26]),)),)) if alert.note else ()
    return (
        Title(f"LDR {data.reading.percent}% {data.handler}在处理", "orange", when),
        *said,
        Buttons((_details(data),)),
    )


def _silenced(data: AlertCard, silence: Silence) -> Card:
    """K16d."""
    hours = next((words for hours, words in SILENCES.values() if hours == silence.hours), "")
    until = clock(silence.until, data.policy) if silence.hours < 24 else day_clock(silence.until, data.policy)
    stop = Button("取消静默", Action("alert.unsilence", f"alert:{data.alert.id}", mark(data.alert)))
    return (
        Title(f"LDR 静默到 {until}", "grey", " · ".join(filter(None, (data.muter, hours)))),
        Text("还在算，到点没好再说一次。"),
        Buttons((*((stop,) if data.mutes else ()), _details(data))),
    )


def _resolved(data: AlertCard) -> Card:
    """K16e."""
    alert, last = data.alert, data.alert.reading(-1)
    hours = ((alert.resolved_at or last.at) - alert.fired_at) // timedelta(hours=1)
    return (
        Title(f"LDR {last.percent}%，回到线内", "green", f"超线共 {hours} 小时"),
        Headline(_headline(last)),
        *_worst_since(data, last),
        Buttons((_details(data, len(alert.readings) - 1),)),
    )


def _closed(data: AlertCard) -> Card:
    """The week's figure stands and the firing is over. R-ALERT-1."""
    last = data.alert.reading(-1)
    said = ((Fields((("处理", f"{data.handler} {data.alert.note}".strip()[:26]),)),)) if data.handler else ()
    return (
        Title(f"LDR {last.percent}%，{data.alert.period[-3:]} 定数", "grey", "不再重发"),
        Headline(_headline(last)),
        *said,
        Buttons((_details(data, len(data.alert.readings) - 1),)),
    )


def _worst_since(data: AlertCard, last: Reading) -> tuple[Fields, ...]:
    """How the worst team of the firing stands now."""
    if not (data.teams and data.reading.teams):
        return ()
    team, n, d = data.reading.teams[0]
    now = next(((m, e) for name, m, e in last.teams if name == team), None)
    if now is None:
        return ()
    before, after = percent_text(n, d), percent_text(*now)
    return (Fields(((_short(team)[:5], f"{before}% → {after}%（{now[0]}/{now[1]}）"),)),)


def _change(data: AlertCard) -> str:
    """多 2 条，都在华南组: against the reading before."""
    reading, before = data.reading, data.alert.reading(data.number - 1)
    more = reading.numerator - before.numerator
    if more <= 0:
        return f"少 {-more} 条" if more else "一样多"
    earlier = {team: n for team, n, _ in before.teams}
    grown = [team for team, n, _ in reading.teams if n > earlier.get(team, 0)]
    return f"多 {more} 条，都在{_short(grown[0])}" if data.teams and len(grown) == 1 else f"多 {more} 条"


def _picture(data: AlertCard) -> Picture:
    """The eight weeks, with their numbers in words. ux.md 7."""
    alert, reading = data.alert, data.reading
    values = " ".join(value or "—" for _, value in alert.trend)
    here = day_clock(reading.at, data.policy)
    return Picture(
        "trend",
        f"LDR 八周：{values}，线在 {alert.threshold}",
        {
            "title": f"LDR {reading.percent}%，过了 {alert.threshold}% 线",
            "subtitle": f"全公司 {_week(data)}",
            "source": f"数据至 {here}",
            "points": [list(point) for point in alert.trend],
            "threshold": alert.threshold,
            "healthy": f"{data.policy.ldr_healthy_to.normalize():f}",
            "provisional": reading.provisional,
        },
    )


def _week(data: AlertCard) -> str:
    return data.alert.period[-3:] + (" 暂计" if data.reading.provisional else " 定数")


def _local_day(data: AlertCard) -> int:
    return local(data.final_at, data.policy).weekday()


def _headline(reading: Reading) -> str:
    return f"{reading.numerator}/{reading.denominator} 条没人碰"


def _team(name: str, numerator: int, denominator: int) -> str:
    return f"{_short(name)} {percent_text(numerator, denominator)}%（{numerator}/{denominator}）"


def _short(team: str) -> str:
    return team.rpartition("/")[2]


def _buttons(data: AlertCard) -> tuple[Button | Menu, ...]:
    if not data.alert.is_open:
        return (_details(data),)
    subject, stamped = f"alert:{data.alert.id}", mark(data.alert)
    known = Button("知道了", Action("alert.acknowledge", subject, stamped), style="primary")
    choices = tuple((value, words) for value, (_, words) in SILENCES.items())
    mute = (Menu("静默", Action("alert.silence", subject, stamped), choices),) if data.mutes else ()
    return (known, *mute, _details(data))


def _details(data: AlertCard, number: int | None = None) -> Button:
    reading = str(data.number if number is None else number)
    drill = Action("alert.drill", f"alert:{data.alert.id}", mark(data.alert), {"reading": reading})
    return Button("看明细", drill, line="LDR 本周")
