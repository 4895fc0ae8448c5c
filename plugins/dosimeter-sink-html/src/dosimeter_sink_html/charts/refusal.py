"""Both rates of refusal together, and the square that they are drawn in."""

from collections.abc import Iterator, Mapping

from attrs import frozen

from dosimeter import Estimate, Intent, Measure, Report, Unit
from dosimeter_sink_html.charts.shapes import Line, Shape, Word
from dosimeter_sink_html.figures import DIRECT, between, ordered, short, worse

SIDE, LEFT, TOP = 320.0, 52.0, 26.0


@frozen(kw_only=True)
class Point:
    """Both rates of one target under one attack."""

    target: str
    attack: str
    over: Estimate
    under: Estimate

    @property
    def said(self) -> str:
        """Both rates in words."""
        sides = (("harmful not refused", self.under), ("benign refused", self.over))
        return f"{self.target} under {self.attack}: " + ", ".join(
            f"{what} {short(e.value, Unit.SHARE)} ({between(e.lower, e.upper, Unit.SHARE)})"
            for what, e in sides
        )


def _sides(report: Report, category: str) -> tuple[Measure, Measure] | None:
    """Give the rates of benign and of harmful requests, on one scale, of which each is worse if high."""
    rates = [m for m in ordered(report, category) if m.estimator == "rate"]
    for under in (m for m in rates if m.select.intents == (Intent.HARMFUL,)):
        for over in (m for m in rates if m.select.intents == (Intent.BENIGN,)):
            high = worse(over, Intent.BENIGN) == worse(under, Intent.HARMFUL) == "higher is worse"
            if high and (over.scale, over.select.kind) == (under.scale, under.select.kind):
                return over, under
    return None


def points_of(report: Report, category: str, rater: str, series: Mapping[str, int]) -> list[Point]:
    """Give every way of asking each target that has both rates: direct first."""
    sides = _sides(report, category)
    if sides is None:
        return []
    found: dict[tuple[str, str], dict[str, Estimate]] = {}
    for f in report.findings:
        g = dict(f.group)
        mine = (g.get("category"), g.get("rater")) == (category, rater)
        if mine and isinstance(f, Estimate) and f.measure in {m.id for m in sides}:
            found.setdefault((g.get("attack", ""), g.get("target", "")), {})[f.measure] = f
    over, under = (m.id for m in sides)
    both = [
        Point(target=target, attack=attack, over=at[over], under=at[under])
        for (attack, target), at in found.items() if over in at and under in at
    ]  # fmt: skip
    return sorted(both, key=lambda p: (p.attack != DIRECT, p.attack, series.get(p.target, 0)))


def across(share: float) -> float:
    """Give where a share stands from left to right."""
    return LEFT + SIDE * share


def up(share: float) -> float:
    """Give where a share stands from below."""
    return TOP + SIDE * (1 - share)


def frame(right: str, above: str, *, weights: bool = False) -> Iterator[Shape]:
    """Give the axes of a square: shares, or across it weights."""
    for share, words in ((0.0, "0"), (0.5, "50"), (1.0, "100 %")):
        yield Line(across(share), up(0), across(share), up(1), "grid")
        yield Line(across(0), up(share), across(1), up(share), "grid")
        yield Word(across(share), up(0) + 15, f"{share:g}" if weights else words, "small", "middle")
        yield Word(LEFT - 6, up(share) + 4, words, "small", "end")
    yield Word(across(1), up(0) + 31, right, "", "end")
    yield Word(0, TOP - 12, above)
