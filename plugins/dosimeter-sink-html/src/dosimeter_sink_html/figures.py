"""Numbers as the page shows them: a figure is a number with its interval, or why there is none."""

from collections.abc import Iterable

from attrs import evolve, frozen

from dosimeter import (
    Abstention,
    Caveat,
    Direction,
    Estimate,
    Finding,
    Intent,
    Measure,
    Missing,
    Report,
    Unit,
    as_digits,
    as_interval,
    as_number,
    unit_of,
    what_is_lost,
)
from dosimeter_sink_html.clean import together

DIRECT = "direct"
SUMMARISED = frozenset({"rate", "mean"})
Axis = tuple[float, float]
NO_AXIS: Axis = (0.0, 0.0)
"""Of a measure whose scale does not show from any number."""


@frozen(kw_only=True)
class Figure:
    """One number for people.

    Attributes:
        value: Such as ``"62 %"``; ``"no number"`` if there is none.
        interval: Such as ``"35 to 85 %"``, or why there is no number.
        low: Where the interval starts, as a share of the axis; *at* and *high* likewise.
        gone: What has no mark, of how many; empty if nothing.
        over: What *bounds* are over, each of how many; empty if nothing is lost.
        whatever: What they leave open, in words.
        loose: Cut replies that nothing bounds, as their marks could have become any other.
        bounds: The number if all that is lost were lowest, and if all were highest; empty where that
            is the number itself.
        with_others: What it is with the levels beside it counted, in words, where that is much more.
        tags: Its caveats in few words.
        barred: Why it is not to be quoted; empty if it may be.
    """

    value: str
    interval: str
    low: float = 0.0
    at: float = 0.0
    high: float = 0.0
    known: bool = True
    gone: str = ""
    over: str = ""
    whatever: str = ""
    loose: str = ""
    bounds: str = ""
    with_others: str = ""
    tags: tuple[str, ...] = ()
    barred: str = ""

    @property
    def quotable(self) -> "Figure":
        """Give what may be said of it: why there is no number, where it is not to be quoted."""
        return evolve(NONE, interval=self.barred) if self.barred else self


NONE = Figure(value="no number", interval="not measured", known=False)
TAGS = {
    "agreement-unknown": "agreement with people unknown",
    "broken-cell": "its rater broke down here",
    "exploratory": "exploratory",
    "few-events": "few goals with the rarer outcome",
    "few-families": "few goals",
    "judge-measured": "uncorrected",
    "simulated": "not a language model",
    "truncated": "{share} cut short",
    "low-capability": "cannot do the task under this attack",
    "capability-unknown": "not known whether it can do the task",
    "missing": "{share} without a mark",
    "missing-decides": "what is missing could change it",
    "people-disagree": "people disagree on this",
    "tentative": "tentative: raters agree hardly enough",
    "unreliable": "its rater agrees too little with people",
}
"""Caveats in few words; others stand beside the number as they are."""
BARRED = {"broken-cell", "missing-decides", "people-disagree", "unreliable"}
"""Caveats of numbers that are not to be quoted."""


def figure(finding: Finding | None, measure: Measure, axis: Axis) -> Figure:
    """Put a finding into a figure."""
    if finding is None:
        return NONE
    gone = lacking(finding.missing)
    if not isinstance(finding, Estimate):
        why = f"{finding.why}; would need {finding.would_need}"
        over = _over(finding.missing)
        return Figure(value="no number", interval=why, known=False, gone=gone, over=over)
    m, unit = finding.missing, unit_of(measure, finding)
    loose = f"{m.truncated} of {m.planned}" if m.truncated and not m.at_least else ""
    said = ({"missing"} if gone else set()) | ({"truncated"} if m.truncated else set())
    return Figure(
        value=short(finding.value, unit),
        interval=between(finding.lower, finding.upper, unit),
        low=_on(finding.lower, axis), at=_on(finding.value, axis), high=_on(finding.upper, axis),
        gone=gone, over=_over(m), whatever=f"whatever {what_is_lost(m)} would have been", loose=loose,
        bounds=bounds(finding, unit),
        barred="".join(c.text for c in finding.caveats if c.code in BARRED),
        with_others="".join(c.text for c in finding.caveats if c.code == "both-ways"),
        tags=tags(c for c in finding.caveats if c.code not in said),
    )  # fmt: skip


def of_all(finding: Finding | None, measure: Measure) -> str:
    """Write the interval that holds for all ways of asking at once; empty if there is one way."""
    if not isinstance(finding, Estimate) or finding.simultaneous is None:
        return ""
    wide = finding.simultaneous
    return between(wide.lower, wide.upper, unit_of(measure, finding))


def bounds(one: Estimate, unit: Unit) -> str:
    """Write what a number could be if all that is lost were known; empty if it could be no other."""
    low, high = one.missing.lower, one.missing.upper
    if low is None or high is None or short(low, unit) == short(high, unit):
        return ""
    return between(low, high, unit)


def _over(m: Missing) -> str:
    """Say what bounds are over, each of how many; empty if nothing is lost."""
    found = (
        (m.lost, m.planned, "without a mark"), (m.unanswered, m.asked, "unanswered"),
        (m.at_least, m.planned, "cut short"), (m.shown, m.planned, "blocked after words"),
    )  # fmt: skip
    return ", ".join(f"{n} of {every} {how}" for n, every, how in found if n)


def lacking(missing: Missing) -> str:
    """Say how much has no mark, of how much; empty if nothing."""
    return f"{missing.lost} of {missing.planned}" if missing.lost else ""


def tags(caveats: Iterable[Caveat]) -> tuple[str, ...]:
    """Give each caveat in the words that stand beside a number."""
    return tuple(dict.fromkeys(tag(c) for c in caveats))


def tag(caveat: Caveat) -> str:
    """Give a caveat in few words."""
    share = together(f"{caveat.text.partition(' %')[0]} %")
    return TAGS.get(caveat.code, caveat.text).replace("{share}", share)


def brief(caveats: Iterable[Caveat]) -> tuple[str, ...]:
    """Give each caveat without the second number that it may quote, for crowded tables."""
    return tuple(dict.fromkeys(t.partition(";")[0] for t in tags(caveats)))


def short(value: float, unit: Unit) -> str:
    """Write a number so that no line breaks before its unit."""
    return together(as_number(value, unit))


def between(low: float, high: float, unit: Unit) -> str:
    """Write an interval likewise."""
    return together(as_interval(low, high, unit))


def axis_of(measure: Measure, report: Report) -> Axis:
    """Give the ends of a measure's axis.

    Shares are 0 to 1. A mean has the ends of its scale where they can be seen from its levels, and
    otherwise those of the intervals that are there; `NO_AXIS` if there are none.
    """
    if measure.estimator != "mean":
        return 0.0, 1.0
    shares = {m.id for m in report.measures if m.estimator == "shares" and m.scale == measure.scale}
    levels = {dict(f.group).get("level", "") for f in report.findings if f.measure in shares}
    numbers = [float(v) for v in levels if v.removeprefix("-").replace(".", "", 1).isdecimal()]
    if len(numbers) < 2:
        mine = [f for f in report.findings if f.measure == measure.id and isinstance(f, Estimate)]
        numbers = [x for f in mine for x in (f.lower, f.upper)]
    if not numbers:
        return NO_AXIS
    low, high = min(numbers), max(numbers)
    return (low, high) if low < high else (low - 0.5, low + 0.5)


def ends(measure: Measure, axis: Axis) -> tuple[str, str]:
    """Write the ends of an axis."""
    if axis == NO_AXIS:
        return "", ""
    unit = unit_of(measure)
    low, high = as_digits(axis[0], unit), short(axis[1], unit)
    return low.removesuffix(".00"), high.removesuffix(".00")


def _on(value: float, axis: Axis) -> float:
    low, high = axis
    return round(min(1.0, max(0.0, (value - low) / (high - low))), 4)


def nobody_marks(report: Report) -> frozenset[str]:
    """Give the measures that no rater of the run has a scale for: said once, not in every row."""
    mute: set[str] = set()
    told: set[str] = set()
    for f in report.findings:
        silent = isinstance(f, Abstention) and f.code == "no-rater"
        (mute if silent else told).add(f.measure)
    return frozenset(mute - told)


def compares(measure: Measure) -> bool:
    """Tell a measure whose numbers are differences, and may be below 0."""
    return measure.contrast is not None or measure.estimator == "flips"


def plain(measure: Measure) -> bool:
    """Tell whether a measure is one number a cell: a rate or a mean of one condition."""
    return measure.estimator in SUMMARISED and measure.contrast is None


def ordered(report: Report, category: str = "") -> list[Measure]:
    """Rates of harmful requests first, then of benign ones, then means; each as *category* declares them."""
    mute = nobody_marks(report)
    own = next((c.measures for c in report.categories if c.name == category), ())
    return sorted(
        (m for m in report.measures if plain(m) and m.id not in mute),
        key=lambda m: (m.estimator != "rate", Intent.HARMFUL not in m.select.intents,
                       own.index(m.id) if m.id in own else len(own), m.id),
    )  # fmt: skip


def worse(measure: Measure, intent: str) -> str:
    """Say which end is worse; nothing where the measure does not say it of this kind of request.

    More detail is worse in answers to harmful requests. In answers to benign ones, and to everyday
    how-tos, it is none the worse, unless the measure is about those alone.
    """
    if measure.direction is Direction.NEITHER:
        return ""
    if intent in {Intent.BENIGN, Intent.CONTROL} - set(measure.select.intents):
        return ""
    return "lower is worse" if measure.direction is Direction.LOWER_IS_WORSE else "higher is worse"
