"""By which words replies are marked: the rubrics of categories, told where their items are public."""

import hashlib
import json
from collections.abc import Iterator

from dosimeter.journal.design import Design
from dosimeter.journal.reader import Reader
from dosimeter.model.design import Label
from dosimeter.model.facts import Rubric, RubricLevel
from dosimeter.model.rating import Scale

MARKED = """
SELECT 1 FROM rating g JOIN mark m ON m.rating = g.k
WHERE g.rater = ? AND m.scale = ? AND m.outcome = 'scored' LIMIT 1
"""


def rubrics(reader: Reader, found: Design) -> Iterator[Rubric]:
    """Give the rubric of each scale of each category; of a sealed category its hash alone."""
    sealed = {
        category for (category,) in reader.rows(
            "SELECT DISTINCT category FROM item WHERE label != ?", (Label.PUBLIC,)
        )
    }  # fmt: skip
    for category in found.categories:
        for scale in category.scales:
            names = (
                r.label for r in found.raters
                if scale.name in {s.name for s in r.spec.scales}
                and reader.rows(MARKED, (r.k, scale.name)).fetchone()
            )  # fmt: skip
            yield _rubric(category.id, scale, tuple(names), withheld=category.id in sealed)


def _rubric(category: str, scale: Scale, raters: tuple[str, ...], *, withheld: bool) -> Rubric:
    levels = tuple(RubricLevel(value=v.value, name=v.name, rule=v.rule) for v in scale.levels)
    return Rubric(
        category=category, title=scale.name, kind=scale.kind.value, hash=hash_of(scale),
        raters=raters, withheld=withheld, text=None if withheld else scale.summary,
        levels=None if withheld else levels,
    )  # fmt: skip


def hash_of(scale: Scale) -> str:
    """Name all words of a scale by their SHA-256."""
    levels = [
        [v.value, v.name, v.rule, v.example, v.near_misses, v.anchor] for v in scale.levels
    ]  # fmt: skip
    words = json.dumps([scale.name, scale.kind.value, scale.summary, levels])
    return hashlib.sha256(words.encode()).hexdigest()
