"""What a press leads to where the card itself can hold no list and ask no question. ux.md 4."""

from __future__ import annotations

from cards.blocks import Action, Button, Buttons, Menu, Text, Title
from cards.choices import draw, draw_sure
from cards.fit import Capabilities, fit
from cards.plain import offers

THAW = Menu("解冻", Action("deal.thaw", "deal:17", "s1", {"by": "hand"}), (("slow", "客户流程慢"), ("other", "其他")))
UNDO = Button("撤销", Action("deal.undo", "deal:17", "s1"), confirm="真的撤销 #17？")
CARD = (Title("#17 冻结了"), Buttons((THAW, UNDO)))
BARE = Capabilities(menus=0, confirms=False)


def test_a_list_becomes_a_button_that_names_what_it_means() -> None:
    fitted = fit(CARD, BARE)

    block = fitted[1]
    assert isinstance(block, Buttons)
    choose, sure = block.items
    assert isinstance(choose, Button)
    assert choose.action == Action("choose", "deal:17", "s1", {"by": "hand", "do": "deal.thaw"})
    assert isinstance(sure, Button)
    assert sure.action.name == "sure"
    assert not sure.confirm
    assert offers(fitted) == offers(CARD) == "deal.thaw,deal.undo"


def test_each_choice_is_a_button_with_the_lists_own_action_and_stamp() -> None:
    card = draw(CARD, "deal.thaw")

    assert card is not None
    block = card[1]
    assert isinstance(block, Buttons)
    assert [item.label for item in block.items] == ["客户流程慢", "其他"]
    assert block.items[0].action == Action("deal.thaw", "deal:17", "s1", {"by": "hand", "option": "slow"})


def test_a_list_that_is_gone_has_no_choices() -> None:
    assert draw(CARD, "deal.undo") is None
    assert draw((Text("x"),), "deal.thaw") is None


def test_yes_carries_the_buttons_own_action_and_stamp() -> None:
    fitted = fit(CARD, BARE)
    block = fitted[1]
    assert isinstance(block, Buttons)
    asked = block.items[1].action

    card = draw_sure({**asked.args, "of": asked.subject, "stamp": asked.stamp})

    assert card[0] == Title("真的撤销 #17？", "orange", "确定吗")
    answers = card[1]
    assert isinstance(answers, Buttons)
    assert answers.items[0].action == UNDO.action
    assert answers.items[1].action == Action("never_mind")


def test_where_lists_and_questions_are_possible_they_stay() -> None:
    assert fit(CARD, Capabilities()) == CARD
