"""Configuration, groups and accounts: what two admins do at once. R-ADM, R-PPL."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from cards.stamp import stamp
from handlers.people import digest
from sales.chats import Chat
from sales.people import Account, AdminCode, Member, Stranger
from sales.proposals import Proposal
from tests.support.house import Person, button_of
from tests.support.races import Scenarios, Stage

SCENARIOS = Scenarios()


def admins(stage: Stage) -> tuple[Person, Person]:
    """刘洋, and 郑晴 as a second one."""
    second = stage.get(Member, "m15")
    if "admin" not in second.roles:
        stage.keep(replace(second, roles=(*second.roles, "admin")))
    return stage.house.person("刘洋"), stage.house.person("郑晴")


async def proposed(admin: Person, line: str) -> tuple[str, str, str]:
    """The change is asked for; subject and stamps of 确认 and 先不改."""
    await admin.says(line)
    card = (await admin.sees())[-1]
    yes, no = button_of(card, "确认"), button_of(card, "先不改")
    return yes["s"], yes["t"], no["t"]


def version(stage: Stage) -> int:
    """The newest version of the configuration; 1 is what was shipped."""
    return int(stage.rows("SELECT coalesce(max(id), 1) FROM config_versions")[0][0])


@SCENARIOS.of("配置", "proposal.confirm", "config_rollback")
async def two_changes_confirmed_at_once_are_one_R_ADM_2(stage: Stage) -> None:
    one, other = admins(stage)
    before = version(stage)
    for first_line, second_line in (("25", "18"), ("22", "回滚 1")):
        mine = await proposed(one, f"配置 LDR 预警线 {first_line}")
        line = f"配置 {second_line}" if "回滚" in second_line else f"配置 LDR 预警线 {second_line}"
        theirs = await proposed(other, line)
        _, second = await stage.at_once(
            stage.press(one, "proposal.confirm", mine[0], mine[1]),
            stage.press(other, "proposal.confirm", theirs[0], theirs[1]),
        )
        before += 1
        assert version(stage) == before
        assert "看一眼新的再定" in second

    mine = await proposed(one, "配置 LDR 预警线 30")
    order, press = stage.order("config_rollback", number=1), stage.press(one, "proposal.confirm", mine[0], mine[1])
    _, second = await stage.at_once(order, press)
    assert (version(stage), "看一眼新的再定" in second) == (before + 1, True)


@SCENARIOS.of("proposal.drop", "proposal.confirm")
async def confirmed_and_dropped_at_once_is_what_came_first_R_ADM_1(stage: Stage) -> None:
    one, _ = admins(stage)
    before, group = version(stage), stage.house.group("华东一组群")
    subject, yes, no = await proposed(one, "配置 LDR 预警线 33")
    _, second = await stage.at_once(
        stage.press(one, "proposal.drop", subject, no), stage.press(one, "proposal.confirm", subject, yes, chat=group)
    )
    assert (version(stage), second) == (before, "这次没改。要改就再说一遍。")
    assert stage.get(Proposal, int(subject.removeprefix("proposal:"))).state == "dropped"


@SCENARIOS.of("proposal.confirm")
async def one_group_bound_by_two_is_bound_once_R_PPL_3(stage: Stage) -> None:
    one, other = admins(stage)
    group = stage.house.group("总监群")
    chat = f"feishu:{group}"
    stage.keep(Chat(chat, "feishu", group, "总监群"))
    mine, theirs = (
        (f"proposal:{asked.id}", stamp("proposal", asked.id, ""))
        for asked in (
            Proposal(stage.number(), "m16", "chat", chat, "director", stage.now()),
            Proposal(stage.number(), "m15", "chat", chat, "marketing_lead", stage.now()),
        )
        if stage.keep(asked) is None
    )
    first, second = await stage.at_once(
        stage.press(one, "proposal.confirm", mine[0], mine[1]),
        stage.press(other, "proposal.confirm", theirs[0], theirs[1]),
    )
    assert (first, second) == ("绑好了", "刚有人改过，看一眼新的再定。")
    assert stage.rows("SELECT bound_to FROM chats WHERE chat = :c", c=group) == [("director",)]
    assert stage.audited(f"chat:feishu:{group}") == ["chat.bind"]


@SCENARIOS.of("绑定")
async def one_code_bound_by_two_is_one_account_R_PPL_4(stage: Stage) -> None:
    one, other = admins(stage)
    later = stage.now() + timedelta(hours=1)
    stage.keep(Stranger("feishu:ou_race", "feishu", "ou_race", "RACE", later, stage.now()))
    first, second = await stage.at_once(one.says("绑定 RACE 冯磊"), other.says("绑定 RACE 孙浩"))
    assert first.startswith("绑好了：冯磊")
    assert "绑定码过期了或不对" in second
    assert stage.get(Account, "feishu:ou_race").member_id == "m11"


@SCENARIOS.of("我是管理员")
async def one_admin_code_used_by_two_makes_one_admin_R_PPL_4(stage: Stage) -> None:
    rep, peer = stage.house.person("李雷"), stage.house.person("韩梅梅")
    stage.keep(AdminCode(digest("ABCD-2345"), stage.now() + timedelta(hours=1)))
    first, second = await stage.at_once(rep.says("我是管理员 ABCD-2345"), peer.says("我是管理员 ABCD-2345"))
    assert first == "好，你现在是管理员了。"
    assert "这个码用过了" in second
    assert "admin" not in stage.get(Member, "m04").roles
