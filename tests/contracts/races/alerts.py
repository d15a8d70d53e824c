"""An alert: acknowledged, silenced and noted by two at once, and while it repeats or ends. R-ALERT."""

from __future__ import annotations

from typing import Any

from cards.alert import mark
from sales.alerts import EVALUATE, FINAL, LDR, REPEAT, RESOLVE, Alert
from tests.support.cold import week_in_alarm
from tests.support.house import Person
from tests.support.races import Scenarios, Stage

SCENARIOS = Scenarios()


class Told:
    """The alert of this week, told in the directors' group; each scenario finds it firing."""

    def __init__(self, stage: Stage, alert: Alert, group: str, message: str) -> None:
        self.stage, self.id, self.group, self.message = stage, alert.id, group, message
        self.subject = f"alert:{alert.id}"

    @property
    def alert(self) -> Alert:
        found: Alert = self.stage.get(Alert, self.id)
        return found

    def press(self, who: Person, action: str, *, chat: str = "", **more: str) -> Any:
        """A press on its card in the group, from there or from a chat of the presser's own."""
        return self.stage.press(
            who, f"alert.{action}", self.subject, mark(self.alert), chat=chat, message_id=self.message, **more
        )

    def silences(self) -> list[tuple[Any, ...]]:
        return self.stage.rows("SELECT hours FROM silences")


async def told(stage: Stage) -> Told:
    """Where no alert fires yet, one is made to."""
    if not stage.rows("SELECT id FROM alerts"):
        await week_in_alarm(stage.house)
    [(number,)] = stage.rows("SELECT id FROM alerts")
    group = stage.house.group("总监群")
    [(message,)] = stage.rows(
        "SELECT message_id FROM live_cards WHERE subject = :s AND chat = :c", s=f"alert:{number}", c=group
    )
    return Told(stage, stage.get(Alert, number), group, message)


def people(stage: Stage) -> tuple[Person, Person]:
    """A director and who leads marketing: both are told."""
    return stage.house.person("张伟"), stage.house.person("林静")


@SCENARIOS.of("alert.silence", REPEAT)
async def silenced_twice_and_while_it_repeats_R_ALERT_5(stage: Stage) -> None:
    found, (director, _) = await told(stage), people(stage)
    twice = [found.press(director, "silence", option="1d", chat=chat) for chat in ("", found.group)]
    await stage.at_once(*twice)
    assert found.silences() == [(24,)]

    await stage.at_once(found.press(director, "unsilence"))
    before = found.alert.told
    await stage.at_once(found.press(director, "silence", option="1w"), stage.due(REPEAT, found.subject))
    assert (stage.again, found.alert.told) == (1, before)


@SCENARIOS.of("alert.unsilence")
async def silence_ended_twice_ends_once_R_ALERT_5(stage: Stage) -> None:
    found, (director, _) = await told(stage), people(stage)
    await stage.at_once(found.press(director, "silence", option="4h"))
    twice = [found.press(director, "unsilence", chat=chat) for chat in ("", found.group)]
    assert await stage.at_once(*twice) == ["不静默了", "现在没有静默，不用取消。"]


@SCENARIOS.of("alert.acknowledge", "alert_note", EVALUATE, RESOLVE, FINAL)
async def acknowledged_by_two_is_the_firsts_and_the_word_is_one_R_ALERT_5(stage: Stage) -> None:
    found, (director, marketing) = await told(stage), people(stage)
    _, second = await stage.at_once(found.press(director, "acknowledge"), found.press(marketing, "acknowledge"))
    assert second == "张伟已经点了「知道了」，不用再点。"
    assert (found.alert.acknowledged_by, stage.again) == ("m01", 1)
    assert stage.audited(found.subject).count("alert.acknowledge") == 1
    await stage.at_once(director.says("今天清完"), director.says("明天清完", chat=found.group, mention_bot=True))
    assert found.alert.note == "今天清完"
    for rule, subject in ((EVALUATE, LDR), (RESOLVE, found.subject), (FINAL, f"{LDR}:{found.alert.period}")):
        await stage.at_once(stage.due(rule, subject), found.press(director, "silence", option="4h"))
    assert stage.rows("SELECT count(*) FROM alerts") == [(1,)]
