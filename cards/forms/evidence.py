"""What is asked around evidence: the file itself, whose it is, and reasons typed instead of picked. R-HOLD."""

from __future__ import annotations

from datetime import datetime

from cards.forms.field import Field, Form
from sales.errors import Refusal
from sales.policy import Policy


def _file(text: str, now: datetime, policy: Policy) -> str:
    """Never a text: the next file is the answer. R-HOLD."""
    raise Refusal("R-HOLD", "等你的照片或 PDF。不传了就说「取消」。")


FORMS = (
    Form(
        name="evidence",
        title="传凭证",
        fields=(Field("file", "凭证", "好，拍给我，或发 PDF。", read=_file, takes_files=True),),
        ear=True,
    ),
    Form(
        name="evidence_whose",
        title="这份是哪单的",
        fields=(Field("whose", "哪单", "这份是哪单的？回商机编号就行，如 17。", "17", most=60),),
        life_minutes=10,
        ear=True,
    ),
    Form(
        name="review_reason",
        title="退回凭证",
        fields=(Field("reason", "理由", "为什么退回？回一句就行，如 日期对不上。", "日期对不上", most=100),),
        life_minutes=10,
        ear=True,
    ),
    Form(
        name="thaw_reason",
        title="解冻",
        fields=(Field("reason", "理由", "为什么解冻？回一句就行，如 客户周六回。", "客户周六回", most=100),),
        life_minutes=10,
        ear=True,
    ),
)
