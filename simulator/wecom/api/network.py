"""Where calls to the bot come from, and where the API is."""

from __future__ import annotations

from simulator.wecom.http import Json, Request, ok

ADDRESSES = ["127.0.0.1"]


async def addresses(request: Request) -> Json:
    """GET getcallbackip and get_api_domain_ip: this computer."""
    return ok(ip_list=ADDRESSES)
