"""The report as a system card in Markdown: what was measured, how, by whom, and what it cannot say.

In the order of what model and system cards print: summary, system, evaluation, results, limits,
provenance. Of attempts it has none, so nothing in it is withheld.
"""

from collections.abc import Iterator, Mapping, Sequence

from attrs import evolve

from dosimeter.contracts import Evidence, Output
from dosimeter.methods import method_of
from dosimeter.model.answering import Abstention, Estimate, Finding, Standing
from dosimeter.model.conversation import Pairs
from dosimeter.model.measures import Measure
from dosimeter.model.report import Report
from dosimeter.model.specs import NoOptions
from dosimeter.numbers import (
    Unit,
    as_amount,
    as_digits,
    as_interval,
    as_limits,
    as_number,
    as_threshold,
    unit_of,
    unit_of_gate,
)
from dosimeter.publish import may_publish, quotations, what_is_lost
from dosimeter.sinks.behind import provenance, raters, targets
from dosimeter.sinks.markdown import bullets, plain, table
from dosimeter.summary import summary_of

NAME = "card.md"
BESIDE = (
    "level",
    "goals",
    "marks",
    "effective marks",
    "design effect",
    "ICC",
    "without a mark",
    "method",
    "asked for",
    "estimand",
    "caveats",
)
"""What stands beside every number."""
NO_REFERENCE = "not a method of dosimeter's own: see the package that supplies it"


class CardSink:
    """Writes one page of Markdown."""

    def write(self, report: Report, evidence: Evidence, out: Output) -> None:  # noqa: ARG002
        """See `dosimeter.ReportSink`."""
        out.write(NAME, (text.encode("utf-8", "replace") for text in pieces(report)))


def pieces(report: Report) -> Iterator[str]:
    """Give the card piece by piece."""
    yield f"# System card: {plain(report.name)}\n\n{plain(summary_of(report))}\n\n"
    yield f"{plain(may_publish(report))}\n\n"
    yield from targets(report)
    yield from _evaluation(report)
    yield from _results(report)
    yield from _methods(report)
    yield from raters(report)
    yield from _refusals(report)
    yield from _gates(report)
    yield from _limits(report)
    yield from provenance(report)


def _evaluation(report: Report) -> Iterator[str]:
    """Say what was asked, and how often."""
    yield "## Evaluation\n\n"
    yield f"Scope: {plain(report.scope)}. Attempts are counted; goals are what intervals rest on.\n\n"
    yield from table(
        ("category", "intent", "attack", "target", "goals", "planned", "done", "failed", "not run",
         "cut", "blocked", "off script", "nothing submitted"),
        ((*map(plain, (c.category, c.intent.value, c.attack, c.target)),
          *map(str, (c.families, c.planned, c.done, c.failed, c.open, c.truncated, c.blocked, c.off_script,
                     c.no_candidate))) for c in report.cells),
    )  # fmt: skip
    yield "### Measures\n\n"
    yield from table(
        ("id", "question", "scale", "estimator", "direction", "compares"),
        (tuple(map(plain, (m.id, m.title, m.scale, m.estimator, m.direction.value, _compares(m))))
         for m in report.measures),
    )  # fmt: skip


def _compares(measure: Measure) -> str:
    one = measure.contrast
    return f"{one.factor}: {one.second} against {one.first or 'each other'}" if one else "nothing"


def _results(report: Report) -> Iterator[str]:
    """Give every number with its interval and its estimand, and never one without the other."""
    found = [f for f in report.findings if isinstance(f, Estimate)]
    sentences = dict.fromkeys(f.estimand for f in found if f.estimand)
    numbered = {text: f"E{i}" for i, text in enumerate(sentences, 1)}
    measures = {m.id: m for m in report.measures}
    yield "## Results\n\n"
    said = quotations(report) if report.reportable else ()
    if said:
        yield "To be quoted with all that stands beside each number:\n\n"
        yield from bullets(map(plain, said))
    common = _common(found)
    if common:
        yield "Beside every number here:\n\n"
        yield from bullets(map(plain, common))
    apart = [evolve(f, caveats=tuple(c for c in f.caveats if c.text not in common)) for f in found]
    yield from table(
        ("measure", "where", "number", "interval", "with all that is lost", *BESIDE),
        (_row(measures.get(f.measure), f, numbered) for f in apart if not _level(f)),
    )
    yield from _by_level([f for f in apart if _level(f)], numbered)
    yield "### Estimands\n\nWhat each number is a number of.\n\n"
    yield from bullets(f"{name}: {plain(text)}" for text, name in numbered.items())


def _common(found: Sequence[Estimate]) -> tuple[str, ...]:
    """Give the caveats that every number has."""
    texts = [[c.text for c in f.caveats] for f in found]
    return tuple(
        t for t in dict.fromkeys(texts[0] if texts else ()) if all(t in ts for ts in texts)
    )


def _level(one: Finding) -> str:
    return dict(one.group).get("level", "")


def _row(measure: Measure | None, one: Estimate, numbered: Mapping[str, str]) -> tuple[str, ...]:
    unit = unit_of(measure, one)
    return (
        plain(one.measure), _where(one.group), as_number(one.value, unit),
        as_interval(one.lower, one.upper, unit), _bounds(one, unit), *_beside([one], numbered),
    )  # fmt: skip


def _bounds(one: Estimate, unit: Unit) -> str:
    """Say what a number could be for all that it lacks."""
    m = one.missing
    if not what_is_lost(m):
        return "nothing is lost"
    return (
        "not known" if m.lower is None or m.upper is None else as_interval(m.lower, m.upper, unit)
    )


def _by_level(found: Sequence[Estimate], numbered: Mapping[str, str]) -> Iterator[str]:
    """Give the shares of all levels of a scale in a row, a row a place."""
    rows: dict[tuple[str, Pairs], list[Estimate]] = {}
    for one in found:
        at = tuple(pair for pair in one.group if pair[0] != "level")
        rows.setdefault((one.measure, at), []).append(one)
    if rows:
        yield "### Shares by level\n\nIn per cent, with the interval of each.\n\n"
        yield from table(
            ("measure", "where", "level: share [interval]", *BESIDE),
            ((plain(measure), _where(at), ", ".join(map(_share, shares)), *_beside(shares, numbered))
             for (measure, at), shares in rows.items()),
        )  # fmt: skip


def _share(one: Estimate) -> str:
    value, (low, high) = (
        as_digits(one.value, Unit.SHARE),
        as_limits(one.lower, one.upper, Unit.SHARE),
    )
    return f"{plain(_level(one))}: {value} \\[{low} to {high}\\]"


def _beside(found: Sequence[Estimate], numbered: Mapping[str, str]) -> tuple[str, ...]:
    """Give what stands beside numbers of one row."""
    one = found[0]
    caveats = dict.fromkeys(c.text for f in found for c in f.caveats)
    return (
        f"{as_amount(100 * one.level)} %", str(one.families), str(one.n), *_clustered(found),
        f"{one.missing.lost} of {one.missing.planned}", plain(one.method),
        "no plan" if one.standing is Standing.UNREGISTERED else one.standing.value,
        numbered.get(one.estimand, "not told"), plain("; ".join(caveats)) or "none",
    )  # fmt: skip


def _clustered(found: Sequence[Estimate]) -> tuple[str, str, str]:
    """Give what marks are worth as they come in goals, and why; of several levels that of the least."""
    known = [f for f in found if f.effective_n]
    if not known:
        return "-", "-", "-"
    one = min(known, key=lambda f: f.effective_n or 0.0)
    icc = "-" if one.icc is None else f"{one.icc:.2f}"
    return f"{one.effective_n:.1f}", f"{one.design_effect:.2f}", icc


def _where(group: Pairs) -> str:
    return plain(", ".join(f"{name} {value}" for name, value in group))


def _methods(report: Report) -> Iterator[str]:
    """Say what each method does that a number was made by, and where it is published."""
    known = ((name, method_of(name)) for name in report.methods)
    yield "## Methods\n\n"
    yield from table(
        ("method", "what it does", "reference"),
        ((plain(name), plain(m.does), plain(m.source)) if m else (plain(name), "not told", NO_REFERENCE)
         for name, m in known),
    )  # fmt: skip


def _refusals(report: Report) -> Iterator[str]:
    """Give every question that has no number; alike ones once, with how many."""
    yield "## Questions without a number\n\nNo number is neither a good nor a bad one.\n\n"
    alike: dict[tuple[str, str, str], list[Finding]] = {}
    for f in report.findings:
        if isinstance(f, Abstention):
            alike.setdefault((f.measure, f.why, f.would_need), []).append(f)
    yield from table(
        ("measure", "where", "why", "what would allow one"),
        ((plain(measure), f"{len(found)} places" if len(found) > 1 else _where(found[0].group),
          plain(why), plain(need)) for (measure, why, need), found in alike.items()),
    )  # fmt: skip


def _gates(report: Report) -> Iterator[str]:
    """Give the three states as they are: what is not decided has neither passed nor failed."""
    measures = {m.id: m for m in report.measures}
    yield "## Gates\n\n"
    yield from table(
        ("measure", "where", "must be", "state", "asked for", "why"),
        ((plain(g.gate.measure), _where(g.gate.where) or "everywhere",
          plain(as_threshold(g.gate, unit_of_gate(measures.get(g.gate.measure)))), g.state.value,
          "no plan" if g.standing is Standing.UNREGISTERED else g.standing.value, plain(g.why))
         for g in report.gates),
    )  # fmt: skip


def _limits(report: Report) -> Iterator[str]:
    """Say what the numbers cannot show, and what no output does."""
    yield "## Limits\n\n"
    if report.demonstrates:
        yield f"{plain(report.demonstrates)}\n\n"
    yield from bullets(f"{plain(n.code)}: {plain(n.text)}" for n in report.notices)
    yield (
        f"Replies withheld: {report.withheld}; sealed, of those: {report.sealed}; deleted:"
        f" {report.deleted}.\n\n"
    )
    if report.hazardous_included:
        yield "Other files of this report show replies that would be withheld.\n\n"


def build(_: NoOptions) -> CardSink:
    """Build the sink."""
    return CardSink()
