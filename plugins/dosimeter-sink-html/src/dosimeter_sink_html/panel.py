"""The validity panel: a row a threat, with what this run can tell of it."""

from collections.abc import Iterator, Sequence

from attrs import frozen

from dosimeter import PanelAnswer, PanelCheck, Report, Threat

ORDER = (PanelAnswer.CONCERN, PanelAnswer.NOT_MEASURED, PanelAnswer.TOLD, PanelAnswer.FINE)
"""Of rows: what a reader must see comes first."""
WEIGHTIEST = (PanelAnswer.CONCERN, PanelAnswer.NOT_MEASURED, PanelAnswer.FINE, PanelAnswer.TOLD)
"""Of answers: the first of these that a check of a threat gives is that of its row."""
WORDS = {
    PanelAnswer.CONCERN: "✗ concern",
    PanelAnswer.NOT_MEASURED: "? not measured",
    PanelAnswer.TOLD: "· told, without a threshold",
    PanelAnswer.FINE: "✓ no concern",
}
STYLES = {
    PanelAnswer.CONCERN: "fail",
    PanelAnswer.NOT_MEASURED: "inconclusive",
    PanelAnswer.FINE: "pass",
}
ASKS = {
    Threat.DISTRIBUTION_SHIFT: "Does the phrasing of a request turn its answer?",
    Threat.SATURATION: "Do the items still tell targets apart?",
    Threat.CONSISTENCY: "Does rewriting a request turn its answer?",
    Threat.RIGHT_REASON: "Does intent decide, or an alarming word?",
    Threat.BOTH_REFUSALS: "Are both kinds of refusal measured?",
    Threat.RELIABILITY: "Do people agree with the raters?",
    Threat.MISSING: "Is much missing?",
    Threat.TRUNCATED: "Were replies cut?",
    Threat.OFF_SCRIPT: "Did attempts leave their script?",
    Threat.MODEL_CHANGED: "Did one model answer throughout?",
    Threat.COST: "What did it take?",
}
PLACES = {
    Threat.DISTRIBUTION_SHIFT: "compared",
    Threat.SATURATION: "saturation",
    Threat.CONSISTENCY: "compared",
    Threat.RIGHT_REASON: "compared",
    Threat.BOTH_REFUSALS: "every",
    Threat.RELIABILITY: "raters",
    Threat.MISSING: "every",
    Threat.TRUNCATED: "counts",
    Threat.OFF_SCRIPT: "every",
    Threat.MODEL_CHANGED: "targets",
    Threat.COST: "took",
}
"""Where the numbers of each stand on the page."""
FIRST = 2
"""Checks of a row that are read without unfolding it."""


@frozen(kw_only=True)
class Line:
    """One check, for people."""

    answer: str
    text: str
    where: str


@frozen(kw_only=True)
class Row:
    """One threat, for people.

    Attributes:
        answer: In words, with a sign.
        style: How that is coloured; empty for not at all.
        lines: The checks that are read first, those that gave *answer*.
        rest: The others.
        needs: What would make it known, each once.
        link: Where its numbers are; empty if they are nowhere, as nothing is measured.
    """

    threat: str
    asks: str
    answer: str
    style: str
    lines: tuple[Line, ...]
    rest: tuple[Line, ...]
    needs: tuple[str, ...]
    link: str


def rows(report: Report) -> list[Row]:
    """Give a row a threat, concerns first."""
    found: dict[Threat, list[PanelCheck]] = {}
    for check in report.panel:
        found.setdefault(check.threat, []).append(check)
    made = [(_worst(checks), threat, checks) for threat, checks in found.items()]
    made.sort(key=lambda one: ORDER.index(one[0]))
    return [_row(threat, answer, checks) for answer, threat, checks in made]


def _worst(checks: Sequence[PanelCheck]) -> PanelAnswer:
    return min((c.answer for c in checks), key=WEIGHTIEST.index)


def _row(threat: Threat, answer: PanelAnswer, checks: Sequence[PanelCheck]) -> Row:
    ordered = sorted(checks, key=lambda c: WEIGHTIEST.index(c.answer))
    first = [c for c in ordered if c.answer is answer][:FIRST]
    rest = [c for c in ordered if not any(c is one for one in first)]
    silent = all(c.answer is PanelAnswer.NOT_MEASURED for c in checks)
    return Row(
        threat=threat.value, asks=ASKS[threat], style=STYLES.get(answer, ""),
        answer=WORDS[answer] + _share(answer, checks),
        lines=tuple(map(_line, first)), rest=tuple(map(_line, rest)),
        needs=tuple(dict.fromkeys(_needs(checks))), link="" if silent else PLACES[threat],
    )  # fmt: skip


def _share(answer: PanelAnswer, checks: Sequence[PanelCheck]) -> str:
    """Say how many checks gave an answer, where others gave another."""
    mine = sum(c.answer is answer for c in checks)
    return "" if mine == len(checks) else f" ({mine} of {len(checks)} checks)"


def _needs(checks: Sequence[PanelCheck]) -> Iterator[str]:
    yield from (c.needs for c in checks if c.needs)


def _line(check: PanelCheck) -> Line:
    return Line(
        answer=WORDS[check.answer],
        text=check.text,
        where=", ".join(value for _, value in check.where if not check.text.startswith(value)),
    )
