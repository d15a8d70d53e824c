"""Who sits in a seat of a request: relation, deputy, superiors upwards, director of the scope, ops, admin. R-APR-6."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from sales.people import Member, in_subtree


@dataclass(frozen=True, slots=True)
class Seat:
    """Who may decide, any one of them; or why the step is `passed`. Neither: it waits with ops until there is one."""

    holders: tuple[str, ...] = ()
    passed: str = ""


def fill(
    relation: str,
    *,
    initiator: Member,
    circle: Mapping[str, Member],
    deciders: Iterable[str] = (),
    deputies: Mapping[str, str] | None = None,
) -> Seat:
    """The seat of a step. R-APR-6. `circle` holds everybody who may come into question, by id.

    `deciders` are who decided earlier steps, `deputies` who stands in for whom while away. The initiator and earlier
    deciders are skipped; when the lines above hold nobody but them, a later step is passed. Ops and admins stand in
    only where nobody of the lines decided either. With nobody at all the first decision waits with ops, never passes.
    """
    earlier = frozenset(deciders)
    met: list[Member] = []
    for group in _lines(relation, initiator=initiator, circle=circle):
        present = [_or_deputy(member, circle=circle, deputies=deputies or {}) for member in group]
        free = [m.id for m in present if m and m.id != initiator.id and m.id not in earlier]
        if free:
            return Seat(tuple(sorted(free)))
        met += [member for member in group if member.id in earlier]
    if met:
        return Seat(passed=f"{met[0].name}前面定过了")
    for role in ("ops", "admin"):
        free = [m.id for m in _active(circle.values(), role) if m.id != initiator.id and m.id not in earlier]
        if free:
            return Seat(tuple(sorted(free)))
    return Seat(passed="没有别人可定了") if earlier else Seat()


def is_usable(holders: Iterable[str], *, initiator: Member, circle: Mapping[str, Member]) -> bool:
    """True while one of the holders can decide: active and not the initiator. Else the seat is filled again."""
    return any(
        (member := circle.get(holder)) is not None and member.state == "active" and holder != initiator.id
        for holder in holders
    )


def superiors(member: Member, circle: Mapping[str, Member]) -> Iterator[Member]:
    """The superiors of a member upwards; a loop is cut at the first repeat. R-APR-6."""
    seen = {member.id}
    above = circle.get(member.superior_id)
    while above is not None and above.id not in seen:
        seen.add(above.id)
        yield above
        above = circle.get(above.superior_id)


def _lines(relation: str, *, initiator: Member, circle: Mapping[str, Member]) -> Iterator[list[Member]]:
    """Groups of one seat in the order they are asked: the relation itself, upwards from it, the scope's directors."""
    above = list(superiors(initiator, circle))
    if relation == "director":
        at = next((n for n, member in enumerate(above) if "director" in member.roles), None)
        above = above[at:] if at is not None else []
    yield from ([member] for member in above)
    directors = list(_active(circle.values(), "director"))
    yield [d for d in directors if d.team and in_subtree(initiator.team, d.team)]
    yield directors


def _or_deputy(member: Member, *, circle: Mapping[str, Member], deputies: Mapping[str, str]) -> Member | None:
    """The member, or while away the deputy, never both; None when neither is there."""
    found = circle.get(deputies.get(member.id, "")) if member.state == "away" else member
    return found if found and found.state == "active" else None


def _active(members: Iterable[Member], role: str) -> Iterator[Member]:
    return (member for member in members if role in member.roles and member.state == "active")
