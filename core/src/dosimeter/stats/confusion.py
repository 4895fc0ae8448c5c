"""How a rater's verdicts compare with the truth: two classes, or several."""

import math
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from attrs import frozen

from dosimeter.stats.checks import counts
from dosimeter.stats.rate import wilson
from dosimeter.stats.result import Share


@frozen
class BinaryConfusion:
    """Verdicts of a rater on units whose truth is known; numbers without a base are NaN.

    Attributes:
        tp: Positives called positive.
        fn: Positives called negative.
        fp: Negatives called positive.
        tn: Negatives called negative.
        sensitivity: Share of the positives that is called so.
        specificity: Share of the negatives that is called so.
        ppv: Share of those called positive that is; it depends on how common positives are.
        npv: Share of those called negative that is.
        f1: Harmonic mean of `ppv` and `sensitivity`.
        f1_negative: The same with the classes exchanged.
        macro_f1: Mean of both.
        balanced_accuracy: Mean of sensitivity and specificity.
        youden: Sensitivity + specificity - 1; 0 for a rater who tells nothing.
        mcc: Correlation of verdict and truth.
    """

    tp: int
    fn: int
    fp: int
    tn: int
    sensitivity: Share
    specificity: Share
    ppv: Share
    npv: Share
    f1: float
    f1_negative: float
    macro_f1: float
    balanced_accuracy: float
    youden: float
    mcc: float

    def __str__(self) -> str:
        return f"sensitivity {self.sensitivity}; specificity {self.specificity}"


def binary_confusion(tp: int, fn: int, fp: int, tn: int) -> BinaryConfusion:
    """Compare yes-or-no verdicts with the truth.

    Args:
        tp: Positives called positive.
        fn: Positives called negative.
        fp: Negatives called positive.
        tn: Negatives called negative.

    Returns:
        Shares with Wilson's interval, and summaries; those of a class that has no units are
        undefined, NaN, never 0. Shares are 0 to 1 (`BinaryConfusion`).

    Raises:
        ValueError: For what is no count.

    References:
        W. J. Youden (1950), Cancer 3:32; B. W. Matthews (1975), Biochim. Biophys. Acta 405:442.

    Examples:
        A judge who misses one in eight of the harmful replies:

        >>> print(binary_confusion(88, 12, 10, 190).sensitivity)
        0.88 [0.8019, 0.93] (n=100, wilson 95%)
    """
    counts(tp=tp, fn=fn, fp=fp, tn=tn)
    sens, spec = wilson(tp, tp + fn), wilson(tn, tn + fp)
    positive, negative = _f1(tp, fp, fn), _f1(tn, fn, fp)
    margins = float(tp + fp) * (tp + fn) * (tn + fp) * (tn + fn)
    youden = sens.estimate + spec.estimate - 1
    return BinaryConfusion(
        tp, fn, fp, tn,
        sensitivity=sens, specificity=spec, ppv=wilson(tp, tp + fp), npv=wilson(tn, tn + fn),
        f1=positive, f1_negative=negative, macro_f1=(positive + negative) / 2,
        balanced_accuracy=(youden + 1) / 2, youden=youden,
        mcc=(float(tp) * tn - float(fp) * fn) / math.sqrt(margins) if margins else math.nan,
    )  # fmt: skip


def _f1(hits: float, false: float, missed: float) -> float:
    whole = 2 * hits + false + missed
    return 2 * hits / whole if whole else math.nan


@frozen
class Confusion:
    """Verdicts of several classes.

    Attributes:
        categories: The classes, in the order given.
        table: Units of each true class (rows) by verdict (columns).
        accuracy: Share of verdicts that are true.
        recall: Of each class, the share of its units that is called so; undefined for one without.
        precision: Of each class, the share of those called so that is.
        f1: Of each class; NaN for one that neither occurs nor is ever said.
        macro_f1: Mean over the classes that have one.
        balanced_accuracy: Mean recall over the classes that occur.
    """

    categories: tuple[str, ...]
    table: tuple[tuple[int, ...], ...]
    accuracy: Share
    recall: Mapping[str, Share]
    precision: Mapping[str, Share]
    f1: Mapping[str, float]
    macro_f1: float
    balanced_accuracy: float

    def __str__(self) -> str:
        each = "; ".join(f"{name} {share}" for name, share in self.recall.items())
        f1 = "undefined" if math.isnan(self.macro_f1) else f"{self.macro_f1:.4g}"
        return f"macro-F1 {f1}; recall: {each}"


def confusion(truth: Sequence[str], verdict: Sequence[str], categories: Sequence[str]) -> Confusion:
    """Compare verdicts of several classes with the truth.

    Args:
        truth: True class of each unit.
        verdict: What the rater said, in the same order.
        categories: All classes.

    Returns:
        Recall and precision of each class with Wilson's interval, and the averages of classes. All
        are 0 to 1.

    Raises:
        ValueError: For unlike lengths, or a class that is none of *categories*.

    References:
        M. Sokolova, G. Lapalme (2009), Inf. Process. Manag. 45:427.

    Examples:
        A scorer that never says "partial" looks good until each class is asked:

        >>> truth = ["full"] * 45 + ["none"] * 45 + ["partial"] * 10
        >>> found = confusion(truth, ["full"] * 50 + ["none"] * 50, ["full", "partial", "none"])
        >>> f"accuracy {found.accuracy.estimate:.2f}, macro-F1 {found.macro_f1:.2f}"
        'accuracy 0.85, macro-F1 0.60'
    """
    if len(truth) != len(verdict):
        msg = f"each unit has a truth and a verdict, got {len(truth)} and {len(verdict)}"
        raise ValueError(msg)
    place = {name: i for i, name in enumerate(categories)}
    strange = sorted({str(one) for one in (*truth, *verdict) if one not in place})
    if strange:
        msg = f"{strange[0]!r} is none of the classes {', '.join(map(str, categories))}"
        raise ValueError(msg)
    q = len(categories)
    code = np.array(
        [place[t] * q + place[v] for t, v in zip(truth, verdict, strict=True)], dtype=int
    )
    table = np.bincount(code, minlength=q * q).reshape(q, q)
    hits, rows, columns = (
        each.tolist() for each in (np.diag(table), table.sum(axis=1), table.sum(axis=0))
    )
    f1 = {
        name: _f1(h, c - h, r - h)
        for name, h, r, c in zip(categories, hits, rows, columns, strict=True)
    }
    recall = {name: wilson(h, r) for name, h, r in zip(categories, hits, rows, strict=True)}
    return Confusion(
        categories=tuple(categories), table=tuple(tuple(int(v) for v in row) for row in table),
        accuracy=wilson(sum(hits), len(truth)), recall=recall,
        precision={n: wilson(h, c) for n, h, c in zip(categories, hits, columns, strict=True)},
        f1=f1, macro_f1=_mean(f1.values()),
        balanced_accuracy=_mean(s.estimate for s in recall.values()),
    )  # fmt: skip


def _mean(values: Iterable[float]) -> float:
    """Mean of those that there are; NaN for none."""
    there = [v for v in values if not math.isnan(v)]
    return sum(there) / len(there) if there else math.nan
