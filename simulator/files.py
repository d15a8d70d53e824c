"""Uploads as HTTP answers."""

from __future__ import annotations

from urllib.parse import quote

from aiohttp import web

from simulator.messages import Blob


def download(blob: Blob) -> web.Response:
    """The bytes with type and name."""
    ascii_name = blob.name.encode("ascii", "replace").decode().replace('"', "_")
    disposition = f"attachment; filename=\"{ascii_name}\"; filename*=UTF-8''{quote(blob.name)}"
    headers = {"Content-Disposition": disposition, "Content-Type": blob.mime}
    return web.Response(body=blob.data, headers=headers)
