"""``dosimeter plan``."""

from pathlib import Path

import click

from dosimeter.cli.common import emit, installed, read_stack, stack_options


@click.command(name="plan")
@stack_options
@click.option("--json", "as_json", is_flag=True, help="Print the plan as JSON.")
def command(stack_file: Path, settings: tuple[str, ...], limit: int | None, as_json: bool) -> int:
    """Show what a run would attempt, call, take and cost, before anything is spent."""
    from dosimeter.engine.build import build_categories
    from dosimeter.engine.forecast import forecast, in_words
    from dosimeter.model.specs import ScorerSpec

    registry = installed()
    stack, secrets = read_stack(registry, stack_file, settings, limit)
    raters = [registry.get(ScorerSpec, r.choice.id) for r in stack.raters]
    found = forecast(stack, build_categories(stack, registry, secrets), raters)
    emit(found, as_json=as_json, text=in_words(found))
    return 0
