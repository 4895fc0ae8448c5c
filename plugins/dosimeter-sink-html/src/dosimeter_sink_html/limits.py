"""How much of a report fits on one page, and what is said of the rest."""

from collections.abc import Sequence
from typing import TypeVar

import attrs

from dosimeter_sink_html.questions import Question
from dosimeter_sink_html.tables import ScaleTable

T = TypeVar("T")

MOST_BYTES = 1_900_000
MOST_HEAD = 1_300_000
SIZES = (600, 250, 100, 40, 15, 5)
"""Rows a part of the page, tried in turn until the page without attempts is small enough."""


def some(items: Sequence[T], most: int) -> Sequence[T]:
    """Give the first *most*."""
    return items[:most]


def fit_questions(asked: Sequence[Question], most: int) -> list[Question]:
    """Keep *most* answers in all; each question says how many it lost."""
    out = []
    for q in asked:
        kept = q.answers[:most]
        most -= len(kept)
        out.append(attrs.evolve(q, answers=kept, left=len(q.answers) - len(kept)))
    return out


def fit_tables(made: Sequence[ScaleTable], most: int) -> list[ScaleTable]:
    """Keep *most* rows in all; each table says how many it lost."""
    out = []
    for t in made:
        kept = t.rows[:most]
        most -= len(kept)
        out.append(attrs.evolve(t, rows=kept, left=len(t.rows) - len(kept)))
    return out
