"""Differences of two targets with the rater's errors taken out by people's labels of both (VALIDITY 15)."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import attrs
import numpy as np
from attrs import field, frozen

from dosimeter.analysis.bylabels import Marked, filled, too_little
from dosimeter.analysis.corrected import NOBODY, numbers_of, rows_of
from dosimeter.analysis.judged import Judged, judged_of
from dosimeter.analysis.labels import Labels, People, labels_of
from dosimeter.analysis.load import Flags, Floats, Group, Ints
from dosimeter.analysis.pairs import Arm, Key, Planned
from dosimeter.analysis.sampled import Why
from dosimeter.model.comparing import Lost
from dosimeter.model.measures import Measure
from dosimeter.plural import plural
from dosimeter.stats.prediction import EVENTS, events_of
from dosimeter.stats.queues import ActiveDifference
from dosimeter.stats.rater_error import active_difference


@frozen(kw_only=True)
class Read:
    """Replies of one side in one cell, with what people said of some.

    Attributes:
        keys: The prompt of each row.
        people: Who was asked.
    """

    keys: tuple[Key, ...] = field(repr=False)
    rows: Marked
    people: tuple[str, ...]


@frozen(kw_only=True)
class Labelled:
    """A difference that rests on people's labels.

    Attributes:
        labels: How many replies of either side have one.
        lost: Shared prompts without a reply, and what they could hide.
    """

    result: ActiveDifference
    labels: tuple[int, int]
    people: tuple[str, ...]
    lost: Lost


def read_of(arm: Arm, measure: Measure, group: Group, people: People) -> Read | Why:
    """Gather what people said of the replies of one side; or say why that corrects nothing."""
    cell, scope = arm.cell(group.cell), arm.found.config.scope
    judged = judged_of(group, cell, scope)
    if not isinstance(judged, Judged):
        return judged
    labels = labels_of(people, arm.batches, scope) if people else NOBODY
    if not isinstance(labels, Labels):
        return labels
    (asked, *_), _ = numbers_of(measure, group.scale)
    rows = rows_of(judged, labels, judged.mean(asked.take(judged.values)), asked)
    return Read(keys=tuple(arm.prompts(judged.attempt)), rows=rows, people=labels.people)


def by_people(
    a: Read | Why, b: Read | Why, ours: Mapping[Key, Planned], theirs: Mapping[Key, Planned]
) -> Labelled | Why:
    """Estimate B less A as people would mark the shared prompts; or say why that cannot be.

    Replies of both sides are read or not by chance, each side's by its own batch: the difference is that
    of two means by active inference, with families in common. With few errors of the rater its marks
    are let be, and labels alone weigh (STATS 7).

    Args:
        a: The first side.
        b: The second.
        ours: Prompts that the first was put, in one cell.
        theirs: That the second was.
    """
    if not isinstance(a, Read):
        return a
    if not isinstance(b, Read):
        return b
    shared = set(a.keys) & set(b.keys)
    if not shared:
        return "no-shared-replies", "no prompt has a reply of both", "replies of both"
    codes = {name: i for i, name in enumerate(sorted({ours[k].family for k in shared}))}
    sides = [_shared(one, shared, lambda k: codes[ours[k].family]) for one in (a, b)]
    told = [~np.isnan(one.label) for one in sides]
    why = next(filter(None, map(too_little, sides, told)), None) or _few(sides, told)
    if why:
        return why
    result = _difference(sides, told)
    reason = result.undefined or result.interval().undefined
    if reason:
        return reason, f"the labels here leave no interval: {reason}", "labels that differ"
    return Labelled(
        result=result, labels=(int(told[0].sum()), int(told[1].sum())),
        people=tuple(sorted({*a.people, *b.people})), lost=_lost(result, (a, b), (ours, theirs)),
    )  # fmt: skip


def _shared(one: Read, shared: set[Key], family: Callable[[Key], int]) -> Marked:
    """Keep the replies to *shared* prompts; families weigh alike, and in them prompts."""
    at = np.array([k in shared for k in one.keys])
    keys = [k for k in one.keys if k in shared]
    number = {k: i for i, k in enumerate(sorted(shared))}
    prompt = np.array([number[k] for k in keys])
    code = np.array([family(k) for k in keys])
    prompts = np.bincount([family(k) for k in shared])
    weight = 1.0 / (np.bincount(prompt)[prompt] * prompts[code])
    parts = {n: getattr(one.rows, n)[at] for n in ("judge", "label", "seen", "inclusion")}
    return attrs.evolve(one.rows, **parts, family=code, weight=weight)


def _few(sides: Sequence[Marked], told: Sequence[Flags]) -> Why | None:
    """Say that labels of one side tell too little of it for a distribution to be taken for granted."""
    events = min(_events(one, at)[0] for one, at in zip(sides, told, strict=True))
    if events >= EVENTS:
        return None
    return ("few-events", f"{plural(events, 'family')} with the rarer label on one side",
            f"{EVENTS} on each")  # fmt: skip


def _events(one: Marked, told: Flags) -> tuple[int, int]:
    return events_of(one.label[told], filled(one.judge)[told], one.family[told])


def _difference(sides: Sequence[Marked], told: Sequence[Flags]) -> ActiveDifference:
    a, b = sides
    few = min(_events(one, at)[1] for one, at in zip(sides, told, strict=True)) < EVENTS

    def both(take: Callable[[Marked], Floats | Ints | Flags]) -> tuple[Floats, Floats]:
        return np.asarray(take(a)), np.asarray(take(b))

    return active_difference(
        both(lambda s: filled(s.judge)), both(lambda s: s.label),
        both(lambda s: np.where(s.seen, s.inclusion, 1.0)), both(lambda s: s.family),
        served=both(lambda s: s.seen), weights=both(lambda s: s.weight), lam=0.0 if few else None,
        scale=a.ends,
    )  # fmt: skip


def _lost(
    result: ActiveDifference, sides: Sequence[Read], planned: Sequence[Mapping[Key, Planned]]
) -> Lost:
    """Bound the difference over all prompts that both put, with those that lack a reply at either end."""
    both = planned[0].keys() & planned[1].keys()
    replies = [Counter(one.keys) for one in sides]
    lacking = sum(
        any(got[k] < put[k].times for got, put in zip(replies, planned, strict=True)) for k in both
    )
    gone = lacking / len(both)
    low, high = result.bounds
    return Lost(pairs=lacking, lowest=(1 - gone) * result.estimate + gone * low,
                highest=(1 - gone) * result.estimate + gone * high)  # fmt: skip
