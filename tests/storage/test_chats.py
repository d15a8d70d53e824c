"""Groups as they are read, and who looks at a card. R-PPL-1, R-PPL-3."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sales.chats import Chat, GroupView, is_group
from sales.people import Team
from storage.engine import Store
from tests.support.facts import keep, member, tx_of

DIRECTORS = Chat("feishu:oc_1", "feishu", "oc_1", "总监群", bound_to="director;marketing_lead")
EAST = Chat("feishu:oc_2", "feishu", "oc_2", "华东群", bound_to="team:华东")
UNBOUND = Chat("feishu:oc_3", "feishu", "oc_3", "闲聊群")
LEFT = replace(DIRECTORS, id="feishu:oc_4", chat="oc_4", state="removed")


@pytest.fixture
def filled(store: Store) -> Store:
    keep(store, DIRECTORS, EAST, UNBOUND, LEFT, Team("华东"), member("m03"))
    return store


@pytest.mark.parametrize(
    ("who", "found"),
    [
        ("director", ["oc_1"]), ("marketing_lead", ["oc_1"]), ("总监群", ["oc_1"]), ("team:华东", ["oc_2"]),
        ("闲聊群", []), ("rep", []),
    ],
)  # fmt: skip
def test_group_is_called_by_role_binding_or_name_once_it_is_bound_r_ppl_1(
    filled: Store, who: str, found: list[str]
) -> None:
    with filled.snapshot() as conn:
        assert [chat.chat for chat in tx_of(conn, filled).chats.called(who)] == found


def test_view_is_of_what_a_group_is_bound_to_r_ppl_3(filled: Store) -> None:
    with filled.snapshot() as conn:
        chats = tx_of(conn, filled).chats
        assert chats.group_view("feishu", "oc_1") == GroupView(teams=True)
        assert chats.group_view("feishu", "oc_3") is None
        assert chats.group_view("feishu", "oc_9") is None
        assert chats.team_paths() == ["华东"]
        assert [chat.chat for chat in chats.all(limit=9)] == ["oc_1", "oc_2", "oc_3"]


def test_viewer_is_a_member_or_a_group_r_ppl_3(filled: Store) -> None:
    with filled.snapshot() as conn:
        chats = tx_of(conn, filled).chats
        group, person = chats.viewer("chat:feishu:oc_1"), chats.viewer("m03")

    assert group is not None
    assert is_group(group)
    assert person is not None
    assert person.id == "m03"
    with filled.snapshot() as conn:
        assert tx_of(conn, filled).chats.viewer("chat:feishu:oc_9") is None
