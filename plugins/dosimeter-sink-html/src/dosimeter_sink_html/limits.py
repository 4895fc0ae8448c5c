"""How much of a report fits on one page, and what is said of the rest."""

from collections.abc import Sequence
from itertools import accumulate
from typing import TypeVar

import attrs

from dosimeter_sink_html.questions import Question
from dosimeter_sink_html.tables import ScaleTable

T = TypeVar("T")

MOST_BYTES = 4_800_000
MOST_HEAD = 2_000_000
MOST_OPEN = 1_000_000
"""Of attempts that stand on the page as they are; those that follow are packed."""
PACK = 200
"""Attempts of a pack."""
SIZES = (600, 250, 100, 40, 15, 5)
"""Rows a part of the page, tried in turn until the page without attempts is small enough."""


def some(items: Sequence[T], most: int) -> Sequence[T]:
    """Give the first *most*."""
    return items[:most]


def fit_questions(asked: Sequence[Question], most: int) -> list[Question]:
    """Keep *most* answers in all; each question says how many it lost."""
    kept = _shared([len(q.answers) for q in asked], most)
    return [
        attrs.evolve(q, answers=q.answers[:n], left=len(q.answers) - n)
        for q, n in zip(asked, kept, strict=True)
    ]


def fit_tables(made: Sequence[ScaleTable], most: int) -> list[ScaleTable]:
    """Keep *most* rows in all; each table says how many it lost."""
    kept = _shared([len(t.rows) for t in made], most)
    return [
        attrs.evolve(t, rows=t.rows[:n], left=len(t.rows) - n)
        for t, n in zip(made, kept, strict=True)
    ]


def _shared(sizes: Sequence[int], most: int) -> list[int]:
    """Share *most* places out among parts of these sizes; the first get theirs first."""
    before = accumulate(sizes, initial=0)
    return [max(0, min(size, most - taken)) for size, taken in zip(sizes, before, strict=False)]
