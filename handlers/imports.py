"""A chunk of an imported file: history and master data, silent, each row once. R-IMP, R-QE-6."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import orjson

from sales import names
from sales.customers import Customer
from sales.deals import STAGES, Deal
from sales.decision import Audit, Decision, Reply
from sales.imports import fen_of, instant_of, roles_of
from sales.people import Member, Team, normal_mobile
from storage.tx import Tx

TOWN = re.compile(r"[（(]([^（）()]{1,12})[）)]\s*$")

Values = Mapping[str, str]


class _Chunk:
    """What a chunk adds, and the rows it had to leave out."""

    def __init__(self, tx: Tx) -> None:
        self.tx = tx
        self.saves: dict[tuple[type, Any], Any] = {}
        self.customers_by_id: dict[str, Customer] = {}
        self.customer_keys: set[str] = set()
        self.deal_keys: set[str] = set()
        self.added = self.known = 0
        self.refused: list[tuple[str, str]] = []

    def put(self, entity: Any, old: Any) -> None:
        """Save a new entity, or a changed one; an equal one is known already."""
        if old is not None and entity == old:
            self.known += 1
            return
        self.saves[(type(entity), entity.id)] = entity
        self.added += 1


def rows(tx: Tx, args: Mapping[str, Any]) -> Reply:
    """Apply one chunk; the reply holds counts and refused rows as JSON for the command line."""
    chunk = _Chunk(tx)
    apply = _KINDS[str(args["kind"])]
    for row in args["rows"]:
        apply(chunk, row["key"], row["values"])
    counts = {"added": chunk.added, "known": chunk.known, "refused": len(chunk.refused)}
    entry = Audit(
        "import.chunk", f"import:{args['kind']}", after={**counts, "file": args["file"], "chunk": args["chunk"]}
    )
    tx.actor = str(args["by"])
    tx.apply(Decision(saves=tuple(chunk.saves.values()), audits=(entry,)))
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
        mobile=normal_mobile(values.get("mobile", base.mobile)),
    )
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
        phone=values.get("phone", base.phone),
        external_id=key,
    )
    chunk.customers_by_id[key] = customer
    chunk.customer_keys.add(customer.key)
    chunk.put(customer, old)


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


_KINDS: Mapping[str, Callable[[_Chunk, str, Values], None]] = {
    "members": _member,
    "teams": _team,
    "customers": _customer,
    "deals": _deal,
}
