"""How marks are spread over the levels of a scale: a bar a level and target, with its interval."""

from collections.abc import Iterator, Mapping, Sequence

from dosimeter import Estimate, Measure, Report, Unit
from dosimeter_sink_html.charts.shapes import (
    WIDTH,
    Box,
    Chart,
    Line,
    Said,
    Shape,
    Spot,
    Word,
    clip,
    legend,
    way,
)
from dosimeter_sink_html.figures import DIRECT, between, nobody_marks, short

LEFT, PANEL, SMALL = 44.0, 84.0, 3.4
MOST_LEVELS, MOST_PANELS, MOST_TARGETS = 12, 6, 4
Shares = dict[tuple[str, str, str], Estimate]
"""By attack, target and level."""
Place = tuple[str, str, str]
"""Category, rater and intent."""


def of_levels(report: Report, series: Mapping[str, int]) -> Iterator[Chart]:
    """Draw each scale that is reported by level, a chart a category, rater and intent."""
    mute = nobody_marks(report)
    for measure in report.measures:
        if measure.estimator != "shares" or measure.contrast or measure.id in mute:
            continue
        places: dict[Place, Shares] = {}
        for f in report.findings:
            if isinstance(f, Estimate) and f.measure == measure.id:
                g = dict(f.group)
                place = (g.get("category", ""), g.get("rater", ""), g.get("intent", ""))
                key = (g.get("attack", ""), g.get("target", ""), g.get("level", ""))
                places.setdefault(place, {})[key] = f
        for place, found in places.items():
            if len({level for _, _, level in found}) <= MOST_LEVELS:
                yield _chart(measure, place, found, series)


def _chart(measure: Measure, place: Place, found: Shares, series: Mapping[str, int]) -> Chart:
    attacks = sorted({a for a, _, _ in found}, key=lambda a: (a != DIRECT, a))
    targets = sorted({t for _, t, _ in found}, key=lambda t: series.get(t, 0))
    levels = list(dict.fromkeys(level for _, _, level in found))
    shown = targets[:MOST_TARGETS]
    shapes, base = legend(shown, series, 14)
    top = base + 10
    for attack in attacks[:MOST_PANELS]:
        shapes += _panel(attack, levels, shown, found, series, top)
        top += PANEL + 48
    category, rater, intent = place
    more = len(targets) - len(shown), len(attacks) - min(len(attacks), MOST_PANELS)
    rest = [f"{n} more {what}" for n, what in zip(more, ("targets", "attacks"), strict=True) if n]
    return Chart(
        title=f"{category}, {intent} requests: {measure.title}",
        finding=_found(attacks[0], shown, levels, found), height=top, shapes=tuple(shapes), table="levels",
        note=f"Marked by {rater}." + (f" In the table: {' and '.join(rest)}." if rest else ""),
    )  # fmt: skip


def _panel(
    attack: str, levels: Sequence[str], targets: Sequence[str], found: Shares,
    series: Mapping[str, int], top: float,
) -> Iterator[Shape]:  # fmt: skip
    """Draw one way of asking: groups of bars on an axis of shares."""
    head, base = top + 14, top + 22 + PANEL
    yield Word(0, head, way(attack, WIDTH), "strong")
    for share, words in ((0.0, "0"), (0.5, "50"), (1.0, "100 %")):
        y = base - PANEL * share
        yield Line(LEFT, y, WIDTH, y, "grid")
        yield Word(LEFT - 4, y + 4, words, "small", "end")
    room = (WIDTH - LEFT) / max(1, len(levels))
    step = min(24.0, (room - 6) / max(1, len(targets)))
    for i, level in enumerate(levels):
        middle = LEFT + room * (i + 0.5)
        yield Word(middle, base + 14, clip(level, room), "small", "middle")
        for j, target in enumerate(targets):
            one = found.get((attack, target, level))
            if one is not None:
                x = middle + step * (j - (len(targets) - 1) / 2)
                yield _bar(
                    one,
                    f"{target}, {attack}, level {level}",
                    (x, base),
                    step,
                    series.get(target, 0),
                )


def _bar(one: Estimate, where: str, at: tuple[float, float], step: float, series: int) -> Said:
    x, base = at
    tone, half = series % 4, step * 0.36
    low, value, high = (base - PANEL * v for v in (one.lower, one.value, one.upper))
    return Said(
        f"{where}: {_number(one)}",
        (
            Box(x - half, value, 2 * half, base - value, f"bar{tone}"),
            Line(x, low, x, high, f"whisker thin m{tone}"), Spot(x, value, series, SMALL),
        ),
    )  # fmt: skip


def _number(one: Estimate) -> str:
    return f"{short(one.value, Unit.SHARE)} ({between(one.lower, one.upper, Unit.SHARE)})"


def _found(attack: str, targets: Sequence[str], levels: Sequence[str], found: Shares) -> str:
    """Say at which level most marks of each target are."""
    said = []
    for target in targets:
        mine = [(lv, found[attack, target, lv]) for lv in levels if (attack, target, lv) in found]
        if mine:
            level, most = max(mine, key=lambda one: one[1].value)
            said.append(f"{target} is most often at {level}, {_number(most)}")
    return f"Under {attack}, {'; '.join(said) or 'no share has a number'}."
