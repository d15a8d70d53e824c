"""Faults on demand of this vendor: more kinds on its deliveries, and every error code on its API."""

from __future__ import annotations

from simulator.faults import SENDER_KINDS, SENDER_PATHS, Fault, FaultRefused, Faults
from simulator.wecom.errors import TEXTS

FORGED = ("bad_signature", "bad_receiver", "truncated", "dtd")
CLICKS = ("same_second", "expired_code", "stranger")
CALLS = ("unlicensed", "invalid_user")


class WecomFaults(Faults):
    """Paths "event" and "callback" (a click) mean deliveries, anything else the API.

    API kinds beside the usual ones: an error code of the vendor ("45009" with `ms` lasts that long),
    `unlicensed` and `invalid_user` (the first receiver is refused). Deliveries are repeated by this vendor,
    clicks too, so both may be doubled or come out of order; they may also be forged or damaged.
    """

    def __init__(self) -> None:
        super().__init__(*CALLS, *(str(code) for code in TEXTS if code))

    def add(self, fault: Fault) -> None:
        """Let the fault happen; refuses kinds that make no sense at that place."""
        if fault.path not in SENDER_PATHS:
            super().add(fault)
            return
        kinds = self.offers()[fault.path]
        if fault.kind not in kinds:
            raise FaultRefused(f"{fault.path} 上没有「{fault.kind}」这种故障，可用：{'、'.join(kinds)}")
        if fault.count < 1 or fault.ms < 0:
            raise FaultRefused("count 至少 1，ms 不能是负数")
        self._faults.append(fault)

    def offers(self) -> dict[str, tuple[str, ...]]:
        """What can go wrong, by place."""
        event = (*SENDER_KINDS, *FORGED)
        return {**super().offers(), "event": event, "callback": (*event, *CLICKS)}

    def special(self, path: str, *kinds: str) -> str:
        """The kind of the fault taken next at this place, taken now when it is one of these."""
        first = next((fault for fault in self._faults if fault.path == path), None)
        if first is None or first.kind not in kinds:
            return ""
        self.take("POST", path)
        return first.kind
