"""``dosimeter runs diff``."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dosimeter.cli import complete
from dosimeter.cli.common import emit, find_journal
from dosimeter.cli.options import PLACE, runs_dir_option

if TYPE_CHECKING:
    from dosimeter.analysis.differ import Difference, Shared

DIFFERENT = 1
"""As `diff` has it: 0 for the same, 1 for different, 2 for trouble."""
WIDEST = 80
"""Characters of a value that a line shows; JSON has all."""


@click.command(name="diff")
@click.argument("a", type=PLACE, shell_complete=complete.runs)
@click.argument("b", type=PLACE, shell_complete=complete.runs)
@runs_dir_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(a: Path, b: Path, runs_dir: Path, as_json: bool) -> int:
    """Show where runs A and B differ, and how far their numbers can be compared: no texts."""
    from contextlib import closing

    from dosimeter.analysis.differ import differences, shared
    from dosimeter.journal.damage import reading
    from dosimeter.journal.reader import Reader

    ours, theirs = find_journal(a, runs_dir), find_journal(b, runs_dir)
    with (
        reading(ours, theirs),
        closing(Reader(ours)) as one,
        closing(Reader(theirs)) as other,
    ):
        found = tuple(differences(one, other))
        common = shared(one, other)
    measured = any(d.measured for d in found)
    facts = {
        "a": str(ours),
        "b": str(theirs),
        "different": measured,
        "differences": [_plain(d) for d in found],
        "shared": common,
    }
    emit(facts, as_json=as_json, text="\n".join(_lines(found, common)))
    return DIFFERENT if measured else 0


def _plain(one: "Difference") -> dict[str, Any]:
    """Give a difference with numbers as numbers."""
    from dosimeter.sinks.plain import number, plain

    sides = {side: None if v is None else number(v) for side, v in (("a", one.a), ("b", one.b))}
    return {**plain(one), **sides}


def _lines(found: "Sequence[Difference]", common: "Shared") -> Iterator[str]:
    measured = [d for d in found if d.measured]
    others = [d for d in found if not d.measured]
    yield from map(_line, measured)
    if not measured:
        yield "Nothing differs that is measured."
    if others:
        yield "No number depends on:"
        yield from (f"  {_line(d)}" for d in others)
    yield from _meaning(common)


def _line(one: "Difference") -> str:
    a, b = ("-" if v is None else _short(v) for v in (one.a, one.b))
    return f"{one.kind} {one.id}: {a} -> {b}"


def _short(value: str) -> str:
    return value if len(value) <= WIDEST else f"{value[: WIDEST - 1]}…"


def _meaning(c: "Shared") -> Iterator[str]:
    """Say what is comparable."""
    changed = f", {c.changed} under one id with other words" if c.changed else ""
    yield f"Items alike: {c.items} (of {c.items_a} and {c.items_b}){changed}."
    if c.prompts:
        told = (
            f"possible over {c.prompts} prompts that both put (of {c.prompts_a} and {c.prompts_b})"
        )
        if c.prompts < max(c.prompts_a, c.prompts_b):
            told += "; a number over all of a run speaks of others too"
    else:
        told = f"impossible: no prompt of {c.prompts_a} and {c.prompts_b} was put by both"
    yield f"Comparison paired by prompt (item, attack, variant, repeat): {told}."
    told = f"Attempts of one id: {c.attempts} (of {c.attempts_a} and {c.attempts_b})"
    same = ": one prompt to one target, so answers differ by chance, or by another model behind its name"
    yield f"{told}{same if c.attempts else ''}."
