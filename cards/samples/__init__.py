"""One sample of every card in every state, with the cast of the demo company, for the gallery and contract tests."""

from __future__ import annotations

from collections.abc import Mapping

from cards.blocks import Card
from cards.samples import alerts, approvals, choices, core, evidence, forms, leads, settings

SAMPLES: Mapping[str, Card] = {
    **alerts.SAMPLES,
    **approvals.SAMPLES,
    **choices.SAMPLES,
    **settings.SAMPLES,
    **core.SAMPLES,
    **evidence.SAMPLES,
    **forms.SAMPLES,
    **leads.SAMPLES,
}
