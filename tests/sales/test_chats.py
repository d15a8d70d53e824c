"""What a group may see: what the narrowest of whom it is bound to may see. R-PPL-3."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sales.chats import Chat, GroupView, as_viewer, binding_words, entered, is_group, left, read_binding, view_of
from sales.decision import Decision
from sales.people import Member, sees_owner

CHAT = Chat("feishu:oc_1", "feishu", "oc_1", "总监群", version=1)
TEAMS = ("销售部", "销售部/华东一组", "销售部/华南组", "市场部/华南组")


@pytest.mark.parametrize(
    ("bound_to", "view"),
    [
        ("", None),
        ("director", GroupView(teams=True, amounts=True)),
        ("director;marketing_lead", GroupView(teams=True)),
        ("marketing", GroupView(teams=True)),
        ("director;rep", GroupView(amounts=True)),
        ("rep", GroupView()),
        ("supervisor", GroupView()),
        ("team:销售部/华东一组", GroupView(team="销售部/华东一组", amounts=True)),
    ],
)
def test_group_sees_what_the_narrowest_may_see_r_ppl_3(bound_to: str, view: GroupView | None) -> None:
    assert view_of(replace(CHAT, bound_to=bound_to)) == view


def test_group_the_bot_left_sees_nothing_r_ppl_3() -> None:
    assert view_of(replace(CHAT, bound_to="director", state="removed")) is None


def test_group_as_a_viewer_sees_nobodys_deals_r_ppl_3() -> None:
    viewer = as_viewer(replace(CHAT, bound_to="director"))

    assert is_group(viewer)
    assert not is_group(Member("m01", "张伟"))
    assert not sees_owner(viewer, Member("m03", "李雷", team="销售部", roles=("rep",)))


def test_group_is_known_from_when_the_bot_enters() -> None:
    fresh = entered(None, platform="feishu", chat="oc_1", name="总监群")

    assert fresh == Decision(saves=(replace(CHAT, version=0),))
    assert entered(CHAT, platform="feishu", chat="oc_1", name="") == Decision()


def test_binding_does_not_survive_leaving_r_ppl_3() -> None:
    bound = replace(CHAT, bound_to="director")

    gone = left(bound).saves[0]
    back = entered(gone, platform="feishu", chat="oc_1", name="").saves[0]

    assert (gone.state, gone.bound_to) == ("removed", "")
    assert (back.state, back.bound_to, back.name) == ("active", "", "总监群")
    assert left(None) == Decision()


@pytest.mark.parametrize(
    ("text", "bound_to"),
    [
        ("总监", "director"),
        ("总监、市场负责人", "director;marketing_lead"),
        ("director marketing_lead", "director;marketing_lead"),
        ("总监，总监", "director"),
        ("华东一组", "team:销售部/华东一组"),
        ("销售部/华南组", "team:销售部/华南组"),
        ("team:销售部", "team:销售部"),
        ("华南组", None),
        ("总监和谁", None),
        ("、", None),
    ],
)
def test_binding_is_a_team_or_roles_and_never_a_guess_r_ppl_3(text: str, bound_to: str | None) -> None:
    assert read_binding(text, teams=TEAMS) == bound_to


@pytest.mark.parametrize(
    ("bound_to", "words"),
    [("", "没绑定"), ("director;marketing_lead", "总监、市场负责人"), ("team:销售部/华东一组", "华东一组")],
)
def test_binding_reads_as_people_say_it(bound_to: str, words: str) -> None:
    assert binding_words(bound_to) == words
