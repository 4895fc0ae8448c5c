"""``dosimeter plan``."""

from pathlib import Path
from typing import TYPE_CHECKING

import click
from attrs import frozen

from dosimeter.cli import complete
from dosimeter.cli.codes import PASS, USAGE
from dosimeter.cli.common import aside, emit, find_journal, installed, journal_of, read_stack, tell
from dosimeter.cli.gates import check_baselines
from dosimeter.cli.options import PLACE, Difference, Finite, runs_dir_option, stack_options

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dosimeter.engine.forecast import Forecast, JudgeRow, Row
    from dosimeter.engine.showing import Wanted
    from dosimeter.model.planning import Detect
    from dosimeter.model.specs import CategorySpec, ScorerSpec
    from dosimeter.model.stackfile import Stack
    from dosimeter.registry import Registry
    from dosimeter.sinks.grid import Grid
    from dosimeter.stack import Secrets


@frozen
class Asked:
    """What the command asks of a plan beside its counts.

    Attributes:
        pilot: A journal.
        wordy: Whether every measure has its table.
    """

    pilot: Path | None = None
    detect: "tuple[Detect, ...]" = ()
    power: float = 0.8
    wordy: bool = False


NOTHING = Asked()


@click.command(name="plan")
@stack_options
@click.option("--freeze", type=PLACE, help="Write what would be measured to this file.")
@click.option("--force", is_flag=True, help="Write over a frozen plan that is there.")
@click.option("--against", type=PLACE, help="Say what differs from this frozen plan.")
@click.option(
    "--pilot", type=PLACE, metavar="RUN", shell_complete=complete.runs,
    help="Take rates, correlations, spreads, tokens and seconds from this finished run.",
)  # fmt: skip
@runs_dir_option
@click.option(
    "--detect", multiple=True, metavar="[MEASURE=]D", type=Difference(),
    help="Difference that is to be shown, in the measure's units: of a rate as a share (0.02 is 2 points),"
    " of a mean in marks of its scale (0.3 of a mark). Without a measure's id, of every measure.",
)  # fmt: skip
@click.option(
    "--power", type=Finite(0.5, 0.999), default=0.8, show_default=True,
    help="Probability with which a difference is to be shown.",
)  # fmt: skip
@click.option("--long", "wordy", is_flag=True, help="Say of every measure what it can show.")
@click.option("--json", "as_json", is_flag=True, help="Print the plan as JSON.")
def command(
    stack_file: Path,
    settings: tuple[str, ...],
    limit: int | None,
    freeze: Path | None,
    force: bool,
    against: Path | None,
    pilot: Path | None,
    runs_dir: Path,
    detect: "tuple[Detect, ...]",
    power: float,
    wordy: bool,
    as_json: bool,
) -> int:
    """Show what a run would attempt, cost, and be able to show, before anything is spent.

    Rates, means, differences of targets and within families; what is not planned is named with why.
    """
    if freeze and against:
        msg = "--freeze writes a plan and --against reads one; give one of them"
        raise click.UsageError(msg)
    if (freeze or against) and (pilot or detect or wordy):
        msg = "--pilot, --detect and --long say what a plan can show: leave out --freeze and --against"
        raise click.UsageError(msg)
    registry = installed()
    stack, secrets = read_stack(registry, stack_file, settings, limit, sends=False)
    if not against:
        check_baselines(stack_file, stack, journal_of(runs_dir, stack.name, limit))
    if freeze:
        return _freeze(freeze, stack_file, stack, registry, secrets, force=force, as_json=as_json)
    if against:
        return _compare(against, stack, registry, secrets, as_json=as_json)
    asked = Asked(pilot and find_journal(pilot, runs_dir), detect, power, wordy)
    return _forecast(stack, registry, secrets, asked, as_json=as_json)


def _freeze(
    path: Path, stack_file: Path, stack: "Stack", registry: "Registry", secrets: "Secrets",
    *, force: bool, as_json: bool,
) -> int:  # fmt: skip
    from dosimeter.cli import freezing

    with aside():
        lock = freezing.freeze(path, stack_file, stack, registry, secrets, force=force)
    facts = {"file": str(path), "frozen": lock.date, "hash": lock.hash}
    emit(facts, as_json=as_json, text=freezing.frozen_in_words(path, lock, stack_file))
    return 0


def _compare(
    path: Path, stack: "Stack", registry: "Registry", secrets: "Secrets", *, as_json: bool
) -> int:
    from dosimeter.cli import freezing

    with aside():
        lock, found = freezing.compare(path, stack, registry, secrets)
    changes = [{"what": c.what, "exploratory": list(map(dict, c.touches))} for c in found]
    facts = {"file": str(path), "frozen": lock.date, "hash": lock.hash, "changes": changes}
    emit(facts, as_json=as_json, text=freezing.compared_in_words(path, lock, found))
    return 0


def _forecast(
    stack: "Stack", registry: "Registry", secrets: "Secrets", asked: Asked, *, as_json: bool
) -> int:
    import attrs

    from dosimeter.cli.reporting import console_of
    from dosimeter.engine.build import accounts_of, build_categories
    from dosimeter.engine.forecast import forecast
    from dosimeter.engine.items import any_limited
    from dosimeter.model.specs import ScorerSpec

    raters = [registry.get(ScorerSpec, r.choice.id) for r in stack.raters]
    with aside():
        parts = build_categories(stack, registry, secrets)
        wanted = _wanted(asked, [part.spec for part in parts], raters)
        found = forecast(stack, parts, raters, accounts_of(stack, secrets, registry), wanted)
    lacking = (f"{path}: {why}" for path, why in secrets.lacking)
    found = attrs.evolve(found, warnings=(*found.warnings, *lacking))
    console = console_of()
    text = in_words(found, console.width, ascii_only=console.options.ascii_only, asked=asked)
    emit(found, as_json=as_json, text=text)
    if any_limited(parts) or all(g.reachable is not False for g in found.gates):
        return PASS
    tell("dosimeter: a gate is out of reach, so `validate` and `run` refuse this stack")
    return USAGE


def _wanted(
    asked: Asked, categories: "Sequence[CategorySpec]", raters: "Sequence[ScorerSpec]"
) -> "Wanted":
    """Read the pilot, and hold the measures that are named to those that there are."""
    from contextlib import closing

    from dosimeter.analysis.pilot import learn
    from dosimeter.engine.showing import Wanted
    from dosimeter.journal.damage import check_whole, reading
    from dosimeter.journal.reader import Reader
    from dosimeter.model.margins import margin_fault
    from dosimeter.model.questions import ends, questions, scales_of
    from dosimeter.nearest import nearest

    measures = questions(categories, raters)
    scales = {scale.name: scale for scale in scales_of(categories, raters)}
    known = {m.id: ends(m, scales.get(m.scale)) for m in measures}
    compared = [m.id for m in measures if m.estimator in {"rate", "mean"} and m.contrast is None]
    for one in asked.detect:
        if one.measure and one.measure not in known:
            msg = f"--detect: no measure is called {one.measure!r}; {nearest(one.measure, known)}"
            raise click.UsageError(msg)
        for name in [one.measure] if one.measure else compared:
            low, high = known[name]
            if fault := margin_fault(one.difference, high - low):
                how = "" if one.measure else "; name the measure that is meant: MEASURE=D"
                msg = f"--detect {one.difference:g}: of {name} {fault}{how}"
                raise click.UsageError(msg)
    pilot = None
    if asked.pilot is not None:
        with reading(asked.pilot), closing(Reader(asked.pilot)) as reader:
            check_whole(reader)
            pilot = learn(reader, measures)
    return Wanted(pilot=pilot, detect=asked.detect, power=asked.power)


def in_words(
    found: "Forecast", width: int, *, ascii_only: bool = False, asked: Asked = NOTHING
) -> str:
    """Put a forecast into tables that are at most *width* wide, if that can be."""
    from dosimeter.cli import pilots, plan_within, planned
    from dosimeter.engine import gated

    total, named = _total(found), bool(asked.detect)
    told = [*planned.sentences(found, asked=named), *plan_within.sentences(found, asked=named)]
    told += plan_within.unplanned(found)
    shown = _shown(found, width, asked, ascii_only=ascii_only)
    ends = [*map(gated.in_words, found.gates), *(f"! {w}" for w in found.warnings)]
    gap = [""] if ends and shown else []
    out = _counts(found, width, ascii_only=ascii_only)
    return "\n".join(
        [*out, total, _of_minutes(found), *pilots.cost(found), *told, *shown, *gap, *ends]
    )


def _shown(found: "Forecast", width: int, asked: Asked, *, ascii_only: bool) -> list[str]:
    """Lay out what the plan can show: three columns, or all of them where somebody asks."""
    from dosimeter.cli import pilots, plan_tables, plan_within
    from dosimeter.sinks.grid import lines

    full = bool(asked.wordy or asked.detect or asked.pilot)
    tables = plan_tables.long(found, every=asked.wordy) if full else plan_tables.short(found)
    within = plan_within.tables(found, full=full)
    out = []
    for table in (*tables, *within, *pilots.tables(found, every=asked.wordy)):
        grid = _grid(table.names, table.heads, table.rows)
        out += ["", table.title, *lines(grid, width, ascii_only=ascii_only)]
    return out


def _counts(found: "Forecast", width: int, *, ascii_only: bool) -> list[str]:
    """Lay out what is attempted, and what judges are asked."""
    from dosimeter.sinks.grid import lines

    controlled = any(r.controls for r in found.rows)
    rows = [
        (
            (r.category, r.attack, r.target),
            (
                f"{r.families}", *([f"{r.controls}"] if controlled else []), f"{r.attempts}",
                *_spent(r),
            ),
        )
        for r in found.rows
    ]  # fmt: skip
    heads = ("calls", "tokens", "cost", "minutes")
    counts = ("families", *(["controls"] if controlled else []), "attempts")
    grid = _grid(("category", "attack", "target"), (*counts, *heads), rows)
    out = lines(grid, width, ascii_only=ascii_only)
    if found.judges:
        judged = [
            ((j.rater, ", ".join(j.endpoints)), (f"{j.votes}", *_spent(j))) for j in found.judges
        ]
        grid = _grid(("judge", "asks"), ("votes", *heads), judged)
        out += ["", *lines(grid, width, ascii_only=ascii_only), ""]
    return out


def _total(found: "Forecast") -> str:
    from dosimeter.plural import plural

    _, tokens, money, minutes = _spent(found)
    made = f"{plural(found.attempts, 'attempt')}, {plural(found.calls, 'call')}"
    total = f"{made}, about {tokens} tokens, cost {money}"
    return total + (f", {minutes} minutes at least" if found.minutes is not None else "")


def _of_minutes(found: "Forecast") -> str:
    """Say what the column of minutes holds."""
    known = (*(r.minutes for r in found.rows), *(j.minutes for j in found.judges))
    rates = [one is not None for one in known]
    if not any(rates):
        return (
            "minutes: not known, as the stack sets no run.requests_per_minute; how long answers take"
            " shows in the run itself"
        )
    blank = "" if all(rates) else "; blank: no rate set"
    return f"minutes: at run.requests_per_minute, answers that take longer aside{blank}"


def _spent(what: "Row | JudgeRow | Forecast") -> tuple[str, str, str, str]:
    money = "unknown" if what.money is None else f"{what.money:.4f}" if what.money else "0"
    minutes = "" if what.minutes is None else f"{what.minutes:.1f}"
    return f"{what.calls}", f"{what.tokens:,}", money, minutes


def _grid(
    names: tuple[str, ...],
    heads: tuple[str, ...],
    rows: "Sequence[tuple[tuple[str, ...], tuple[str, ...]]]",
) -> "Grid":
    from dosimeter.inert import safe
    from dosimeter.sinks import grid

    return grid.Grid(
        names=names,
        heads=tuple((head, "") for head in heads),
        rows=tuple(
            grid.Row(names=tuple(map(safe, who)), pairs=tuple((cell, "") for cell in cells))
            for who, cells in rows
        ),
    )
