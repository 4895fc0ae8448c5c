"""``dosimeter validate``."""

from pathlib import Path

import click

from dosimeter.cli.common import emit, installed, read_stack, stack_options


@click.command(name="validate")
@stack_options
@click.option(
    "--json", "as_json", is_flag=True, help="Print the resolved stack as JSON, without secrets."
)
def command(stack_file: Path, settings: tuple[str, ...], limit: int | None, as_json: bool) -> int:
    """Check a stack and everything it names; no network, no model."""
    import json

    from dosimeter.engine.build import build_categories, build_raters
    from dosimeter.engine.reach import census, out_of_reach
    from dosimeter.errors import StackError

    registry = installed()
    stack, secrets = read_stack(registry, stack_file, settings, limit)
    parts = build_categories(stack, registry, secrets)
    built = build_raters(stack.raters, (*stack.targets, *stack.endpoints), registry, secrets)
    if stack.gates:
        lost = list(out_of_reach(stack, parts, census(stack, parts), [r.spec for r in built]))
        if lost:
            raise StackError(
                "\n  ".join([f"{stack_file} has gates that no result can pass:", *lost])
            )
    names = ", ".join(t.name for t in stack.targets)
    emit(json.loads(stack.text), as_json=as_json,
         text=f"{stack_file} is valid: targets {names}; hash {stack.hash}")  # fmt: skip
    return 0
