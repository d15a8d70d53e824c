"""`dealdesk import chats`: groups and what they are bound to. R-PPL-3, R-IMP."""

from __future__ import annotations

import json

from sqlalchemy import text

from sales.people import Team
from storage.engine import Store
from tests.bot.commands.conftest import Line
from tests.support.facts import keep

CHATS = (
    "platform,chat_id,name,kind,bound_to\n"
    "feishu,oc_1,总监群,group,director;marketing_lead\n"
    "feishu,oc_2,华东群,group,team:华东\n"
    "feishu,oc_3,怪群,group,火星人\n"
    "feishu,,没号,group,director\n"
)


def test_groups_are_bound_by_a_file_once_and_wrong_bindings_come_back_r_ppl_3_r_qe_6(both: tuple[Line, Store]) -> None:
    dealdesk, store = both
    keep(store, Team("华东"))
    file = dealdesk.file("chats.csv", CHATS)

    first = json.loads(dealdesk("import", "chats", file, "--json", code=1).stdout)
    again = json.loads(dealdesk("import", "chats", file, "--json", code=1).stdout)

    assert (first["added"], first["refused"]) == (2, 2)
    assert (again["added"], again["known"]) == (0, 2)
    with store.snapshot() as conn:
        found = conn.execute(text("SELECT id, name, bound_to, state FROM chats ORDER BY id")).all()
    assert [tuple(row) for row in found] == [
        ("feishu:oc_1", "总监群", "director;marketing_lead", "active"),
        ("feishu:oc_2", "华东群", "team:华东", "active"),
    ]
