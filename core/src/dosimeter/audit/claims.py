"""What is claimed: numbers, bounds, orders, equality and agreement, in words of the command line or TOML."""

import re
import shlex
import tomllib
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Literal

from attrs import frozen

from dosimeter.audit.columns import shown
from dosimeter.errors import AuditError
from dosimeter.inert import safe
from dosimeter.nearest import nearest

Kind = Literal["value", "at-most", "at-least", "order", "same", "kappa", "alpha", "agreement"]
"""What is said."""
TAKES: Mapping[str, tuple[str, ...]] = {
    "value": ("of", "interval", "n", "tolerance"),
    "at_most": ("of",),
    "at_least": ("of",),
    "ranking": ("by", "tolerance"),
    "same": (),
    "kappa": ("of", "tolerance"),
    "alpha": ("of", "tolerance"),
    "agreement": ("of", "tolerance"),
}
"""What may stand beside each key of which a claim has one; *says* always may."""
KEYS = ("says", "of", "value", "interval", "n", "tolerance", "at_most", "at_least", "ranking", "by",
        "same", "kappa", "alpha", "agreement")  # fmt: skip
COEFFICIENTS: Mapping[str, Kind] = {"kappa": "kappa", "alpha": "alpha", "agreement": "agreement"}
NUMBERS: Mapping[str, Kind] = {
    "value": "value",
    "at_most": "at-most",
    "at_least": "at-least",
    **COEFFICIENTS,
}
SIGNS: Mapping[str, Kind] = {"<": "at-most", ">": "at-least", "=": "value"}
NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:\s?%)?")


@frozen(kw_only=True)
class Figure:
    """A number as it was printed.

    Attributes:
        value: The number; a share for a per cent.
        tolerance: What rounding to the digits that were printed can have taken or added.
    """

    value: float
    tolerance: float

    def like(self, other: float) -> bool:
        """Tell whether rounding makes *other* this number."""
        return abs(self.value - other) <= self.tolerance + 1e-9


@frozen(kw_only=True)
class Claim:
    """One claim.

    Attributes:
        says: Its words.
        kind: What it says.
        names: What it is about: names, or parts of names, of a system and a group; of an order the
            highest first.
        figure: The number; of an order the difference, if one is claimed.
        interval: The interval that goes with it; None if none was printed.
        n: The sample size that goes with it.
    """

    says: str
    kind: Kind
    names: tuple[str, ...]
    figure: Figure | None = None
    interval: tuple[float, float] | None = None
    n: int | None = None


def figure(given: str | float | Decimal, tolerance: float | None = None) -> Figure:
    """Read a number with the rounding that its digits tell.

    Raises:
        ValueError: If it is none.
    """
    told = str(given).strip()
    percent = told.endswith("%")
    try:
        exact = Decimal(told.removesuffix("%").strip())
    except InvalidOperation:
        msg = f"{shown(told)} is no number; write 0.69 or 69%"
        raise ValueError(msg) from None
    exponent = exact.as_tuple().exponent
    if not isinstance(exponent, int):
        msg = f"{shown(told)} is no number"
        raise ValueError(msg)
    unit = 0.01 if percent else 1.0
    whole = exponent >= 0 and not percent
    digit = 0.0 if whole and exact in {0, 1} else 10.0 ** min(exponent, 0)
    rounded = digit * unit / 2 if tolerance is None else tolerance
    return Figure(value=float(exact) * unit, tolerance=rounded)


# -- in words -----------------------------------------------------------------------------------


def parse(words: str) -> Claim:
    """Read a claim as it is typed: ``PAIR vicuna 0.69``, ``llama < 5%``, ``GCG > PAIR``, ``a = b``.

    Raises:
        AuditError: Saying how claims are written.
    """
    try:
        tokens = shlex.split(words)
        found = _typed(words, tokens)
    except ValueError as exc:
        raise AuditError(_cannot(words, str(exc))) from None
    if found is None:
        raise AuditError(_cannot(words, "it says nothing that could be judged"))
    return found


def _cannot(words: str, why: str) -> str:
    return (
        f"--claim {safe(words)!r}: {why}. Write NAMES NUMBER (such as 'PAIR vicuna 0.69' or 'vicuna 69%'),"
        " NAMES < NUMBER, NAMES > NUMBER, NAME > NAME (> NAME ...), NAME = NAME, or kappa, alpha or"
        " agreement with NAMES and NUMBER; everything else with --claims FILE"
    )


def _typed(words: str, tokens: list[str]) -> Claim | None:
    signs = [t for t in tokens if t in SIGNS]
    parts = _parts(tokens)
    if signs:
        return _compared(words, signs, parts)
    if len(tokens) < 2:
        return None
    if tokens[-1] == "%":
        tokens = [*tokens[:-2], tokens[-2] + "%"]
    *names, last = tokens
    if not NUMBER.fullmatch(last):
        return None
    first = names[0].lower() if names else ""
    kind: Kind = "value"
    if first in COEFFICIENTS:
        kind = COEFFICIENTS[first]
        names = names[1:]
    return Claim(says=words, kind=kind, names=(shlex.join(names),), figure=figure(last))


def _parts(tokens: list[str]) -> list[list[str]]:
    parts: list[list[str]] = [[]]
    for token in tokens:
        if token in SIGNS:
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def _compared(words: str, signs: list[str], parts: list[list[str]]) -> Claim | None:
    if not all(parts) or len(set(signs)) > 1:
        return None
    names = [shlex.join(p) for p in parts]
    if len(parts) == 2 and NUMBER.fullmatch("".join(parts[1])):
        return Claim(
            says=words, kind=SIGNS[signs[0]], names=(names[0],), figure=figure("".join(parts[1]))
        )
    if signs[0] == "=":
        return Claim(says=words, kind="same", names=tuple(names))
    ordered = names if signs[0] == ">" else names[::-1]
    return Claim(says=words, kind="order", names=tuple(ordered))


# -- in a file ----------------------------------------------------------------------------------


def read(path: Path) -> tuple[Claim, ...]:
    """Read a file of claims.

    Raises:
        AuditError: With the claim that is wrong, and how.
    """
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    except OSError as exc:
        msg = f"{path} cannot be read: {exc.strerror}"
        raise AuditError(msg) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as exc:
        msg = f"{safe(path.name)} is no TOML: {safe(str(exc))}"
        raise AuditError(msg) from None
    listed = tables.get("claims")
    if not isinstance(listed, list) or not listed or tables.keys() != {"claims"}:
        msg = f"{safe(path.name)}: expected claims as [[claims]] tables, and nothing else"
        raise AuditError(msg)
    found = []
    for number, one in enumerate(listed, 1):
        try:
            found.append(_table(one))
        except (ValueError, TypeError) as exc:
            msg = f"{safe(path.name)}, claim {number}: {exc}"
            raise AuditError(msg) from None
    return tuple(found)


def _table(one: Mapping[str, Any]) -> Claim:
    for key in one:
        if key not in KEYS:
            msg = f"there is no key {shown(key)}; {nearest(key, KEYS)}"
            raise ValueError(msg)
    said = [key for key in TAKES if key in one]
    if len(said) != 1:
        msg = f"a claim has one of {', '.join(TAKES)}, and this has {' and '.join(said) or 'none'}"
        raise ValueError(msg)
    (key,) = said
    idle = sorted(one.keys() - {key, "says", *TAKES[key]})
    if idle:
        msg = f"{idle[0]} says nothing beside {key}; take it out"
        raise ValueError(msg)
    tolerance = None if "tolerance" not in one else float(one["tolerance"])
    interval = _interval(one.get("interval"))
    if key in {"ranking", "same"}:
        names = _names(one[key], key)
        by = figure(one["by"], tolerance) if "by" in one else None
        kind: Kind = "order" if key == "ranking" else "same"
        return Claim(says=_says(one, f" {'>' if key == 'ranking' else '='} ".join(names)), kind=kind,
                     names=names, figure=by, interval=interval)  # fmt: skip
    names = (str(one.get("of", "")),)
    found = figure(one[key], tolerance)
    kind = NUMBERS[key]
    return Claim(says=_says(one, f"{key} {names[0]} {one[key]}"), kind=kind, names=names, figure=found,
                 interval=interval, n=None if "n" not in one else int(one["n"]))  # fmt: skip


def _says(one: Mapping[str, Any], otherwise: str) -> str:
    return str(one.get("says", otherwise))


def _names(given: Any, key: str) -> tuple[str, ...]:  # noqa: ANN401  TOML
    if not isinstance(given, list) or len(given) < 2 or not all(isinstance(n, str) for n in given):
        msg = f'{key} is a list of names, the highest first, such as ["GCG", "PAIR"]'
        raise ValueError(msg)
    return tuple(given)


def _interval(given: Any) -> tuple[float, float] | None:  # noqa: ANN401  TOML
    if given is None:
        return None
    if not isinstance(given, list) or len(given) != 2:
        msg = "interval is a list of a lower and an upper limit, such as [0.59, 0.77]"
        raise ValueError(msg)
    low, high = (figure(v).value for v in given)
    if not low <= high:
        msg = f"interval goes from a lower to an upper limit, and this from {low:g} to {high:g}"
        raise ValueError(msg)
    return low, high
