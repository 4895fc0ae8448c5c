"""Tables by level: one a scale."""

from attrs import frozen

from dosimeter import Cell, Estimate, Finding, Measure, Report


@frozen(kw_only=True)
class Row:
    """One cell of the design with its shares, for a table."""

    cell: Cell
    shares: tuple[str, ...]
    mean: str
    cut: str
    unscorable: str


@frozen(kw_only=True)
class ScaleTable:
    """One scale: a column a level."""

    title: str
    levels: tuple[str, ...]
    has_mean: bool
    rows: tuple[Row, ...]


def _of(report: Report, measure: Measure, cell: Cell) -> list[Finding]:
    want = {("target", cell.target), ("category", cell.category),
            ("intent", cell.intent.value), ("attack", cell.attack)}  # fmt: skip
    return [f for f in report.findings if f.measure == measure.id and want <= set(f.group)]


def tables(report: Report) -> list[ScaleTable]:
    """Give one table a scale that is reported by level."""
    out = []
    for measure in (m for m in report.measures if m.estimator == "shares"):
        means = [m for m in report.measures if m.estimator == "mean" and m.scale == measure.scale]
        # Findings come in the order of their scale; as text "10" would go before "2".
        levels = list(dict.fromkeys(
            dict(f.group).get("level", "") for f in report.findings
            if f.measure == measure.id and isinstance(f, Estimate)
        ))  # fmt: skip
        rows = []
        for cell in sorted(report.cells, key=lambda c: (c.category, c.intent, c.attack, c.target)):
            found = _of(report, measure, cell)
            if found:
                rows.append(_row(report, cell, found, levels, means[0] if means else None))
        if rows:
            out.append(ScaleTable(title=measure.title, levels=tuple(levels), has_mean=bool(means),
                                  rows=tuple(rows)))  # fmt: skip
    return out


def _row(
    report: Report, cell: Cell, found: list[Finding], levels: list[str], mean: Measure | None
) -> Row:
    by_level = {dict(f.group).get("level", ""): f for f in found if isinstance(f, Estimate)}
    lost = found[0].missing
    means = _of(report, mean, cell) if mean else []
    return Row(
        cell=cell,
        shares=tuple(_text(by_level.get(lv), 100, 0) for lv in levels),
        mean=_text(means[0], 1, 2) if means and isinstance(means[0], Estimate) else "–",
        cut=f"{cell.truncated / cell.done:.0%}" if cell.done else "–",
        unscorable=f"{(lost.unscorable + lost.failed + lost.not_run) / max(lost.planned, 1):.0%}",
    )


def _text(e: Estimate | None, scale: int, digits: int) -> str:
    if e is None:
        return "too few"
    low, high = scale * e.lower, scale * e.upper
    return f"{scale * e.value:.{digits}f} [{low:.{digits}f}, {high:.{digits}f}]"
