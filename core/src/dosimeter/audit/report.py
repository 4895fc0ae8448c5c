"""An audit as a page of Markdown: the same page for the same results, and inert whatever names they hold."""

import re
from collections.abc import Iterator, Sequence

from dosimeter.audit.agree import Number
from dosimeter.audit.estimates import Cell
from dosimeter.audit.pairs import Pair
from dosimeter.audit.run import Audit
from dosimeter.audit.told import (
    amount,
    apart,
    coefficient,
    named,
    of,
    points,
    probability,
    reason,
    span,
)
from dosimeter.inert import safe
from dosimeter.plural import plural

ACTIVE = re.compile(r"([\\`*_{}\[\]<|~$@&]|(?<=[A-Za-z]):(?=//)|(?<=www)\.)", re.IGNORECASE)
"""What may be markup, HTML or a link in Markdown."""
BEGINS = re.compile(r"(\s*(?:[-+=>#]|\d+(?=[.)])))")
"""What may begin a list, a quotation or a heading."""
MOST = 60
"""Comparisons that the page lists; JSON has all."""
METHODS = {
    "wilson": "Wilson's score interval, for one row a cluster",
    "korn-graubard": "Korn and Graubard's interval, clustered",
    "guarded-mean": "guarded score interval of a mean on a bounded scale",
    "tango": "Tango's score interval of a paired difference, McNemar's mid-p test",
    "paired-t": "paired t",
    "paired-score-t": "paired differences by cluster: limits of what rises and what falls, test by t",
    "paired-unseen": "what as many items may not have shown",
    "fleiss-cohen-everitt": "Cohen's kappa by its large-sample error (Fleiss, Cohen and Everitt 1969)",
    "fleiss-t": "Fleiss' kappa by t over rows (Gwet 2008)",
    "gwet-t": "Gwet's AC by t over rows (Gwet 2008)",
    "jackknife-atanh": "Krippendorff's alpha by the jackknife over rows, on Fisher's scale",
    "jackknife": "Krippendorff's alpha by the jackknife over rows",
    "rare-disagreement": "Krippendorff's alpha by how many disagreements as few as those seen leave open",
    "paired-score-unseen": "what as many clusters may not have shown",
}
"""Methods in words."""


def escaped(text: str) -> str:
    r"""Give text that a cell of a table shows as it is.

    >>> print(escaped("<b>[a](http://b)|*c*"))
    \<b>\[a\](http\://b)\|\*c\*
    """
    return ACTIVE.sub(r"\\\1", safe(text))


def _item(text: str) -> str:
    """Give text as an entry of a list."""
    begun = BEGINS.match(text)
    if begun is None:
        return f"- {escaped(text)}"
    head, rest = begun[0], text[begun.end() :]
    if head[-1].isdigit():
        return f"- {head}\\{rest[0]}{escaped(rest[1:])}"
    return f"- \\{head.strip()}{escaped(rest)}"


def markdown(found: Audit) -> str:
    """Give the page."""
    return "\n".join(_lines(found)) + "\n"


def _lines(found: Audit) -> Iterator[str]:
    yield f"# Audit of {escaped(', '.join(f.name for f in found.files))}"
    yield from _claims(found)
    yield ""
    yield "## What the data support"
    yield ""
    yield from map(_item, found.supported)
    yield from _cells(found)
    yield from _pairs(found)
    yield from _agreements(found)
    yield from _judges(found)
    yield from _saturation(found)
    yield from _how(found)


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Give a table; cells are escaped here, and nowhere else."""
    yield ""
    yield f"| {' | '.join(heads)} |"
    yield f"|{'---|' * len(heads)}"
    yield from (f"| {' | '.join(map(escaped, row))} |" for row in rows)


def _claims(found: Audit) -> Iterator[str]:
    if not found.claims:
        return
    spoilt = sum(c.verdict in {"overstated", "contradicted"} for c in found.claims)
    unknown = sum(c.verdict == "cannot be judged" for c in found.claims)
    rest = f" {unknown} cannot be judged." if unknown else ""
    yield ""
    yield "## What the claims overstate"
    yield ""
    yield f"{spoilt} of {len(found.claims)} are overstated or contradicted by these data.{rest}"
    yield from _table(("claim", "verdict", "because"),
                      [(c.claim.says, c.verdict, c.because) for c in found.claims])  # fmt: skip


def _cells(found: Audit) -> Iterator[str]:
    if not found.cells:
        return
    scale = found.design.scale
    yield ""
    yield "## Rates" if scale is None else "## Means"
    heads = ["system", "group", "items", "clusters", "rows", "missing",
             "events" if scale is None else "marks", "rate" if scale is None else "mean",
             f"{100 * found.design.level:g} % interval", "deff", "effective n",
             "if missing"]  # fmt: skip
    plain = not any(c.group for c in found.cells)
    rows = [_cell(c, found) for c in found.cells]
    if plain:
        heads.pop(1)
        rows = [[*r[:1], *r[2:]] for r in rows]
    yield from _table(heads, rows)


def _cell(c: Cell, found: Audit) -> list[str]:
    scale = found.design.scale
    bounds = "-"
    if c.bounds is not None:
        bounds = span(c.bounds.lowest, c.bounds.highest, scale)
    value = f"none ({reason(c.why)})" if c.value is None else amount(c.value, scale)
    limits = "-" if c.value is None else span(c.lower, c.upper, scale)
    counted = c.scored if c.events is None else c.events
    return [
        named(c.system), named(c.group), f"{c.items}", f"{c.clusters}", f"{c.rows}",
        f"{c.missing + c.absent}", f"{counted}", value, limits, "-" if c.deff is None else f"{c.deff:.2f}",
        "-" if c.effective is None else f"{c.effective:.0f}", bounds,
    ]  # fmt: skip


def _pairs(found: Audit) -> Iterator[str]:
    if not found.pairs:
        return
    yield ""
    yield "## Pairs"
    yield ""
    over = (
        f"Holm's adjustment is over {plural(found.tests, 'comparison')}; an interval is that of its"
        " difference alone."
    )
    yield f"A less B on the items that both have. {over if found.tests else 'None was tested.'}"
    listed = [p for p in found.pairs if p.items][:MOST]
    if listed:
        heads = ("A", "B", "in", "items", "A is", "B is", "A - B", "interval", "p (Holm)", "says")
        yield from _table(heads, [_pair(p, found) for p in listed])
    if len(found.pairs) > len(listed):
        yield ""
        rest = plural(len(found.pairs) - len(listed), "comparison")
        yield f"Left out here, and in the JSON: {rest}, without shared items or beyond the first {MOST}."


def _pair(p: Pair, found: Audit) -> list[str]:
    scale = found.design.scale
    values = ["-" if v is None else amount(v, scale) for v in (p.value_a, p.value_b)]
    difference = "-" if p.difference is None else points(p.difference, scale)
    return [
        named(p.a), named(p.b), named(p.within), f"{p.items}", *values, difference,
        apart(p.lower, p.upper, scale), probability(p.p_adjusted), _says(p),
    ]  # fmt: skip


def _says(p: Pair) -> str:
    if p.apart:
        return "A higher" if (p.difference or 0) > 0 else "B higher"
    if p.equivalent:
        return "within the margin"
    return f"cannot tell ({reason(p.why)})" if p.why else "cannot tell"


def _agreements(found: Audit) -> Iterator[str]:
    if not found.agreements:
        return
    yield ""
    yield "## Agreement of raters"
    rows = []
    for a in found.agreements:
        same = span(a.same.lower, a.same.upper, None)
        told = "-" if a.same.value is None else f"{amount(a.same.value, None)} ({same})"
        coefficients = map(coefficient, (a.kappa, a.fleiss, a.alpha, a.ac))
        rows.append([named(a.system), f"{a.both}", told, *coefficients])
    ac = "AC2" if found.agreements[0].ordered else "AC1"
    yield from _table(
        ("system", "rows", "same", "Cohen's kappa", "Fleiss' kappa", "alpha", ac), rows
    )


def _judges(found: Audit) -> Iterator[str]:
    if not found.judges:
        return
    yield ""
    yield "## Judges beside the outcome"
    rows = []
    for j in found.judges:
        numbers = (j.truth, j.says, j.sensitivity, j.specificity, j.same)
        told = ["-" if n.value is None else f"{amount(n.value, None)} ({span(n.lower, n.upper, None)})"
                for n in numbers]  # fmt: skip
        rows.append([named(j.column), of(j.system, j.group), f"{j.both}", *told])
    heads = ("judge", "of", "rows", "outcome", "judge says", "sensitivity", "specificity", "same")
    yield from _table(heads, rows)


def _saturation(found: Audit) -> Iterator[str]:
    if not found.saturation:
        return
    yield ""
    yield "## Saturation"
    rows = []
    for s in found.saturation:
        shares = [
            "-" if v is None else amount(v, None) for v in (s.all_low, s.all_high, s.informative)
        ]
        effective = "-" if s.effective is None else f"{s.effective:.0f}"
        rows.append([named(s.group), f"{s.systems}", f"{s.items}", *shares, effective, s.verdict])
    heads = (
        "group",
        "systems",
        "items of all",
        "all low",
        "all high",
        "tell apart",
        "effective",
        "verdict",
    )
    yield from _table(heads, rows)


def _how(found: Audit) -> Iterator[str]:
    d = found.design
    yield ""
    yield "## How it was read"
    yield ""
    for f in found.files:
        left = f", {f.left_out} left out" if f.left_out else ""
        notes = "".join(f"; {n}" for n in f.notes)
        yield _item(f"{f.name}: {f.form}, {f.rows} rows{left}{notes}")
    columns = ", ".join(f"{c.flag} = {named(c.column)}" for c in d.columns)
    yield _item(f"Columns: {columns}")
    if d.where:
        yield _item(f"Rows where {' and '.join(map(named, d.where))}")
    attempted = "those with rows" if d.attempted is None else f"{d.attempted}"
    sizes = (("cluster", d.clusters), ("item", d.items), ("row", d.rows))
    counted = ", ".join(plural(n, what) for what, n in sizes)
    yield f"- Unit of inference: {d.unit}; {counted}. Items attempted with each: {attempted}."
    if d.several and not any(c.flag == "repeat" for c in d.columns):
        yield "- Several rows of an item are taken for repeats; `--repeat COLUMN` would tell copies."
    methods = sorted(_methods(found))
    told = "; ".join(dict.fromkeys(METHODS.get(m, m) for m in methods))
    many = f" Each holds by itself, and not for the lowest or highest of {len(found.cells)}."
    several = many if len(found.cells) > 1 else ""
    yield f"- Intervals at {100 * d.level:g} %: {told or 'none'}.{several}"
    yield "- Intervals speak of further items like these, with the same systems, settings and labels."
    margin = "none" if d.margin is None else points(d.margin, d.scale).lstrip("+")
    yield f"- Margin of what does not matter: {margin}."


def _methods(found: Audit) -> set[str]:
    """Name the methods of all intervals that stand on the page."""
    numbers: list[Number | Cell | Pair | None] = [*found.cells, *found.pairs]
    for a in found.agreements:
        numbers += [a.same, a.kappa, a.fleiss, a.alpha, a.ac]
    for j in found.judges:
        numbers += [j.truth, j.says, j.sensitivity, j.specificity, j.same]
    return {n.method for n in numbers if n is not None and n.lower is not None}
