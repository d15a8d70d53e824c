"""What a handler works with: a read snapshot, the instant, the policy, and a place to put its decision."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property

from sqlalchemy import Connection

from sales.decision import NOTHING, Decision
from sales.policy import Policy
from storage.alerts import Alerts
from storage.approvals import Approvals
from storage.chats import Chats
from storage.config import Config
from storage.conversations import Conversations
from storage.customers import Customers
from storage.deals import Deals
from storage.drafts import Drafts
from storage.engine import Store
from storage.evidence import Evidence
from storage.leads import Leads
from storage.links import Links
from storage.numbers import Numbers
from storage.people import People


class Tx:
    """One snapshot at one instant. `apply` only collects; bot/writer.py commits. `now` is aware UTC.

    The router fills in `actor`, the id of the member who acts, for the audit log, and `answer_under`, the message
    a reply in a group belongs under.
    """

    def __init__(self, conn: Connection, store: Store, *, now: datetime, policy: Policy, numbers: Numbers) -> None:
        self.conn = conn
        self.store = store
        self.now = now
        self.policy = policy
        self.decision: Decision = NOTHING
        self.actor = "system"
        self.answer_under = ""
        self.numbers_taken: dict[str, int] = {}
        self._numbers = numbers

    def apply(self, decision: Decision) -> None:
        """Collect what is to be written when the handler returns."""
        self.decision = self.decision + decision

    def next_number(self, kind: str) -> int:
        """The next short number of a kind, for a new entity."""
        return self.next_numbers(kind, 1)[0]

    def next_numbers(self, kind: str, count: int) -> range:
        """The same for so many of them."""
        numbers = self._numbers.take(self.conn, kind, count)
        self.numbers_taken[kind] = max(numbers.stop - 1, self.numbers_taken.get(kind, 0))
        return numbers

    @cached_property
    def people(self) -> People:
        """Members, accounts, strangers."""
        return People(self.conn, lambda: self.store.secrets)

    @cached_property
    def customers(self) -> Customers:
        """Customers and near names."""
        return Customers(self.conn, self.people)

    @cached_property
    def deals(self) -> Deals:
        """Deals within sight."""
        return Deals(self.conn, self.people)

    @cached_property
    def drafts(self) -> Drafts:
        """Quick entries that asked back."""
        return Drafts(self.conn)

    @cached_property
    def conversations(self) -> Conversations:
        """Forms on their way."""
        return Conversations(self.conn)

    @cached_property
    def leads(self) -> Leads:
        """Leads, their cycles and LDR."""
        return Leads(self.conn, self.people, self.policy, lambda: self.store.secrets)

    @cached_property
    def links(self) -> Links:
        """Links to pages."""
        return Links(self.conn)

    @cached_property
    def evidence(self) -> Evidence:
        """Requirements, submissions, freezings."""
        return Evidence(self.conn, self.people)

    @cached_property
    def config(self) -> Config:
        """Versions of the configuration."""
        return Config(self.conn)

    @cached_property
    def chats(self) -> Chats:
        """Groups and what they are bound to."""
        return Chats(self.conn, self.people)

    @cached_property
    def approvals(self) -> Approvals:
        """Requests, their timelines, who may decide."""
        return Approvals(self.conn, self.people, self.policy)

    @cached_property
    def alerts(self) -> Alerts:
        """Alerts and silences."""
        return Alerts(self.conn)
