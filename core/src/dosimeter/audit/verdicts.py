"""What the data say to each claim: supported, overstated, contradicted, or that they cannot judge it."""

from collections.abc import Sequence
from itertools import combinations

from attrs import frozen

from dosimeter.audit.agree import Agreement
from dosimeter.audit.claims import Claim
from dosimeter.audit.estimates import Cell
from dosimeter.audit.naming import At, completed, meant
from dosimeter.audit.numbers_claimed import Said, Verdict, agreed, bounded, valued
from dosimeter.audit.outcomes import Scale
from dosimeter.audit.pairs import Pair, reversed_pair
from dosimeter.audit.told import apart, named, of, points, probability, reason
from dosimeter.errors import AuditError
from dosimeter.inert import safe


@frozen(kw_only=True)
class Judged:
    """A claim with what is said to it.

    Attributes:
        claim: What is claimed.
        verdict: ``supported``, ``overstated``, ``contradicted`` or ``cannot be judged``.
        because: Why, in a sentence.
    """

    claim: Claim
    verdict: Verdict
    because: str


@frozen(kw_only=True)
class Evidence:
    """All that claims are judged by.

    Attributes:
        scale: Lowest and highest mark; None for events.
        cells: Of the audit. *pairs* and *agreements* likewise.
        margin: Difference that does not matter; None if none was fixed.
        level: Confidence level.
    """

    scale: Scale | None
    cells: Sequence[Cell]
    pairs: Sequence[Pair]
    agreements: Sequence[Agreement]
    margin: float | None
    level: float

    @property
    def systems(self) -> tuple[str, ...]:
        """Names of the systems."""
        named = [c.system for c in self.cells] + [a.system for a in self.agreements]
        return tuple(dict.fromkeys(named))

    @property
    def groups(self) -> tuple[str, ...]:
        """Names of the groups."""
        return tuple(dict.fromkeys(c.group for c in self.cells))


def judge(claim: Claim, by: Evidence) -> Judged:
    """Judge a claim.

    Raises:
        AuditError: If it names what is not there.
    """
    try:
        verdict, because = _said(claim, by)
    except AuditError as exc:
        msg = f"claim {safe(claim.says)!r}: {exc}"
        raise AuditError(msg) from None
    except ValueError as exc:
        verdict, because = "cannot be judged", f"{exc}."
    return Judged(claim=claim, verdict=verdict, because=because)


def _said(claim: Claim, by: Evidence) -> Said:
    if claim.kind in {"kappa", "alpha", "agreement"}:
        return agreed(claim, _rated(claim, by))
    if claim.kind == "order":
        return _ordered(claim, by)
    if claim.kind == "same":
        return _same(claim, by)
    cell = _cell(claim.names[0], by)
    if claim.kind == "value":
        return valued(claim, cell, by.scale, by.level)
    return bounded(claim, cell, by.scale)


def _cell(words: str, by: Evidence) -> Cell:
    """Find the one cell that words name.

    Raises:
        ValueError: If there are several, or none.
    """
    system, group = meant(words, by.systems, by.groups)
    found = [c for c in by.cells if system in {None, c.system} and group in {None, c.group}]
    if len(found) == 1:
        return found[0]
    if not found:
        msg = f"there are no rows of {of(system or '', group or '')}"
        raise ValueError(msg)
    told = ", ".join(of(c.system, c.group) for c in found[:4])
    more = ", ..." if len(found) > 4 else ""
    msg = f"it may be about any of {told}{more}, which are not pooled: name a system and a group"
    raise ValueError(msg)


def _rated(claim: Claim, by: Evidence) -> Agreement:
    if not by.agreements:
        msg = "no labels of raters were read; name their columns with --rater, twice"
        raise ValueError(msg)
    system, _ = meant(claim.names[0], by.systems, ())
    found = [a for a in by.agreements if system in {None, a.system}]
    if len(found) == 1:
        return found[0]
    msg = f"it may be about any of {', '.join(named(a.system) for a in found)}: name a system"
    raise ValueError(msg)


# -- orders -------------------------------------------------------------------------------------


def _ends(pair: Pair) -> tuple[At, At]:
    if pair.kind == "system":
        return (pair.a, pair.within), (pair.b, pair.within)
    return (pair.within, pair.a), (pair.within, pair.b)


def _fits(asked: At, there: At) -> bool:
    return all(a in {None, t} for a, t in zip(asked, there, strict=True))


def _candidates(high: At, low: At, by: Evidence) -> list[Pair]:
    """Give every comparison that two descriptions fit."""
    found = []
    for pair in by.pairs:
        for one in (pair, reversed_pair(pair)):
            a, b = _ends(one)
            if _fits(high, a) and _fits(low, b) and _differ(high, low, one):
                found.append(one)
    return found


def _differ(high: At, low: At, pair: Pair) -> bool:
    """Tell whether what is named on both sides is what the pair compares."""
    place = 0 if pair.kind == "system" else 1
    return high[place] is not None and low[place] is not None and high[place] != low[place]


def _pairs(claim: Claim, by: Evidence) -> list[Pair]:
    """Find the comparison of every two of a claim's names, the first first.

    Raises:
        ValueError: If two were not compared, or may be meant in several places.
    """
    found = completed([meant(words, by.systems, by.groups) for words in claim.names])
    return [_one_pair(a, b, by) for a, b in combinations(found, 2)]


def _one_pair(a: At, b: At, by: Evidence) -> Pair:
    found = _candidates(a, b, by)
    if len(found) == 1:
        return found[0]
    if found:
        within = ", ".join(named(p.within) for p in found)
        msg = f"it may be about any of {within}, which are not pooled: name one"
        raise ValueError(msg)
    one, other = (of(*(n or "" for n in at)) for at in (a, b))
    msg = f"{one} and {other} were not compared: two systems are in one group, and two groups of one system"
    raise ValueError(msg)


def _ordered(claim: Claim, by: Evidence) -> Said:
    pairs = _pairs(claim, by)
    against = [p for p in pairs if p.apart and (p.difference or 0) < 0]
    if against:
        return "contradicted", f"The other way round: {_shown(against[0], by.scale)}."
    shown = [p for p in pairs if p.apart]
    untested = [p for p in pairs if p.p is None]
    if untested and len(shown) + len(untested) == len(pairs):
        return "cannot be judged", f"{_untested(untested[0])}."
    if len(shown) < len(pairs):
        rest = next(p for p in pairs if not p.apart and p.p is not None)
        few = f"{len(shown)} of {len(pairs)} differences are shown. " if len(pairs) > 1 else ""
        why = f" ({rest.why})" if rest.why else ""
        return "overstated", f"{few}Not shown: {_shown(rest, by.scale)}{why}."
    if claim.figure is not None and not claim.figure.like(pairs[-1].difference or 0.0):
        told = f"The order is shown, and not the difference: {_shown(pairs[-1], by.scale)}."
        return "overstated", told
    return "supported", f"Shown: {_shown(pairs[0], by.scale)}{_and_more(pairs)}."


def _and_more(pairs: Sequence[Pair]) -> str:
    return f"; and so are the other {len(pairs) - 1} differences" if len(pairs) > 1 else ""


def _shown(pair: Pair, scale: Scale | None) -> str:
    """Tell a difference in words."""
    if pair.p is None or pair.difference is None:
        return _untested(pair)
    where = f" ({named(pair.within)})" if pair.within else ""
    return (
        f"{named(pair.a)} less {named(pair.b)}{where} is {points(pair.difference, scale)}"
        f" [{apart(pair.lower, pair.upper, scale)}] on {pair.items} shared items, p (Holm)"
        f" {probability(pair.p_adjusted)}"
    )


def _untested(pair: Pair) -> str:
    """Say why two were not compared."""
    if pair.difference is None:
        return f"{named(pair.a)} and {named(pair.b)} share no items"
    return f"{named(pair.a)} and {named(pair.b)} were not compared: {reason(pair.why)}"


def _same(claim: Claim, by: Evidence) -> Said:
    pairs = _pairs(claim, by)
    differ = next((p for p in pairs if p.apart), None)
    if differ is not None:
        return "contradicted", f"A difference is shown: {_shown(differ, by.scale)}."
    untested = next((p for p in pairs if p.p is None), None)
    if untested is not None:
        return "cannot be judged", f"{_untested(untested)}."
    if by.margin is None:
        return "cannot be judged", (
            "No difference is shown, which is not equality; a margin that was fixed beforehand would allow"
            f" a test (--margin): {_shown(pairs[0], by.scale)}."
        )
    within = points(by.margin, by.scale).lstrip("+")
    rest = next((p for p in pairs if not p.equivalent), None)
    if rest is not None:
        return "overstated", f"Not shown to be within {within}: {_shown(rest, by.scale)}."
    return "supported", f"Shown to be within {within}: {_shown(pairs[0], by.scale)}."
