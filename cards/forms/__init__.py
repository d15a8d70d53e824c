"""Forms: what is asked, in which order, declared once; shown as a card with inputs and as questions one by one."""

from __future__ import annotations

from cards.forms import alerts, deal, discount, evidence
from cards.forms.field import Form

FORMS: dict[str, Form] = {form.name: form for form in (*alerts.FORMS, *deal.FORMS, *evidence.FORMS, *discount.FORMS)}
"""Every form by name. A new one is one file here and one function marked `finished` in handlers/."""
