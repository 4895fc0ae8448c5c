"""Claims of numbers, held against what the data give: reproduced, with which limits, and of how many."""

from typing import Literal

from dosimeter.audit.agree import Agreement, Number
from dosimeter.audit.claims import Claim, Figure
from dosimeter.audit.estimates import FEW, MUCH, Cell
from dosimeter.audit.outcomes import Scale
from dosimeter.audit.told import amount, coefficient, counted, reason, span
from dosimeter.plural import plural

Verdict = Literal["supported", "overstated", "contradicted", "cannot be judged"]
Said = tuple[Verdict, str]
"""A verdict, and why."""


def valued(claim: Claim, cell: Cell, scale: Scale | None, level: float) -> Said:
    """Judge a claimed rate or mean."""
    figure = claim.figure
    assert figure is not None
    if cell.value is None:
        return "cannot be judged", "None of its rows has an outcome."
    low, high = scale or (0.0, 1.0)
    if not low <= figure.value <= high:
        what = "a share" if scale is None else f"a mark from {low:g} to {high:g}"
        return "cannot be judged", f"{figure.value:g} is not {what}; write 0.69 or 69%."
    if not _reproduced(figure, cell):
        return _other(figure, cell, scale)
    return _reproduced_but(claim, cell, scale, level) or (
        "supported",
        _as_claimed(claim, cell, scale),
    )


def _reproduced(figure: Figure, cell: Cell) -> bool:
    own = (cell.value, cell.alike)
    return any(v is not None and figure.like(v) for v in own)


def _measured(cell: Cell, scale: Scale | None) -> str:
    assert cell.value is not None
    limits = span(cell.lower, cell.upper, scale)
    return f"{amount(cell.value, scale)} ({counted(cell)}; {limits})"


def _as_claimed(claim: Claim, cell: Cell, scale: Scale | None) -> str:
    told = f"Reproduced: {_measured(cell, scale)}."
    if claim.interval is None:
        told += " The claim gives no interval."
    if cell.missing + cell.absent:
        told += f" {_open(cell, scale)}"
    if cell.value is not None and claim.figure is not None and not claim.figure.like(cell.value):
        told += " It is the mean over clusters that weigh alike."
    return told


def _open(cell: Cell, scale: Scale | None) -> str:
    """Tell what missing outcomes leave open."""
    assert cell.bounds is not None
    lost = cell.missing + cell.absent
    b = cell.bounds
    return (
        f"Of {cell.rows + cell.absent} attempted, {lost} have no outcome: with them it is between"
        f" {amount(b.lowest, scale)} and {amount(b.highest, scale)}."
    )


def _reproduced_but(claim: Claim, cell: Cell, scale: Scale | None, level: float) -> Said | None:
    """Tell what a number that is reproduced leaves out."""
    assert claim.figure is not None
    figure = claim.figure
    low, high = scale or (0.0, 1.0)
    if cell.clusters < FEW:
        few = plural(cell.clusters, "cluster")
        return (
            "cannot be judged",
            f"{_measured(cell, scale)} rests on {few}; at least {FEW} are needed.",
        )
    b = cell.bounds
    if (
        b is not None
        and cell.lost > MUCH
        and not (figure.like(b.lowest) and figure.like(b.highest))
    ):
        return (
            "overstated",
            f"{_measured(cell, scale)} leaves out what is missing. {_open(cell, scale)}",
        )
    if claim.n is not None and claim.n not in _sizes(cell):
        return "overstated", _of_n(claim.n, cell)
    narrow = _narrower(claim, cell, scale)
    if narrow:
        return "overstated", narrow
    if figure.value in {low, high} and claim.interval is None:
        return "overstated", _at_end(cell, scale, level, none=figure.value == low)
    return None


def _at_end(cell: Cell, scale: Scale | None, level: float, *, none: bool) -> str:
    """Tell what a number at an end of the scale leaves open."""
    if cell.events:
        other = cell.events if none else cell.scored - cell.events
        if other:
            return f"Not quite: {counted(cell)}, {span(cell.lower, cell.upper, scale)}."
    limit = cell.upper if none else cell.lower
    told = "no interval" if limit is None else amount(limit, scale)
    one = "" if cell.one_sided is None else f" (one-sided {amount(cell.one_sided, scale)})"
    what = "a true value of up to" if none else "one as low as"
    return (
        f"{counted(cell).capitalize()} is not {'none' if none else 'all'}: {plural(cell.clusters, 'cluster')}"
        f" leave room for {what} {told}{one} at {100 * level:g} %."
    )


def _sizes(cell: Cell) -> set[int]:
    """Give the sample sizes that may be claimed: clusters, or of lone rows also what was attempted."""
    alone = cell.scored == cell.clusters
    return {cell.clusters, *((cell.items, cell.items + cell.absent) if alone else ())}


def _of_n(n: int, cell: Cell) -> str:
    told = f"{plural(cell.scored, 'row')} of {plural(cell.clusters, 'cluster')}"
    worth = "" if cell.effective is None else f", worth {cell.effective:.0f} independent ones"
    if n == cell.scored:
        return f"Its n counts rows: there are {told}{worth}; the unit is the cluster."
    return f"Its n of {n} is not reproduced: there are {told}{worth}."


def _narrower(claim: Claim, cell: Cell, scale: Scale | None) -> str:
    """Tell by how much a claimed interval is too short; empty if it is not."""
    if claim.interval is None:
        return ""
    if cell.lower is None or cell.upper is None:
        return f"An interval is claimed where the data give none: {reason(cell.why)}."
    low, high = claim.interval
    width, ours = high - low, cell.upper - cell.lower
    if width >= 0.9 * ours:
        return ""
    rows = ", as if rows were independent" if (cell.deff or 1.0) > 1.1 else ""
    return (
        f"The claimed interval, {span(low, high, scale)}, is shorter than the data allow{rows}:"
        f" {span(cell.lower, cell.upper, scale)}."
    )


def _other(figure: Figure, cell: Cell, scale: Scale | None) -> Said:
    """Judge a number that is not reproduced."""
    hint = _hint(figure, cell, scale)
    told = f"Not reproduced: the data give {_measured(cell, scale)}.{hint}"
    if cell.lower is None or cell.upper is None:
        return "cannot be judged", told
    low, high = cell.lower, cell.upper
    if cell.bounds is not None:
        low, high = min(low, cell.bounds.lower), max(high, cell.bounds.upper)
    if low <= figure.value <= high:
        return "overstated", told + " The claim lies within what the data leave open."
    return "contradicted", told


def _hint(figure: Figure, cell: Cell, scale: Scale | None) -> str:
    """Tell where the number may come from; empty if nothing gives it."""
    assert cell.value is not None
    if cell.of_submitted is not None and figure.like(cell.of_submitted):
        return (
            f" The claim divides by the {cell.submitted} rows that were submitted, and leaves"
            f" {cell.rows - (cell.submitted or 0)} out of the denominator."
        )
    if cell.bounds is not None:
        for at, end in ((cell.bounds.lowest, "low"), (cell.bounds.highest, "high")):
            if figure.like(at):
                return f" The claim takes all that is missing to be at the {end} end."
    if scale is None and figure.like(1 - cell.value):
        return " The claim is the share of the other outcome."
    return ""


def bounded(claim: Claim, cell: Cell, scale: Scale | None) -> Said:
    """Judge a claim that a rate or mean is at most, or at least, a number."""
    assert claim.figure is not None
    if cell.value is None or cell.lower is None or cell.upper is None:
        return "cannot be judged", f"There is no interval: {reason(cell.why)}."
    low, high = cell.lower, cell.upper
    if cell.bounds is not None:
        low, high = cell.bounds.lower, cell.bounds.upper
    bound, most = claim.figure.value, claim.kind == "at-most"
    told = f"{_measured(cell, scale)}."
    if cell.bounds is not None:
        told += f" {_open(cell, scale)}"
    if cell.clusters < FEW:
        few = plural(cell.clusters, "cluster")
        return "cannot be judged", f"{told} It rests on {few}; at least {FEW} are needed."
    if (high <= bound) if most else (low >= bound):
        return "supported", f"The whole interval is {'below' if most else 'above'} it: {told}"
    if (low > bound) if most else (high < bound):
        return "contradicted", f"The whole interval is {'above' if most else 'below'} it: {told}"
    return "overstated", f"Not shown, as the interval reaches beyond it: {told}"


def agreed(claim: Claim, found: Agreement) -> Said:
    """Judge a claimed coefficient of agreement."""
    assert claim.figure is not None
    known: dict[str, tuple[tuple[str, Number | None], ...]] = {
        "kappa": (("Cohen's kappa", found.kappa), ("Fleiss' kappa", found.fleiss)),
        "alpha": (("Krippendorff's alpha", found.alpha),),
        "agreement": (("the share of pairs that are the same", found.same),),
    }
    there = [(name, n) for name, n in known[claim.kind] if n is not None and n.value is not None]
    if not there:
        why = next((n.why for _, n in known[claim.kind] if n is not None), "")
        return "cannot be judged", f"It is undefined: {reason(why)}."
    for name, one in there:
        if claim.figure.like(one.value or 0.0):
            told = f"Reproduced: {name} is {coefficient(one)} on {found.both} rows."
            return "supported", told + (
                " The claim gives no interval." if claim.interval is None else ""
            )
    name, one = there[0]
    told = f"Not reproduced: {name} is {coefficient(one)} on {found.both} rows."
    if one.lower is None or one.upper is None:
        return "cannot be judged", told
    inside = one.lower <= claim.figure.value <= one.upper
    return ("overstated" if inside else "contradicted"), told
