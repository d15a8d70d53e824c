"""Presses that lead to another press: a list shown as buttons, a question before something that cannot be undone."""

from __future__ import annotations

from cards.choices import VIA
from cards.plain import MEANS
from handlers.context import OLD_CARD, Context, action
from handlers.events import Clicked
from sales.decision import Reply
from sales.errors import Refusal
from storage import live_cards


@action("choose")
def choose(ctx: Context, click: Clicked) -> Reply | None:
    """A list's button where the card itself can hold no list: the choices, as that card has them now."""
    card = live_cards.by_message(ctx.tx.conn, ctx.platform, click.message_id)
    if card is None:
        raise Refusal("R-HOLD", OLD_CARD)
    means = click.args.get(MEANS, "")
    shown = {"card": card.card, "of": card.subject, "args": card.args, MEANS: means, VIA: click.message_id}
    return Reply(card="choices", args=shown)


@action("sure")
def sure(ctx: Context, click: Clicked) -> Reply | None:
    """A button whose confirmation the platform cannot ask for."""
    return Reply(card="sure", args={**click.args, "of": click.subject, "stamp": click.stamp})


@action("never_mind")
def never_mind(ctx: Context, click: Clicked) -> Reply | None:
    """先不."""
    return Reply(toast="好，没动。")
