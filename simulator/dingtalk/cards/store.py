"""Card instances: one outTrackId is one card and one set of data, wherever it was delivered."""

from __future__ import annotations

from dataclasses import dataclass, field

from simulator.dingtalk.cards.checks import Params
from simulator.dingtalk.errors import ApiError


@dataclass(slots=True)
class Card:
    """One card: what everybody sees, what single people see, and the messages that show it."""

    out_track_id: str
    template_id: str
    callback_type: str
    route_key: str
    user_id_type: int
    spaces: frozenset[str]
    public: Params = field(default_factory=dict)
    private: dict[str, Params] = field(default_factory=dict)
    messages: list[str] = field(default_factory=list)
    pending_clicks: int = 0

    def data_for(self, staff_id: str) -> Params:
        """The variables as this person's client has them."""
        return {**self.public, **self.private.get(staff_id, {})}

    def set_public(self, data: Params, *, by_key: bool) -> None:
        """Replace the data for everybody, or only the variables named."""
        self.public = {**self.public, **data} if by_key else dict(data)

    def set_private(self, staff_id: str, data: Params, *, by_key: bool) -> None:
        """Replace one person's data, or only the variables named."""
        self.private[staff_id] = {**self.private.get(staff_id, {}), **data} if by_key else dict(data)


class Cards:
    """All instances; an outTrackId is never free again."""

    def __init__(self) -> None:
        self._cards: dict[str, Card] = {}
        self._by_message: dict[str, Card] = {}

    def add(self, card: Card) -> None:
        """Keep a new card; refuses a used outTrackId."""
        if card.out_track_id in self._cards:
            raise ApiError("param.cardAlreadyExist")
        self._cards[card.out_track_id] = card

    def get(self, out_track_id: object) -> Card:
        """The card; refuses an unknown outTrackId."""
        card = self._cards.get(str(out_track_id))
        if card is None:
            raise ApiError("param.cardNotExist")
        return card

    def shown_by(self, message_id: str, card: Card) -> None:
        """The message shows this card from now on."""
        card.messages.append(message_id)
        self._by_message[message_id] = card

    def of_message(self, message_id: str) -> Card:
        """The card that a message shows."""
        card = self._by_message.get(message_id)
        if card is None:
            raise ApiError("param.cardNotExist")
        return card

    def clear(self) -> None:
        """Forget all."""
        self._cards.clear()
        self._by_message.clear()
