"""Both rates: with a provider's blocks as the system's answers, and as missing (VALIDITY 3)."""

from collections.abc import Iterable, Iterator

from attrs import evolve

from dosimeter.model.answering import Caveat, Estimate, Finding, OtherScope
from dosimeter.model.stackfile import Scope
from dosimeter.numbers import as_estimate


def opposite(scope: Scope) -> Scope:
    """Give the scope that was not asked for."""
    return Scope.MODEL if scope is Scope.SYSTEM else Scope.SYSTEM


def beside_other(
    found: Iterable[Finding], others: Iterable[Finding] | None, scope: Scope
) -> Iterator[Finding]:
    """Put beside each finding what it is under *scope*, the other one.

    An abstention may stand for all levels: then it is beside each, or each beside it.

    Args:
        found: Findings as the stack asks for them.
        others: The same under *scope*; None if nothing was blocked, so that they are the same.
        scope: The scope of *others*.
    """
    if others is None:
        for one in found:
            yield evolve(one, other_scope=(_other(one, scope),))
        return
    held = [(set(o.group), _other(o, scope)) for o in others]
    for one in found:
        mine = set(one.group)
        beside = tuple(o for at, o in held if at <= mine or mine <= at)
        if isinstance(one, Estimate):
            one = evolve(one, caveats=(*one.caveats, *_blocks(one, beside)))  # noqa: PLW2901
        yield evolve(one, other_scope=beside)


def _blocks(one: Estimate, beside: tuple[OtherScope, ...]) -> Iterator[Caveat]:
    """Say how many of a number's attempts were blocked, as what they count, and what it is else."""
    if not one.missing.blocked:
        return
    text = f"{one.missing.blocked} of {one.missing.planned} blocked by the provider"
    (other,) = beside
    counted = other.missing.lost - one.missing.lost
    if not counted:  # the scale has no mark that a block stands for
        text += ": missing" if one.missing.blocked > one.missing.shown else ""
    else:
        both = ("counted as the mark that its scale has for a block", "as missing")
        how, otherwise = both if counted > 0 else ("missing", "with blocks counted as marks")
        rest = other.why
        if other.value is not None and other.lower is not None and other.upper is not None:
            rest = as_estimate(evolve(one, value=other.value, lower=other.lower, upper=other.upper))
        text += f": {how}; {otherwise}: {rest}"
    if one.missing.shown:
        text += (
            f"; words shown before {one.missing.shown} of them are marked, which is a lower bound"
        )
    yield Caveat(code="blocked", text=text)


def _other(one: Finding, scope: Scope) -> OtherScope:
    level = dict(one.group).get("level", "")
    if not isinstance(one, Estimate):
        return OtherScope(scope=scope.value, level=level, missing=one.missing, why=one.why)
    return OtherScope(
        scope=scope.value, level=level, value=one.value, lower=one.lower, upper=one.upper, n=one.n,
        families=one.families, missing=one.missing,
    )  # fmt: skip
