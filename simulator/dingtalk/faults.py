"""The faults of this vendor: those all vendors have, error answers of its own, and scenes of Stream and robot."""

from __future__ import annotations

from simulator.faults import Fault, FaultRefused, Faults

ANSWERS = ("quota", "permission", "busy", "blocked", "undelivered", "flow_control")
"""On API paths. The last two leave HTTP 200: a card or message that did not reach its receiver."""

SCENES: dict[str, tuple[str, ...]] = {
    "message": ("over_quota", "outsider", "unpublished"),
    "stream": ("disconnect", "abort", "ping"),
    "ticket": ("expired",),
}
"""On places of its own: the next robot message, the connection picked for the next push, the next ticket."""


class DingtalkFaults(Faults):
    """Refuses a scene anywhere but at its place."""

    def __init__(self) -> None:
        super().__init__(*ANSWERS, *(kind for kinds in SCENES.values() for kind in kinds))

    def add(self, fault: Fault) -> None:
        """Let the fault happen; refuses kinds that make no sense at that place."""
        scenes = [kind for kinds in SCENES.values() for kind in kinds]
        if fault.path in SCENES and fault.kind not in SCENES[fault.path]:
            raise FaultRefused(f"{fault.path} 上可用的故障：{'、'.join(SCENES[fault.path])}")
        if fault.path not in SCENES and fault.kind in scenes:
            raise FaultRefused(f"「{fault.kind}」只能用在 {'、'.join(SCENES)}")
        super().add(fault)

    def offers(self) -> dict[str, tuple[str, ...]]:
        """What can go wrong, by place; scenes only at theirs."""
        found = super().offers()
        scenes = {kind for kinds in SCENES.values() for kind in kinds}
        return {**found, "api": tuple(kind for kind in found["api"] if kind not in scenes), **SCENES}

    def scene(self, place: str) -> str:
        """The scene that happens at this place now, used up by one; empty when there is none."""
        fault = self.take("", place)
        return fault.kind if fault is not None and fault.path == place else ""
