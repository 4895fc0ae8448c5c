"""How often people's marks differ from those of rules and judges: counts, below what any correction needs.

The counts correct no rate, and no interval is put on them: a person may have marked any replies. Labels of
drawn ones may correct numbers, which is told beside.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from dosimeter.analysis.load import Group, Place
from dosimeter.journal.design import Design, Known
from dosimeter.journal.reader import Reader
from dosimeter.model.answering import Caveat, Estimate, Finding
from dosimeter.model.facts import Agreement
from dosimeter.model.measures import Measure
from dosimeter.model.rating import PERSON, Sees, SubjectKind
from dosimeter.plural import plural

Beside = Mapping[tuple[Place, str, str], Caveat]
"""By cell, rater and scale."""

# Of a rater with several votes it counts what most of them say.
BOTH = f"""
SELECT target, category, intent, attack, machine, person, scale, count(*),
  sum(2 * differ > pairs) FROM (
SELECT t.name AS target, i.category, i.intent, r.attack, w.k AS machine, v.k AS person, m.scale,
  sum(NOT (m.num IS n.num AND m.label IS n.label)) AS differ, count(*) AS pairs
FROM rating h JOIN rater v ON v.k = h.rater AND v.kind = '{PERSON}'
  JOIN mark n ON n.rating = h.k AND n.outcome = 'scored'
  JOIN rating g ON g.subject = h.subject
  JOIN rater w ON w.k = g.rater AND w.kind != '{PERSON}'
  JOIN mark m ON m.rating = g.k AND m.scale = n.scale AND m.outcome = 'scored'
  JOIN subject u ON u.k = h.subject AND u.kind = '{SubjectKind.PATH}'
  JOIN attempt a ON a.k = u.attempt JOIN item i ON i.k = a.item JOIN arm r ON r.k = a.arm
  JOIN endpoint t ON t.k = r.target
WHERE NOT EXISTS (SELECT 1 FROM rating x WHERE x.supersedes = h.id)
GROUP BY u.k, w.k, v.k, m.scale
) GROUP BY 1, 2, 3, 4, 5, 6, 7 ORDER BY 1, 2, 3, 4, 5, 6, 7
"""


def agreements(reader: Reader, found: Design) -> tuple[Agreement, ...]:
    """Count by cell, rater, person and scale the replies that both marked."""
    labels = {r.k: r.label for r in found.raters}
    return tuple(
        Agreement(
            target=target, category=category, intent=intent, attack=attack, rater=labels[machine],
            person=labels[person], scale=scale, both=both, differ=differ,
        )
        for target, category, intent, attack, machine, person, scale, both, differ in reader.rows(BOTH)
    )  # fmt: skip


def of_people(
    found: Iterable[Agreement], findings: Sequence[Finding] = (), measures: Iterable[Measure] = ()
) -> Iterator[Caveat]:
    """Say of the run as a whole who marked otherwise than a rater, how often, and what that corrects.

    Args:
        found: What both marked.
        findings: Of the run: numbers that a person's labels correct are counted.
        measures: That they are of.
    """
    scales = {m.id: m.scale for m in measures}
    numbers = [f for f in findings if isinstance(f, Estimate)]
    both: Counter[tuple[str, str, str]] = Counter()
    differ: Counter[tuple[str, str, str]] = Counter()
    for one in found:
        both[one.rater, one.scale, one.person] += one.both
        differ[one.rater, one.scale, one.person] += one.differ
    for (rater, scale, person), n in sorted(both.items()):
        said = _counted(person, rater, differ[rater, scale, person], n)
        mine = [
            f for f in numbers if scales.get(f.measure) == scale and ("rater", rater) in f.group
        ]
        yield Caveat(code="agreement", text=f"{scale}: {said}; {_corrects(mine, rater, person)}")


def _corrects(numbers: Sequence[Estimate], rater: str, person: str) -> str:
    """Say how many of a rater's numbers rest on a person's labels of drawn replies."""
    made = [f.corrected for f in numbers if f.corrected and f.corrected.value is not None]
    by = sum(person in one.people for one in made)
    if not by:
        return f"no number is corrected by labels of {person}"
    return (
        f"{by} of {plural(len(numbers), 'number')} of {rater} are corrected by labels of {person}"
    )


def beside(found: Iterable[Agreement]) -> Beside:
    """Give what stands beside a rater's numbers of a cell in which people marked as well."""
    said: dict[tuple[Place, str, str], list[str]] = {}
    for one in found:
        at = (one.target, one.category, one.intent, one.attack)
        words = _counted(one.person, one.rater, one.differ, one.both)
        said.setdefault((at, one.rater, one.scale), []).append(words)
    return {key: Caveat(code="agreement", text="; ".join(words)) for key, words in said.items()}


def known(found: Beside, group: Group, rater: Known) -> tuple[Caveat, ...]:
    """Say how far people agree with the marks of *group*, or that nobody knows how often they are wrong.

    A rater that is shown a guardrail's verdict alone repeats it, and so judges nothing.
    """
    said = found.get((group.cell, group.rater, group.scale.name))
    if said is not None and group.kind == SubjectKind.PATH:
        return (said,)
    if rater.spec.card or group.rater_kind == PERSON or rater.spec.sees == {Sees.VERDICT}:
        return ()
    agreement = f"no agreement of {group.rater} with people is known"
    text = agreement if rater.spec.judge else f"how often {group.rater} errs is not known"
    return (Caveat(code="agreement-unknown", text=text),)


def _counted(person: str, rater: str, differ: int, both: int) -> str:
    replies = plural(both, "reply")
    return f"of {replies} marked by both, {person} marks {differ} otherwise than {rater}"
