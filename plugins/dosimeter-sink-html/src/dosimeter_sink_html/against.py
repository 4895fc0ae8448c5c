"""Targets against each other, for people: differences with their verdicts, ties, trade-offs."""

from collections.abc import Iterator, Mapping, Sequence

from attrs import evolve, frozen

from dosimeter import Compared, Comparison, Joint, Pairs, Report, Said, Ties, Unit, as_digits
from dosimeter_sink_html.alike import Alike, Place, alike, where
from dosimeter_sink_html.figures import short
from dosimeter_sink_html.made import Used

DASH = "–"
MOST_NEEDED = 1_000_000
"""Families: more than that is no number that a reader could act on."""
JOINT = {
    Joint.TRADE_OFF: "trade-off: each is better on one side",
    Joint.EQUIVALENT: "equivalent on both sides",
    Joint.CANNOT_TELL: "cannot tell",
}


@frozen(kw_only=True)
class Versus:
    """One difference between two targets.

    Attributes:
        anchor: Where its making is told.
        p: By Holm over the whole family; *alone* without that.
        says: The verdict, with whom it is about.
        style: ``told`` where it is one.
        lost: Prompts without a mark on one side or both, and what the difference could then be.
    """

    anchor: str
    of: Comparison
    value_a: str
    value_b: str
    difference: str
    interval: str
    level: str
    p: str
    alone: str
    margin: str
    says: str
    style: str
    lost: str
    beside: tuple[str, ...]


@frozen(kw_only=True)
class Tied:
    """One target of an order: with its letters, and the places that the evidence leaves open."""

    name: str
    letters: str
    places: str


@frozen(kw_only=True)
class Block:
    """Everything of one measure in one place.

    Attributes:
        left: Comparisons that did not fit on the page.
        refused: Why there is no order; empty if there is one, or two sides only.
    """

    title: str
    where: str
    rows: tuple[Versus, ...]
    order: tuple[Tied, ...]
    refused: str
    left: int = 0

    @property
    def told(self) -> tuple[Versus, ...]:
        """Those that have a number."""
        return tuple(r for r in self.rows if not r.of.silent)

    def estimands(self) -> Alike:
        """Say what they are numbers of: once, with what differs."""
        return alike([((r.of.a, r.of.b), r.of.estimand) for r in self.told if r.of.estimand])

    def methods(self, known: Mapping[str, Used]) -> list[Used]:
        """Give the methods of its differences."""
        names = dict.fromkeys(r.of.method for r in self.told)
        return [known[name] for name in names if name in known]

    def caveats(self) -> list[tuple[str, str]]:
        """Give each caveat as it was written, and the pairs that it is on."""
        seen: dict[str, list[Place]] = {}
        for r in self.rows:
            for text in dict.fromkeys(c.text for c in r.of.caveats):
                seen.setdefault(text, []).append((r.of.a, r.of.b))
        every = [(r.of.a, r.of.b) for r in self.rows]
        return [(text, where(on, every)) for text, on in seen.items()]


@frozen(kw_only=True)
class Both:
    """Both kinds of refusal of two targets together."""

    a: str
    b: str
    where: str
    says: str
    why: str


def blocks(report: Report) -> list[Block]:
    """Give every comparison by measure and place, in the order of the report."""
    found = report.compared
    if found is None:
        return []
    by: dict[tuple[str, Pairs], list[Versus]] = {}
    for i, one in enumerate(found.comparisons, 1):
        by.setdefault((one.measure, one.group), []).append(_versus(one, f"v{i}"))
    titles = {m.id: m.title for m in report.measures}
    ties = {(t.measure, t.group): t for t in found.ties}
    return [
        Block(
            title=titles.get(measure, measure), where=named(group), rows=tuple(rows),
            order=_order(ties.get((measure, group))), refused=_refused(ties.get((measure, group))),
        )
        for (measure, group), rows in by.items()
    ]  # fmt: skip


def fit(made: Sequence[Block], most: int) -> list[Block]:
    """Keep *most* comparisons in all; each block says how many it lost."""
    out, room = [], most
    for one in made:
        kept = one.rows[:room]
        out.append(evolve(one, rows=kept, left=len(one.rows) - len(kept)))
        room -= len(kept)
    return out


def named(group: Pairs) -> str:
    """Say in which place."""
    return ", ".join(value for _, value in group)


def _versus(one: Comparison, anchor: str) -> Versus:
    unit = Unit.SHARE if one.share else Unit.MEAN
    limits = None if one.lower is None or one.upper is None else (one.lower, one.upper)
    return Versus(
        anchor=anchor, of=one, value_a=_value(one.value_a, unit), value_b=_value(one.value_b, unit),
        difference=signed(one.difference, unit), level=f"{100 * one.level:g}",
        interval=span(limits, unit), p=_p(one.p_adjusted), alone=_p(one.p), margin=margin(one),
        says=said(one), style="told" if one.said is not Said.CANNOT_TELL else "",
        lost=_lost(one, unit), beside=tuple(filter(None, (one.why, one.tipping))),
    )  # fmt: skip


def signed(value: float | None, unit: Unit) -> str:
    """Write a difference: of shares in points."""
    if value is None:
        return DASH
    digits = as_digits(value, unit)
    sign = "" if digits.startswith("-") else "+"
    return f"{sign}{digits}{' points' if unit is Unit.SHARE else ''}"


def span(limits: tuple[float, float] | None, unit: Unit) -> str:
    """Write the interval of a difference; why there is none is told beside it."""
    if limits is None:
        return "no interval"
    return f"{signed(limits[0], unit).removesuffix(' points')} to {signed(limits[1], unit)}"


def margin(one: Comparison) -> str:
    """Write the largest difference that does not matter, with who fixed it."""
    if one.margin is None:
        return "none fixed"
    return f"{width(one.margin, share=one.share)}, fixed by the {one.margin_by}"


def width(size: float, *, share: bool) -> str:
    """Write the size of a difference as it was given."""
    points = f"{100 * size:.12g}"
    return f"{points} {'point' if points == '1' else 'points'}" if share else f"{size:.12g}"


def said(one: Comparison) -> str:
    """Give the verdict, by name, with how many families would settle it where it is none."""
    if one.said is Said.EQUIVALENT and one.margin is not None:
        return f"equivalent within {width(one.margin, share=one.share)}"
    if one.said is Said.CANNOT_TELL:
        return f"cannot tell{_needed(one)}"
    lower = one.a if one.said is Said.A_LOWER else one.b
    inside = one.within_margin and one.margin is not None
    return f"{one.said.value}: {lower}" + (", by less than the margin" if inside else "")


def _needed(one: Comparison) -> str:
    if one.needed is None:
        return ""
    over = "over " if one.needed > MOST_NEEDED else ""
    return f" (would need {over}{min(one.needed, MOST_NEEDED):,} families)"


def _value(value: float | None, unit: Unit) -> str:
    return DASH if value is None else short(value, unit)


def _p(value: float | None) -> str:
    if value is None:
        return DASH
    return "< 0.0001" if value < 0.0001 else f"{value:.2g}"


def _lost(one: Comparison, unit: Unit) -> str:
    """Say how many pairs lack a mark or have that of a cut reply, and what they could make of it."""
    lost = one.lost
    some = ", ".join(filter(None, (f"{lost.pairs or ''}", f"{lost.cut} cut" if lost.cut else "")))
    if not some:
        return "none"
    if lost.lowest is None or lost.highest is None:
        return f"{some}; nothing bounds what they may hide"
    return f"{some}; with them {span((lost.lowest, lost.highest), unit)}"


def _order(ties: Ties | None) -> tuple[Tied, ...]:
    if ties is None or len(ties.order) < 3:
        return ()
    return tuple(
        Tied(name=name, letters=letters, places=f"{best}" if best == worst else f"{best} to {worst}")
        for name, letters, (best, worst) in zip(ties.order, ties.letters, ties.places, strict=True)
    )  # fmt: skip


def _refused(ties: Ties | None) -> str:
    return "" if ties is None else ties.refused


def tradeoffs(report: Report) -> list[Both]:
    """Give what both kinds of refusal say together."""
    found = report.compared.tradeoffs if report.compared else ()
    names = {Joint.A_BETTER: "a", Joint.B_BETTER: "b"}
    return [
        Both(
            a=t.a, b=t.b, where=named(t.group), why=t.why,
            says=JOINT.get(t.said) or f"{t.said.value}: {getattr(t, names[t.said])}",
        )
        for t in found
    ]  # fmt: skip


def rests_on(found: Compared) -> Iterator[str]:
    """Say what the verdicts are adjusted for, and what stands beside all of them."""
    which = "declared in the stack" if found.declared else "all rates and means of the categories"
    s = "" if found.family == 1 else "s"
    if found.family:
        yield (
            f"B less A, on the prompts that both were put. Holm's adjustment is over {found.family}"
            f" comparison{s}: {which}. Each interval is that of its difference alone."
        )
    yield from (f"Unlike: {one}." for one in found.unlike)
    if found.notices:
        yield "; ".join(dict.fromkeys(n.text for n in found.notices))


def in_short(found: Compared) -> str:
    """Count the verdicts."""
    every = [c.said for c in found.comparisons]
    told = sum(s in {Said.A_LOWER, Said.B_LOWER} for s in every)
    alike_ = sum(s is Said.EQUIVALENT for s in every)
    silent = sum(c.silent for c in found.comparisons)
    rest = len(every) - told - alike_ - silent
    unsaid = f", and of {silent} nothing may be said" if silent else ""
    return (
        f"Of {len(every)} difference{'s' if len(every) != 1 else ''} between targets {told} told apart"
        f" after Holm's adjustment, {alike_} shown equivalent within a margin, {rest} neither{unsaid}"
    )
