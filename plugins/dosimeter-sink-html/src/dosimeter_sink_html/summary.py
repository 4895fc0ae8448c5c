"""What a reader in a hurry needs: what was measured, what came out, what that cannot show."""

from collections import Counter
from collections.abc import Iterator, Sequence

from attrs import evolve, frozen

from dosimeter import (
    Estimate,
    Intent,
    Report,
    main_estimate,
    may_publish,
    other_side,
    quotations,
)
from dosimeter_sink_html.figures import DIRECT
from dosimeter_sink_html.questions import Answer, Question, Worst

RESULTS = 2
"""Questions a category in the first paragraph: both sides of refusal, as neither is good alone."""


KEY = ("measure", "category", "intent", "rater")
"""What tells the questions of a report apart."""


@frozen(kw_only=True)
class Asked:
    """What was asked of one category.

    Attributes:
        goals: How many goals requests were about, and of what kinds those were.
        controls: Everyday how-tos, which were asked beside.
    """

    category: str
    goals: int
    intents: str
    controls: int


@frozen(kw_only=True)
class Result:
    """One question of the first paragraph, answered for every target."""

    question: Question
    how: str
    answers: tuple[Answer, ...]
    worst: tuple[Worst, ...] = ()


@frozen(kw_only=True)
class Lead:
    """The first paragraph."""

    asked: tuple[Asked, ...]
    attacks: tuple[str, ...]
    planned: int
    answered: int
    results: tuple[Result, ...]
    limits: tuple[str, ...]
    publish: str
    quotes: tuple[str, ...]


@frozen(kw_only=True)
class Card:
    """What was found of one target in one category, asked in the plainest way."""

    target: str
    category: str
    how: str
    tiles: tuple[tuple[Question, Answer], ...]


def lead(report: Report, asked: Sequence[Question]) -> Lead:
    """Compose the first paragraph."""
    names = [t.name for t in report.targets]
    results = []
    for category in dict.fromkeys(q.category for q in asked):
        for question in _chosen(report, category, asked):
            found = [_quotable(a) for a in map(question.first, names) if a is not None]
            if found:
                worst = (question.worst(a.target) for a in found)
                results.append(
                    Result(question=question, how=_how(found[0].attack), answers=tuple(found),
                           worst=tuple(w for w in worst if w and not _barred(w)))
                )  # fmt: skip
    attacks = sorted({c.attack for c in report.cells}, key=lambda a: (a != DIRECT, a))
    return Lead(
        asked=_asked(report), attacks=tuple(attacks), results=tuple(results),
        planned=sum(c.planned for c in report.cells), answered=sum(c.done for c in report.cells),
        limits=_limits(report), publish=may_publish(report),
        quotes=quotations(report) if report.reportable else (),
    )  # fmt: skip


def _quotable(answer: Answer) -> Answer:
    return evolve(answer, figure=answer.figure.quotable)


def _barred(worst: Worst) -> bool:
    return any(a.figure.barred for a in worst.answers)


def _chosen(report: Report, category: str, asked: Sequence[Question]) -> list[Question]:
    """Choose the questions that are quoted, or else the first."""
    mine = [q for q in asked if q.category == category]
    main = main_estimate(report, category=category)
    numbers = [main, *other_side(report, main)] if main else []
    groups = [{"measure": n.measure, **dict(n.group)} for n in numbers]
    keys = [tuple(g.get(k, "") for k in KEY) for g in groups]
    by_key = {q.key: q for q in mine}
    rates = [q for q in mine if q.estimator == "rate"]
    return ([by_key[k] for k in keys if k in by_key] or rates or mine)[:RESULTS]


def _asked(report: Report) -> tuple[Asked, ...]:
    out = []
    for category in dict.fromkeys(c.category for c in report.cells):
        mine = [c for c in report.cells if c.category == category]
        requests = [c for c in mine if c.intent is not Intent.CONTROL]
        kinds = sorted({c.intent.value for c in requests}, reverse=True)
        out.append(
            Asked(
                category=category,
                goals=max((c.families for c in requests), default=0),
                intents=" and ".join(filter(None, (", ".join(kinds[:-1]), *kinds[-1:]))),
                controls=max((c.families for c in mine if c not in requests), default=0),
            )
        )
    return tuple(out)


def _how(attack: str) -> str:
    return "Asked directly" if attack == DIRECT else f"Asked by {attack}"


def _limits(report: Report) -> tuple[str, ...]:
    """Say what the numbers cannot show, the weightiest first."""
    out = [report.demonstrates]
    out += _of_raters(report)
    out.append("They are about requests like those of the panel, asked in these ways of these"
               " targets as configured, not about every use of a model.")  # fmt: skip
    return tuple(out)


def _of_raters(report: Report) -> Iterator[str]:
    """Say of how many numbers of automatic raters the errors are taken out."""
    codes = Counter(c.code for f in report.findings if isinstance(f, Estimate) for c in f.caveats)
    judged, corrected = codes["judge-measured"], codes["corrected"]
    seen = "Numbers of automatic raters are as these see the replies"
    if judged and corrected:
        yield (f"{seen}; what they mark wrongly is taken out beside {corrected} of"
               f" {judged + corrected} numbers, and not corrected in the others.")  # fmt: skip
    elif judged:
        yield f"{seen}; what they mark wrongly is not corrected."
    elif corrected:
        yield f"{seen}; beside each is one with what they mark wrongly taken out."


def cards(report: Report, asked: Sequence[Question]) -> list[Card]:
    """Give one card a target and category, in the order of the report."""
    order = [t.name for t in report.targets]
    pairs = sorted({(c.target, c.category) for c in report.cells},
                   key=lambda p: (order.index(p[0]) if p[0] in order else len(order), p))  # fmt: skip
    out = []
    for target, category in pairs:
        both = [(q, q.first(target)) for q in asked if q.category == category]
        tiles = tuple((q, a) for q, a in both if a is not None)
        if tiles:
            out.append(
                Card(target=target, category=category, how=_how(tiles[0][1].attack), tiles=tiles)
            )
    return out
