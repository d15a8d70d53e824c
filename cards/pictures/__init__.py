"""Pictures in cards, made at sending in a process of their own: one file per kind with `make(data, files)`."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

KINDS = ("trend", "preview")
"""A new picture is one file here and one name in this tuple."""


def make(kind: str, data: Mapping[str, Any], files: Path) -> bytes:
    """The picture's bytes, PNG or JPEG. `files` is the folder of the originals. The maker is loaded when needed."""
    if kind not in KINDS:
        raise ValueError(f"no picture of kind {kind}")
    made: bytes = import_module(f"cards.pictures.{kind}").make(data, files)
    return made
