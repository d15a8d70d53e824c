"""`python -m bench [NAME...]`: run the benches, print the machine and the table. `--list` names them."""

from __future__ import annotations

import argparse
import importlib
import sys
from pathlib import Path
from typing import Any

import orjson

from bench.figures import Figure, Plan, not_run, table
from bench.machine import description

NAMES = (
    "ingest",
    "wecom",
    "dingtalk",
    "queue",
    "kill",
    "timers",
    "leads",
    "imports",
    "start",
    "chat",
    "decide",
    "slow",
    "lock",
    "draw",
    "broadcast",
)
RESULTS = Path(__file__).parent / "results"


def main() -> int:
    """0 when every target that was measured is met."""
    args = _arguments()
    if args.list:
        for name in NAMES:
            print(f"{name:9} {_bench(name).TITLE}")
        return 0
    plan = Plan(rounds=args.rounds or (2 if args.quick else 5), quick=args.quick)
    machine = description()
    print(machine, f"{plan.rounds} rounds", sep="\n", flush=True)
    figures: list[Figure] = []
    for name in args.names or NAMES:
        print(f"\n{name}: {_bench(name).TITLE}\n", flush=True)
        found = _run(name, plan)
        print(table(found), flush=True)
        figures += found
        if args.save:
            _save(name, machine, plan, found)
    missed = [figure for figure in figures if figure.met is False]
    print(f"\n{len(figures)} figures, {len(missed)} targets missed", flush=True)
    return 1 if missed else 0


def _run(name: str, plan: Plan) -> list[Figure]:
    """A bench that breaks is a line in the table; the others still run."""
    try:
        return list(_bench(name).run(plan))
    except Exception as error:
        if "--debug" in sys.argv:
            raise
        return [not_run("", name, f"{type(error).__name__}: {str(error)[:200]}")]


def _bench(name: str) -> Any:
    return importlib.import_module(f"bench.{name}")


def _save(name: str, machine: str, plan: Plan, figures: list[Figure]) -> None:
    RESULTS.mkdir(exist_ok=True)
    lines = [{**_plain(figure), "met": figure.met} for figure in figures]
    data = {"machine": machine, "rounds": plan.rounds, "quick": plan.quick, "figures": lines}
    (RESULTS / f"{name}.json").write_bytes(orjson.dumps(data, option=orjson.OPT_INDENT_2) + b"\n")


def _plain(figure: Figure) -> dict[str, Any]:
    plain: dict[str, Any] = orjson.loads(orjson.dumps(figure))
    return plain


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(NAMES))
    parser.add_argument("--list", action="store_true", help="name the benches")
    parser.add_argument("--quick", action="store_true", help="two short rounds")
    parser.add_argument("--rounds", type=int, default=0, help="rounds (default 5)")
    parser.add_argument("--save", action="store_true", help="write bench/results/NAME.json")
    parser.add_argument("--debug", action="store_true", help="stop at the first error")
    args = parser.parse_args()
    if unknown := set(args.names) - set(NAMES):
        parser.error(f"no bench named {', '.join(sorted(unknown))}")
    return args


if __name__ == "__main__":
    sys.exit(main())
