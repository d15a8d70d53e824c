"""`dealdesk parse`: how a line is understood, without touching a database."""

from __future__ import annotations

import json
from pathlib import Path

from tests.bot.commands.conftest import Line

LINE = "录单 华东医疗 CT机 120万"
FIELDS = {"customer": "华东医疗", "product": "CT机", "amount_yuan": "1200000.00", "date": None}


def test_line_is_read_as_json(dealdesk: Line) -> None:
    read = json.loads(dealdesk("parse", LINE).output)

    assert (read["id"], read["intent"], read["ask"], read["ambiguous"]) == (None, "deal", [], False)
    assert {name: read["fields"][name] for name in FIELDS} == FIELDS


def test_what_would_be_asked_back_is_named(dealdesk: Line) -> None:
    read = json.loads(dealdesk("parse", "录单 华东医疗 CT机").output)

    assert read["ask"] == ["amount_yuan"]
    assert read["fields"]["amount_yuan"] is None


def test_instant_is_an_option(dealdesk: Line) -> None:
    read = json.loads(dealdesk("parse", LINE + " 明天签约", "--now", "2026-11-19T09:00:00+08:00").output)

    assert read["intent"] == "deal"


def test_lines_from_standard_input_are_read_one_by_one(dealdesk: Line) -> None:
    asked = [{"id": n, "text": LINE, "now": "2026-11-19T09:00:00+08:00"} for n in range(3)]

    result = dealdesk("parse", "--stdin", stdin="\n\n".join(json.dumps(each) for each in asked))

    read = [json.loads(each) for each in result.output.splitlines()]
    assert [each["id"] for each in read] == [0, 1, 2]
    assert {each["intent"] for each in read} == {"deal"}


def test_bad_json_is_said_and_the_rest_is_read(dealdesk: Line) -> None:
    lines = ["{", "[]", '"x"', "null", '{"id": 4}', '{"id": 5, "text": "a", "now": "2026-11-19"}',
             '{"id": 6, "text": "a", "now": 7}', '{"id": 7, "text": "\\ud800"}',
             json.dumps({"id": 8, "text": LINE})]  # fmt: skip

    result = dealdesk("parse", "--stdin", stdin="\n".join(lines))

    read = [json.loads(each) for each in result.output.splitlines()]
    assert len(read) == len(lines)
    assert [each.get("id") for each in read] == [None, None, None, None, 4, 5, 6, None, 8]
    assert ["error" in each for each in read] == [True] * 8 + [False]
    assert all(each["error"].startswith("这行不是") for each in read[:-1])


def test_bytes_that_are_no_utf_8_are_said(dealdesk: Line) -> None:
    result = dealdesk("parse", "--stdin", stdin=b'{"id": 1, "text": "\xff"}\n')

    assert "error" in json.loads(result.output)


def test_nothing_to_read_is_wrong_use(dealdesk: Line) -> None:
    assert "给一句话，或用 --stdin。" in dealdesk("parse", code=2).output


def test_instant_without_offset_is_wrong_use(dealdesk: Line) -> None:
    for now in ("2026-11-19", "2026-11-19T09:00:00", "soon"):
        assert "--now 要是带时区的时间" in dealdesk("parse", LINE, "--now", now, code=2).output


def test_argument_with_broken_bytes_is_read_anyway(dealdesk: Line) -> None:
    assert json.loads(dealdesk("parse", LINE + "\udcff").output)["fields"]["customer"] == "华东医疗"


def test_no_database_is_opened(dealdesk: Line, tmp_path: Path) -> None:
    (tmp_path / "dealdesk.db").unlink()

    dealdesk("parse", LINE)

    assert not (tmp_path / "dealdesk.db").exists()
