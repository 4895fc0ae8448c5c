"""What a model gives away of people: extracted texts and records, re-identified persons."""

import math
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence

import numpy as np
from attrs import evolve, frozen
from numpy.typing import ArrayLike

from dosimeter.stats.checks import Labels, binary, codes, numbers, same_length
from dosimeter.stats.paired import PairedMean, PairedShares, paired_difference
from dosimeter.stats.rate import clopper_pearson
from dosimeter.stats.result import Share

LOST = -700.0
"""Logarithm of a probability q below which q itself is 0 as a number; (1 - q)^n is e^(-nq) there."""


def extraction_probability(log_q: float, n: float) -> float:
    """Probability that a text comes at least once in *n* independent samples, 1 - (1 - q)^n.

    Args:
        log_q: Natural logarithm of the probability of the text in one sample, at most 0.
        n: Samples.

    Returns:
        The probability, 0 to 1.

    Raises:
        ValueError: For a logarithm above 0, NaN, or negative samples.

    References:
        J. Hayes et al. (2024), arXiv:2410.19482.

    Examples:
        A text of one chance in a thousand comes in a thousand samples more likely than not:

        >>> round(extraction_probability(math.log(.001), 1000), 3)
        0.632
    """
    _check_log(log_q)
    if not n >= 0:
        msg = f"samples must be at least 0, got {n}"
        raise ValueError(msg)
    if n == 0:
        return 0.0
    if log_q == 0:
        return 1.0
    if log_q > LOST:
        return -math.expm1(n * math.log1p(-math.exp(log_q)))
    return -math.expm1(-math.exp(min(log_q + math.log(n), 700.0)))


def np_extractable(log_q: float, n: float, p: float) -> bool:
    """Tell whether *n* samples hold the text with a probability of at least *p*.

    Args:
        log_q: See `extraction_probability`.
        n: Samples.
        p: Probability, above 0 and below 1.

    Returns:
        True where they do.

    Raises:
        ValueError: For what `extraction_probability` or `fewest_samples` refuse.

    References:
        J. Hayes et al. (2024), arXiv:2410.19482, definition of (n, p)-discoverable extraction.

    Examples:
        What half of the samples hold, two samples hold three times in four; one does not:

        >>> np_extractable(math.log(.5), 2, .75), np_extractable(math.log(.5), 1, .75)
        (True, False)
    """
    _check_chance(p)
    return extraction_probability(log_q, n) >= p * (1 - 1e-12)


def fewest_samples(log_q: float, p: float) -> float:
    """Fewest samples that hold the text with a probability of at least *p*.

    Args:
        log_q: See `extraction_probability`.
        p: Probability, above 0 and below 1.

    Returns:
        A whole number, as far as floats have one; infinite for a text that cannot come, or where it
        is beyond what a float holds.

    Raises:
        ValueError: For a logarithm above 0, or a probability outside (0, 1).

    References:
        J. Hayes et al. (2024), arXiv:2410.19482.

    Examples:
        A text of one sample in a thousand takes 2,302 of them to be seen nine times in ten:

        >>> fewest_samples(math.log(.001), .9)
        2302.0
    """
    _check_log(log_q)
    _check_chance(p)
    if log_q == 0:
        return 1.0
    share = math.log1p(-math.exp(log_q))
    log_n = math.log(-math.log1p(-p)) - (math.log(-share) if share else log_q)
    if log_n > 709:
        return math.inf
    return max(1.0, float(np.ceil(math.exp(log_n) * (1 - 1e-12))))


def k_eidetic(documents: ArrayLike, extracted: ArrayLike, k: int) -> Share:
    """Share of strings of at most *k* training documents that the model gave away: k-eidetic memories.

    Args:
        documents: Training documents that hold each string; 0 for controls, which are left out.
        extracted: 1 where the string was extracted.
        k: Most documents, at least 1.

    Returns:
        The share with its count as ``x``, after Clopper and Pearson; undefined without such strings.

    Raises:
        ValueError: For what is no count, unlike lengths, or *k* below 1.

    References:
        N. Carlini et al. (2021), USENIX Security, 2633, definition 2.

    Examples:
        Of three strings that stand in one or two documents the model gave away two:

        >>> found = k_eidetic([1, 1, 2, 9, 0], [1, 0, 1, 1, 0], k=2)
        >>> found.x, found.trials, found.left_out
        (2.0, 3.0, 2)
    """
    held, out = numbers(documents, "documents"), binary(extracted, "extracted")
    same_length(documents=held, extracted=out)
    if (held < 0).any() or (held % 1 != 0).any() or k < 1:
        msg = f"documents must be whole numbers of at least 0, and k at least 1, got k={k}"
        raise ValueError(msg)
    rare = (held >= 1) & (held <= k)
    found = clopper_pearson(float(out[rare].sum()), float(rare.sum()))
    return evolve(found, left_out=int((~rare).sum()))


def field_gaps(
    target: ArrayLike, control: ArrayLike, fields: Sequence[Hashable], cluster: Labels | None = None
) -> Mapping[Hashable, PairedShares | PairedMean]:
    """Share of records given away less that of never-existing controls, field by field.

    What is guessed of a record that does not exist was guessed of the one that does.

    Args:
        target: 1 where the field of the record was given away; one a record, field and prompt.
        control: 1 where that of its control of the same form and guessability was.
        fields: Name of the field, or a tuple of field and prompt form.
        cluster: Label of the person or document; None takes rows as independent.

    Returns:
        The difference of each field, -1 to 1, in the order in which they come.

    Raises:
        ValueError: For unlike lengths or other marks.

    References:
        T. Tango (1998), Stat. Med. 17:891; clustered, K.-Y. Liang, S. L. Zeger (1986).

    Examples:
        Of the town a third is known, and as much is guessed; of the telephone number not:

        >>> known = [1, 0, 0] * 20 + [1, 1, 0] * 20
        >>> guessed = [0, 0, 1] * 20 + [0, 0, 0] * 20
        >>> found = field_gaps(known, guessed, ["town"] * 60 + ["telephone"] * 60)
        >>> {name: tuple(round(v, 2) for v in gap.interval()) for name, gap in found.items()}
        {'town': (-0.2, 0.2), 'telephone': (0.54, 0.77)}
    """
    a, b = binary(target, "target"), binary(control, "control")
    same_length(target=a, control=b, fields=np.empty(len(fields)))
    groups: dict[Hashable, list[int]] = {}
    for i, name in enumerate(fields):
        groups.setdefault(name, []).append(i)
    label = None if cluster is None else codes(cluster, len(a))[0]
    return {
        name: paired_difference(a[rows], b[rows], None if label is None else label[rows])
        for name, rows in groups.items()
    }


@frozen(kw_only=True)
class Uniqueness:
    """How alone records are *in this sample*; of the population it says nothing.

    Attributes:
        k_anonymity: Size of the smallest class of records alike in all attributes; 0 without records.
        sample_uniqueness: Share of records that are alone in their class; NaN without records.
        classes: Classes.
        mean_risk: Mean of one over the size of a record's class (prosecutor risk); NaN without.
        n: Records.
        undefined: Why shares are NaN; empty if they are not.
    """

    k_anonymity: int
    sample_uniqueness: float
    classes: int
    mean_risk: float
    n: int
    undefined: str = ""

    def __str__(self) -> str:
        if self.undefined:
            return f"undefined ({self.undefined})"
        return (
            f"{self.sample_uniqueness:.1%} unique in the sample, {self.k_anonymity}-anonymous"
            f" (n={self.n}, classes={self.classes})"
        )


def uniqueness(records: Iterable[Sequence[Hashable]]) -> Uniqueness:
    """Count classes of records that are alike in their quasi-identifiers.

    Args:
        records: The attributes of each, by which someone could be looked up.

    Returns:
        Counts, and the share of records that are unique, 0 to 1 (`Uniqueness`).

    References:
        L. Sweeney (2002), Int. J. Uncertain. Fuzz. 10:557; C. Skinner, M. Elliot (2002), JRSS B 64:855.

    Examples:
        Two of four records are alone in their class, here; among all people they need not be:

        >>> print(uniqueness([("F", 30), ("M", 30), ("F", 30), ("F", 41)]))
        50.0% unique in the sample, 1-anonymous (n=4, classes=3)
    """
    sizes = Counter(tuple(r) for r in records)
    n, g = sizes.total(), len(sizes)
    if not n:
        return Uniqueness(k_anonymity=0, sample_uniqueness=math.nan, classes=0, mean_risk=math.nan, n=0,
                          undefined="no-observations")  # fmt: skip
    alone = sum(size == 1 for size in sizes.values())
    return Uniqueness(k_anonymity=min(sizes.values()), sample_uniqueness=alone / n, classes=g,
                      mean_risk=g / n, n=n)  # fmt: skip


def above_baseline(
    correct: ArrayLike, baseline: ArrayLike, cluster: Labels | None = None
) -> PairedShares | PairedMean:
    """Share of persons re-identified less that of guesses without the text, on the same persons.

    Args:
        correct: 1 where the model named the person.
        baseline: 1 where the best guess from public attributes alone did.
        cluster: Label of the person or document; None takes rows as independent.

    Returns:
        The difference, -1 to 1: re-identification is what is above 0.

    Raises:
        ValueError: For unlike lengths or other marks.

    References:
        T. Tango (1998), Stat. Med. 17:891.

    Examples:
        The text gives away twenty persons in a hundred more than guesses find:

        >>> print(above_baseline([1] * 30 + [0] * 70, [1] * 10 + [0] * 90))
        0.2 [0.1334, 0.2888] (n=100, tango 95%)
    """
    return paired_difference(binary(correct, "correct"), binary(baseline, "baseline"), cluster)


def _check_log(log_q: float) -> None:
    if not log_q <= 0:
        msg = f"the logarithm of a probability is at most 0, got {log_q}"
        raise ValueError(msg)


def _check_chance(p: float) -> None:
    if not 0 < p < 1:
        msg = f"p must be above 0 and below 1, got {p}"
        raise ValueError(msg)
