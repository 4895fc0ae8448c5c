"""A comparison in words and tables, for a terminal."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from dosimeter.inert import safe
from dosimeter.model.comparing import Compared, Comparison, Said, Ties, Tradeoff
from dosimeter.model.conversation import Pairs
from dosimeter.numbers import Unit, as_limits, as_number, as_width
from dosimeter.plural import plural
from dosimeter.sinks import grid

MOST_NEEDED = 1_000_000
"""Families; more are out of anybody's reach, and of no count that a reader could check."""


def in_words(found: Compared, width: int, *, ascii_only: bool = False) -> str:
    """Put a comparison into tables that are at most *width* wide, if that can be."""
    return "\n".join(_lines(found, width, ascii_only=ascii_only))


def _lines(found: Compared, width: int, *, ascii_only: bool) -> Iterator[str]:
    for one in found.sides:
        returned = f", answered as {' and '.join(map(safe, one.models))}" if one.models else ""
        yield safe(f"{one.label}: {one.provider}/{one.model}{returned}, run {one.run}")
    yield from (f"! unlike: {safe(one)}" for one in found.unlike)
    yield from (f"! {safe(n.text)}" for n in found.notices)
    yield from _overlaps(found)
    for (measure, group), mine in groupby(found.comparisons, key=lambda c: (c.measure, c.group)):
        some = list(mine)
        yield ""
        yield safe(f"{measure} ({_named(group)})")
        told = [c for c in some if not c.silent]
        if told:
            yield from grid.lines(_table(told), width, ascii_only=ascii_only)
        yield from (_unsaid(c) for c in some if c.silent)
        yield from _asides(told)
        yield from (
            _tied(t)
            for t in found.ties
            if (t.measure, t.group) == (measure, group) and len(t.order) > 2
        )
    yield from _tradeoffs(found.tradeoffs)
    if found.family:
        yield ""
        yield _of_family(found)


def _overlaps(found: Compared) -> Iterator[str]:
    """Say what is shared, and what is not."""
    for (a, b), some in groupby(found.overlaps, key=lambda o: (o.a, o.b)):
        cells = list(some)
        shared, changed = sum(o.shared for o in cells), sum(o.changed for o in cells)
        ours, theirs = sum(o.only_a for o in cells), sum(o.only_b for o in cells)
        told = f"{a} and {b}: {plural(shared, 'prompt')} shared"
        if ours or theirs:
            told += f"; left out {ours} of {a} and {theirs} of {b}"
        if changed:
            told += f", {plural(changed, 'item')} of them with other words under one id"
        yield safe(told)


def _table(some: Sequence[Comparison]) -> grid.Grid:
    rows = []
    for c in some:
        unit = _unit(c)
        limits = ""
        if c.lower is not None and c.upper is not None:
            limits = "[{}, {}]".format(*as_limits(c.lower, c.upper, unit))
        values = (_value(c.value_a, unit), ""), (_value(c.value_b, unit), "")
        p = "-" if c.p_adjusted is None else f"{c.p_adjusted:.3g}"
        more = ((p, ""), (f"{c.families}", ""), (_said(c), ""))
        rows.append(grid.Row(names=(safe(c.a), safe(c.b)),
                             pairs=(*values, (_signed(c.difference, unit), limits), *more)))  # fmt: skip
    return grid.Grid(
        names=("A", "B"), rows=tuple(rows),
        heads=(("A is", ""), ("B is", ""), ("B - A", "interval"), ("p (Holm)", ""), ("families", ""),
               ("says", "")),
    )  # fmt: skip


def _unsaid(c: Comparison) -> str:
    """Give the sentence that stands in place of numbers."""
    return safe(f"  {c.a} and {c.b}: {c.said.value}: {c.why or 'there is no difference to be had'}")


def _unit(c: Comparison) -> Unit:
    return Unit.SHARE if c.share else Unit.MEAN


def _value(value: float | None, unit: Unit) -> str:
    return "-" if value is None else as_number(value, unit)


def _signed(value: float | None, unit: Unit) -> str:
    if value is None:
        return "-"
    return f"{100 * value:+.1f} pts" if unit is Unit.SHARE else f"{value:+.2f}"


def _said(c: Comparison) -> str:
    """Give the verdict, with how many families would settle it where it is none."""
    if c.said is Said.EQUIVALENT:
        return f"equivalent within {_margin(c)}"
    if c.said is not Said.CANNOT_TELL:
        less = f", by less than {_margin(c)}" if c.within_margin else ""
        return f"{c.said.value}{less}"
    if not c.needed:
        return "cannot tell"
    over = "over " if c.needed > MOST_NEEDED else ""
    return f"cannot tell (would need {over}{min(c.needed, MOST_NEEDED):,} families)"


def _margin(c: Comparison) -> str:
    assert c.margin is not None
    return as_width(c.margin, share=c.share)


def _asides(some: Sequence[Comparison]) -> Iterator[str]:
    """Give what stands beside the numbers, once each."""
    said: dict[str, None] = {}
    for c in some:
        for text in (c.why, c.tipping, *(v.text for v in c.caveats)):
            if text:
                told = text if len(some) == 1 else f"{c.a}, {c.b}: {text}"
                said.setdefault(told if text in {c.why, c.tipping} else text)
    yield from (f"  ! {safe(text)}" for text in said)


def _tied(t: Ties) -> str:
    """Give the order with its groups: never a rank that the evidence does not carry."""
    if t.refused:
        return safe(f"  no order: {t.refused}")
    told = (
        f"{name} (place {best}{'' if best == worst else f' to {worst}'}, {letters})"
        for name, letters, (best, worst) in zip(t.order, t.letters, t.places, strict=True)
    )
    return safe(f"  lowest first, one letter in common: not told apart: {', '.join(told)}")


def _tradeoffs(found: Sequence[Tradeoff]) -> Iterator[str]:
    if found:
        yield ""
        yield "Over- and under-refusal together:"
    for t in found:
        why = f" ({t.why})" if t.why else ""
        yield safe(f"  {t.a} (A) and {t.b} (B), {_named(t.group)}: {t.said.value}{why}")


def _named(group: Pairs) -> str:
    return ", ".join(value for _, value in group)


def _of_family(found: Compared) -> str:
    """Say what the adjustment is over."""
    named = "declared in the stack" if found.declared else "all rates and means of the categories"
    tests = plural(found.family, "comparison")
    return f"Holm's adjustment is over {tests}: {named}. B - A: with the interval of that difference alone."
