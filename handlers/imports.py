"""A chunk of an imported file: history and master data, silent, each row once. R-IMP, R-QE-6."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import orjson

from handlers import leadfiles
from handlers.chunk import Chunk as _Chunk
from sales import gates, names
from sales.chats import Chat, read_binding
from sales.customers import Customer
from sales.deals import STAGES, Deal
from sales.decision import Audit, Decision, Reply
from sales.imports import fen_of, instant_of, roles_of
from sales.leads import TeamMove
from sales.people import Member, Team, normal_mobile
from storage.tx import Tx
from storage.types import to_us

TOWN = re.compile(r"[（(]([^（）()]{1,12})[）)]\s*$")

Values = Mapping[str, str]


def rows(tx: Tx, args: Mapping[str, Any]) -> Reply:
    """Apply one chunk; the reply holds counts and refused rows as JSON for the command line."""
    chunk = _Chunk(tx)
    kind = str(args["kind"])
    if in_bulk := leadfiles.KINDS.get(kind):
        in_bulk(chunk, args["rows"])
    else:
        for row in args["rows"]:
            _KINDS[kind](chunk, row["key"], row["values"])
    counts = {"added": chunk.added, "known": chunk.known, "refused": len(chunk.refused)}
    entry = Audit(
        "import.chunk", f"import:{args['kind']}", after={**counts, "file": args["file"], "chunk": args["chunk"]}
    )
    tx.actor = str(args["by"])
    tx.apply(Decision(saves=tuple(chunk.saves.values()), audits=(entry,), timers=tuple(chunk.timers)))
    return Reply(card="words", args={"text": orjson.dumps({**counts, "rows": chunk.refused}).decode()})


def _member(chunk: _Chunk, key: str, values: Values) -> None:
    old = chunk.tx.people.get(values["member_id"])
    base = old or Member(id=values["member_id"], name="")
    member = replace(
        base,
        name=values["name"],
        team=values.get("team", base.team),
        superior_id=values.get("superior_id", base.superior_id),
        roles=roles_of(values["roles"]) if "roles" in values else base.roles,
    )
    if "mobile" in values:
        member = chunk.tx.people.with_mobile(member, normal_mobile(values["mobile"]))
    if old and old.team not in ("", member.team):
        chunk.keep(TeamMove(f"{old.id}:{to_us(chunk.tx.now)}", old.id, old.team, chunk.tx.now))
    chunk.put(member, old)


def _team(chunk: _Chunk, key: str, values: Values) -> None:
    old = chunk.tx.people.team(values["team"])
    base = old or Team(id=values["team"])
    supervisor_id, region = values.get("supervisor_id", base.supervisor_id), values.get("region", base.region)
    team = replace(base, supervisor_id=supervisor_id, region=region)
    chunk.put(team, old)


def _customer(chunk: _Chunk, key: str, values: Values) -> None:
    tx = chunk.tx
    old = chunk.customers_by_id.get(key) or tx.customers.by_external_id(key)
    name_key = names.normalise(values["name"])
    if (old is None or old.key != name_key) and (tx.customers.by_key(name_key) or name_key in chunk.customer_keys):
        chunk.refused.append((key, f"同名客户已有：{values['name']}"))
        return
    town = TOWN.search(values["name"])
    base = old or Customer(id=tx.next_number("customer"), name="", key="", owner_id="")
    customer = replace(
        base,
        name=values["name"],
        key=name_key,
        owner_id=values["owner_id"],
        town=town[1] if town else "",
        tier=values.get("tier", base.tier),
        region=values.get("region", base.region),
        industry=values.get("industry", base.industry),
        phone=_sealed(tx, values["phone"], base.phone) if "phone" in values else base.phone,
        external_id=key,
    )
    chunk.customers_by_id[key] = customer
    chunk.customer_keys.add(customer.key)
    chunk.put(customer, old)


def _sealed(tx: Tx, phone: str, kept: str) -> str:
    """The number as a customer keeps it; the same number changes nothing. R-PRIV."""
    secrets = tx.store.secrets
    return kept if secrets.opens(kept) and secrets.open(kept) == phone else secrets.seal(phone)


def _deal(chunk: _Chunk, key: str, values: Values) -> None:
    tx = chunk.tx
    if key in chunk.deal_keys or tx.deals.by_external_id(key):
        chunk.known += 1
        return
    customer = tx.customers.by_external_id(f"id:{values['customer_id']}")
    if customer is None:
        chunk.refused.append((key, f"没有这家客户：{values['customer_id']}，先导入 customers"))
        return
    stage = values.get("stage", "") or "1"
    deal = Deal(
        id=tx.next_number("deal"),
        customer_id=customer.id,
        owner_id=values["owner_id"],
        product=values["product"],
        amount_fen=fen_of(values["amount_yuan"]) or 0,
        created_at=instant_of(values.get("created_at", "")) or tx.now,
        logged_by="import",
        stage=STAGES.index(stage) + 1 if stage in STAGES else int(stage),
        state=values.get("state", "") or "open",
        lost_reason=values.get("lost_reason", ""),
        closed_at=instant_of(values.get("closed_at", "")),
        external_id=key,
    )
    chunk.deal_keys.add(key)
    chunk.put(deal, None)
    owed = gates.imported(deal, now=tx.now, policy=tx.policy)
    for requirement in owed:
        chunk.keep(requirement)
    chunk.timers += gates.freeze_timer(deal, owed, now=tx.now)


def _chat(chunk: _Chunk, key: str, values: Values) -> None:
    """A group and what it is bound to; a binding that names nothing is refused. R-PPL-3."""
    old = chunk.tx.chats.get(key.removeprefix("id:"))
    base = old or Chat(key.removeprefix("id:"), values["platform"], values["chat_id"])
    written = values.get("bound_to", base.bound_to)
    bound_to = read_binding(written, teams=chunk.tx.chats.team_paths()) if written else ""
    if bound_to is None:
        chunk.refused.append((key, f"不是团队也不是角色：{written}"))
        return
    name, kind = values.get("name", "") or base.name, values.get("kind", "") or base.kind
    chunk.put(replace(base, name=name, kind=kind, bound_to=bound_to), old)


_KINDS: Mapping[str, Callable[[_Chunk, str, Values], None]] = {
    "members": _member,
    "teams": _team,
    "customers": _customer,
    "deals": _deal,
    "chats": _chat,
}
