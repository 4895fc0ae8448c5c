"""What a pilot says, and what a run costs by it, in words."""

from collections.abc import Iterator, Sequence
from itertools import starmap

from attrs import evolve

from dosimeter.cli.plan_tables import Table, of_pilot
from dosimeter.engine.forecast import Forecast
from dosimeter.model.planning import Learned, PilotAnswer, PilotWithin
from dosimeter.model.planning_within import Varied
from dosimeter.plural import plural


def cost(found: Forecast) -> Iterator[str]:
    """Say what the run takes at the pilot's cost, beside the most that it may take."""
    by, pilot = found.by_pilot, found.pilot
    if by is None or pilot is None:
        return
    tokens = "tokens unknown" if by.tokens is None else f"about {by.tokens:,} tokens"
    money = "unknown" if by.money is None else f"{by.money:.4f}" if by.money else "0"
    pace = "time unknown" if by.minutes is None else f"{by.minutes:.1f} minutes at its pace"
    yield f"as the pilot {pilot.run} took: {tokens}, cost {money}, {pace}; above is the most"
    yield from (f"  {words}" for words in by.lacking)


def tables(found: Forecast, *, every: bool) -> Iterator[Table]:
    """Give what the pilot says of each number, with how far it may be off."""
    rows = [_row(s.pilot) for s in of_pilot(found, every=every) if s.pilot]
    if found.pilot is None or not rows:
        return
    attempts = plural(found.pilot.done, "attempt")
    title = f"The pilot {found.pilot.run}, {attempts}, with 95 % limits (-> what is planned with):"
    names = ("measure", "intent", "attack")
    heads = ("value", "families", "attempts", "missing", "ICC", "two targets")
    yield Table(title, names, heads, tuple(rows))
    within = {w.pilot: w.varied for w in found.within if w.pilot}
    if within:
        title = f"The pilot {found.pilot.run} within families, likewise:"
        of_within = ("value", "families", "missing", "sd of families")
        yield Table(title, names, of_within, tuple(starmap(_row_within, within.items())))


def _row_within(
    one: PilotWithin, planned: Sequence[Varied]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Show the spread that the pilot had, and that of the plan, which may have fewer attempts a cell."""
    sd = evolve(one.sd, used=planned[0].sd) if planned else one.sd
    return (
        (one.measure, one.intent, one.attack),
        (f"{one.value:.2f}", f"{one.families}", f"{100 * one.missing:.0f} %", _learned(sd)),
    )


def _row(one: PilotAnswer) -> tuple[tuple[str, ...], tuple[str, ...]]:
    levels = (one.level, *(f"{name} {value}" for name, value in one.levels))
    measure, pair = " ".join(filter(None, (one.measure, *levels))), one.pair
    varies = pair and (pair.discordant or pair.sd)
    what = "disagree" if pair and pair.discordant else "sd"
    return (
        (measure, one.intent, one.attack),
        (
            f"{one.value:.2f}", f"{one.families}", f"{one.attempts}", f"{100 * one.missing:.0f} %",
            _learned(one.icc), f"{what} {_learned(varies)}" if varies else "",
        ),
    )  # fmt: skip


def _learned(one: Learned | None) -> str:
    if one is None:
        return "unknown"
    return f"{one.value:.2f} [{one.low:.2f}, {one.high:.2f}] -> {one.used:.2f}"
