"""Lines as sales people type them, against readings written by hand. R-QE-1, R-QE-3, R-QE-4."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sales.quickentry import as_json, read_line

NOW = datetime(2026, 11, 19, 1, 0, tzinfo=UTC)
LINES: list[dict[str, Any]] = [
    json.loads(row) for row in Path(__file__).with_name("corpus.jsonl").read_text("utf-8").splitlines()
]


def reading(text: str) -> dict[str, Any]:
    out = as_json(read_line(text, now=NOW))
    fields = out["fields"]
    assert isinstance(fields, dict)
    facts = {name: fields[name] for name in ("customer", "product", "amount_yuan")}
    return {"intent": out["intent"], **facts, "ask": out["ask"], "ambiguous": out["ambiguous"]}


def test_corpus_is_large_enough_and_has_no_line_twice() -> None:
    assert len(LINES) >= 150
    assert Counter(line["intent"] for line in LINES)["deal"] >= 120
    assert len({line["text"] for line in LINES}) == len(LINES)


def test_every_line_is_read_as_written_down() -> None:
    wrong = []
    for line in LINES:
        want = {name: line[name] for name in ("intent", "customer", "product", "amount_yuan", "ask", "ambiguous")}
        got = reading(line["text"])
        if got != want:
            wrong.append(
                (line["id"], line["text"], {name: (want[name], got[name]) for name in want if want[name] != got[name]})
            )
    assert wrong == []


def test_no_amount_is_silently_wrong_r_qe_3() -> None:
    told = [(line["text"], line["amount_yuan"], reading(line["text"])["amount_yuan"]) for line in LINES]
    assert [row for row in told if row[2] is not None and row[2] != row[1]] == []
