"""What a plan can show within families, and what is not planned, in words and in a table."""

from collections.abc import Callable, Iterator, Sequence

from dosimeter.cli.plan_tables import Cells, Table, alike
from dosimeter.cli.planned import amount, between_words, chance, spanned
from dosimeter.engine.between import DISAGREE
from dosimeter.engine.forecast import Forecast
from dosimeter.model.planning_within import Varied, Within
from dosimeter.numbers import Unit, as_amount, percent
from dosimeter.plural import plural

HEADS = ("families", "sd", "+-", "none differ", "smallest")


def sentences(found: Forecast, *, asked: bool) -> Iterator[str]:
    """Say what the plan can show within families, and by what it is reckoned.

    Args:
        found: The plan.
        asked: Whether somebody asked about a difference.
    """
    for category in sorted({w.category for w in found.within}):
        for share in (True, False):
            mine = [w for w in found.within if (w.category, w.share) == (category, share)]
            mine = [w for w in mine if w.varied]
            if mine:
                yield _of_category(category, mine, asked=asked)
    if any(w.varied for w in found.within):
        yield _of_alpha(found)
    unknown = dict.fromkeys(w.measure for w in found.within if not w.varied)
    if unknown:
        yield f"{', '.join(unknown)}: how much families vary is not known before; `--pilot RUN` tells."


def _of_category(category: str, mine: Sequence[Within], *, asked: bool) -> str:
    unit = Unit.SHARE if mine[0].share else Unit.MEAN
    worst = [w.varied[-1].smallest for w in mine]
    seen = [d for d in worst if d is not None]
    if seen:
        can = f"a difference of {spanned(min(seen), max(seen), unit)} or more"
        can += ", and of some measures none" if len(seen) < len(worst) else ""
    else:
        can = "no difference that the assumption below allows"
    few, many = min(w.families for w in mine), max(w.families for w in mine)
    families = plural(few, "family") if few == many else f"{few} to {many} families"
    what = "" if mine[0].share else " in means"
    takes = _would_take(mine, unit) if asked else ""
    return f"{category}: within {families} this stack can show {can}{what}{takes}."


def _would_take(mine: Sequence[Within], unit: Unit) -> str:
    """Say what the differences asked about would take."""
    said = []
    for detect in sorted({w.detect for w in mine if w.detect is not None}):
        here = [v for w in mine if w.detect == detect for v in w.varied]
        needed = [v.needed for v in here if v.needed]
        power = [v.power for v in here if v.power is not None]
        if needed and power:
            said.append(
                f"; {amount(detect, unit)} would take {between_words(min(needed), max(needed))} families,"
                f" and is shown here with a chance of {chance(power)}"
            )
    return "".join(said)


def _of_alpha(found: Forecast) -> str:
    """Say by what test, and what is taken for granted."""
    alpha = as_amount(round(found.within[0].alpha, 4))
    how = f"Within families: {percent(found.power)} power at alpha {alpha} each, as their intervals are"
    least, most = (percent(d) for d in DISAGREE)
    assumed = (
        f"any two cells of a family differ on {most} of families (fewer needed at {least}), none more alike"
        " than others, and attempts in a cell agree"
    )
    by = [w for w in found.within if w.pilot]
    rest = sum(not w.pilot for w in found.within if w.varied)
    if found.pilot is None:
        return f"{how}, if {assumed}. `--pilot RUN` takes what a run tells instead."
    if not by:
        return f"{how}, if {assumed}: the pilot {found.pilot.run} has none of them."
    told = (
        f"{how}, by the pilot {found.pilot.run}: the spread of families' differences at a limit that one is"
        " 80 % sure it does not exceed"
    )
    return f"{told}; of {rest} that it has not, {assumed}." if rest else f"{told}."


def unplanned(found: Forecast) -> Iterator[str]:
    """Say of measures without a plan why they have none, those with one reason in one line."""
    reasons: dict[str, dict[str, None]] = {}
    for one in found.unplanned:
        reasons.setdefault(one.why, {})[one.measure] = None
    for why, measures in reasons.items():
        yield f"not planned: {', '.join(measures)}: {why}"


def tables(found: Forecast, *, full: bool) -> Iterator[Table]:
    """Lay out differences within families; *full* with their spread, power and families needed."""
    several = len({w.category for w in found.within}) > 1
    names = (*(["category"] if several else []), "measure", "intent", "attack")
    for share in (True, False):
        mine = [w for w in found.within if w.share is share]
        if mine:
            unit = Unit.SHARE if share else Unit.MEAN
            asked = sorted({w.detect for w in mine if full and w.detect is not None})
            title = f"Differences within families, in {'points' if share else 'marks'}"
            of = ", ".join(amount(d, unit) for d in asked)
            title += f" (power, and families needed, for {of}):" if of else ":"
            heads = (*HEADS[:1], *(HEADS[1:3] if full else ()), *HEADS[3:])
            heads = (*heads, *(("power", "needed") if of else ()))
            rows = tuple(_rows(mine, len(names) - 1, full=full, detect=bool(of)))
            yield Table(title, names, heads, rows)


def _rows(
    some: Sequence[Within], width: int, *, full: bool, detect: bool
) -> Iterator[tuple[Cells, Cells]]:
    levels, raters = several(some, lambda w: w.levels), several(some, lambda w: w.rater)
    rows: dict[Cells, dict[str, Cells]] = {}
    for w in some:
        of = " ".join(f"{n} {v}" for n, v in w.levels) if w.measure in levels else ""
        by = f"({w.rater})" if w.measure in raters else ""
        who = (w.category, " ".join(filter(None, (w.measure, of, by))), w.intent)[-width:]
        rows.setdefault(who, {})[w.attack] = _numbers(w, full=full, detect=detect)
    for who, cells in rows.items():
        yield from (((*who, attack), numbers) for attack, numbers in alike(cells))


def several(some: Sequence[Within], what: Callable[[Within], object]) -> set[str]:
    """Name the measures that are asked of several of *what*."""
    found: dict[str, set[object]] = {}
    for w in some:
        found.setdefault(w.measure, set()).add(what(w))
    return {measure for measure, those in found.items() if len(those) > 1}


def _numbers(w: Within, *, full: bool, detect: bool) -> Cells:
    none_differ = "" if w.none_differ is None else _bare(w.none_differ, w)
    spread = (_each(w, lambda v: f"{v.sd:.2f}"), _each(w, lambda v: _bare(v.half_width, w)))
    out = (f"{w.families}", *(spread if full else ()), none_differ,
           _each(w, lambda v: "none" if v.smallest is None else _bare(v.smallest, w)))  # fmt: skip
    if not detect:
        return out
    return (*out, _each(w, lambda v: "-" if v.power is None else f"{100 * v.power:.0f} %"),
            _each(w, lambda v: "-" if v.needed is None else f"{v.needed:,}"))  # fmt: skip


def _each(w: Within, told: Callable[[Varied], str]) -> str:
    return " / ".join(dict.fromkeys(map(told, w.varied)))


def _bare(value: float, w: Within) -> str:
    """Write a difference without its unit."""
    return amount(value, Unit.SHARE if w.share else Unit.MEAN).split()[0]
