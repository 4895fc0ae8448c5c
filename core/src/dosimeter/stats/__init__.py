"""Estimates with their error, usable alone. A leaf: imports numpy, scipy and attrs, nothing of dosimeter.

``from dosimeter import stats``, then ``stats.rate.wilson(3, 100)``; a module is loaded when it is first
used. A function gives a frozen record with ``estimate``, ``interval(level)``, ``method``, ``n`` and
``clusters``, which prints as one line; undefined is NaN with a reason, never a plausible number.

============================  ==================================================================
question                      modules
============================  ==================================================================
How often, how bad?           `rate`, `cluster`, `strata`, `severity`, `success_at_k`, `bootstrap`
Is A better than B?           `paired` (same items), `compare` (other items, verdicts, ranking)
How many does it take?        `planning`
May I look in between?        `sequential`
Can I believe the rater?      `agreement`, `rater_error`, `calibration`
Does the benchmark work?      `items`, `goodhart`, `phrasing`, `consistency`
Refusals, stereotypes?        `refusal`, `stereotypes`, `disparity`, `truthful`
What has it memorised?        `membership`, `tokenscores`, `exposure`, `skewnormal`, `privacy`
What has it copied?           `overlap`, `conformal`
============================  ==================================================================

The other modules make what these offer: `result` the records' common part, `checks` the refusals of
wrong data, and what is too long for one module.
"""

from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dosimeter.stats import (
        agreement,
        bootstrap,
        calibration,
        cluster,
        compare,
        conformal,
        consistency,
        disparity,
        exposure,
        goodhart,
        items,
        membership,
        overlap,
        paired,
        phrasing,
        planning,
        privacy,
        rate,
        rater_error,
        refusal,
        result,
        sequential,
        severity,
        skewnormal,
        stereotypes,
        strata,
        success_at_k,
        tokenscores,
        truthful,
    )

__all__ = [
    "agreement",
    "bootstrap",
    "calibration",
    "cluster",
    "compare",
    "conformal",
    "consistency",
    "disparity",
    "exposure",
    "goodhart",
    "items",
    "membership",
    "overlap",
    "paired",
    "phrasing",
    "planning",
    "privacy",
    "rate",
    "rater_error",
    "refusal",
    "result",
    "sequential",
    "severity",
    "skewnormal",
    "stereotypes",
    "strata",
    "success_at_k",
    "tokenscores",
    "truthful",
]


def __getattr__(name: str) -> ModuleType:
    """Load a module when it is first asked for."""
    if name in __all__:
        return import_module(f"{__name__}.{name}")
    msg = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(msg)


def __dir__() -> list[str]:
    return [*globals(), *__all__]
