"""G5: WeCom callbacks stored durably before the answer, beside wechatpy and a server that only verifies."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from functools import partial
from importlib.metadata import version
from pathlib import Path

from bench.figures import Figure, Plan, Target, compare
from bench.rounds import bare, cpu_per_request, stored
from bench.traffic import write_all
from bench.wires import wecom_app, wecom_bot

TITLE = "WeCom callbacks stored before the answer, app (XML) and smart bot (JSON) (G5, G1 on WeCom)"
REQUESTS = 40_000
VERIFY = "verify only"


def run(plan: Plan) -> Iterator[Figure]:
    """Bursts go from one server to the next; every baseline answers without storing anything."""
    wechatpy = f"wechatpy {version('wechatpy')}, stores nothing"
    with tempfile.TemporaryDirectory(prefix="dealdesk-bench-") as folder:
        app, bot = Path(folder) / "app.bin", Path(folder) / "bot.bin"
        write_all(app, map(wecom_app, range(REQUESTS)))
        write_all(bot, map(wecom_bot, range(REQUESTS)))
        cpu = cpu_per_request(
            plan,
            {
                "app": partial(stored, "wecom", app),
                "app verify": partial(bare, "verify_wecom", app),
                "wechatpy": partial(bare, "wechatpy_uv", app),
                "bot": partial(stored, "wecom", bot),
                "bot verify": partial(bare, "verify_wecom", bot),
            },
        )
    yield compare("G5", "app callback on SQLite, CPU", cpu["app"], "us", against=wechatpy, theirs=cpu["wechatpy"],
                  target=Target("<=", 1.0))  # fmt: skip
    yield compare("issue 4", "app callback on SQLite, CPU", cpu["app"], "us", against=VERIFY, theirs=cpu["app verify"],
                  target=Target("<=", 1.5))  # fmt: skip
    yield compare("issue 4", "smart bot callback on SQLite, CPU", cpu["bot"], "us", against=VERIFY,
                  theirs=cpu["bot verify"], target=Target("<=", 1.5))  # fmt: skip
