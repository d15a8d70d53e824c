"""Samples of the LDR alert in its states, and of the way down to single leads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from cards import alert, drill
from cards.blocks import Card
from sales.alerts import Alert, Reading, Silence, kept
from sales.policy import Policy

_AT = datetime(2026, 11, 19, 2, 5, tzinfo=UTC)
_FINAL = datetime(2026, 11, 24, 16, 0, tzinfo=UTC)
_EAST, _SOUTH, _KEY = "销售部/华东一组", "销售部/华南组", "销售部/大客户组"
_FIRED = Reading(_AT, 9, 41, True, ((_SOUTH, 4, 11), (_EAST, 4, 20), (_KEY, 1, 10)))
_SECOND = Reading(_AT + timedelta(days=1), 11, 48, True, ((_SOUTH, 6, 14), (_EAST, 4, 22), (_KEY, 1, 12)))
_CALM = Reading(_AT + timedelta(hours=31), 11, 61, True, ((_SOUTH, 6, 22), (_EAST, 4, 25), (_KEY, 1, 14)))
_WEEKS = ("W40", "W41", "W42", "W43", "W44", "W45", "W46", "W47")
_VALUES = ("8.30", "9.10", "11.00", "10.20", "12.40", "14.90", "17.80", "21.95")
_ALERT = Alert(
    id=1, rule="LDR", scope="company", period="2026-W47", fired_at=_AT, threshold="20", policy_version=3,
    trend=tuple(zip(_WEEKS, _VALUES, strict=True)), readings=(kept(_FIRED),), told=1, version=1,
)  # fmt: skip
_CARD = alert.AlertCard(_ALERT, 0, Policy(), _FINAL)
_KNOWN = replace(
    _ALERT, state="acknowledged", acknowledged_by="m01", acknowledged_at=_AT + timedelta(minutes=7),
    note="让周强今天清华南 4 条",
)  # fmt: skip
_AGAIN = replace(_ALERT, readings=(kept(_FIRED), kept(_SECOND)), told=2)
_BACK = replace(_ALERT, state="resolved", resolved_at=_CALM.at, readings=(kept(_FIRED), kept(_CALM)))
_CLOSED = replace(_KNOWN, state="closed", closed_at=_FINAL, readings=(kept(_FIRED), kept(_SECOND)))
_FINALLY = replace(
    _ALERT, state="closed", closed_at=_FINAL, readings=(kept(Reading(_FINAL, 3, 5, False, ((_EAST, 3, 5),))),),
    trend=((*_ALERT.trend[:5], ("W45", ""), ("W46", ""), ("W47", "60.00"))),
)  # fmt: skip
_SILENT = Silence("LDR:company", _AT + timedelta(hours=4), "m01", 4)
_LEVEL = drill.Level(1, 0, "全公司", "W47 · 11-19 周四 10:05", untouched=9, counted=41)
_ROWS = (
    (f"team:{_SOUTH}", "华南组", 4, 11),
    (f"team:{_EAST}", "华东一组", 4, 20),
    (f"team:{_KEY}", "大客户组", 1, 10),
)

SAMPLES: Mapping[str, Card] = {
    "alert: fired": alert.draw(_CARD),
    "alert: fired, without team ranks": alert.draw(replace(_CARD, teams=False)),
    "alert: fired, for marketing": alert.draw(replace(_CARD, mutes=False)),
    "alert: fired finally": alert.draw(replace(_CARD, alert=_FINALLY)),
    "alert: second day": alert.draw(replace(_CARD, alert=_AGAIN, number=1)),
    "alert: acknowledged": alert.draw(replace(_CARD, alert=_KNOWN, handler="张伟")),
    "alert: silenced": alert.draw(replace(_CARD, silence=_SILENT, muter="张伟")),
    "alert: silenced for a week": alert.draw(
        replace(_CARD, silence=replace(_SILENT, hours=168, until=_AT + timedelta(days=7)), muter="张伟", mutes=False)
    ),
    "alert: resolved": alert.draw(replace(_CARD, alert=_BACK)),
    "alert: resolved, without team ranks": alert.draw(replace(_CARD, alert=_BACK, teams=False)),
    "alert: closed": alert.draw(replace(_CARD, alert=_CLOSED, handler="张伟")),
    "drill: company": drill.draw(replace(_LEVEL, rows=_ROWS)),
    "drill: person": drill.draw(
        replace(
            _LEVEL,
            title="赵敏",
            untouched=4,
            counted=11,
            leads=tuple(f"L{n:03d} · 11-16 周一 09:{n:02d} · {'没人碰' if n < 4 else '碰过'}" for n in range(11)),
        )
    ),
    "drill: nothing": drill.draw(replace(_LEVEL, untouched=0, counted=0)),
}
