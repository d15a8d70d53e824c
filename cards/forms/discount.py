"""What a discount request asks, and the two open ears of a decision: a word to go with it, and who takes over."""

from __future__ import annotations

from datetime import datetime

from cards.forms.field import Field, Form
from sales.discounts import EXAMPLE, read_off
from sales.errors import Refusal
from sales.policy import Policy


def _deal(text: str, now: datetime, policy: Policy) -> str:
    """The number of a deal, without mark."""
    number = text.strip().lstrip("#").strip()
    if not number.isdecimal() or len(number) > 9:
        raise Refusal("R-HOLD", "回商机编号就行，如 9。忘了就说「我的商机」。")
    return str(int(number))


def _off(text: str, now: datetime, policy: Policy) -> str:
    """What was written, once it can be read; what it comes to is worked out with the deal. R-APR-1."""
    read_off(text)
    return text.strip()


FORMS = (
    Form(
        name="discount",
        title="申请折扣",
        submit="交上去",
        fields=(
            Field("deal", "商机", "哪条商机？回编号，如 9。", "9", read=_deal, most=12),
            Field("off", "折扣", f"让多少？{EXAMPLE}。", "让12%", read=_off, most=30),
            Field("reason", "理由", "为什么要让？一句话，如 对手报 80 万。", "对手报 80 万，客户三台一起签"),
        ),
    ),
    Form(
        name="approval_word",
        title="说一句",
        fields=(Field("words", "说明", "要说一句吗？回我就写在卡上。"),),
        life_minutes=10,
        ear=True,
    ),
    Form(
        name="approval_reject",
        title="驳回",
        fields=(Field("reason", "理由", "为什么驳回？回一句就行，如 毛利不够。不驳回了就说「取消」。", "毛利不够"),),
        life_minutes=10,
        ear=True,
    ),
    Form(
        name="approval_return",
        title="退回补充",
        fields=(Field("reason", "补充", "要补什么？回一句就行，如 差发票抬头。不退了就说「取消」。", "差发票抬头"),),
        life_minutes=10,
        ear=True,
    ),
    Form(
        name="approval_resubmit",
        title="再交",
        fields=(Field("reason", "理由", "补一句理由就交上去，如 对手报 80 万。", "对手报 80 万"),),
        life_minutes=10,
        ear=True,
    ),
    Form(
        name="approval_transfer",
        title="转交",
        fields=(Field("to", "转给", "转给谁？回名字就行，如 周强。不转了就说「取消」。", "周强", most=20),),
        life_minutes=10,
        ear=True,
    ),
)
