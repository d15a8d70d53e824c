"""Every check by name, and a file looked at with all of them. A new check is one function and one line here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from checks import images, office, pdfs
from checks.kinds import IMAGES, kind_of

MOST_BYTES = 20 << 20


@dataclass(frozen=True, slots=True)
class Report:
    """The true type of a file and what its checks found, as `check:found` or `check:found:detail`. R-EVD-2."""

    kind: str
    size: int
    findings: tuple[str, ...]


Check = Callable[[bytes, str], list[str]]


def type_of(content: bytes, kind: str) -> list[str]:
    """Among the types we take, or not. R-EVD-1."""
    return [f"type:ok:{kind}" if kind else "type:unknown"]


def limits(content: bytes, kind: str) -> list[str]:
    """At most 20 MB. Pages and pixels are counted where the file is opened. R-EVD-2."""
    return [] if len(content) <= MOST_BYTES else [f"limits:bytes:{len(content) / (1 << 20):.1f} MB"]


def inside(content: bytes, kind: str) -> list[str]:
    """Readable, within the limits of its type, nothing locked and nothing that runs. R-EVD-2, R-EVD-4."""
    if kind in IMAGES:
        return images.look(content, kind)
    if kind == "pdf":
        return pdfs.look(content)
    if kind == "eml":
        return ["readable:ok"]
    return office.look(content)


CHECKS: Mapping[str, Check] = {"type": type_of, "limits": limits, "inside": inside}
"""In this order; the first that ends a submission ends the looking, so that no bomb is opened."""

ENDING = ("type:unknown", "limits:", "readable:empty")


def look(content: bytes) -> Report:
    """The report on a file; total for hostile bytes within the process's limits."""
    if not content:
        return Report("", 0, ("readable:empty",))
    kind = kind_of(content)
    findings: list[str] = []
    for check in CHECKS.values():
        findings += check(content, kind)
        if any(each.startswith(ENDING) for each in findings):
            break
    return Report(kind, len(content), tuple(findings))
