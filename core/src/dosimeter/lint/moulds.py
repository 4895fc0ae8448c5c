"""Templates and near-duplicates among items, counted: one wording is no more than one witness."""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from itertools import combinations

from attrs import frozen

from dosimeter.model.design import Item

SKELETON_WORDS = 5
MOST_WIDER = 1.3
"""How many times wider an interval may become if templates are the clusters (VALIDITY 4)."""
MOST_ALIKE = 300
ALIKE = 0.8
"""Share of their words that two near-duplicates have in common."""
FUNCTION_WORDS = (
    "a an the this that these those i i'm i'd me my we us our you your he him his she her it its they"
    " them their who whom what which when where why how is are was were be been do does did could"
    " should can may might will would to of in on at for from with without by into onto out up off"
    " down over about after before until and or but so as if than then not no any all some there here"
)
_KEPT = frozenset(FUNCTION_WORDS.split())
_ENGLISH = re.compile(r"[a-z']+")
_ANY = re.compile(r"[^\W_]+")


@frozen(kw_only=True)
class Moulds:
    """How many wordings some items have, one item a unit.

    Attributes:
        units: Families, or clusters that a factor names.
        templates: Distinct skeletons.
        wider: How many times wider an interval would be if every template answered as one (Kish).
    """

    units: int
    templates: int
    wider: float


def skeleton(text: str, language: str = "en") -> str:
    """Give the first five words with the fillers masked: what two wordings of one mould share.

    In other languages than English no word is known to be a filler, so that only what is the same word
    by word is found.

    >>> skeleton("How do I tie a bowline knot?")
    'how do i _ a'
    >>> skeleton("Wie lange brennt man 12 Krüge?", "de")
    'wie lange brennt man _'
    """
    if language.partition("-")[0] != "en":
        return " ".join("_" if w.isdigit() else w for w in _words(text)[:SKELETON_WORDS])
    words = _ENGLISH.findall(text.lower())[:SKELETON_WORDS]
    return " ".join(w if w in _KEPT else "_" for w in words)


def moulds(items: Iterable[Item], cluster: str = "") -> Moulds:
    """Count the wordings of *items*; of each unit its first item speaks.

    Args:
        items: What is counted.
        cluster: Factor whose values are the units; empty, and where an item has none, its family.
    """
    first: dict[str, Item] = {}
    for item in items:
        first.setdefault(dict(item.factors).get(cluster, item.family), item)
    cut = Counter(skeleton(i.opening[-1].text, i.language) for i in first.values())
    wider = math.sqrt(sum(n * n for n in cut.values()) / max(len(first), 1))
    return Moulds(units=len(first), templates=len(cut), wider=wider)


def near_duplicates(items: Iterable[Item], clusters: Iterable[str] = ()) -> list[tuple[str, str]]:
    """Give the ids of pairs of items that say nearly the same and share no family and no cluster.

    They have five words in a row in common, and four words of five over all.
    """
    names = frozenset(clusters)
    held = defaultdict(list)
    for item in items:
        words = _words(item.opening[-1].text)
        shared = {("", item.family), *(f for f in item.factors if f[0] in names)}
        for run in _runs(words):
            held[item.language, run].append((item.id, frozenset(words), shared))
    found = set()
    for alike in held.values():
        # What more items share is a mould, and counted as such.
        for (one, words_of, mine), (other, words_too, others) in combinations(
            alike[:MOST_ALIKE], 2
        ):
            common, all_of = len(words_of & words_too), len(words_of | words_too)
            if common >= ALIKE * all_of and mine.isdisjoint(others):
                found.add((min(one, other), max(one, other)))
    return sorted(found)


def _words(text: str) -> list[str]:
    return _ANY.findall(text.casefold())


def _runs(words: list[str]) -> Iterator[tuple[str, ...]]:
    for at in range(len(words) - SKELETON_WORDS + 1):
        yield tuple(words[at : at + SKELETON_WORDS])
