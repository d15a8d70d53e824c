"""`dealdesk config`: show, history, rollback. R-ADM-1, R-ADM-2."""

from __future__ import annotations

import json

from sales.settings import ConfigVersion
from storage.engine import Store
from tests.bot.commands.conftest import Line
from tests.support.facts import NOW, keep

V2 = ConfigVersion(2, NOW, "m16", "set", "ldr_alarm_percent", {"ldr_alarm_percent": "25"})


def shown(dealdesk: Line) -> dict[str, object]:
    found: dict[str, object] = json.loads(dealdesk("config", "show", "--json").stdout)
    return found


def test_show_prints_what_is_in_force_r_adm_1(both: tuple[Line, Store]) -> None:
    dealdesk, store = both
    before = shown(dealdesk)
    keep(store, V2)

    after = shown(dealdesk)

    assert before["version"] == 1
    assert before["settings"]["ldr_alarm_percent"] == "20"  # type: ignore[index]
    assert after["version"] == 2
    assert after["settings"]["ldr_alarm_percent"] == "25"  # type: ignore[index]
    assert "LDR 预警线：单周 LDR > 25%" in dealdesk("config", "show").output


def test_rollback_is_a_new_version_of_the_operators_r_adm_2(both: tuple[Line, Store]) -> None:
    dealdesk, store = both
    keep(store, V2)

    said = dealdesk("config", "rollback", "1").output

    assert "配置 v3，内容同 v1。" in said
    assert shown(dealdesk)["settings"]["ldr_alarm_percent"] == "20"  # type: ignore[index]
    newest = json.loads(dealdesk("config", "history", "--json").stdout.splitlines()[0])
    assert (newest["version"], newest["kind"], newest["about"]) == (3, "rollback", "1")
    assert newest["by"].startswith("cli:")
    assert "v2 " in dealdesk("config", "history").output


def test_rollback_to_nothing_or_to_the_same_is_answered_no_r_adm_2(both: tuple[Line, Store]) -> None:
    dealdesk, _ = both

    assert "没有 v9 这一版" in dealdesk("config", "rollback", "9", code=1).output
    assert "现在就是这样" in dealdesk("config", "rollback", "1", code=1).output
    dealdesk("config", "rollback", "x", code=2)
