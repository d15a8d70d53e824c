"""The vendor's own protobuf classes of the long connection, without the 160 MiB that importing its SDK takes.

The two packages above them are empty stand-ins while they are loaded: their own code would pull in everything.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
import types
from pathlib import Path


def _load() -> tuple[types.ModuleType, types.ModuleType]:
    found = importlib.util.find_spec("lark_oapi")
    assert found is not None
    assert found.origin is not None
    root = Path(found.origin).parent
    parents = {"lark_oapi": root, "lark_oapi.ws": root / "ws"}
    kept = {name: sys.modules.get(name) for name in parents}
    for name, folder in parents.items():
        stand_in = types.ModuleType(name)
        stand_in.__path__ = [str(folder)]
        sys.modules[name] = stand_in
    try:
        frames = importlib.import_module("lark_oapi.ws.pb.pbbp2_pb2")
        messages = importlib.import_module("lark_oapi.ws.pb.google.protobuf.message")
    finally:
        for name, module in kept.items():
            if module is None:
                del sys.modules[name]
            else:
                sys.modules[name] = module
    return frames, messages


_frames, _messages = _load()
VendorFrame = _frames.Frame
VendorRefuses = (_messages.DecodeError, UnicodeDecodeError)
"""What its parser raises on bytes that are no frame, or hold a text that is none."""
