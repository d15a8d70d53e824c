"""How we speak: no banned word, no exclamation mark, no emoji, in any text the product says. ux.md 1."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

PACKAGES = ("bot", "cards", "documents", "handlers", "sales", "scheduler", "web")
READ_NOT_SAID = {
    f"sales/{name}.py"
    for name in (
        "amounts", "clean", "facts", "figures", "intents", "mentions", "names", "nouns", "numerals", "phrases",
        "quickentry", "surroundings", "traditional", "words",
    )
}  # fmt: skip
"""What people write, word by word: patterns and vocabulary, nothing we say."""

CHINESE = re.compile(r"[\u4e00-\u9fff]")
BANNED = re.compile(r"违规|失败|非法|必须|错误|您的操作有误|懒|逾期未完成|小助手|亲[，,]|[哦呢呀哈]|对不起|请勿|无法")
SHOUTED = re.compile(r"[!！]")
EMOJI = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf\ufe0f]")
MARKS = "✓✗○◐▲→…"
HONORIFIC = {"cards/stranger.py", "handlers/people.py"}


def said() -> Iterator[tuple[str, int, str]]:
    """File, line and text of every Chinese string that is no docstring."""
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            where = str(path.relative_to(ROOT))
            if where in READ_NOT_SAID:
                continue
            tree = ast.parse(path.read_text("utf-8"))
            documented = {
                id(node.value)
                for node in ast.walk(tree)
                if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
            }
            for node in ast.walk(tree):
                if not (isinstance(node, ast.Constant) and isinstance(node.value, str)) or id(node) in documented:
                    continue
                if CHINESE.search(node.value):
                    yield where, node.lineno, node.value


def found(pattern: re.Pattern[str]) -> list[str]:
    return [f"{where}:{line}: {text}" for where, line, text in said() if pattern.search(text)]


def test_there_is_something_to_read() -> None:
    assert len(list(said())) > 150


def test_no_banned_word_is_said() -> None:
    assert found(BANNED) == []


def test_nothing_is_shouted() -> None:
    assert found(SHOUTED) == []


def test_no_emoji_but_the_marks_of_state() -> None:
    assert [line for line in found(EMOJI) if not set(EMOJI.findall(line)) <= set(MARKS)] == []


def test_only_strangers_are_addressed_formally() -> None:
    assert [line for line in found(re.compile("您")) if line.split(":")[0] not in HONORIFIC] == []


def test_a_group_is_never_called_all_at_once() -> None:
    assert [line for line in found(re.compile("@所有人")) if "feishu/content.py" not in line] == []


@pytest.mark.parametrize(
    ("text", "banned"), [("操作失败", True), ("还不能进", False), ("好呀", True), ("亲，在吗", True), ("亲自", False)]
)
def test_the_pattern_sees_what_is_banned(text: str, banned: bool) -> None:
    assert bool(BANNED.search(text)) is banned
