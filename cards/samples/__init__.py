"""One sample of every card in every state, with the cast of the demo company, for the gallery and contract tests."""

from __future__ import annotations

from collections.abc import Mapping

from cards.blocks import Card
from cards.samples import core, forms

SAMPLES: Mapping[str, Card] = {**core.SAMPLES, **forms.SAMPLES}
