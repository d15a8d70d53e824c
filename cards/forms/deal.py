"""Quick entry as a form: the three facts of a deal. R-QE-1, R-QE-2."""

from __future__ import annotations

from datetime import datetime

from cards.forms.field import Field, Form
from sales.amounts import read_amount
from sales.drafts import AMOUNT_EXAMPLE
from sales.errors import Refusal
from sales.policy import Policy


def _amount(text: str, now: datetime, policy: Policy) -> str:
    """What was written, once some amount can be read in it; which one is decided as for a line. R-QE-3."""
    if read_amount(text, limit_fen=policy.amount_limit_fen).why == "none":
        raise Refusal("R-QE-4", f"没看懂这个金额，{AMOUNT_EXAMPLE}。")
    return text.strip()


FORMS = (
    Form(
        name="deal",
        title="录一单",
        submit="录单",
        fields=(
            Field("customer", "客户", "哪家客户？回名字就行，如 华东医疗。", "华东医疗", most=60),
            Field("product", "产品", "什么产品？如 CT机。", "CT机", most=60),
            Field("amount", "金额", f"预计多少钱？{AMOUNT_EXAMPLE}。", "120万", read=_amount, most=40),
        ),
    ),
)
