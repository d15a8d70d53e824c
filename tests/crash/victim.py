"""Bots that die on order. `python -m tests.crash.victim` loads the product once and forks one bot per order.

An order is a JSON line on stdin: settings, `lease_ms`, the death (`step` and `nth`), and `clock_us` where the clock is
moved. A bot counts the steps it reaches only after SIGUSR1 armed it; until then it is as any other. Each JSON line on
stdout is one thing that happened: {"forked": pid}, {"armed": pid}, {"ended": returncode}; a line that is no JSON is the
bot saying it is ready.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from typing import Any

import orjson
import uvloop

from bot.clock import MovableClock
from bot.commands.serve import serve
from bot.log import configure
from bot.main import _warm_up, build
from bot.platforms.registry import load_settings
from bot.steps import StepName, watch

LOUD = 30


class Death:
    """Kills the process when it reaches the step for the nth time since it was armed."""

    def __init__(self, step: StepName, nth: int) -> None:
        self._step = step
        self._left = nth
        self._armed = False

    def arm(self) -> None:
        """Count from now on."""
        self._armed = True
        say(armed=os.getpid())

    def __call__(self, step: StepName) -> None:
        if not self._armed or step != self._step:
            return
        self._left -= 1
        if not self._left:
            os.kill(os.getpid(), signal.SIGKILL)


def say(**happened: int) -> None:
    """Tell the test."""
    sys.stdout.buffer.write(orjson.dumps(happened) + b"\n")
    sys.stdout.buffer.flush()


async def live(order: dict[str, Any]) -> None:
    """Serve as `dealdesk serve` does, until SIGTERM or the ordered death."""
    death = Death(order["step"], order["nth"])
    watch(death)
    clock = MovableClock(order["clock_us"]) if order["clock_us"] else None
    bot = build(load_settings(**order["settings"]), clock=clock, lease_ms=order["lease_ms"])
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, death.arm)
    await serve(bot)


def main() -> None:
    """Read orders, fork bots, tell how they ended."""
    configure(level=LOUD)
    _warm_up()
    for line in sys.stdin.buffer:
        order = orjson.loads(line)
        pid = os.fork()
        if not pid:
            uvloop.run(live(order))
            sys.stdout.flush()
            os._exit(0)
        say(forked=pid)
        _, status = os.waitpid(pid, 0)
        say(ended=os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    main()
