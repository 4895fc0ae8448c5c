"""What a plan can show, in tables."""

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby

from attrs import frozen

from dosimeter.cli.planned import amount, telling, unit_of
from dosimeter.engine.forecast import Forecast
from dosimeter.model.attacks import is_any, is_mean, is_single
from dosimeter.model.planning import Between, Showing
from dosimeter.numbers import Unit, as_amount

Cells = tuple[str, ...]


@frozen
class Table:
    """A heading, names and heads of columns, and rows of both."""

    title: str
    names: Cells
    heads: Cells
    rows: tuple[tuple[Cells, Cells], ...]


def short(found: Forecast) -> Iterator[Table]:
    """Give the three numbers that say most, of rates, by cell; none if nothing counts as a rate."""
    rates = [s for s in found.showing if s.share and not s.levels and not is_mean(s.attack)]
    rows = []
    for (category, intent), some in groupby(
        sorted(rates, key=lambda s: (s.category, s.intent, s.attack)),
        key=lambda s: (s.category, s.intent),
    ):
        cells = {
            attack: _three(list(mine)) for attack, mine in groupby(some, key=lambda s: s.attack)
        }
        rows += [((category, intent, attack), numbers) for attack, numbers in alike(cells)]
    if rows:
        heads = ("families", "none seen", "at 50 %: +-", "smallest difference")
        yield Table("What a rate can show:", ("category", "intent", "attack"), heads, tuple(rows))


def _three(mine: Sequence[Showing]) -> Cells:
    """Give the worst of a cell's numbers."""
    smallest = [s.between[-1].smallest for s in mine]
    widths = [w.half_width for s in mine for w in s.widths if w.at == 0.5]
    largest = max((d for d in smallest if d is not None), default=None)
    return (
        f"{min(s.families for s in mine)}",
        f"{100 * max(s.none_seen or 0.0 for s in mine):.1f} %",
        f"{100 * max(widths):.1f} points" if widths else "",
        "none" if largest is None or None in smallest else amount(largest, Unit.SHARE),
    )


def long(found: Forecast, *, every: bool) -> Iterator[Table]:
    """Give all numbers: how wide intervals are, and what is shown between two targets.

    Args:
        found: The plan.
        every: Of every measure; else of those that are compared, if any is.
    """
    compared = [s for s in found.showing if s.compared]
    some = list(found.showing) if every or not compared else compared
    heads = ("families", "attempts", "ICC", "count as", "at", "+-", "none seen")
    rows = _merged(some, _of_interval)
    if rows:
        yield Table("How wide intervals are (attempts: at each family):", _names(some), heads, rows)
    for share in (True, False):
        mine = [s for s in some if s.share is share and s.between]
        if mine:
            yield _of_differences(mine)


def _of_differences(mine: Sequence[Showing]) -> Table:
    """Give what is shown between two targets, all of rates or all of means."""
    unit = unit_of(mine[0])
    points = "points" if unit is Unit.SHARE else "marks"
    asked = {s.detect for s in mine if s.detect is not None}
    margin = any(s.margin is not None for s in mine)
    of = ", ".join(amount(d, unit) for d in sorted(asked))
    title = f"Between two targets, in {'rates' if unit is Unit.SHARE else 'means'}"
    title += f" (power, and families needed, for a difference of {of}):" if of else ":"
    varies = "differ" if unit is Unit.SHARE else "sd"
    heads = [varies, f"smallest, {points}", *(["power", "needed"] if of else []),
             *(["alike takes"] if margin else [])]  # fmt: skip
    return Table(
        title, _names(mine), tuple(heads),
        _merged(mine, lambda s: _of_difference(s, detect=bool(of), margin=margin)),
    )  # fmt: skip


def _names(some: Sequence[Showing]) -> Cells:
    several = len({s.category for s in some}) > 1
    return (*(["category"] if several else []), "measure", "intent", "attack")


def _merged(
    some: Sequence[Showing], told: Callable[[Showing], Cells]
) -> tuple[tuple[Cells, Cells], ...]:
    """Give a row for each number, and one for all attacks where they are alike."""
    raters: dict[str, set[str]] = {}
    for s in some:
        raters.setdefault(s.measure, set()).add(s.rater)
    width = len(_names(some)) - 1
    rows: dict[Cells, dict[str, Cells]] = {}
    for s in some:
        by = f" ({s.rater})" if len(raters[s.measure]) > 1 else ""
        level = f" {s.level}" if s.level else ""
        level += "".join(f" {name} {value}" for name, value in s.levels)
        who = (s.category, f"{s.measure}{level}{by}", s.intent)[-width:]
        rows.setdefault(who, {})[s.attack] = told(s)
    return tuple(
        ((*who, attack), numbers) for who, cells in rows.items() for attack, numbers in alike(cells)
    )


def alike(cells: dict[str, Cells]) -> list[tuple[str, Cells]]:
    """Give the numbers of all attacks once where they are the same, and those of attacks together."""
    single = {attack: numbers for attack, numbers in cells.items() if is_single(attack)}
    rest = [("any of them" if is_any(attack) else "mean of them", numbers)
            for attack, numbers in cells.items() if not is_single(attack)]  # fmt: skip
    if len(single) > 1 and len(set(single.values())) == 1:
        return [("each attack", next(iter(single.values()))), *rest]
    return [*single.items(), *rest]


def _of_interval(s: Showing) -> Cells:
    at = s.widths[0] if s.widths else None
    return (
        f"{s.families}", as_amount(round(s.rows, 1)), f"{s.icc:.2f}", f"{s.effective:,.0f}",
        "" if at is None else _number(at.at, s), "" if at is None else _number(at.half_width, s),
        "" if s.none_seen is None else _number(s.none_seen, s),
    )  # fmt: skip


def _number(value: float, s: Showing) -> str:
    return f"{100 * value:.1f} %" if s.share else f"{value:.2f}"


def _of_difference(s: Showing, *, detect: bool, margin: bool) -> Cells:
    """Give what is shown; two numbers where two disagreements are assumed."""
    out = [
        _each(s, lambda b: _varies(b, share=s.share)),
        _each(
            s, lambda b: "none" if b.smallest is None else amount(b.smallest, unit_of(s)).split()[0]
        ),
    ]
    if detect:
        out += [
            _each(s, lambda b: "-" if b.power is None else f"{100 * b.power:.0f} %"),
            _each(s, lambda b: "-" if b.needed is None else f"{b.needed:,}"),
        ]
    if margin:
        out.append(_each(s, lambda b: "-" if b.equivalent is None else f"{b.equivalent:,}"))
    return tuple(out)


def _varies(b: Between, *, share: bool) -> str:
    if share and b.discordant is not None:
        return f"{100 * b.discordant:.0f} %"
    return f"{b.sd:.2f}"


def _each(s: Showing, told: Callable[[Between], str]) -> str:
    return " / ".join(dict.fromkeys(map(told, s.between)))


def of_pilot(found: Forecast, *, every: bool) -> Iterator[Showing]:
    """Give the numbers that rest on a pilot: of every measure, or of those that say most."""
    yield from (s for s in (found.showing if every else telling(found.showing)) if s.pilot)
