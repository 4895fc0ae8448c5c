"""Both rates: with a provider's blocks as the system's answers, and as missing (VALIDITY 3)."""

from collections.abc import Iterable, Iterator

from attrs import evolve

from dosimeter.model.answering import Estimate, Finding, OtherScope
from dosimeter.model.stackfile import Scope


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
        yield evolve(one, other_scope=tuple(o for at, o in held if at <= mine or mine <= at))


def _other(one: Finding, scope: Scope) -> OtherScope:
    level = dict(one.group).get("level", "")
    if not isinstance(one, Estimate):
        return OtherScope(scope=scope.value, level=level, missing=one.missing, why=one.why)
    return OtherScope(
        scope=scope.value, level=level, value=one.value, lower=one.lower, upper=one.upper, n=one.n,
        families=one.families, missing=one.missing,
    )  # fmt: skip
