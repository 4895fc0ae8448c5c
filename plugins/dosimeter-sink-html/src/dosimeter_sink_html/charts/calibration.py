"""Whether a rater is right as often as it is sure: the calibration curve of its card."""

from collections.abc import Iterator, Sequence

from attrs import frozen

from dosimeter import CardLine, Report, Unit
from dosimeter_sink_html.charts.refusal import LEFT, SIDE, TOP, across, frame, up
from dosimeter_sink_html.charts.shapes import WIDTH, Chart, Line, Said, Shape, Spot, Word, wide
from dosimeter_sink_html.figures import between, short

MOST, MOST_POINTS, GAP = 6, 20, 5.0
"""Curves on a page; points of a curve; between numbers at the foot."""
READ = (
    "On the dashed line a rater is right as often as it is sure; under it, it is surer than that. Numbers at"
    " the foot are replies. Intervals take each reply as independent of others, so where several are of one"
    " goal they are too short. It was measured on other replies than these, and corrects no number."
)


@frozen(kw_only=True)
class Point:
    """Replies on which a rater was alike sure."""

    stated: float
    line: CardLine

    @property
    def said(self) -> str:
        """All that is known of it in a line."""
        c = self.line
        return f"{short(self.stated, Unit.SHARE)} sure, {right(c)}, {c.n} replies"

    @property
    def surer(self) -> bool:
        """Whether it is surer than it is right, by the interval."""
        return self.line.upper < self.stated

    @property
    def righter(self) -> bool:
        """Whether it is right oftener than it is sure."""
        return self.line.lower > self.stated


def right(c: CardLine) -> str:
    """Say how often it is right."""
    limits = between(c.lower, c.upper, Unit.SHARE)
    return f"right in {short(c.value, Unit.SHARE)} ({limits})"


def of_cards(report: Report) -> Iterator[Chart]:
    """Draw the curve of each rater and scale whose card has one."""
    curves: dict[tuple[str, str, str], list[Point]] = {}
    for rater in report.raters:
        for c in rater.card:
            if c.stated is not None:
                key = rater.name, c.scale, c.population
                at = min(1.0, max(0.0, c.stated))
                curves.setdefault(key, []).append(Point(stated=at, line=c))
    for (name, scale, population), points in list(curves.items())[:MOST]:
        yield _chart(f"{name}, {scale}" if scale else name, population, points[:MOST_POINTS])


def _chart(who: str, population: str, points: Sequence[Point]) -> Chart:
    shapes: list[Shape] = list(frame("how sure it is →", "↑ how often people mark alike"))
    shapes.append(Line(across(0), up(0), across(1), up(1), "iso"))
    shapes += _counts(points)
    return Chart(
        title=f"{who}: right as often as it is sure?", finding=_found(who, points),
        height=TOP + SIDE + 38, shapes=(*shapes, *map(_mark, points)),
        table="raters", note=f"{READ} Of {population}.",
    )  # fmt: skip


def _mark(p: Point) -> Said:
    x = across(p.stated)
    whisker = Line(x, up(p.line.lower), x, up(p.line.upper), "whisker thin m0")
    return Said(p.said, (whisker, Spot(x, up(p.line.value), 0)))


def _counts(points: Sequence[Point]) -> Iterator[Shape]:
    """Write at the foot how many replies each mark is of, with a line to it: side by side, in order."""
    ordered = sorted(points, key=lambda p: p.stated)
    widths = [wide(f"{p.line.n}") for p in ordered]
    foot = up(0) - 6
    for p, x in zip(ordered, _spread([across(p.stated) for p in ordered], widths), strict=True):
        end = up(p.line.lower)
        if end + 4 < foot - 12:
            yield Line(across(p.stated), end + 4, x, foot - 12, "grid")
        yield Word(x, foot, f"{p.line.n}", "small over", "middle")


def _spread(places: Sequence[float], widths: Sequence[float]) -> list[float]:
    """Move what stands in a row apart, as far to the left as to the right, within the picture."""
    out = list(places)
    for i in range(1, len(out)):
        out[i] = max(out[i], out[i - 1] + (widths[i - 1] + widths[i]) / 2 + GAP)
    back = sum(a - b for a, b in zip(out, places, strict=True)) / len(out)
    back = max(back, out[-1] + widths[-1] / 2 - WIDTH)
    back = min(back, out[0] - widths[0] / 2 - LEFT - 2)
    return [x - back for x in out]


def _found(who: str, points: Sequence[Point]) -> str:
    """Say where it is surer than it is right, and by how much at the most."""
    surer, righter = sum(p.surer for p in points), sum(p.righter for p in points)
    rest = len(points) - surer - righter
    far = max(points, key=lambda p: abs(p.stated - p.line.value))
    first = (
        f"{who}: where it is {short(far.stated, Unit.SHARE)} sure, it is {right(far.line)},"
        f" {far.line.n} replies"
    )
    if len(points) == 1:
        how = "surer than it is right" if surer else "less sure than it is right" if righter else ""
        return f"{first}: {how or 'that cannot be told from right as often as sure'}."
    return (
        f"{first}, the farthest off of {len(points)} groups of replies. By the intervals it is surer than"
        f" right in {surer} of them, less sure in {righter}, and in {rest} it cannot be told."
    )
