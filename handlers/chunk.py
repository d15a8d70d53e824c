"""What a chunk of an imported file adds, and the rows it had to leave out. R-IMP."""

from __future__ import annotations

from typing import Any, TypeVar

from sales.customers import Customer
from sales.decision import StartTimer
from sales.leads import Assignment, Touch
from storage.tx import Tx

E = TypeVar("E")


class Chunk:
    """Collects while rows are read; `saves` holds the last state of each entity."""

    def __init__(self, tx: Tx) -> None:
        self.tx = tx
        self.saves: dict[tuple[type, Any], Any] = {}
        self._by_lead: dict[tuple[type, int], dict[str, Any]] = {}
        self.timers: list[StartTimer] = []
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
        self.keep(entity)
        self.added += 1

    def keep(self, entity: Any) -> None:
        """Save an entity that is no row of the file."""
        self.saves[(type(entity), entity.id)] = entity
        if isinstance(entity, Assignment | Touch):
            self._by_lead.setdefault((type(entity), entity.lead_id), {})[entity.id] = entity

    def of_lead(self, kind: type[E], lead_id: int) -> dict[str, E]:
        """The assignments or touches of this lead that the chunk saves, by id."""
        return self._by_lead.get((kind, lead_id), {})
