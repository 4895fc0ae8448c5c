"""Tables of numbers that are not of one cell: parts, differences within families, attacks together."""

from collections.abc import Iterator, Sequence

from dosimeter.inert import safe
from dosimeter.model.across import is_one
from dosimeter.model.answering import Estimate, Finding
from dosimeter.model.attacks import is_single
from dosimeter.model.contrasts import is_split
from dosimeter.model.measures import Measure
from dosimeter.model.questions import counts, is_compared
from dosimeter.model.report import Report
from dosimeter.numbers import as_digits, as_limits, percent, unit_of
from dosimeter.sinks.grid import Grid, Pair, Row
from dosimeter.sinks.legend import Marks, marked

NO_NUMBER = "-"
OF_PLACE = {"target", "category", "intent", "attack", "rater"}
COMPARED, PARTS, TOGETHER = "within families", "in parts", "over attacks"
ACROSS = "over categories"
KINDS = {COMPARED: is_compared, PARTS: is_split}


def apart(report: Report, scale: str, marks: Marks) -> Iterator[tuple[str, Grid]]:
    """Give the tables of one scale, each with its title.

    Args:
        report: What is shown.
        scale: Of the measures.
        marks: What rows are marked with; what is said anew is added.
    """
    mine = [m for m in report.measures if m.scale == scale]
    for category in dict.fromkeys(c.category for c in report.cells):
        for kind, told in KINDS.items():
            for share in (True, False):
                measures = [m for m in mine if told(m) and counts(m) is share]
                found = _of(report, measures, category)
                if found:
                    unit = ", %" if share else ""
                    yield f"{category}: {scale} {kind}{unit}", _grid(report, found, marks)
        rest = [m for m in mine if not any(told(m) for told in KINDS.values())]
        found = [
            pair for pair in _of(report, rest, category) if not is_single(_at(pair[1], "attack"))
        ]
        if found:
            yield f"{category}: {scale} {TOGETHER}, %", _grid(report, found, marks)
    several = dict.fromkeys(c for f in report.findings if not is_one(c := _at(f, "category")))
    found = [pair for category in several for pair in _of(report, mine, category)]
    if found:
        yield f"{scale} {ACROSS}, %", _grid(report, found, marks, across=True)


def _of(
    report: Report, measures: Sequence[Measure], category: str
) -> list[tuple[Measure, Finding]]:
    by_id = {m.id: m for m in measures}
    return [
        (by_id[f.measure], f) for f in report.findings
        if f.measure in by_id and _at(f, "category") == category
    ]  # fmt: skip


def _grid(
    report: Report, found: Sequence[tuple[Measure, Finding]], marks: Marks, *, across: bool = False
) -> Grid:
    """Make a table; *across* categories say which, and not of which requests where the measure does."""
    several = len({_at(one, "rater") for _, one in found}) > 1
    order = {m.id: i for i, m in enumerate(report.measures)}
    rows = []
    for measure, one in sorted(found, key=lambda pair: order[pair[0].id]):
        who = [_at(one, "rater")] if several else []
        of = _at(one, "category") if across else _of_what(one)
        if across and len(measure.select.intents) != 1:
            of = f"{of}, {_of_what(one)}"
        names = (measure.id, of, _at(one, "attack"), _at(one, "target"), *who)
        pairs = (
            (f"{one.families}", ""), *_number(measure, one), (_missing(one), ""),
            (marked([one], marks), ""),
        )  # fmt: skip
        rows.append((tuple(map(safe, names)), pairs))
    bounded = any(any(pairs[2]) for _, pairs in rows)
    heads = (("families", ""), ("number", ""), ("least", "most"), ("missing", ""), ("caveats", ""))
    keep = [i for i in range(len(heads)) if i != 2 or bounded]
    return Grid(
        names=("measure", "of", "attack", "target", *(["rater"] if several else [])),
        heads=tuple(heads[i] for i in keep),
        rows=tuple(Row(names=names, pairs=tuple(pairs[i] for i in keep)) for names, pairs in rows),
    )


def _of_what(one: Finding) -> str:
    """Say of which requests a number is, and of which levels."""
    return ", ".join(
        v if n == "intent" else f"{n} {v}"
        for n, v in one.group
        if n == "intent" or n not in OF_PLACE
    )


def _number(measure: Measure, one: Finding) -> tuple[Pair, Pair]:
    """Give a number with its interval, and what it could be for all that it lacks."""
    if not isinstance(one, Estimate):
        return (NO_NUMBER, ""), ("", "")
    unit = unit_of(measure, one)
    value, (low, high) = as_digits(one.value, unit), as_limits(one.lower, one.upper, unit)
    least, most = one.missing.lower, one.missing.upper
    if least is None or most is None or least == most:
        return (value, f"[{low},{high}]"), ("", "")
    return (value, f"[{low},{high}]"), (as_digits(least, unit), as_digits(most, unit))


def _missing(one: Finding) -> str:
    m = one.missing
    return percent(min(m.lost / m.planned, 1.0)).replace(" ", "") if m.planned else NO_NUMBER


def _at(one: Finding, name: str) -> str:
    return dict(one.group).get(name, "")
