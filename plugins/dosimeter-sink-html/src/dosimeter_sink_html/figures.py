"""Numbers as the page shows them: a figure is a number with its interval, or why there is none."""

from attrs import frozen

from dosimeter import Estimate, Finding, Measure, Report

DIRECT = "direct"
SUMMARISED = frozenset({"rate", "mean"})


@frozen(kw_only=True)
class Figure:
    """One number for people.

    Attributes:
        value: Such as ``"62 %"``; a dash if there is no number.
        interval: Such as ``"35 to 85 %"``, or why there is no number.
        low: Where the interval starts, as a share of the axis; *at* and *high* likewise.
        note: What it leaves out; empty if nothing.
    """

    value: str
    interval: str
    low: float = 0.0
    at: float = 0.0
    high: float = 0.0
    known: bool = True
    note: str = ""


GLOSS = {
    "few-families": "few goals were asked about: intervals are wide, and small differences do not show",
    "judge-measured": "no human labels correct the rater's errors",
    "truncated": "replies were cut, so their marks are lower bounds",
    "missing": "what is missing could hide either answer",
    "simulated": "these numbers say nothing of any language model",
    "limited-run": "a part of the panel: not the benchmark",
}
"""What a caveat's code means for a reader, besides its own words."""
NONE = Figure(value="–", interval="not measured", known=False)


@frozen(kw_only=True)
class Column:
    """One question of the summary."""

    title: str
    figures: tuple[Figure, ...]


@frozen(kw_only=True)
class Card:
    """What was found of one target in one category.

    Attributes:
        first: The attack that the large figures are of.
        attacks: Rows of the table, *first* at the top.
    """

    target: str
    category: str
    first: str
    attacks: tuple[str, ...]
    columns: tuple[Column, ...]
    sentence: str


def figure(finding: Finding | None, measure: Measure) -> Figure:
    """Put a finding into a figure."""
    if finding is None:
        return NONE
    if not isinstance(finding, Estimate):
        why = f"{finding.why}; would need {finding.would_need}"
        return Figure(value="no number", interval=why, known=False)
    lost = finding.missing
    gone = lost.not_run + lost.failed + lost.unscorable
    note = f"{gone} of {lost.planned} without a mark" if gone else ""
    if gone and lost.lower is not None and lost.upper is not None:
        note += f": {_between(lost.lower, lost.upper, measure)} whatever they were"
    low, high = span(measure)
    return Figure(
        value=short(finding.value, measure),
        interval=_between(finding.lower, finding.upper, measure),
        low=_on(finding.lower, low, high), at=_on(finding.value, low, high),
        high=_on(finding.upper, low, high), note=note,
    )  # fmt: skip


def short(value: float, measure: Measure) -> str:
    """Write a number in the units of its measure."""
    return (
        f"{value:.2f}" if measure.estimator == "mean" else f"{100 * value:.0f}\N{NO-BREAK SPACE}%"
    )


def _between(low: float, high: float, measure: Measure) -> str:
    first = f"{100 * low:.0f}" if measure.estimator != "mean" else short(low, measure)
    return f"{first} to {short(high, measure)}"


def span(measure: Measure) -> tuple[float, float]:
    """Give the ends of a measure's axis: shares are 0 to 1, marks 1 to 5."""
    return (1.0, 5.0) if measure.estimator == "mean" else (0.0, 1.0)


def _on(value: float, low: float, high: float) -> float:
    return round(min(1.0, max(0.0, (value - low) / (high - low))), 4)


def plain(measure: Measure) -> bool:
    """Tell whether a measure is one number a cell: a rate or a mean of one condition."""
    return measure.estimator in SUMMARISED and measure.contrast is None


def cards(report: Report) -> list[Card]:
    """Give one card a target and category, in the order of the report."""
    order = [t.name for t in report.targets]
    pairs = sorted({(c.target, c.category) for c in report.cells},
                   key=lambda p: (order.index(p[0]) if p[0] in order else len(order), p))  # fmt: skip
    made = [_card(report, target, category) for target, category in pairs]
    return [c for c in made if c.columns]


def _card(report: Report, target: str, category: str) -> Card:
    cells = [c for c in report.cells if (c.target, c.category) == (target, category)]
    attacks = sorted({c.attack for c in cells}, key=lambda a: (a != DIRECT, a))
    mine = [(dict(f.group), f) for f in report.findings]
    mine = [(g, f) for g, f in mine if (g.get("target"), g.get("category")) == (target, category)]
    columns = []
    for measure in ordered(report):
        found = [(g, f) for g, f in mine if f.measure == measure.id]
        keys = sorted({(g.get("intent", ""), g.get("rater", "")) for g, _ in found}, reverse=True)
        raters = {rater for _, rater in keys}
        for intent, rater in keys:
            by = {g.get("attack", ""): f for g, f in found
                  if (g.get("intent", ""), g.get("rater", "")) == (intent, rater)}  # fmt: skip
            columns.append(
                Column(
                    title=_title(measure, intent, rater if len(raters) > 1 else ""),
                    figures=tuple(figure(by.get(a), measure) for a in attacks),
                )
            )
    first = attacks[0] if attacks else ""
    return Card(
        target=target, category=category, first=first, attacks=tuple(attacks),
        columns=tuple(columns), sentence=_sentence(first, columns),
    )  # fmt: skip


def ordered(report: Report) -> list[Measure]:
    """Rates of harmful requests first, then of benign ones, then means."""
    return sorted(
        (m for m in report.measures if plain(m)),
        key=lambda m: (m.estimator != "rate", "harmful" not in m.select.intents, m.id),
    )


def _title(measure: Measure, intent: str, rater: str) -> str:
    title = measure.title if measure.select.intents else f"{measure.title}, {intent} requests"
    return f"{title}, by {rater}" if rater else title


def _sentence(first: str, columns: list[Column]) -> str:
    how = "Asked directly" if first == DIRECT else f"Under {first}"
    said = [f"{c.title} {c.figures[0].value} [{c.figures[0].interval}]"
            for c in columns if c.figures[0].known]  # fmt: skip
    return f"{how}: {'; '.join(said)}." if said else f"{how}: nothing could be measured."


@frozen(kw_only=True)
class Difference:
    """A contrast for people."""

    title: str
    where: str
    value: str
    interval: str
    says: str


def differences(report: Report) -> list[Difference]:
    """Give every finding that compares two conditions, in three answers."""
    by_id = {m.id: m for m in report.measures if m.contrast is not None}
    out = []
    for f in report.findings:
        if isinstance(f, Estimate) and f.measure in by_id:
            measure = by_id[f.measure]
            shows = (
                "cannot tell" if f.lower <= 0 <= f.upper else ("more" if f.value > 0 else "less")
            )
            skip = {"category", "rater"}
            out.append(
                Difference(
                    title=measure.title, where=", ".join(v for k, v in f.group if k not in skip),
                    value=_points(f.value, measure), says=shows,
                    interval=f"{_points(f.lower, measure)} to {_points(f.upper, measure)}",
                )
            )  # fmt: skip
    return out


def _points(value: float, measure: Measure) -> str:
    return f"{value:+.2f}" if measure.estimator == "mean" else f"{100 * value:+.0f} points"


@frozen(kw_only=True)
class Note:
    """A caveat and how many numbers it is on."""

    text: str
    gloss: str
    numbers: int
    of: int


def notes(report: Report) -> list[Note]:
    """Give every caveat once, the most frequent first."""
    estimates = [f for f in report.findings if isinstance(f, Estimate)]
    seen: dict[tuple[str, str], int] = {}
    for f in estimates:
        for caveat in f.caveats:
            seen[caveat.text, caveat.code] = seen.get((caveat.text, caveat.code), 0) + 1
    ranked = sorted(seen.items(), key=lambda kv: (-kv[1], kv[0]))
    return [Note(text=text, gloss=GLOSS.get(code, ""), numbers=n, of=len(estimates))
            for (text, code), n in ranked]  # fmt: skip


def silences(report: Report) -> list[tuple[str, str, str]]:
    """Give what got no number: the question and where, why, and what would allow one."""
    titles = {m.id: m.title for m in report.measures}
    return [
        (f"{titles.get(f.measure, f.measure)}: {', '.join(v for _, v in f.group)}", f.why, f.would_need)
        for f in report.findings if not isinstance(f, Estimate)
    ]  # fmt: skip


def estimands(report: Report) -> list[str]:
    """Give each sentence that says what a number is a number of, once."""
    return list(dict.fromkeys(
        f.estimand for f in report.findings if isinstance(f, Estimate) and f.estimand))  # fmt: skip
