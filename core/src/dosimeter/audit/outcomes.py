"""What a cell of the outcome means: an event, none, a mark on a scale, or that it is missing."""

import math
from collections.abc import Mapping

from attrs import field, frozen

from dosimeter.audit.columns import shown
from dosimeter.nearest import nearest

Scale = tuple[float, float]
"""Lowest and highest mark."""
MEANINGS = {"event": 1.0, "other": 0.0, "missing": math.nan}
"""What a value can be said to mean."""
PLAIN = {"0": 0.0, "1": 1.0, "false": 0.0, "true": 1.0, "0.0": 0.0, "1.0": 1.0}
"""Values that need no word."""


@frozen(kw_only=True)
class Outcomes:
    """How cells of the outcome are read. What is not known is refused: it would count as no event.

    Attributes:
        meanings: Meaning of values, ``event``, ``other`` or ``missing``.
        scale: Lowest and highest mark, where marks are averaged; None where events are counted.
        missing: Values that say that there is no outcome; an empty cell, null and NaN always do.
    """

    meanings: Mapping[str, str] = field(factory=dict)
    scale: Scale | None = None
    missing: frozenset[str] = frozenset()

    def read(self, value: str) -> float:
        """Give 1 or 0, a mark, or NaN where it is missing.

        Raises:
            ValueError: Saying what the value is not, and what to do.
        """
        if not value or value in self.missing or value.lower() == "nan":
            return math.nan
        if value in self.meanings:
            return MEANINGS[self.meanings[value]]
        if self.scale is not None:
            return self._mark(value, self.scale)
        found = PLAIN.get(value.lower())
        if found is None:
            raise ValueError(self._unknown(value))
        return found

    @staticmethod
    def _mark(value: str, scale: Scale) -> float:
        low, high = scale
        try:
            mark = float(value)
        except ValueError:
            mark = math.inf
        if not low <= mark <= high:
            msg = (
                f"{shown(value)} is no mark from {low:g} to {high:g}; say what is missing with --missing,"
                " or another scale with --scale"
            )
            raise ValueError(msg)
        return mark

    def _unknown(self, value: str) -> str:
        if not self.meanings:
            more = "marks are averaged with --scale LOW-HIGH" if _number(value) else ""
            say = f"say what it means, such as --outcome-is {_word(value)}=event (or other, or missing)"
            return f"{shown(value)} is neither 0 nor 1; {more or say}"
        near = nearest(value, tuple(self.meanings), there="told are")
        return (
            f"{shown(value)} is not among the values that --outcome-is tells; {near}. Say what it means:"
            " event, other or missing"
        )


def _number(value: str) -> bool:
    try:
        float(value)
    except ValueError:
        return False
    return True


def _word(value: str) -> str:
    told = shown(value)
    return value if told.startswith("'") and " " not in value else "VALUE"
