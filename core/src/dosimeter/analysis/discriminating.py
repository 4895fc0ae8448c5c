"""Which families tell targets apart, and which turn against the rest: little, of few targets (STATS 8)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
from attrs import frozen

from dosimeter.analysis.load import FAMILY, Floats, family_codes
from dosimeter.journal.reader import Reader
from dosimeter.model.answering import FEW_FAMILIES
from dosimeter.model.conversation import Pairs
from dosimeter.model.design import Label
from dosimeter.model.panel import PanelAnswer, PanelCheck, Threat
from dosimeter.numbers import as_amount
from dosimeter.plural import plural
from dosimeter.stats.irt_fit import RESPONDENTS
from dosimeter.stats.items import item_analysis

LEAST = 4
"""Targets below which no correlation has an interval, and so none is given."""
NAMED = 3
"""Families that are named at most."""
NOT_PUBLIC = f"SELECT DISTINCT {FAMILY} FROM item WHERE label != '{Label.PUBLIC}'"


@frozen(kw_only=True)
class Weak:
    """A family that hardly tells targets apart, or ranks them the other way."""

    family: str
    value: float
    lower: float
    upper: float


@frozen(kw_only=True)
class Discrimination:
    """What families say of targets: of each, its correlation with the sum of the others, over targets.

    Attributes:
        families: With a mark of every target; the others are left out.
        known: Of those, the ones with a correlation and its interval.
        alike: On which all targets are alike, or on all the others.
        perfect: Of which so few targets give no interval.
        below: Of those known, the ones below 0.
        surely_below: Of these, the ones whose whole interval is.
        unclear: Of those known, the ones whose interval includes 0.
        weakest: The lowest of those that are not surely above 0, if they are public.
        hidden: How many more would be named if they were public.
    """

    targets: int
    level: float
    families: int
    left_out: int
    known: int
    alike: int
    perfect: int
    below: int
    surely_below: int
    unclear: int
    weakest: tuple[Weak, ...]
    hidden: int


def public_families(reader: Reader) -> dict[int, str]:
    """Give the names, by code, of families all of whose items are public: others are not quoted."""
    hidden = {name for (name,) in reader.rows(NOT_PUBLIC)}
    return {code: name for name, code in family_codes(reader).items() if name not in hidden}


def discrimination(
    table: Floats, codes: Sequence[int], public: Mapping[int, str], level: float
) -> Discrimination | None:
    """Correlate each family with the rest.

    Args:
        table: Means from 0 to 1, a row a target, a column a family; NaN where there is none.
        codes: Of the families.
        public: Names of those that may be named.
        level: Of the intervals.

    Returns:
        None of fewer than 4 targets, or 10 families with a mark of each of them.
    """
    whole = ~np.isnan(table).any(axis=0)
    if len(table) < LEAST or whole.sum() < FEW_FAMILIES:
        return None
    rest = item_analysis(table[:, whole]).item_rest
    reasons = [one.undefined for one in rest]
    found = [
        (one.estimate, code, *one.interval(level))
        for code, one in zip(np.asarray(codes)[whole].tolist(), rest, strict=True)
        if not one.undefined
    ]
    lowest = sorted(f for f in found if f[2] <= 0)[:NAMED]
    return Discrimination(
        targets=len(table), level=level, families=len(rest), left_out=len(codes) - len(rest),
        known=len(found), alike=reasons.count("no-variation"), perfect=reasons.count("perfect-correlation"),
        below=sum(value < 0 for value, *_ in found), surely_below=sum(high < 0 for *_, high in found),
        unclear=sum(low <= 0 <= high for *_, low, high in found),
        weakest=tuple(Weak(family=public[code], value=value, lower=low, upper=high)
                      for value, code, low, high in lowest if code in public),
        hidden=sum(code not in public for _, code, *_ in lowest),
    )  # fmt: skip


def discriminating(
    found: Iterable[tuple[str, Pairs, Discrimination | None]],
) -> Iterator[PanelCheck]:
    """Tell of each measure how its families tell targets apart, and once what it takes where they cannot.

    Args:
        found: Title, place, and what is known there.
    """
    told = list(found)
    for title, where, one in told:
        if one is not None:
            yield _told(title, where, one)
    if not told or any(one is None for _, _, one in told):
        yield PanelCheck(
            threat=Threat.SATURATION, answer=PanelAnswer.NOT_MEASURED,
            text=f"which families tell targets apart is not known where fewer than {LEAST} targets have marks"
            f" of the same {FEW_FAMILIES} families: no correlation has an interval there",
            needs=f"{LEAST} targets on {FEW_FAMILIES} families or more to explore single families,"
            f" {RESPONDENTS} to rely on what they show",
        )  # fmt: skip


def _told(title: str, where: Pairs, one: Discrimination) -> PanelCheck:
    said = (f"{title}: {_counted(one)}", _without(one), _caveats(one), _weakest(one))
    needs = (
        f"marks of {RESPONDENTS} targets or more, to rely on the discrimination of single families"
    )
    numbers = {"targets": one.targets, "whole-families": one.families, "discrimination-known": one.known,
               "below-zero": one.below, "surely-below-zero": one.surely_below,
               "may-be-zero": one.unclear}  # fmt: skip
    return PanelCheck(
        threat=Threat.SATURATION, answer=PanelAnswer.TOLD, where=where,
        text="; ".join(filter(None, said)), needs=needs if one.targets < RESPONDENTS else "",
        numbers=tuple((name, float(n)) for name, n in numbers.items()),
    )  # fmt: skip


def _counted(one: Discrimination) -> str:
    """Say how many families have a discrimination, and how many of these have little or the wrong one."""
    said = (
        f"{one.known} of {plural(one.families, 'family')} have a discrimination (correlation with the sum of"
        f" the others, over {plural(one.targets, 'target')})"
    )
    if not one.known:
        return said
    chance = one.known * (1 - one.level) / 2
    return (
        f"{said}: {one.below} below 0, {one.surely_below} of them with the whole"
        f" {as_amount(round(100 * one.level, 6))} % interval (by chance alone about {chance:.1f});"
        f" {one.unclear} with an interval that includes 0"
    )


def _without(one: Discrimination) -> str:
    """Say why the others have none."""
    lacking = (
        (one.alike, "without, as targets are alike on them or on all the others"),
        (one.perfect, "without, as so few targets give a perfect correlation no interval"),
        (one.left_out, "more left out for want of a mark of every target"),
    )
    return ", ".join(f"{n} {why}" for n, why in lacking if n)


def _caveats(one: Discrimination) -> str:
    if one.targets >= RESPONDENTS:
        return ""
    return f"exploratory: of fewer than {RESPONDENTS} targets the intervals are very wide"


def _weakest(one: Discrimination) -> str:
    """Name the lowest, each with its interval."""
    named = ", ".join(
        f"{w.family} {w.value:.2f} [{w.lower:.2f}, {w.upper:.2f}]" for w in one.weakest
    )
    hidden = (
        f"{one.hidden} of the lowest not named, as their items are not public" if one.hidden else ""
    )
    lowest = f"the lowest, which as such look lower than they are: {named}" if named else ""
    return "; ".join(filter(None, (lowest, hidden)))
