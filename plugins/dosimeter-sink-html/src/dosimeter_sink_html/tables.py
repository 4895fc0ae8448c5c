"""Tables by level: one a scale, category and rater."""

from collections.abc import Mapping

from attrs import frozen

from dosimeter import Cell, Estimate, Finding, Measure, Report, Unit, as_digits, as_limits
from dosimeter_sink_html.alike import Place
from dosimeter_sink_html.figures import DIRECT, brief, lacking, nobody_marks
from dosimeter_sink_html.made import Anchors, Fold, Made, Used, anchors, fold, made_of

Key = tuple[str, str]
"""Category and rater."""


@frozen(kw_only=True)
class Row:
    """One cell of the design with its shares, for a table.

    Attributes:
        families: That have a mark.
        shares: By level; each with the caveats that only it has.
        why: Instead of shares.
        tags: What stands beside every share of the row.
        made: How they were made; None if there are none.
    """

    cell: Cell
    families: int
    shares: tuple[tuple[str, str], ...]
    why: str
    tags: tuple[str, ...]
    made: Made | None = None

    @property
    def anchor(self) -> str:
        """Say where their making is told; empty if there are none."""
        return self.made.anchor if self.made else ""

    @property
    def place(self) -> Place:
        """Say where they hold."""
        return self.cell.target, f"{self.cell.attack}, {self.cell.intent.value}"


@frozen(kw_only=True)
class ScaleTable:
    """One scale: a column a level."""

    title: str
    levels: tuple[str, ...]
    rows: tuple[Row, ...]
    left: int = 0

    def fold(self, methods: Mapping[str, Used]) -> Fold:
        """Say how its numbers were made."""
        return fold(self.title, ((r.place, r.made) for r in self.rows if r.made), methods)


def tables(report: Report) -> list[ScaleTable]:
    """Give one table a scale that is reported by level."""
    order = {t.name: i for i, t in enumerate(report.targets)}
    cells = sorted(report.cells, key=lambda c: (c.intent.value != "harmful", c.intent, c.attack != DIRECT,
                                                c.attack, order.get(c.target, 0)))  # fmt: skip
    mute, numbered = nobody_marks(report), anchors(report)
    out = [
        _table(measure, key, found, cells, numbered)
        for measure in report.measures if measure.estimator == "shares" and measure.id not in mute
        for key, found in _apart(report, measure).items()
    ]  # fmt: skip
    return [t for t in out if t.rows]


def _apart(report: Report, measure: Measure) -> dict[Key, list[Finding]]:
    """Give the findings of one measure by category and rater."""
    out: dict[Key, list[Finding]] = {}
    for f in report.findings:
        if f.measure == measure.id:
            out.setdefault((_of(f, "category"), _of(f, "rater")), []).append(f)
    return out


def _table(
    measure: Measure, key: Key, found: list[Finding], cells: list[Cell], numbered: Anchors
) -> ScaleTable:
    category, rater = key
    at: dict[tuple[str, str, str], list[Finding]] = {}
    for f in found:
        at.setdefault((_of(f, "target"), _of(f, "intent"), _of(f, "attack")), []).append(f)
    # Findings come in the order of their scale; as text "10" would go before "2".
    levels = tuple(dict.fromkeys(_of(f, "level") for f in found if isinstance(f, Estimate)))
    rows = (
        _row(c, at.get((c.target, c.intent.value, c.attack), []), levels, numbered)
        for c in cells if c.category == category
    )  # fmt: skip
    return ScaleTable(title=f"{category}: {measure.title} (rater {rater})", levels=levels,
                      rows=tuple(r for r in rows if r))  # fmt: skip


def _of(finding: Finding, key: str) -> str:
    return dict(finding.group).get(key, "")


def _row(
    cell: Cell, found: list[Finding], levels: tuple[str, ...], numbered: Anchors
) -> Row | None:
    if not found:
        return None
    by_level = {_of(f, "level"): f for f in found if isinstance(f, Estimate)}
    said = [_brief(e) for e in by_level.values()]
    common = tuple(t for t in (said[0] if said else ()) if all(t in s for s in said))
    gone = lacking(found[0].missing)
    silent = next((f for f in found if not isinstance(f, Estimate)), None)
    return Row(
        cell=cell,
        families=found[0].families,
        shares=tuple((_text(by_level.get(lv)), _own(by_level.get(lv), common)) for lv in levels),
        why="" if by_level or silent is None else f"{silent.why}; would need {silent.would_need}",
        tags=(*((f"{gone} without a mark",) if gone else ()), *common),
        made=_made(list(by_level.values()), numbered),
    )  # fmt: skip


def _made(found: list[Estimate], numbered: Anchors) -> Made | None:
    return made_of(found, numbered[found[0].measure, found[0].group]) if found else None


def _own(e: Estimate | None, common: tuple[str, ...]) -> str:
    return "" if e is None else " · ".join(t for t in _brief(e) if t not in common)


def _brief(e: Estimate) -> tuple[str, ...]:
    return brief(c for c in e.caveats if c.code != "missing")


def _text(e: Estimate | None) -> str:
    if e is None:
        return "no number"
    value, (low, high) = as_digits(e.value, Unit.SHARE), as_limits(e.lower, e.upper, Unit.SHARE)
    return f"{value} [{low}, {high}]"
