"""``dosimeter plan``."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from dosimeter.cli.common import emit, installed, read_stack, stack_options

if TYPE_CHECKING:
    from dosimeter.engine.forecast import Forecast


@click.command(name="plan")
@stack_options
@click.option("--json", "as_json", is_flag=True, help="Print the plan as JSON.")
def command(stack_file: Path, settings: tuple[str, ...], limit: int | None, as_json: bool) -> int:
    """Show what a run would attempt, call, take and cost, before anything is spent."""
    from dosimeter.cli.reporting import console_of
    from dosimeter.engine.build import build_categories
    from dosimeter.engine.forecast import forecast
    from dosimeter.model.specs import ScorerSpec

    registry = installed()
    stack, secrets = read_stack(registry, stack_file, settings, limit)
    raters = [registry.get(ScorerSpec, r.choice.id) for r in stack.raters]
    found = forecast(stack, build_categories(stack, registry, secrets), raters)
    emit(found, as_json=as_json, text=in_words(found, console_of().width))
    return 0


def in_words(found: "Forecast", width: int) -> str:
    """Put a forecast into a table that is at most *width* wide, if that can be."""
    from dosimeter.sinks.grid import Grid, Row, lines
    from dosimeter.sinks.text import safe

    rows = []
    for r in found.rows:
        money = "unknown" if r.money is None else f"{r.money:.4f}"
        minutes = "no limit" if r.minutes is None else f"{r.minutes:.1f}"
        told = (f"{r.families}", f"{r.attempts}", f"{r.calls}", f"{r.tokens:,}", money, minutes)
        names = tuple(map(safe, (r.category, r.attack, r.target)))
        rows.append(Row(names=names, pairs=tuple((cell, "") for cell in told)))
    heads = ("families", "attempts", "calls", "tokens", "cost", "minutes")
    grid = Grid(
        names=("category", "attack", "target"),
        heads=tuple((head, "") for head in heads),
        rows=tuple(rows),
    )
    total = f"{found.attempts} attempts, {found.calls} calls, about {found.tokens:,} tokens"
    return "\n".join([*lines(grid, width), total, *(f"! {w}" for w in found.warnings)])
