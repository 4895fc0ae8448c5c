"""Is an overlap more than chance would give? P-values against works that cannot have been copied."""

import numpy as np
from attrs import field, frozen
from numpy.typing import ArrayLike, NDArray

from dosimeter.stats.checks import Floats, Labels, codes, numbers, shares
from dosimeter.stats.multiplicity import at_most, p_adjust


@frozen(kw_only=True)
class ConformalTest:
    """P-values of works against a background, and which of them are flagged.

    Attributes:
        p: Of each work: (1 + background at or above it) / (1 + background).
        adjusted: p-values adjusted after Benjamini and Hochberg.
        attainable: Lowest p that each work could have had, 1 / (1 + background of its bin).
        q: False discovery rate that flags are held to.
        background: Works of the background.
    """

    p: Floats = field(eq=False)
    adjusted: Floats = field(eq=False)
    attainable: Floats = field(eq=False)
    q: float
    background: int

    @property
    def flagged(self) -> NDArray[np.bool_]:
        """Tell of each work whether it is flagged."""
        return at_most(self.adjusted, self.q)

    @property
    def min_attainable_p(self) -> float:
        """The lowest p that any work could have had."""
        return float(self.attainable.min()) if len(self.attainable) else 1 / (1 + self.background)

    @property
    def undefined(self) -> str:
        """Say why no claim on a single work is possible; empty if one is.

        A single hit among m works needs p of at most q / m.
        """
        if not len(self.p):
            return "no-observations"
        return "" if self.min_attainable_p <= self.q / len(self.p) else "background-too-small"

    def __str__(self) -> str:
        told = f"{int(self.flagged.sum())} of {len(self.p)} works flagged at q {self.q:g}"
        return f"{told} ({self.background} in the background, least p {self.min_attainable_p:.3g})"


def conformal_test(
    background: ArrayLike, observed: ArrayLike, q: float = 0.1, *,
    background_bin: Labels | None = None, observed_bin: Labels | None = None,
) -> ConformalTest:  # fmt: skip
    """Compare each work's overlap with that of works that could not be reproduced.

    The background is what the model writes to the same prompts of the same lengths for held-back
    works of the same author or genre. Where lengths differ, give bins: a work is then compared with
    the background of its own bin alone, and one in a bin without background has p = 1.

    Args:
        background: Overlap with each work that cannot have been seen, higher being more.
        observed: Overlap with each tested work, one a work.
        q: False discovery rate, 0 to 1.
        background_bin: Label of the bin of each work of the background; None takes one bin.
        observed_bin: Of each tested work.

    Returns:
        p-values, which are valid if background and tested works are exchangeable but for copying.
        They are 1 / (n + 1) to 1 (`ConformalTest`).

    Raises:
        ValueError: For NaN, a rate outside [0, 1], or bins of one side only.

    References:
        V. Vovk, A. Gammerman, G. Shafer (2005), Algorithmic Learning in a Random World; S. Bates et
        al. (2023), Ann. Stat. 51:149.

    Examples:
        Nineteen works cannot clear five: the least p is .05, and .1 / 5 is what one hit would take.

        >>> found = conformal_test([3, 5, 4, 6, 2, 3, 8, 4, 5, 3, 7, 4, 3, 2, 5, 6, 4, 3, 9],
        ...                        [12, 5, 8, 3, 9])
        >>> print(found, found.undefined, sep="; ")
        0 of 5 works flagged at q 0.1 (19 in the background, least p 0.05); background-too-small
    """
    shares(q=q)
    null, seen = numbers(background, "background"), numbers(observed, "observed")
    if (background_bin is None) != (observed_bin is None):
        msg = "bins were given of one side only: a work is compared with the background of its bin"
        raise ValueError(msg)
    both = np.zeros(len(null) + len(seen), dtype=np.int64)
    if background_bin is not None and observed_bin is not None:
        given = [np.asarray(bins) for bins in (background_bin, observed_bin)]
        both, _ = codes(np.concatenate([np.atleast_1d(b) for b in given]), len(both))
    of_null, of_seen = both[: len(null)], both[len(null) :]
    above, size = np.zeros(len(seen)), np.zeros(len(seen))
    for name in np.unique(of_seen):
        there, own = of_seen == name, np.sort(null[of_null == name])
        above[there] = len(own) - np.searchsorted(own, seen[there], side="left")
        size[there] = len(own)
    p = (1 + above) / (1 + size)
    return ConformalTest(
        p=p, adjusted=np.array(p_adjust(p, "bh").adjusted), attainable=1 / (1 + size), q=q,
        background=len(null),
    )  # fmt: skip
