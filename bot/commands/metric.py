"""`dealdesk metric NAME`: one metric of a scope and period, exact, with the facts that add up to it. R-DRILL."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import click
import orjson

from bot.clock import Clock
from bot.commands import fail, settings, store
from sales.errors import Refusal
from sales.imports import instant_of
from sales.metrics import Measure, NoValue, Period, is_scope, parse_period
from sales.policy import Policy
from storage.config import Policies
from storage.numbers import Numbers
from storage.tx import Tx


@click.command("metric")
@click.argument("name")
@click.option("--scope", default="company", show_default=True, help="company, team:PATH or member:ID")
@click.option("--period", required=True, help="such as 2026-W47 or 2026-11")
@click.option("--as-of", "as_of", default="", help="evaluation instant, ISO 8601 with offset; default: now")
@click.option("--facts", is_flag=True, help="list the facts")
@click.option("--json", "as_json", is_flag=True, help="print one JSON document")
def command(name: str, scope: str, period: str, as_of: str, facts: bool, as_json: bool) -> None:
    """Print one metric (LDR)."""
    measure_of = METRICS.get(name.upper())
    if measure_of is None:
        fail(f"没有「{name}」这个指标。现在能算的有：{'、'.join(METRICS)}。")
    if not is_scope(scope):
        fail(f"没看懂范围「{scope}」，写成 company、team:华东/一组 或 member:m03。")
    instant = instant_of(as_of) if as_of else Clock().business()
    if instant is None:
        fail("--as-of 要是带时区的时间，如 2026-11-19T09:00:00+08:00。")
    chosen, opened = settings(), store()
    try:
        with opened.snapshot() as conn:
            policy = Policies(Policy(zone=chosen.timezone))(conn)
            tx = Tx(conn, opened, now=instant, policy=policy, numbers=Numbers())
            measure = measure_of(tx, scope, parse_period(period, policy), instant)
    except Refusal as refusal:
        fail(refusal.text)
    finally:
        opened.close()
    shown = as_plain(measure, policy, facts=facts)
    click.echo(orjson.dumps(shown) if as_json else _as_text(shown))


def as_plain(measure: Measure, policy: Policy, *, facts: bool) -> dict[str, Any]:
    """The measure as the public JSON document; `facts` is null unless asked for."""
    return {
        "metric": measure.metric,
        "scope": measure.scope,
        "period": measure.period.name,
        "value": None if isinstance(measure.value, NoValue) else measure.percent_text(),
        "numerator": measure.numerator,
        "denominator": measure.denominator,
        "provisional": measure.provisional,
        "state": measure.state(policy),
        "facts": [_fact(fact) for fact in measure.facts] if facts else None,
    }


def _fact(fact: Any) -> dict[str, Any]:
    return {
        "lead_id": fact.lead,
        "assignment_id": fact.assignment,
        "started_at": fact.start.isoformat(),
        "member_id": fact.member_id,
        "team": fact.team,
        "touched": fact.touched,
    }


def _as_text(shown: Mapping[str, Any]) -> str:
    value = "—" if shown["value"] is None else f"{shown['value']}%（{shown['numerator']}/{shown['denominator']}）"
    lines = [f"{shown['metric']}  {shown['scope']}  {shown['period']}  {value}  {shown['state']}"]
    lines[0] += "  暂计" if shown["provisional"] else ""
    lines += ["  ".join(map(str, fact.values())) for fact in shown["facts"] or ()]
    return "\n".join(lines)


def _ldr(tx: Tx, scope: str, period: Period, as_of: datetime) -> Measure:
    return tx.leads.ldr(scope, period, as_of=as_of)


METRICS: Mapping[str, Callable[[Tx, str, Period, datetime], Measure]] = {"LDR": _ldr}
"""A metric is one function here."""
