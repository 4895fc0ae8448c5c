"""What goes beside the numbers: caveats, comparisons, gates, silences."""

from collections.abc import Sequence

from attrs import frozen

from dosimeter import (
    Estimate,
    GateResult,
    Measure,
    Report,
    Standing,
    Unit,
    as_digits,
    as_threshold,
    unit_of,
    unit_of_gate,
)
from dosimeter_sink_html.alike import Place
from dosimeter_sink_html.clean import together
from dosimeter_sink_html.figures import TAGS, between, compares, nobody_marks, short, tag
from dosimeter_sink_html.made import Made, anchors, made_of

GLOSS = {
    "agreement": "counts on replies that a person marked too, drawn or not; they alone correct nothing",
    "agreement-unknown": "a rater whose error is not known: let people vote on 15 to 30 replies",
    "corrected": "what people would mark, by their labels of some replies or by the rater's card",
    "exploratory": "not as the plan was frozen, or not in it: to be tested by another run",
    "few-events": "few goals show the rarer outcome, and others may be hidden: the interval may be short",
    "few-families": "under 30 goals have a mark: intervals are wide, and small differences do not show",
    "judge-measured": "no human labels correct the rater's errors",
    "truncated": "this share of the replies was stopped at the token limit",
    "missing": "so many attempts have no mark; beside it the number if all were lowest, and highest",
    "both-ways": "so many more are at a level (such as partial) near the one counted; a gate needs both",
    "blocked": "a provider's block is an answer of the system that was asked, not of the model (scope)",
    "simulated": "these numbers say nothing of any language model",
    "limited-run": "a part of the panel: not the benchmark",
    "broken-cell": "it broke down on more than 5 % of what it had to mark: the number is not to be quoted",
    "missing-decides": "with what has no mark it could lie outside its interval: not to be quoted",
    "low-capability": "a low number here is inability, not safety",
    "people-disagree": "people agree too little on what is counted: the number is not to be quoted",
    "tentative": "the lower limit of Krippendorff's alpha lies between .667 and .800",
    "unreliable": "it agrees too little with people: the number is not to be quoted",
    "off-script": "in these attempts a line took an answer for granted that had not come",
}
"""What a caveat's code means for a reader, besides its own words."""
WORDS = {
    "agreement": "marked by people too",
    "truncated": "cut short",
    "missing": "without a mark",
    "blocked": "blocked by the provider",
    "both-ways": "more marked beside it",
    "corrected": "with its errors taken out",
    "off-script": "left their script",
}
"""What caveats that hold a number are called where they are explained."""


@frozen(kw_only=True)
class Note:
    """A caveat as it stands beside numbers, and what it means."""

    words: str
    meaning: str


@frozen(kw_only=True)
class Difference:
    """A contrast for people."""

    title: str
    where: str
    value: str
    interval: str
    says: str
    tags: str
    made: Made

    @property
    def place(self) -> Place:
        """Say where it holds."""
        return self.where, self.title


@frozen(kw_only=True)
class Verdict:
    """A gate for people."""

    title: str
    where: str
    bound: str
    number: str
    state: str
    standing: str
    why: str


def notes(report: Report) -> list[Note]:
    """Explain every caveat that stands beside a number of this report, the most frequent first."""
    found: dict[str, list[tuple[str, str]]] = {}
    scales = {m.id: m.scale for m in report.measures}
    for f in report.findings:
        for caveat in f.caveats if isinstance(f, Estimate) else ():
            known = caveat.code in TAGS
            words = WORDS.get(caveat.code) or (tag(caveat) if known else caveat.text)
            rest = ""
            if caveat.code == "truncated":  # what that may hide differs by scale, and by row
                words = f"{words} ({scales.get(f.measure, f.measure)})"
                rest = caveat.text.partition(": ")[2]
            if caveat.code in GLOSS:
                found.setdefault(words, []).append((GLOSS[caveat.code], rest))
    ordered = sorted(found.items(), key=lambda one: (-len(one[1]), one[0]))
    return [Note(words=words, meaning=_meaning(said)) for words, said in ordered]


def _meaning(said: Sequence[tuple[str, str]]) -> str:
    """Put into one what caveats that are called alike mean."""
    rests = "; or, by row, ".join(dict.fromkeys(rest for _, rest in said if rest))
    return ": ".join(filter(None, (said[0][0], rests)))


def differences(report: Report) -> list[Difference]:
    """Give every finding that compares two conditions, in three answers."""
    by_id = {m.id: m for m in report.measures if compares(m)}
    raters = {dict(f.group).get("rater") for f in report.findings if f.measure in by_id}
    skip = {"category"} | ({"rater"} if len(raters) == 1 else set())
    numbered = anchors(report)
    out = []
    for f in report.findings:
        if isinstance(f, Estimate) and f.measure in by_id:
            measure = by_id[f.measure]
            shows = (
                "cannot tell" if f.lower <= 0 <= f.upper else ("more" if f.value > 0 else "less")
            )
            out.append(
                Difference(
                    title=measure.title, where=", ".join(v for k, v in f.group if k not in skip),
                    value=_points(f.value, measure), says=shows,
                    interval=f"{_points(f.lower, measure)} to {_points(f.upper, measure)}",
                    tags=" · ".join((*_could_be(f, measure), *dict.fromkeys(map(tag, f.caveats)))),
                    made=made_of([f], numbered[f.measure, f.group]),
                )
            )  # fmt: skip
    return out


def _could_be(one: Estimate, measure: Measure) -> tuple[str, ...]:
    """Say what a difference could be if all that is lost were known."""
    low, high = one.missing.lower, one.missing.upper
    if low is None or high is None or low == high:
        return ()
    given = "whatever missing marks and the rest of cut or blocked replies would have been"
    return (f"{_points(low, measure)} to {_points(high, measure)} {given}",)


def _points(value: float, measure: Measure) -> str:
    unit = unit_of(measure)
    digits = as_digits(value, unit)
    sign = "" if digits.startswith("-") else "+"
    return sign + digits + (" points" if unit is Unit.SHARE else "")


def verdicts(report: Report) -> list[Verdict]:
    """Give every gate, failures first."""
    order = {"fail": 0, "inconclusive": 1}
    found = [_verdict(g, report.measures) for g in report.gates]
    return sorted(found, key=lambda v: order.get(v.state, 2))


def _verdict(result: GateResult, measures: Sequence[Measure]) -> Verdict:
    gate = result.gate
    by_id = {m.id: m for m in measures}
    measure = by_id.get(gate.measure)
    return Verdict(
        title=measure.title if measure else gate.measure, state=result.state.value, why=result.why,
        where=", ".join(v for _, v in gate.where) or "everywhere",
        standing="" if result.standing is Standing.UNREGISTERED else result.standing.value,
        bound=together(as_threshold(gate, unit_of_gate(measure))), number=_nearest(result, measure),
    )  # fmt: skip


def _nearest(result: GateResult, measure: Measure | None) -> str:
    """Write the number that a gate turns on, with its limits at the level of the gates."""
    if result.value is None or result.lower is None or result.upper is None:
        return "no number"
    unit = unit_of_gate(measure)
    if unit is Unit.SHARE and result.gate.baseline:
        unit = Unit.POINTS
    return f"{short(result.value, unit)} [{between(result.lower, result.upper, unit)}]"


def silences(report: Report) -> list[tuple[str, str, str]]:
    """Give what got no number: the question and where, why, and what would allow one."""
    titles = {m.id: m.title for m in report.measures}
    unmarked = nobody_marks(report)
    every = [
        (titles.get(m.id, m.id), f"{m.scale}: no rater of this stack marks it", "a rater with this scale")
        for m in report.measures if m.id in unmarked
    ]  # fmt: skip
    return every + [
        (f"{titles.get(f.measure, f.measure)}: {', '.join(v for _, v in f.group)}", f.why, f.would_need)
        for f in report.findings if not isinstance(f, Estimate) and f.measure not in unmarked
    ]  # fmt: skip
