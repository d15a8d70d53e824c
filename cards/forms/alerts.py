"""The ear after 知道了: one sentence for the alert's cards. R-HOLD."""

from __future__ import annotations

from cards.forms.field import Field, Form

FORMS = (
    Form(
        name="alert_note",
        title="说一句",
        life_minutes=10,
        ear=True,
        fields=(Field("note", "一句话", "要说一句吗？回我就写在卡上。", "让周强今天清华南 4 条", most=60),),
    ),
)
