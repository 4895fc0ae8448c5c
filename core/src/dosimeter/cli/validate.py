"""``dosimeter validate``."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from dosimeter.cli.codes import PASS, USAGE
from dosimeter.cli.common import aside, emit, installed, journal_of, read_stack
from dosimeter.cli.options import runs_dir_option, stack_options

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dosimeter.model.stackfile import Stack


@click.command(name="validate")
@stack_options
@runs_dir_option
@click.option(
    "--json", "as_json", is_flag=True, help="Print the faults, or the resolved stack, as JSON."
)
def command(
    stack_file: Path, settings: tuple[str, ...], limit: int | None, runs_dir: Path, as_json: bool
) -> int:
    """Check a stack and everything it names; no network, no model."""
    from dosimeter.errors import DosimeterError, StackError
    from dosimeter.sinks.plain import stack as shown

    faults: list[dict[str, str | None]] = []
    lacking: Sequence[tuple[str, str]] = ()
    stack = None
    try:
        stack, lacking = _checked(stack_file, settings, limit, runs_dir)
    except DosimeterError as exc:
        if not as_json:
            raise
        told = exc.faults if isinstance(exc, StackError) else ()
        faults = _listed(told or (("", str(exc)),))
    facts = {
        "file": str(stack_file),
        "valid": stack is not None,
        "faults": faults,
        "warnings": _listed(lacking),
        "stack": shown(stack.text) if stack else None,
        "stack_hash": stack.hash if stack else None,
    }
    names = ", ".join(t.name for t in stack.targets) if stack else ""
    text = f"{stack_file} is valid: targets {names}; hash {facts['stack_hash']}"
    lines = [text, *(f"! {path}: {why}" for path, why in lacking)]
    emit(facts, as_json=as_json, text="\n".join(lines))
    return PASS if stack else USAGE


def _listed(told: "Sequence[tuple[str, str]]") -> list[dict[str, str | None]]:
    return [{"path": path or None, "message": text} for path, text in told]


def _checked(
    stack_file: Path, settings: tuple[str, ...], limit: int | None, runs_dir: Path
) -> "tuple[Stack, Sequence[tuple[str, str]]]":
    """Give the stack, and what it lacks to be run."""
    from dosimeter.cli.freezing import lock_for
    from dosimeter.cli.gates import check_baselines, check_gates
    from dosimeter.engine.build import build_categories, build_raters

    registry = installed()
    stack, secrets = read_stack(registry, stack_file, settings, limit, sends=False)
    lock_for(stack_file, stack, None)
    check_baselines(stack_file, stack, journal_of(runs_dir, stack.name, limit))
    with aside():
        parts = build_categories(stack, registry, secrets)
        raters = build_raters(stack.raters, (*stack.targets, *stack.endpoints), registry, secrets)
        unrated = check_gates(stack_file, stack, parts, raters)
    of_items = [(f"categories.{p.spec.id}", n.text) for p in parts for n in p.spec.notices]
    of_raters = [(f"raters.{rater}", words) for rater, words in unrated]
    return stack, (*secrets.lacking, *of_items, *of_raters)
