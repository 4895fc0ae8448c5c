"""What a plan can show, in sentences."""

from collections.abc import Iterator, Sequence

from dosimeter.engine.between import DISAGREE
from dosimeter.engine.forecast import Forecast
from dosimeter.model.design import Intent
from dosimeter.model.planning import Showing
from dosimeter.numbers import Unit, as_amount, as_digits, percent
from dosimeter.plural import plural


def sentences(found: Forecast, *, asked: bool) -> Iterator[str]:
    """Say what the plan can show of rates and of means, by category.

    Args:
        found: The plan.
        asked: Whether somebody asked about a difference.
    """
    for share in (True, False):
        for category in sorted({s.category for s in found.showing}):
            mine = [s for s in telling(found.showing) if (s.category, s.share) == (category, share)]
            if mine and (share or found.pilot or asked):
                yield from _of_category(category, mine, asked=asked)
    told = next((s for s in telling(found.showing) if s.between), None)
    if told is not None:
        yield _of_alpha(told, found)
        yield from _of_rows(found.showing)
    yield from _of_margins(found.showing)
    yield from _of_grading(found.showing)


def telling(showing: Sequence[Showing]) -> list[Showing]:
    """Give what is compared, of requests; what else there is if none is."""
    rest = [s for s in showing if s.compared] or list(showing)
    return [s for s in rest if s.intent != Intent.CONTROL.value] or rest


def _of_category(category: str, mine: Sequence[Showing], *, asked: bool) -> Iterator[str]:
    mine = [s for s in mine if s.between]
    if not mine:
        return
    fewest, most = min(s.families for s in mine), max(s.families for s in mine)
    families = plural(most, "family") if fewest == most else f"{fewest} to {most} families"
    worst = [s.between[-1].smallest for s in mine]
    seen = [d for d in worst if d is not None]
    unit = unit_of(mine[0])
    what = "" if mine[0].share else " in means"
    if not seen:
        can = f"no difference between two targets{what} that the assumption below allows"
    else:
        span = spanned(min(seen), max(seen), unit)
        can = f"a difference of {span} or more between two targets{what}"
        can += "; of some of its measures none" if len(seen) < len(worst) else ""
    yield f"{category}: with {families} this stack can show {can}{_would_take(mine, asked=asked)}."
    if mine[0].share:
        upper = max(s.none_seen or 0.0 for s in mine)
        yield (
            f"{category}: no event in {plural(fewest, 'family')} still leaves an upper limit of"
            f" {percent(upper)}."
        )


def _would_take(mine: Sequence[Showing], *, asked: bool) -> str:
    """Say what the difference asked about would take."""
    some = [s for s in mine if s.detect is not None]
    for detect in sorted({s.detect for s in some if s.detect is not None}):
        here = [b for s in some if s.detect == detect for b in s.between]
        needed = [b.needed for b in here if b.needed]
        power = [b.power for b in here if b.power is not None]
        if not needed or (not asked and max(needed) <= min(s.families for s in mine)):
            continue
        takes = between_words(min(needed), max(needed))
        shown = f", and is shown here with a chance of {chance(power)}" if asked and power else ""
        return f"; {amount(detect, unit_of(mine[0]))} would take {takes} families{shown}"
    return ""


def chance(power: Sequence[float]) -> str:
    """Write chances in per cent, the least and the greatest."""
    low, high = (as_digits(p, Unit.SHARE) for p in (min(power), max(power)))
    return f"{low} %" if low == high else f"{low} to {high} %"


def between_words(low: int, high: int) -> str:
    """Write two numbers of families, or the one that they are."""
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"


def spanned(low: float, high: float, unit: Unit) -> str:
    """Write two differences with their unit, or the one that they are."""
    a, b = amount(low, unit), amount(high, unit)
    return a if a == b else f"{a.split()[0]} to {b}"


def amount(difference: float, unit: Unit) -> str:
    """Write a difference with its unit."""
    if unit is not Unit.SHARE:
        return f"{difference:.2g} marks" if difference < 10 else f"{difference:.3g} marks"
    points = 100 * difference
    shown = as_amount(round(points, 1)) if points < 10 else f"{points:.0f}"
    return f"{shown} {'point' if shown == '1' else 'points'}"


def unit_of(one: Showing) -> Unit:
    """Give what the numbers of *one* count in."""
    return Unit.SHARE if one.share else Unit.MEAN


def _of_alpha(one: Showing, found: Forecast) -> str:
    """Say by what test, and what is taken for granted."""
    how = (
        f"at alpha {as_amount(round(one.alpha * one.comparisons, 4))}"
        if one.comparisons == 1
        else f"at alpha {as_amount(round(one.alpha * one.comparisons, 4))} / {one.comparisons}, as"
        f" `dosimeter compare` makes {one.comparisons} comparisons of this stack (fewer [[comparisons]]"
        " show smaller differences)"
    )
    power = f"With {percent(found.power)} power {how}"
    if found.pilot is None:
        least, most = (percent(d) for d in DISAGREE)
        return (
            f"{power}, if two targets disagree on {most} of families (fewer needed at {least}); a mean at"
            " worst, its marks at both ends of the scale. `--pilot RUN` takes what a run tells instead."
        )
    return (
        f"{power}, by the pilot {found.pilot.run}: correlation, disagreement and spread each at a limit"
        " that one is 80 % sure they do not exceed."
    )


def _of_rows(showing: Sequence[Showing]) -> Iterator[str]:
    """Say that attempts are not families."""
    some = [s for s in telling(showing) if s.rows > 1]
    if not some:
        return
    known = [s for s in some if s.pilot and s.pilot.icc]
    one = max(known or some, key=lambda s: (s.icc, s.rows))
    rows = as_amount(round(one.rows, 1))
    if not known:
        yield (
            f"{rows} attempts at a family count as one: nobody knows how far they agree, so they are taken"
            " to (ICC 1); only more families are sure to help."
        )
        return
    most = "" if not one.icc else (
        f"; no number of repeats makes more than {one.families / one.icc:,.0f} of them"
        f" ({one.families} families / ICC {one.icc:.2f})"
    )  # fmt: skip
    yield (
        f"{one.families} families with {rows} attempts each count as {one.effective:,.0f} independent"
        f" attempts ({one.measure}, {one.intent}, {one.attack}){most}."
    )


def _of_margins(showing: Sequence[Showing]) -> Iterator[str]:
    for s in showing:
        if s.margin is None or not s.between:
            continue
        needed = [b.equivalent for b in s.between]
        margin = amount(s.margin, unit_of(s))
        known = [n for n in needed if n]
        takes = (
            f"{between_words(min(known), max(known))} families"
            if known
            else "more than ten million families"
        )
        yield (
            f"{s.measure} ({s.intent}, {s.attack}): to show two targets alike within {margin}, if they are,"
            f" takes {takes}; there are {s.families}."
        )


def _of_grading(showing: Sequence[Showing]) -> Iterator[str]:
    """Say what grading buys by the pilot's marks: a range, never a factor (what changes is not known)."""
    for measure in dict.fromkeys(s.measure for s in showing if s.grading):
        some = [s.grading for s in showing if s.measure == measure and s.grading]
        one = some[0]
        arms = between_words(min(g.by_rate for g in some), max(g.by_rate for g in some))
        shift = _times([(g.by_rate, g.by_mean) for g in some])
        tail = _times([(g.by_rate, g.by_mean_of_tail) for g in some])
        yield (
            f"{measure}: to see marks of {as_amount(one.threshold)} and more grow by"
            f" {amount(one.change, Unit.SHARE)}, their share takes {arms} independent attempts an arm; by"
            f" the pilot's marks the mean takes {shift} if all marks shift, {tail} if only those grow."
        )


def _times(some: Sequence[tuple[int, int | None]]) -> str:
    times = [by_mean / by_rate for by_rate, by_mean in some if by_mean]
    if not times:
        return "more than there are"
    low, high = f"{min(times):.2g}", f"{max(times):.2g}"
    return f"{low} times as many" if low == high else f"{low} to {high} times as many"
