"""How numbers were made: what each is a number of, by which method, with what beside it."""

from collections.abc import Iterable, Mapping, Sequence

from attrs import frozen

from dosimeter import Estimate, Missing, Pairs, Report, method_of
from dosimeter_sink_html.alike import Alike, Place, alike, where

Anchors = Mapping[tuple[str, Pairs], str]
"""Of each number, by measure and group."""
UNKNOWN = "not told: the package that supplies it says"


@frozen(kw_only=True)
class Made:
    """How a number was made.

    Attributes:
        anchor: Where it stands on the page.
        corrected: The method of the number with the rater's errors taken out; empty without one.
        design: How many times independent marks its marks are worth less; a dash if undefined.
    """

    anchor: str
    method: str
    corrected: str
    n: int
    families: int
    effective: str
    design: str
    missing: Missing
    standing: str
    estimand: str
    caveats: tuple[str, ...]


@frozen(kw_only=True)
class Used:
    """A method of this report, with what it does and where it is published."""

    anchor: str
    name: str
    does: str
    source: str


@frozen(kw_only=True)
class Fold:
    """How several numbers were made.

    Attributes:
        name: What they are numbers of.
        rows: Each with its place.
        methods: Those that they were made by.
    """

    name: str
    rows: tuple[tuple[Place, Made], ...]
    methods: tuple[Used, ...]

    def estimands(self) -> Alike:
        """Say what they are numbers of: once, with what differs."""
        return alike([(place, made.estimand) for place, made in self.rows])

    def caveats(self) -> list[tuple[str, str]]:
        """Give each caveat as it was written, and the numbers that it is on."""
        seen: dict[str, list[Place]] = {}
        for place, made in self.rows:
            for text in made.caveats:
                seen.setdefault(text, []).append(place)
        every = [place for place, _ in self.rows]
        return [(text, where(on, every)) for text, on in seen.items()]


def anchors(report: Report) -> Anchors:
    """Number the estimates of a report in its order."""
    return {
        (f.measure, f.group): f"n{i}"
        for i, f in enumerate(report.findings, 1)
        if isinstance(f, Estimate)
    }


def made_of(found: Sequence[Estimate], anchor: str) -> Made:
    """Say how a number was made; of several shares of one cell, how all were."""
    e = found[0]
    worth = e.effective_n
    caveats = dict.fromkeys(c.text for one in found for c in one.caveats)
    return Made(
        anchor=anchor, method=e.method, corrected=e.corrected.method if e.corrected else "",
        n=e.n, families=e.families,
        effective="–" if worth is None else f"{worth:.1f}",
        design=f"{e.n / worth:.2f}" if worth else "–", missing=e.missing, standing=e.standing.value,
        estimand=e.estimand, caveats=tuple(caveats),
    )  # fmt: skip


def used(report: Report) -> dict[str, Used]:
    """Give every method that numbers of a report were made by, by name."""
    out = {}
    for i, name in enumerate(report.methods, 1):
        known = method_of(name)
        does, source = (known.does, known.source) if known else (UNKNOWN, UNKNOWN)
        out[name] = Used(anchor=f"m{i}", name=name, does=does, source=source)
    return out


def fold(name: str, rows: Iterable[tuple[Place, Made]], methods: Mapping[str, Used]) -> Fold:
    """Put together how numbers were made."""
    every = tuple(rows)
    names = dict.fromkeys(n for _, made in every for n in (made.method, made.corrected) if n)
    return Fold(name=name, rows=every, methods=tuple(methods[n] for n in names))
