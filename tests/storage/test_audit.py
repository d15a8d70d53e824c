"""The audit log: chained in commit order, signed outside, and every kind of tampering is found. R-AUD."""

from __future__ import annotations

import hashlib
import hmac
import time
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text

from sales.decision import Audit
from storage import audit
from storage.audit import Head
from storage.engine import Connection, Store
from tests.support.facts import committed
from tests.support.stores import postgres_url


def sign(message: bytes) -> str:
    return hmac.new(b"key", message, hashlib.sha256).hexdigest()


def forged(message: bytes) -> str:
    return hmac.new(b"guess", message, hashlib.sha256).hexdigest()


def written(store: Store, *subjects: str) -> None:
    for subject in subjects:
        entry = Audit("deal.open", subject, before={"state": ""}, after={"state": "open"}, why="quick entry")
        committed(store, lambda conn, entry=entry: audit.write(  # type: ignore[misc]
            conn, store, [entry], at=1_700_000_000_000_001, who="m03", chat="feishu:oc_1"))  # fmt: skip


def settled(store: Store) -> None:
    """No transaction of the whole PostgreSQL server, other tests' too, is older than an unsealed entry."""
    if store.is_sqlite:
        return
    younger = "tx >= CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS text) AS bigint)"
    end = time.monotonic() + 30
    while time.monotonic() < end:
        with store.snapshot() as conn:
            if not conn.execute(text(f"SELECT count(*) FROM audit WHERE position IS NULL AND {younger}")).scalar_one():
                return
        time.sleep(0.01)
    pytest.fail("another transaction of this PostgreSQL server has been open for 30 s")


def sealed(store: Store) -> Head | None:
    settled(store)
    return committed(store, lambda conn: audit.seal(conn, store, sign))


def faults(store: Store, kept: Head | None) -> list[str]:
    with store.snapshot() as conn:
        return audit.verify(conn, store, sign, kept=kept)


def change(store: Store, statement: str, **values: Any) -> None:
    done = committed(store, lambda conn: conn.execute(text(statement), values).rowcount)
    assert done > 0


@pytest.fixture
def log(store: Store) -> tuple[Store, Head]:
    """Six entries sealed in two goes, and the head kept outside."""
    written(store, "deal:1", "deal:2", "deal:3")
    assert sealed(store) is not None
    written(store, "deal:4", "deal:5", "deal:6")
    head = sealed(store)
    assert head is not None
    return store, head


def test_whole_log_has_no_fault_r_aud(log: tuple[Store, Head]) -> None:
    store, head = log

    assert head.position == 6
    assert faults(store, head) == []


def test_empty_log_has_no_fault_r_aud(store: Store) -> None:
    assert sealed(store) is None
    assert faults(store, None) == []


def test_older_head_file_is_no_fault_r_aud(log: tuple[Store, Head]) -> None:
    """The process may stop between the seal and its file."""
    store, _ = log
    with store.snapshot() as conn:
        first = conn.execute(text("SELECT position, hash, signature FROM audit_seals ORDER BY position")).first()
    assert first is not None

    assert faults(store, Head(*first)) == []


@pytest.mark.parametrize("column", ["at", "who", "chat", "action", "subject", "before", "after", "why"])
def test_edit_of_any_field_is_found_r_aud(log: tuple[Store, Head], column: str) -> None:
    store, head = log
    value = 5 if column == "at" else "{}" if column in ("before", "after") else "m99"

    change(store, f"UPDATE audit SET {column} = :value WHERE position = 2", value=value)

    assert faults(store, head) == ["entry 2 was changed"]


def test_moving_text_from_one_field_to_the_next_is_found_r_aud(log: tuple[Store, Head]) -> None:
    store, head = log

    change(store, "UPDATE audit SET who = 'm0', chat = '3feishu:oc_1' WHERE position = 2")

    assert faults(store, head) == ["entry 2 was changed"]


def test_removal_in_the_middle_is_found_r_aud(log: tuple[Store, Head]) -> None:
    store, head = log

    change(store, "DELETE FROM audit WHERE position = 3")

    assert faults(store, head) == ["entry 3 is missing"]


def test_removal_in_the_middle_with_the_rest_moved_up_is_found_r_aud(log: tuple[Store, Head]) -> None:
    store, head = log

    change(store, "DELETE FROM audit WHERE position = 3")
    for position in (4, 5, 6):
        change(store, "UPDATE audit SET position = position - 1 WHERE position = :p", p=position)

    assert faults(store, head) == ["entry 3 was changed"]


def test_removal_of_the_first_is_found_r_aud(log: tuple[Store, Head]) -> None:
    store, head = log

    change(store, "DELETE FROM audit WHERE position = 1")

    assert faults(store, head) == ["entry 1 is missing"]


def test_removal_of_the_newest_is_found_r_aud(log: tuple[Store, Head]) -> None:
    store, head = log

    change(store, "DELETE FROM audit WHERE position = 6")

    assert faults(store, head) == [
        "the log ends at 5, its last seal is 6",
        "the newest entries are gone: the head file knows 6, the log ends at 5",
    ]


def test_removal_of_the_newest_with_their_seal_is_found_by_the_head_file_r_aud(log: tuple[Store, Head]) -> None:
    store, head = log

    change(store, "DELETE FROM audit WHERE position > 3")
    change(store, "DELETE FROM audit_seals WHERE position > 3")

    assert faults(store, head) == ["the newest entries are gone: the head file knows 6, the log ends at 3"]


def test_removal_of_everything_is_found_r_aud(log: tuple[Store, Head]) -> None:
    store, head = log

    change(store, "DELETE FROM audit")

    assert "the newest entries are gone: the head file knows 6, the log ends at 0" in faults(store, head)
    assert faults(store, None) == ["the log ends at 0, its last seal is 6", "the signed head file is missing"]


def test_reordering_is_found_r_aud(log: tuple[Store, Head]) -> None:
    store, head = log

    for old, new in ((2, 99), (3, 2), (99, 3)):
        change(store, "UPDATE audit SET position = :new WHERE position = :old", new=new, old=old)

    assert faults(store, head) == ["entry 2 was changed"]


def test_forged_tail_without_a_seal_is_found_r_aud(log: tuple[Store, Head]) -> None:
    store, head = log
    written(store, "deal:7")
    row = [1_700_000_000_000_001, "m03", "feishu:oc_1", "deal.open", "deal:7", '{"state":""}', '{"state":"open"}', "quick entry"]  # fmt: skip # noqa: E501

    change(store, "UPDATE audit SET position = 7, hash = :h WHERE subject = 'deal:7'", h=audit._link(head.hash, 7, row))

    assert faults(store, head) == ["the log ends at 7, its last seal is 6"]


def test_forged_tail_with_a_forged_seal_is_found_r_aud(log: tuple[Store, Head]) -> None:
    store, head = log
    written(store, "deal:7")
    settled(store)

    committed(store, lambda conn: audit.seal(conn, store, forged))

    assert faults(store, head) == ["seal at 7 has a wrong signature"]


def test_rewritten_chain_is_found_by_its_seals_and_the_head_file_r_aud(log: tuple[Store, Head]) -> None:
    """Somebody edits an entry and computes every hash behind it anew, but cannot sign."""
    store, head = log
    change(store, "UPDATE audit SET who = 'm99' WHERE position = 2")
    change(store, "UPDATE audit SET position = NULL, hash = ''")
    change(store, "DELETE FROM audit_seals")
    settled(store)

    committed(store, lambda conn: audit.seal(conn, store, forged))

    assert faults(store, head) == ["seal at 6 has a wrong signature", "entry 6 is not the one the head file knows"]


def test_rewritten_chain_that_keeps_the_old_seals_is_found_r_aud(log: tuple[Store, Head]) -> None:
    store, head = log
    with store.snapshot() as conn:
        seals = [tuple(row) for row in conn.execute(text("SELECT position, hash, signature FROM audit_seals"))]
    change(store, "UPDATE audit SET who = 'm99' WHERE position = 2")
    change(store, "UPDATE audit SET position = NULL, hash = ''")
    change(store, "DELETE FROM audit_seals")
    settled(store)
    committed(store, lambda conn: audit.seal(conn, store, forged))
    change(store, "DELETE FROM audit_seals")
    for position, chained, signature in seals:
        change(store, "INSERT INTO audit_seals VALUES (:p, :h, :s)", p=position, h=chained, s=signature)

    assert faults(store, head) == [
        "seal at 3 does not match the chain",
        "seal at 6 does not match the chain",
        "entry 6 is not the one the head file knows",
    ]


def test_missing_seal_is_found_r_aud(log: tuple[Store, Head]) -> None:
    store, head = log

    change(store, "DELETE FROM audit_seals WHERE position = 6")

    assert faults(store, head) == ["the log ends at 6, its last seal is 3"]


def test_changed_seal_is_found_r_aud(log: tuple[Store, Head]) -> None:
    store, head = log

    change(store, "UPDATE audit_seals SET signature = 'x' WHERE position = 3")

    assert faults(store, head) == ["seal at 3 has a wrong signature"]


def test_missing_head_file_is_found_r_aud(log: tuple[Store, Head]) -> None:
    store, _ = log

    assert faults(store, None) == ["the signed head file is missing"]


@pytest.mark.parametrize("changed", [{"position": 5}, {"hash": "0" * 64}, {"signature": "0" * 64}, {"signature": "章"}])
def test_changed_head_file_is_found_r_aud(log: tuple[Store, Head], changed: dict[str, Any]) -> None:
    store, head = log

    assert faults(store, replace(head, **changed)) == ["the signed head file was changed"]


def test_another_key_signs_nothing_r_aud(log: tuple[Store, Head]) -> None:
    store, head = log

    with store.snapshot() as conn:
        found = audit.verify(conn, store, forged, kept=head)

    assert found == [
        "seal at 3 has a wrong signature",
        "seal at 6 has a wrong signature",
        "the signed head file was changed",
    ]


@pytest.mark.parametrize(("age_ms", "found"), [(50_000, []), (61_000, ["1 entries are unsealed for over 60 s"])])
def test_entries_unsealed_for_over_a_minute_are_a_fault_r_aud(
    log: tuple[Store, Head], age_ms: int, found: list[str]
) -> None:
    store, head = log
    written(store, "deal:7")

    change(store, f"UPDATE audit SET written_ms = {store.machine_now} - :age WHERE position IS NULL", age=age_ms)

    assert faults(store, head) == found


def test_sealing_takes_a_batch_and_goes_on_r_aud(store: Store) -> None:
    written(store, "deal:1", "deal:2", "deal:3")

    settled(store)

    heads = [committed(store, lambda conn: audit.seal(conn, store, sign, limit=2)) for _ in range(3)]

    assert [head.position if head else None for head in heads] == [2, 3, None]
    assert faults(store, heads[1]) == []


def test_entry_of_an_unfinished_transaction_is_chained_after_it_commits_r_aud() -> None:
    """Only on PostgreSQL: SQLite has one writer, nothing is committed beside an open transaction."""
    store = Store(postgres_url())
    slow = store.writing()
    audit.write(slow, store, [Audit("a", "slow:1")], at=1, who="m03", chat="")
    written(store, "deal:2")

    assert committed(store, lambda conn: audit.seal(conn, store, sign)) is None
    slow.commit()
    slow.close()
    head = sealed(store)

    with store.snapshot() as conn:
        order = conn.execute(text("SELECT subject FROM audit ORDER BY position")).scalars().all()
    assert order == ["slow:1", "deal:2"]
    assert faults(store, head) == []
    store.close()


def test_entries_are_read_newest_first_and_by_subject(log: tuple[Store, Head]) -> None:
    store, _ = log

    with store.snapshot() as conn:
        newest, of_one = audit.entries(conn, limit=2), audit.entries(conn, subject="deal:3")

    assert [entry["subject"] for entry in newest] == ["deal:6", "deal:5"]
    assert [(e["subject"], e["position"], e["who"], e["before"]) for e in of_one] == [
        ("deal:3", 3, "m03", '{"state":""}')
    ]


def test_entry_is_written_in_the_transaction_of_the_change_r_aud(store: Store) -> None:
    def broken(conn: Connection) -> None:
        audit.write(conn, store, [Audit("a", "deal:1")], at=1, who="m03", chat="")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        committed(store, broken)

    with store.snapshot() as conn:
        assert audit.entries(conn) == []
