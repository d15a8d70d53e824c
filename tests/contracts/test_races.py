"""Every handler that writes, run twice at once on one subject: one effect, and a polite answer for the other. 17.2."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.contracts.races import alerts, approvals, evidence, leads, settings
from tests.support.house import open_house
from tests.support.races import Scenarios, Stage

SUBJECTS: dict[str, Scenarios] = {"approvals": approvals.SCENARIOS, "evidence": evidence.SCENARIOS, "leads": leads.SCENARIOS, "alerts": alerts.SCENARIOS, "settings": settings.SCENARIOS}

@pytest.mark.parametrize("subject", SUBJECTS)
async def test_at_once_there_is_one_effect_and_a_polite_answer(
    subject: str, store_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_house(store_url, tmp_path) as house:
        for name in ("张伟", "王芳", "李雷", "韩梅梅", "赵敏", "林静", "郑晴", "刘洋"):
            await house.person(name).says("帮助")  # from now on their accounts are bound
        stage = Stage(house, monkeypatch)
        for scenario in SUBJECTS[subject]:
            await scenario(stage)
