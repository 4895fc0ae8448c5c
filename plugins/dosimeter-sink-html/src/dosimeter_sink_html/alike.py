"""Sentences that are alike, said once, with what of them differs beside."""

import re
from collections.abc import Sequence

from attrs import frozen

BREAKS = (r"(?<=[;:.,]) ", r"(?<=[;.]) ")
"""Where sentences are taken apart: at every pause, or else at the longer ones only."""
Place = tuple[str, str]
"""Target and attack."""


@frozen(kw_only=True)
class Alike:
    """Several sentences.

    Attributes:
        said: What they share, with ``[1]``, ``[2]`` ... where they differ; empty if they share nothing.
        gaps: Of each place where they differ, what stands there: the words, and for which numbers if
            the words do not tell.
    """

    said: str
    gaps: tuple[tuple[Place, ...], ...]


def alike(sentences: Sequence[tuple[Place, str]]) -> Alike:
    """Say once what *sentences* share; each comes with the place that it is about."""
    places = [place for place, _ in sentences]
    for pause in BREAKS:
        taken = [re.split(pause, text) for _, text in sentences]
        if len({len(words) for words in taken}) != 1:
            continue
        said: list[str] = []
        gaps: list[tuple[Place, ...]] = []
        for column in zip(*taken, strict=True):
            if len(set(column)) > 1:
                gaps.append(_gap(column, places))
            said.append(column[0] if len(set(column)) == 1 else f"[{len(gaps)}]{_end(column)}")
        return Alike(said=" ".join(said), gaps=tuple(gaps))
    return Alike(
        said="", gaps=(_gap([text for _, text in sentences], places),) if sentences else ()
    )


def where(on: Sequence[Place], every: Sequence[Place]) -> str:
    """Say in few words which of *every* place *on* is: all, some targets, some attacks, or each."""
    if len(on) == len(every):
        return "all"
    for axis in (0, 1):
        names = dict.fromkeys(place[axis] for place in on)
        if all(place in on for place in every if place[axis] in names):
            return ", ".join(names)
    return ", ".join(" ".join(place) for place in on)


def _gap(column: Sequence[str], places: Sequence[Place]) -> tuple[Place, ...]:
    found: dict[str, list[Place]] = {}
    for words, place in zip(column, places, strict=True):
        found.setdefault(words, []).append(place)
    told = {words.removesuffix(_end(column)): where(on, places) for words, on in found.items()}
    return tuple((words, "" if at in words else at) for words, at in told.items())


def _end(column: Sequence[str]) -> str:
    """Give the mark that stands behind the words, if it is the same everywhere."""
    ends = {words[-1:] for words in column}
    return ends.pop() if len(ends) == 1 and ends <= set(";:.,") else ""
