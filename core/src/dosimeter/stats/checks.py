"""Arrays and counts as a statistic needs them, or an error that says what is wrong with them."""

import math
from collections.abc import Iterable, Sequence
from numbers import Real

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Labels = Sequence[object] | ArrayLike
"""Names of clusters, one a row, of any one kind."""
LARGEST = 1e100
"""Numbers beyond which sums of squares, and of their products, have no end."""
SPARSE = 8
"""How many times as many numbers as rows make integers labels to be sorted, not counted."""


def numbers(values: ArrayLike, name: str = "values") -> Floats:
    """Give a flat array of finite numbers.

    Raises:
        ValueError: For another shape, for what are no numbers, or for NaN and infinities, with the place
            of the first.
    """
    y = _floats(values, name)
    if y.ndim != 1:
        msg = f"{name} must be one row of numbers, got shape {y.shape}"
        raise ValueError(msg)
    finite = np.isfinite(y)
    if not finite.all():
        lost = int((~finite).sum())
        msg = (
            f"{name}[{int(np.argmin(finite))}] is not a number ({lost} of {len(y)} are not):"
            " leave missing ones out, and count them"
        )
        raise ValueError(msg)
    return y


def squarable(values: ArrayLike, name: str = "values") -> Floats:
    """Give a flat array of finite numbers that can be squared and added up.

    Raises:
        ValueError: As `numbers`, or for one that is too large, with its place.
    """
    y = numbers(values, name)
    if len(y) and np.abs(y).max() > LARGEST:
        at = int(np.abs(y).argmax())
        msg = f"{name}[{at}] is {y[at]:g}, whose square is no number: take a larger unit"
        raise ValueError(msg)
    return y


def array(values: ArrayLike | Sequence[float | None], name: str) -> Floats:
    """Give an array of numbers of any shape; None and NaN where there is none.

    Raises:
        ValueError: For rows of unlike length, and for what are no numbers.
    """
    try:
        given = np.asarray(values)
        if given.dtype.kind not in "USMm" and values is not None:
            return given.astype(float, copy=False)
    except (TypeError, ValueError):
        pass
    msg = f"{name} must be numbers, with as many in one row as in another: leave texts out, and fill gaps"
    raise ValueError(msg)


def _floats(values: ArrayLike, name: str) -> Floats:
    """Give an array of floats; texts are no numbers, whatever they spell."""
    try:
        given = np.asarray(values)
        if given.dtype.kind not in "USMm":
            return given.astype(float, copy=False)
    except (TypeError, ValueError):
        pass
    msg = f"{name} must be one row of numbers"
    if isinstance(values, Iterable):
        odd = next(((i, v) for i, v in enumerate(values) if not _is_number(v)), None)
        msg += "" if odd is None else f", and {name}[{odd[0]}] is {_told(odd[1])}"
    raise ValueError(msg)


def _is_number(value: object) -> bool:
    return value is None or isinstance(value, (Real, np.bool_))


def _told(value: object) -> str:
    """Say what stands where a number should: no more of it than shows which, and its kind."""
    return "None" if value is None else f"{repr(value)[:20]} ({type(value).__name__})"


def real(**given: float) -> None:
    """Refuse what is no number: a text, a list, nothing.

    Raises:
        ValueError: Naming it.
    """
    for name, value in given.items():
        if value is None or not _is_number(value):
            alone = isinstance(value, np.ndarray) and value.ndim == 0 and value.dtype.kind in "biuf"
            if not alone:
                msg = f"{name} must be a number, got {_told(value)}"
                raise ValueError(msg)


def binary(values: ArrayLike, name: str = "values") -> Floats:
    """Give a flat array of zeros and ones.

    Raises:
        ValueError: For anything else, with the place of the first.
    """
    y = numbers(values, name)
    good = (y == 0) | (y == 1)
    if not good.all():
        at = int(np.argmin(good))
        msg = f"{name}[{at}] is {y[at]:g}, which is neither 0 nor 1"
        raise ValueError(msg)
    return y


def within(values: ArrayLike, low: float, high: float, name: str = "values") -> Floats:
    """Give a flat array of numbers from *low* to *high*.

    Raises:
        ValueError: For one outside, with its place.
    """
    y = numbers(values, name)
    good = (y >= low) & (y <= high)
    if not good.all():
        at = int(np.argmin(good))
        msg = f"{name}[{at}] is {y[at]:g}, outside {low:g} to {high:g}"
        raise ValueError(msg)
    return y


def codes(labels: Labels | None, n: int) -> tuple[Ints, int]:
    """Number the labels of *n* rows from 0, and count them; with None each row is its own cluster.

    Raises:
        ValueError: If there are not *n* of them, or one is NaN or None, or they are of several kinds.
    """
    if labels is None:
        return np.arange(n), n
    try:
        given = labels if isinstance(labels, np.ndarray) else np.asarray(labels)
    except ValueError:
        msg = "cluster labels are lists of unlike length: give one label to each row"
        raise ValueError(msg) from None
    if given.shape != (n,):
        msg = f"{n} values have {given.shape} cluster labels: give one to each"
        raise ValueError(msg)
    if given.dtype.kind == "f" and np.isnan(given).any():
        msg = f"cluster label {int(np.argmax(np.isnan(given)))} is NaN: every row belongs to a cluster"
        raise ValueError(msg)
    if given.dtype.kind == "O":
        return _sorted(given)
    if n and given.dtype.kind in "iu":
        low, high = int(given.min()), int(given.max())
        if high - low < SPARSE * n:
            # Counting is many times as fast as sorting; numbers that no row has are no clusters.
            there = np.bincount(given - low) > 0
            number = np.cumsum(there) - 1
            return number[given - low].astype(np.int64), int(there.sum())
    names, code = np.unique(given, return_inverse=True)
    return code.astype(np.int64), len(names)


def _sorted(labels: NDArray[np.object_]) -> tuple[Ints, int]:
    """Number labels of any kind, such as those of a table with gaps."""
    for i, label in enumerate(labels):
        if label is None or label != label:
            msg = f"cluster label {i} is {label}: every row belongs to a cluster"
            raise ValueError(msg)
    try:
        names, code = np.unique(labels, return_inverse=True)
    except TypeError:
        kinds = " and ".join(sorted({type(label).__name__ for label in labels}))
        msg = f"cluster labels are of several kinds, {kinds}: name clusters by one"
        raise ValueError(msg) from None
    return code.astype(np.int64), len(names)


def weighted(weights: ArrayLike | None, n: int) -> Floats:
    """Give *n* weights of at least 0; ones for None.

    Raises:
        ValueError: For another number of them, negative ones, or NaN.
    """
    if weights is None:
        return np.ones(n)
    w = numbers(weights, "weights")
    if len(w) != n:
        msg = f"{n} values have {len(w)} weights: give one to each"
        raise ValueError(msg)
    if (w < 0).any():
        msg = f"weights[{int(np.argmax(w < 0))}] is {w.min():g}: weights are at least 0"
        raise ValueError(msg)
    return w


def same_length(**columns: Floats) -> None:
    """Refuse columns of unlike length.

    Raises:
        ValueError: With the length of each.
    """
    if len({len(c) for c in columns.values()}) > 1:
        told = ", ".join(f"{name} {len(c)}" for name, c in columns.items())
        msg = f"rows must belong together, but there are {told}"
        raise ValueError(msg)


def counts(least: int = 0, /, **given: float) -> None:
    """Refuse what is no count of at least *least*: less, fractional, or no number.

    Raises:
        ValueError: Naming it.
    """
    real(**given)
    for name, value in given.items():
        if not (value >= least and float(value).is_integer()):
            msg = f"{name} must be a whole number of at least {least}, got {value}"
            raise ValueError(msg)


def trials(x: float, n: float) -> None:
    """Refuse *x* events that cannot be among *n* trials.

    Raises:
        ValueError: For *x* not from 0 to *n*, or no end of trials.
    """
    real(x=x, n=n)
    if n == math.inf:
        msg = "n must be the number of trials, got inf"
        raise ValueError(msg)
    if not 0 <= x <= n:
        msg = f"x must be from 0 to n, got x={x}, n={n}"
        raise ValueError(msg)


def positive(**given: float) -> None:
    """Refuse what is not a finite number above 0.

    Raises:
        ValueError: Naming it.
    """
    real(**given)
    for name, value in given.items():
        if not 0 < value < math.inf:
            msg = f"{name} must be above 0, got {value}"
            raise ValueError(msg)


def inside(low: float = 0.0, high: float = 1.0, /, **given: float) -> None:
    """Refuse what is not between *low* and *high*, both left out.

    Raises:
        ValueError: Naming it.
    """
    real(**given)
    for name, value in given.items():
        if not low < value < high:
            msg = f"{name} must lie between {low:g} and {high:g}, got {value}"
            raise ValueError(msg)


def shares(**given: float) -> None:
    """Refuse what is no probability.

    Raises:
        ValueError: Naming it.
    """
    real(**given)
    for name, value in given.items():
        if not 0 <= value <= 1:
            msg = f"{name} must be from 0 to 1, got {value}"
            raise ValueError(msg)
