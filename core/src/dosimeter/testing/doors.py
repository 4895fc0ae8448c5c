"""The kit's doors: a plain call, and pytest. The third is ``dosimeter plugins check``."""

from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import attrs
from attrs import frozen

from dosimeter.nearest import nearest
from dosimeter.testing import (
    attack,
    category,
    conduct,
    ending,
    endpoint,
    exchange,
    executor,
    inert,
    judge,
    leftovers,
    package,
    provider,
    rater,
    search,
    sink,
    spec,
    streams,
    telling,
)
from dosimeter.testing.component import Specimen, specimens
from dosimeter.testing.kit import VERSION, Check, CheckState, Result, check_waivers, tried

CHECKS: tuple[Check, ...] = (
    *package.CHECKS,
    *leftovers.CHECKS,
    *spec.CHECKS,
    *rater.CHECKS,
    *judge.CHECKS,
    *attack.CHECKS,
    *search.CHECKS,
    *provider.CHECKS,
    *conduct.CHECKS,
    *endpoint.CHECKS,
    *exchange.CHECKS,
    *streams.CHECKS,
    *sink.CHECKS,
    *telling.CHECKS,
    *inert.CHECKS,
    *executor.CHECKS,
    *ending.CHECKS,
    *category.CHECKS,
)
"""Every check there is."""


def checks_of(one: Specimen, *, version: str = VERSION) -> tuple[Check, ...]:
    """Give the checks that apply to *one*.

    Args:
        one: What is checked.
        version: Of the kit, as ``"1.2"``; checks that came later are left out.
    """
    most = _numbers(version)
    return tuple(c for c in CHECKS if c.applies(one) and _numbers(c.since) <= most)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(n) for n in version.split("."))


def run(one: Specimen, *, version: str = VERSION) -> Iterator[Result]:
    """Try every check that applies to *one*.

    Raises:
        ValueError: If a waiver names no check that applies, or has no reason.
    """
    check_waivers(one, CHECKS)
    for check in checks_of(one, version=version):
        yield tried(check, one)


def specimen(hooks: ModuleType, name: str, **how: Any) -> Specimen:  # noqa: ANN401  its fields
    """Give a component of a module of hooks, and how to try it.

    Args:
        hooks: The module that the entry point names.
        name: Id of the component, or kind and id such as ``"rater:fraud"``.
        **how: Fields of `Specimen`.

    Raises:
        ValueError: If the module declares no such component, or two.
    """
    found = list(specimens(hooks))
    mine = [s for s in found if name in {s.name, s.name.partition(":")[2]}]
    if len(mine) != 1:
        ids = [s.name for s in found]
        what = "two components are" if mine else "no component is"
        msg = f"{what} called {name!r} in {hooks.__name__}; {nearest(name, ids)}"
        raise ValueError(msg)
    return attrs.evolve(mine[0], **how)


@frozen
class Trial:
    """One check of one specimen, for a test to call."""

    check: Check
    specimen: Specimen

    def __call__(self) -> None:
        """Try it as a test: skipped by name if it lacks something, expected to fail if waived.

        Raises:
            AssertionError: If the promise is not kept, or a waiver has expired.
        """
        import pytest

        got = tried(self.check, self.specimen)
        if got.state is CheckState.UNTRIED:
            pytest.skip(got.reason)
        if got.state is CheckState.WAIVED:
            pytest.xfail(got.reason)
        assert got.good, str(got)


def conformance(
    hooks: ModuleType, *given: Specimen, version: str = VERSION
) -> "Callable[[Callable[..., None]], Callable[..., None]]":
    """Parametrise a test over all that the components of *hooks* promise.

    The test takes ``check`` and calls it. Its ids are ``rater:fraud-check_order_does_not_matter``.

    Args:
        hooks: The module that the entry point names.
        *given: Specimens, of `specimen`, that say more than their specs do.
        version: As in `checks_of`.

    Raises:
        ValueError: As `run` does.
    """
    import pytest

    told = {one.name: one for one in given}
    trials = []
    for found in specimens(hooks):
        one = told.get(found.name, found)
        check_waivers(one, CHECKS)
        trials += [
            pytest.param(Trial(check, one), id=f"{one.name}-{check.name}")
            for check in checks_of(one, version=version)
        ]
    mark: Callable[[Callable[..., None]], Callable[..., None]] = pytest.mark.parametrize(
        "check", trials
    )
    return mark
