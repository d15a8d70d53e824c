"""What a bench hands back: figures, each beside its baseline and its target, and how they are printed."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Target:
    """A limit on the figure's ratio to its baseline, or on the figure itself."""

    sign: Literal["<=", ">="]
    limit: float
    of: Literal["ratio", "value"] = "ratio"

    def __str__(self) -> str:
        return f"{self.sign} {self.limit:g}{' x' if self.of == 'ratio' else ''}"


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table. `baseline` is the same measurement of `against`, taken in the same run."""

    goal: str
    what: str
    value: float
    unit: str
    against: str = ""
    baseline: float | None = None
    ratio: float | None = None
    target: Target | None = None
    note: str = ""

    @property
    def met(self) -> bool | None:
        """None where there is no target or nothing to compare with."""
        if self.target is None:
            return None
        measured = self.ratio if self.target.of == "ratio" else self.value
        if measured is None:
            return None
        return measured <= self.target.limit if self.target.sign == "<=" else measured >= self.target.limit


@dataclass(frozen=True, slots=True)
class Plan:
    """How much of it: fewer and shorter rounds when somebody only wants a look."""

    rounds: int
    quick: bool


def not_run(goal: str, what: str, why: str) -> Figure:
    """A line that says what was not measured, instead of a number nobody saw."""
    return Figure(goal, what, float("nan"), "", note="not run: " + " ".join(why.split())[:160])


def compare(
    goal: str,
    what: str,
    ours: Sequence[float],
    unit: str,
    *,
    against: str,
    theirs: Sequence[float],
    target: Target | None = None,
    note: str = "",
) -> Figure:
    """Medians of both, and the median of each round's own ratio: rounds are comparable, absolute numbers are not."""
    pairs = [one / other for one, other in zip(ours, theirs, strict=False) if other]
    ratio = statistics.median(pairs) if pairs else None
    spread = f"[{min(pairs):.2f}-{max(pairs):.2f}]" if len(pairs) > 1 else ""
    return Figure(
        goal,
        what,
        median(ours),
        unit,
        against,
        median(theirs) if theirs else None,
        ratio,
        target,
        " ".join(part for part in (spread, note) if part),
    )


def median(values: Sequence[float]) -> float:
    """Of an empty list: not a number."""
    return statistics.median(values) if values else float("nan")


def percentile(values: Sequence[float], share: float) -> float:
    """The value that this share of the values does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else float("nan")


HEAD = ("goal", "what", "value", "baseline", "ratio", "target", "met", "note")


def table(figures: Iterable[Figure]) -> str:
    """A Markdown table."""
    rows = [HEAD, ("---",) * len(HEAD), *(_cells(figure) for figure in figures)]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def _cells(figure: Figure) -> tuple[str, ...]:
    met = {True: "yes", False: "**no**", None: ""}[figure.met]
    baseline = "" if figure.baseline is None else f"{_number(figure.baseline)} {figure.unit} {figure.against}".strip()
    return (
        figure.goal,
        figure.what,
        "" if figure.value != figure.value else f"{_number(figure.value)} {figure.unit}".strip(),
        baseline,
        "" if figure.ratio is None else f"{figure.ratio:.2f} x",
        str(figure.target or ""),
        met,
        figure.note,
    )


def _number(value: float) -> str:
    if value == int(value) or abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
