"""The vendors this simulator can stand for."""

from __future__ import annotations

from collections.abc import Callable

from simulator.dingtalk.vendor import DingtalkVendor
from simulator.feishu.vendor import FeishuVendor
from simulator.vendor import Parts, Vendor
from simulator.wecom.vendor import WecomVendor

MAKERS: dict[str, Callable[[Parts], Vendor]] = {
    "feishu": FeishuVendor,
    "wecom": WecomVendor,
    "dingtalk": DingtalkVendor,
}
"""A maker per platform, in the order the page shows them."""


def make_vendors(parts: Parts) -> dict[str, Vendor]:
    """The vendors that are on, by name."""
    return {name: MAKERS[name](parts) for name in parts.options.vendors}
