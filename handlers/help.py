"""Help by role, built from the command declarations, and the answer to a line that matched nothing."""

from __future__ import annotations

from collections.abc import Collection

from handlers.context import COMMANDS, Context, Line, command
from sales.decision import Reply, say
from sales.people import ROLES
from sales.quickentry import Reading

ROWS = 6


@command("帮助", "?", "？", "菜单", "怎么用", topic="问我", example="撤销 · 取消 · 继续", rank=8, in_groups=True)
def show_help(ctx: Context, line: Line) -> Reply | None:
    """K25: what this person can say, with examples."""
    args = {f"row{n}": row for n, row in enumerate(rows_for(ctx.member.roles))}
    role = next((ROLES[r] for r in ctx.member.roles if r in ROLES), "")
    return Reply(card="help", args={**args, "role": role}, private=False)


def not_understood(ctx: Context, reading: Reading) -> Reply | None:
    """One line and the nearest things; the text is kept in the chat anyway. ux.md 3."""
    if reading.why == "too_long":
        return say("这段太长了，我一次读 500 字。分成几句，一句一单，如「录单 华东医疗 CT机 120万」。")
    examples = [row.split("｜", 1)[1] for row in rows_for(ctx.member.roles)][:3]
    return say("没看懂这句。你可以这样说：" + " · ".join(f"「{example}」" for example in examples))


def rows_for(roles: Collection[str]) -> list[str]:
    """Subject and example of what these roles use most, as many as a card holds. K25."""
    mine = {
        declared
        for declared in COMMANDS.values()
        if declared.topic and (not declared.roles or declared.roles & set(roles))
    }
    ranked = sorted(mine, key=lambda declared: (declared.rank, declared.words))
    return [f"{declared.topic}｜{declared.example}" for declared in ranked[:ROWS]]
