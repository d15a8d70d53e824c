"""Published requests and crypto vectors against the simulator: what real code sends is accepted."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from simulator.wecom.cards.validate import SEND, UPDATE, check_card
from simulator.wecom.crypto import BadCipher, aes_key, decrypt, encrypt, signature
from simulator.wecom.errors import CardRefused
from tests.simulator.wecom.helpers import Json

PAYLOADS = Path(__file__).resolve().parents[3].parent / "shared" / "payloads"
CARDS, VECTORS = PAYLOADS / "cards", PAYLOADS / "crypto" / "vectors.json"
INCOMPLETE = {
    "wecom-wxjava-update-partial": "template_card.card_type",
    "wecom-wxjava-template_card-news_notice": "template_card.card_image",
}
"""Bodies of a library's own tests that lack what the vendor lists as required, and what that is."""

pytestmark = pytest.mark.skipif(not VECTORS.exists(), reason="the published payloads are not beside this checkout")


def cards() -> list[tuple[str, Json]]:
    found = [(path.stem, json.loads(path.read_text("utf-8"))) for path in sorted(CARDS.glob("wecom-*.json"))]
    return [(name, body["template_card"]) for name, body in found if "template_card" in body]


def vectors() -> list[Json]:
    if not VECTORS.exists():
        return []
    rows: list[Json] = json.loads(VECTORS.read_text("utf-8"))
    return [row for row in rows if row.get("scheme") == "wxbizmsgcrypt" and row["platform"] == "wecom"]


@pytest.mark.parametrize(("name", "card"), [pytest.param(*row, id=row[0]) for row in cards()])
def test_published_card_is_accepted_when_it_is_whole(name: str, card: Json) -> None:
    use = UPDATE if "update" in name else SEND
    if name not in INCOMPLETE:
        check_card(card, use)
        return
    with pytest.raises(CardRefused) as caught:
        check_card(card, use)
    assert caught.value.path == INCOMPLETE[name]


@pytest.mark.parametrize("row", [pytest.param(row, id=row["id"]) for row in vectors()])
def test_published_vector(row: Json) -> None:
    key, sealed = aes_key(row["aes_key"]), row["ciphertext"]
    assert signature(row["token"], row["timestamp"], row["nonce"], sealed) == row["signature"]
    assert decrypt(sealed, key, row["actual_receive_id"]).decode() == row["plaintext"]
    with pytest.raises(BadCipher):
        decrypt(sealed, key, "ww-of-somebody-else")
    if random := row.get("fixed_random16"):
        assert encrypt(row["plaintext"].encode(), key, row["actual_receive_id"], random.encode()) == sealed
