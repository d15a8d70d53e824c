"""Logs: one JSON line an event, with nothing secret in it."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
import structlog

from bot.log import SECRET_WORDS, configure


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    yield
    structlog.reset_defaults()


def logged(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_event_is_one_json_line_on_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    configure()
    structlog.get_logger().info("sent", row="r1", text="华东\n医疗")

    [line] = logged(capsys)
    assert line.pop("timestamp")
    assert line == {"event": "sent", "level": "info", "row": "r1", "text": "华东\n医疗"}


@pytest.mark.parametrize("word", SECRET_WORDS)
def test_secrets_are_crossed_out_whatever_their_case(capsys: pytest.CaptureFixture[str], word: str) -> None:
    configure()
    structlog.get_logger().info("x", **{f"app_{word.upper()}_1": "shh", "plain": "kept"})

    [line] = logged(capsys)
    assert "shh" not in str(line)
    assert (line[f"app_{word.upper()}_1"], line["plain"]) == ("…", "kept")


def test_lines_below_the_level_are_not_written(capsys: pytest.CaptureFixture[str]) -> None:
    configure(level=30)
    structlog.get_logger().info("quiet")
    structlog.get_logger().warning("loud")

    assert [line["event"] for line in logged(capsys)] == ["loud"]


def test_exception_is_a_field_of_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    configure()
    try:
        raise KeyError("x")
    except KeyError:
        structlog.get_logger().exception("handler_failed")

    [line] = logged(capsys)
    assert "KeyError: 'x'" in str(line["exception"])
