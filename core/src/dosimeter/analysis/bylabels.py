"""A rater's number with its errors taken out by people's labels of drawn replies (VALIDITY 15, 19)."""

import math
from collections.abc import Callable

import numpy as np
from attrs import field, frozen

from dosimeter.analysis.load import Flags, Floats, Ints
from dosimeter.analysis.sampled import HEAVIEST, Why
from dosimeter.model.answering import MANY_MISSING, SOME_FAMILIES
from dosimeter.numbers import percent
from dosimeter.plural import plural
from dosimeter.stats.cluster import korn_graubard
from dosimeter.stats.prediction import EVENTS, events_of, ppi_mean
from dosimeter.stats.rater_error import active_mean
from dosimeter.stats.result import Limits, Result
from dosimeter.stats.severity import guarded_mean

TINY = 1e-9


@frozen(kw_only=True)
class Marked:
    """Replies of one cell, one a row: a rater's marks of all, and people's of some.

    Attributes:
        judge: What is averaged of the rater's marks; NaN where it has none.
        label: The same of people's; NaN where there is none.
        seen: Whether people were asked.
        inclusion: The probability that they would be; of rows that were not seen any.
        family: Codes of families.
        weight: That a row has in the mean, 1 on average: families weigh alike.
        even: Whether all rows had the same probability.
        rate: Whether 0 and 1 are averaged, not marks.
        ends: What is averaged lies between.
    """

    judge: Floats = field(repr=False)
    label: Floats = field(repr=False)
    seen: Flags = field(repr=False)
    inclusion: Floats = field(repr=False)
    family: Ints = field(repr=False)
    weight: Floats = field(repr=False)
    even: bool
    rate: bool
    ends: Limits


@frozen(kw_only=True)
class Found:
    """A number with its limits at any level.

    Attributes:
        limits: At a confidence level.
        labels: That it rests on.
        families: With a label.
    """

    method: str
    value: float
    limits: Callable[[float], Limits]
    labels: int
    families: int


def by_labels(rows: Marked) -> Found | Why:
    """Estimate what people would mark, from *rows*; or say why that cannot be.

    Prediction-powered inference where every reply had one probability and families are equal; else
    active inference; the labels alone where there are too few events or errors for either, and where
    every reply has one (STATS 7). Labels of unlike weight are active inference without the rater's marks
    then, whose limits allow for what no heavy label has shown.
    """
    if not all(map(math.isfinite, rows.ends)):
        return "unbounded-scale", "the scale has no ends", "a scale with bounds"
    labelled = ~np.isnan(rows.label)
    why = too_little(rows, labelled)
    if why:
        return why
    silent = int((rows.seen & ~labelled).sum())
    events, errors = events_of(
        rows.label[labelled], filled(rows.judge)[labelled], rows.family[labelled]
    )
    few = min(events, errors) < EVENTS
    if few and not _alike(rows) and not labelled.all():
        unread = _active(rows, lam=0.0)
        if not unread.interval().undefined:
            return _found(rows, labelled, unread)
    if few and silent:
        seen = (
            f"{plural(events, 'family')} with the rarer label and {errors} with errors of the rater"
        )
        need = f"{EVENTS} of each, or an answer to all that people are asked"
        return "few-events", f"{seen}, and no answer on {plural(silent, 'reply')}", need
    if few or labelled.all():
        return _found(rows, labelled, _alone(rows, labelled), alone=True)
    if _alike(rows) and not silent:
        return _found(rows, labelled, _ppi(rows, labelled))
    return _found(rows, labelled, _active(rows))


def _alike(rows: Marked) -> bool:
    """Say whether labels weigh alike: every reply had one probability, and families are equal."""
    return rows.even and bool(np.ptp(rows.weight) < TINY)


def too_little(rows: Marked, labelled: Flags) -> Why | None:
    """Say why the labels of some rows correct nothing; None if they may."""
    families = len(np.unique(rows.family[labelled]))
    if families < SOME_FAMILIES:
        return ("few-families", f"people answered on {plural(families, 'family')} here",
                f"answers on {SOME_FAMILIES} families or more")  # fmt: skip
    if np.isnan(rows.judge).all():
        return "no-marks", "the rater has no mark here", "a rater that marks these replies"
    heaviest = float((1 / rows.inclusion[rows.seen]).max())
    if heaviest > HEAVIEST:
        return ("extreme-weights", f"one drawn reply stands for {heaviest:.0f}",
                f"no pi under {1 / HEAVIEST:g}, and more of the batch served")  # fmt: skip
    asked = int(rows.seen.sum())
    silent = asked - int(labelled.sum())
    if silent > MANY_MISSING * asked:
        return ("non-response", f"people passed over {silent} of {asked} replies that they were asked",
                f"an answer to {percent(1 - MANY_MISSING)} of what they are asked")  # fmt: skip
    return None


def filled(judge: Floats) -> Floats:
    """Put the mean for a mark that is missing: any guess is as valid, as labels set it right."""
    return np.where(np.isnan(judge), np.nanmean(judge), judge)


def _alone(rows: Marked, labelled: Flags) -> Result:
    y, family = rows.label[labelled], rows.family[labelled]
    w = rows.weight[labelled] / rows.inclusion[labelled]
    if rows.rate:
        return korn_graubard(y, family, w)
    return guarded_mean(y, family, w, low=rows.ends[0], high=rows.ends[1])


def _ppi(rows: Marked, labelled: Flags) -> Result:
    f = filled(rows.judge)
    return ppi_mean(
        rows.label[labelled], f[labelled], f[~labelled], bounds=rows.ends,
        cluster_labelled=rows.family[labelled], cluster_unlabelled=rows.family[~labelled],
    )  # fmt: skip


def _active(rows: Marked, lam: float | None = None) -> Result:
    return active_mean(
        filled(rows.judge), rows.label, rows.inclusion, rows.family, served=rows.seen,
        weights=rows.weight, lam=lam, scale=rows.ends,
    )  # fmt: skip


def _found(rows: Marked, labelled: Flags, got: Result, *, alone: bool = False) -> Found | Why:
    why = got.undefined or got.interval().undefined
    if why:
        return why, f"the labels here leave no interval: {why}", "labels that differ"

    def limits(level: float) -> Limits:
        found = got.interval(level)
        return found.lower, found.upper

    return Found(
        method=f"{got.method}-labelled" if alone else got.method, value=got.estimate,
        limits=limits, labels=int(labelled.sum()), families=len(np.unique(rows.family[labelled])),
    )  # fmt: skip
