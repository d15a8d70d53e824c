"""A chunk of leads, assignments or touches: read in bulk, settled as history, written at once. R-IMP, R-QE-6."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from handlers.chunk import Chunk
from sales.leadfiles import assignment_of, clocks_of, ended_by_row, settled, touch_of, with_row
from sales.leads import Assignment, Lead, Touch
from sales.people import normal_mobile
from storage.secrets import Unreadable
from storage.tx import Tx

Row = Mapping[str, Any]


def leads(chunk: Chunk, rows: Sequence[Row]) -> None:
    """Each row is a lead of its own, or fills one that an assignment or a touch named before."""
    tx = chunk.tx
    known = tx.leads.by_external_ids(row["key"] for row in rows)
    fresh = _new_leads(chunk, [key for key in dict.fromkeys(row["key"] for row in rows) if key not in known])
    for row in rows:
        key, values = row["key"], row["values"]
        old = known.get(key)
        lead = with_row(old or fresh[key], values)
        if "phone" in values:
            phone = normal_mobile(values["phone"]) or values["phone"]
            if not _has_phone(tx, lead, phone):
                lead = replace(lead, phone=tx.leads.sealed(phone))
        known[key] = lead
        chunk.put(lead, old)


def assignments(chunk: Chunk, rows: Sequence[Row]) -> None:
    """Who held which lead when; the leads of the chunk stand as their whole history leaves them. R-LEAD-48H."""
    tx = chunk.tx
    named = _leads_named(chunk, rows)
    known = tx.leads.known(Assignment, (row["key"] for row in rows))
    for row in rows:
        key, values = row["key"], row["values"]
        told = assignment_of(key, named[values["lead_id"]].id, values)
        old = known.get(key)
        known[key] = ended_by_row(old, told) if old else told
        chunk.put(known[key], old)
    _settle(chunk, {lead.id: lead for lead in named.values()})


def touches(chunk: Chunk, rows: Sequence[Row]) -> None:
    """What was done towards which lead; imported ones count as reached. R-TOUCH."""
    named = _leads_named(chunk, rows)
    known = chunk.tx.leads.known(Touch, (row["key"] for row in rows))
    for row in rows:
        key, values = row["key"], row["values"]
        old = known.get(key)
        known[key] = old or touch_of(key, named[values["lead_id"]].id, values)
        chunk.put(known[key], old)
    _settle(chunk, {lead.id: lead for lead in named.values()})


def _has_phone(tx: Tx, lead: Lead, phone: str) -> bool:
    """True when the lead keeps this number; one that another key file sealed is sealed anew. R-PRIV."""
    try:
        return tx.leads.phone_of(lead) == phone
    except Unreadable:
        return False


def _leads_named(chunk: Chunk, rows: Sequence[Row]) -> dict[str, Lead]:
    """The leads the rows name; one that no file told of yet gets its number now."""
    names = dict.fromkeys(row["values"]["lead_id"] for row in rows)
    found = chunk.tx.leads.by_external_ids(f"id:{name}" for name in names)
    fresh = _new_leads(chunk, [f"id:{name}" for name in names if f"id:{name}" not in found])
    for lead in fresh.values():
        chunk.keep(lead)
    found |= fresh
    return {name: found[f"id:{name}"] for name in names}


def _new_leads(chunk: Chunk, external_ids: Sequence[str]) -> dict[str, Lead]:
    """Leads with a number and what files call them, by that."""
    numbers = chunk.tx.next_numbers("lead", len(external_ids)) if external_ids else range(0)
    return {name: Lead(id=number, external_id=name) for number, name in zip(numbers, external_ids, strict=True)}


def _settle(chunk: Chunk, leads: Mapping[int, Lead]) -> None:
    tx = chunk.tx
    held = tx.leads.assignments_of(leads)
    touched = tx.leads.touches_of(leads)
    for lead_id, old in leads.items():
        mine = {one.id: one for one in held.get(lead_id, ())}
        acts = {one.id: one for one in touched.get(lead_id, ())}
        mine |= chunk.of_lead(Assignment, lead_id)
        acts |= chunk.of_lead(Touch, lead_id)
        lead, closed = settled(old, tuple(mine.values()), tuple(acts.values()), now=tx.now)
        if lead != old:
            chunk.keep(lead)
        for assignment in closed:
            chunk.keep(assignment)
        chunk.timers += clocks_of(lead, tuple(mine.values()), now=tx.now)


KINDS = {"leads": leads, "assignments": assignments, "touches": touches}
