"""Whether a set of items still tells models apart, and which items do."""

import math
from typing import Literal

import attrs
import numpy as np
from attrs import frozen
from numpy.typing import ArrayLike

from dosimeter.stats.checks import Floats, array, within
from dosimeter.stats.correlation import Intraclass, icc
from dosimeter.stats.irt import (
    GradedResponse,
    Information,
    eap,
    graded_response,
    information_2pl,
)
from dosimeter.stats.irt_fit import RESPONDENTS, TwoParameter, fit_2pl
from dosimeter.stats.result import SIGNED, Wald

__all__ = [
    "GradedResponse",
    "Information",
    "ItemAnalysis",
    "Saturation",
    "TwoParameter",
    "eap",
    "fit_2pl",
    "graded_response",
    "information_2pl",
    "item_analysis",
    "saturation",
]

INFORMATIVE = 0.2
"""Share of informative items below which a suite is saturated."""
EFFECTIVE = 30
"""Effective items below which it is, too."""


@frozen
class Saturation:
    """Whether a suite can still rank models.

    Attributes:
        verdict: ``"saturated"`` (do not rank), ``"open"``, or ``"not-estimable"`` for fewer than two
            models or no items.
        reasons: What makes it saturated.
        all_pass: Share of items that every model passes.
        all_fail: Share that none passes.
        informative: Share of the others.
        effective_items: (sum v)^2 / sum v^2, v being p (1 - p) or the information that was given;
            NaN if all are 0.
        top: Largest share of items that a model passes.
        models: Rows.
        items: Columns with an answer.
        left_out: Items without an answer.
    """

    verdict: Literal["saturated", "open", "not-estimable"]
    reasons: tuple[str, ...]
    all_pass: float
    all_fail: float
    informative: float
    effective_items: float
    top: float
    models: int
    items: int
    left_out: int

    def __str__(self) -> str:
        why = f" ({', '.join(self.reasons)})" if self.reasons else ""
        if self.verdict == "not-estimable":
            return f"{self.verdict}{why}: {self.items} items of {self.models} models"
        return (
            f"{self.verdict}{why}: {self.informative:.1%} of {self.items} items tell"
            f" {self.models} models apart, {self.effective_items:.1f} effective"
        )


def saturation(passed: ArrayLike, information: ArrayLike | None = None) -> Saturation:
    """Diagnose whether a suite is saturated.

    Args:
        passed: Shape (models, items), 1 for a pass, 0 for a fail; a mean of repeats may lie between,
            NaN where an item was not given.
        information: Of each item, at the ability of the strongest models (`information_2pl`); None
            takes the variance p (1 - p) between models.

    Returns:
        Saturated where fewer than 20 % of items are informative, or fewer than 30 are effective.
        Shares are 0 to 1 (`Saturation`).

    Raises:
        ValueError: For values outside [0, 1], or information that is negative or of another number.

    References:
        Our own thresholds; the effective number is the participation ratio.

    Examples:
        Of forty items, thirty-six say the same of every model:

        >>> passed = [[1] * 36 + [0, 0, 0, 1], [1] * 36 + [0, 1, 1, 1], [1] * 36 + [1, 1, 0, 0]]
        >>> print(saturation(passed))
        saturated (few-informative, few-effective): 10.0% of 40 items tell 3 models apart, 4.0 effective
    """
    table = _shares(passed)
    told = _told(information, table.shape[1])
    given = ~np.isnan(table).all(axis=0)
    out = int((~given).sum())
    table, told = table[:, given], None if told is None else told[given]
    models, items = table.shape
    nan = math.nan
    if models < 2 or not items:
        why = ("few-models" if models < 2 else "no-items",)
        return Saturation("not-estimable", why, nan, nan, nan, nan, nan, models, items, out)
    p = np.nanmean(table, axis=0)
    passes, fails = float((p == 1).mean()), float((p == 0).mean())
    v = p * (1 - p) if told is None else told
    squares = float(v @ v)
    effective = float(v.sum() ** 2) / squares if squares else nan
    informative = float(((p > 0) & (p < 1)).mean())
    reasons = {"few-informative": informative < INFORMATIVE,
               "few-effective": not effective >= EFFECTIVE}  # fmt: skip
    found = tuple(name for name, holds in reasons.items() if holds)
    rows = table[~np.isnan(table).all(axis=1)]
    return Saturation("saturated" if found else "open", found, passes, fails, informative, effective,
                      float(np.nanmean(rows, axis=1).max()), models, items, out)  # fmt: skip


def _shares(passed: ArrayLike) -> Floats:
    table = array(passed, "passed")
    if table.size == 0:
        return table.reshape(len(table), -1) if table.ndim == 2 else np.empty((len(table), 0))
    if table.ndim != 2:
        msg = f"there must be one row a model and one column an item, got shape {table.shape}"
        raise ValueError(msg)
    within(table[~np.isnan(table)], 0, 1, "passed")
    return table


def _told(information: ArrayLike | None, items: int) -> Floats | None:
    if information is None:
        return None
    told = within(information, 0, math.inf, "information")
    if len(told) != items:
        msg = f"{items} items have {len(told)} of information: give one to each"
        raise ValueError(msg)
    return told


@frozen
class ItemAnalysis:
    """Classical analysis of items.

    Attributes:
        difficulty: Mean of each item; of passes, the higher the easier.
        item_rest: Of each item, its correlation with the sum of the others, with Fisher's interval.
        alpha: Cronbach's, with Feldt's interval.
        floor_items: Items of which all marks are the lowest.
        ceiling_items: Items of which all are the highest.
        n: Respondents with all items.
        left_out: Respondents with an item missing.
    """

    difficulty: tuple[float, ...]
    item_rest: tuple[Wald, ...]
    alpha: Intraclass
    floor_items: int
    ceiling_items: int
    n: int
    left_out: int

    def __str__(self) -> str:
        ends = f"{self.floor_items} items at the floor, {self.ceiling_items} at the ceiling"
        return f"Cronbach's alpha {self.alpha}; {ends}"


def item_analysis(marks: ArrayLike, low: float = 0, high: float = 1) -> ItemAnalysis:
    """Classical item analysis of a complete table.

    Args:
        marks: Shape (respondents, items), from *low* to *high*; respondents with a missing (NaN) item
            are left out.
        low: Lowest mark.
        high: Highest.

    Returns:
        Difficulties, item-rest correlations and Cronbach's alpha. A correlation is undefined where
        an item or the rest does not vary, and, among fewer than 30 respondents, where it has no
        interval. Difficulties are 0 to 1 for items that are passed or failed, correlations -1 to 1
        (`ItemAnalysis`).

    Raises:
        ValueError: For marks outside the scale, or no table.

    References:
        L. J. Cronbach (1951), Psychometrika 16:297; L. S. Feldt (1965), Psychometrika 30:357.

    Examples:
        Five models say next to nothing about an item:

        >>> found = item_analysis([[1, 1, 1], [1, 0, 1], [0, 0, 1], [0, 0, 0], [1, 1, 0]])
        >>> print(found.item_rest[0])
        0.6455 [-0.55, 0.9734] (n=5, fisher-z 95%)
    """
    table = array(marks, "marks")
    table = table if table.size or table.ndim == 2 else np.empty((0, 0))
    if table.ndim != 2:
        msg = f"there must be one row a respondent and one column an item, got shape {table.shape}"
        raise ValueError(msg)
    within(table[~np.isnan(table)], low, high, "marks")
    kept = ~np.isnan(table).any(axis=1)
    x = table[kept]
    n, k = x.shape
    alpha = attrs.evolve(icc(x).icc3k, method="cronbach-feldt")
    if alpha.undefined == "one-rater":
        alpha = attrs.evolve(alpha, undefined="one-item")
    means = x.mean(axis=0).tolist() if n else [math.nan] * k
    return ItemAnalysis(
        difficulty=tuple(means), item_rest=tuple(_item_rest(x)), alpha=alpha,
        floor_items=int((x == low).all(axis=0).sum()) if n else 0,
        ceiling_items=int((x == high).all(axis=0).sum()) if n else 0, n=n,
        left_out=int((~kept).sum()),
    )  # fmt: skip


def _item_rest(x: Floats) -> list[Wald]:
    """Correlate each item with the sum of the others."""
    n = len(x)
    if not n:
        return [_correlation(math.nan, 0) for _ in range(x.shape[1])]
    rest = x.sum(axis=1, keepdims=True) - x
    flat = (np.ptp(x, axis=0) == 0) | (np.ptp(rest, axis=0) == 0)
    a, b = x - x.mean(axis=0), rest - rest.mean(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        r = (a * b).sum(axis=0) / np.sqrt((a**2).sum(axis=0) * (b**2).sum(axis=0))
    return [
        _correlation(math.nan if still else float(v), n) for v, still in zip(r, flat, strict=True)
    ]


def _correlation(r: float, n: int) -> Wald:
    """A correlation with Fisher's interval; withheld where few respondents give it none."""
    undefined = ("no-variation" if n else "no-observations") if math.isnan(r) else ""
    perfect = abs(r) > 1 - 1e-12
    no = "" if undefined else "perfect-correlation" if perfect else "few-models" if n < 4 else ""
    if no and n < RESPONDENTS:
        r, undefined, no = math.nan, no, ""
    return Wald(estimate=r, se=1 / math.sqrt(n - 3) if n > 3 else math.nan, link="atanh",
                method="fisher-z", n=n, clusters=n, undefined=undefined, no_interval=no,
                bounds=SIGNED)  # fmt: skip
