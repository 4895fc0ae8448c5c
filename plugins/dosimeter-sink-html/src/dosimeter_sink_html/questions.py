"""Every question that the run answers, a row an answer, with how each number was made."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from attrs import frozen

from dosimeter import Estimate, Finding, Measure, Report, Standing
from dosimeter_sink_html.alike import Place
from dosimeter_sink_html.figures import (
    DIRECT,
    Axis,
    Figure,
    axis_of,
    ends,
    figure,
    of_all,
    ordered,
    worse,
)
from dosimeter_sink_html.made import Anchors, Fold, Made, Used, anchors, fold, made_of

AGREEMENT = {"agreement", "agreement-unknown"}
OF_CELL = frozenset({"target", "category", "intent", "attack", "rater", "level"})
"""What a finding says of its cell; it says more of a part of one."""
TOGETHER = ("micro of ", "macro of ", "worst of ")
"""How findings call several categories together."""
Key = tuple[str, str, str]
"""Category, intent and rater."""


@frozen(kw_only=True)
class Answer:
    """One number and where it holds.

    Attributes:
        of_all: Its interval as one of all ways of asking at once.
        agreement: How far people agree with its marks, in words; empty if nothing is said of that.
        together: Whether it is of several ways of asking together, and so none of them.
    """

    attack: str
    target: str
    figure: Figure
    made: Made | None
    families: int
    of_all: str = ""
    agreement: str = ""
    together: bool = False

    @property
    def anchor(self) -> str:
        """Say where its making is told; empty if there is no number."""
        return self.made.anchor if self.made else ""

    @property
    def asked_for(self) -> str:
        """Say after the number whether it was planned; nothing if no plan tells."""
        if self.made is None or self.made.standing == Standing.UNREGISTERED:
            return ""
        return f", {self.made.standing}"

    @property
    def place(self) -> Place:
        """Say where it holds."""
        return self.target, self.attack


@frozen(kw_only=True)
class Worst:
    """The worst of several ways of asking, which was chosen for being that.

    Attributes:
        answers: More than one if several are the same.
        end: ``"highest"`` or ``"lowest"``.
        ways: Ways of asking that have a number, of *of*.
    """

    answers: tuple[Answer, ...]
    end: str
    ways: int
    of: int

    @property
    def among(self) -> str:
        """Say what it was chosen from; if nothing was, as all are the same, that."""
        gap = f" that have a number, of {self.of}" if self.ways < self.of else ""
        if self.level:
            ways = "both" if self.ways == 2 else f"all {self.ways}"
            return f"the same in {ways} ways of asking{gap}"
        return f"the {self.end} of {self.ways} ways of asking{gap}"

    @property
    def level(self) -> bool:
        """Tell whether all ways of asking gave the same."""
        return len(self.answers) == self.ways

    @property
    def intervals(self) -> tuple[str, ...]:
        """Give the interval of each that differs from those before: where it was chosen, that of all ways."""
        found = ((not self.level and a.of_all) or a.figure.interval for a in self.answers)
        return tuple(dict.fromkeys(found))

    def besides(self, answer: Answer) -> tuple[Answer, ...]:
        """Give those that are the same as *answer*, which is one of them."""
        return tuple(a for a in self.answers if a is not answer)


@frozen(kw_only=True)
class Question:
    """One measure of one category, intent and rater.

    Attributes:
        key: Measure, category, intent and rater.
        worse: Which end is worse; empty if neither.
        scale: The ends of its axis, in its units.
        left: Answers that did not fit on the page.
    """

    key: tuple[str, ...]
    title: str
    category: str
    estimator: str
    worse: str
    scale: tuple[str, str]
    level: str
    answers: tuple[Answer, ...]
    left: int = 0

    def first(self, target: str) -> Answer | None:
        """Give what *target* gives to requests as they are, or else under the first attack."""
        return next((a for a in self.answers if a.target == target), None)

    def worst(self, target: str) -> Worst | None:
        """Give what is worst of what *target* gives; None if that is nothing to choose from."""
        mine = [a for a in self.answers if a.target == target and not a.together]
        known = [a for a in mine if a.figure.known]
        if len(known) < 2 or not self.worse:
            return None
        lower = self.worse.startswith("lower")
        chosen = (min if lower else max)(known, key=lambda a: a.figure.at)
        equal = tuple(a for a in known if a.figure.at == chosen.figure.at)
        return Worst(
            answers=equal, end="lowest" if lower else "highest", ways=len(known), of=len(mine)
        )

    def groups(self) -> list[tuple[str, tuple[Answer, ...]]]:
        """Give the answers by attack."""
        attacks = dict.fromkeys(a.attack for a in self.answers)
        return [(k, tuple(a for a in self.answers if a.attack == k)) for k in attacks]

    def fold(self, methods: Mapping[str, Used]) -> Fold:
        """Say how its numbers were made."""
        return fold(self.title, ((a.place, a.made) for a in self.answers if a.made), methods)


def questions(report: Report) -> list[Question]:
    """Give every question by category, in the order in which they are read."""
    return list(_questions(report, dict.fromkeys(c.category for c in report.cells)))


def across(report: Report) -> list[Question]:
    """Give every question of several categories together, which are none of the report's categories."""
    apart = {c.category for c in report.cells}
    found = dict.fromkeys(dict(f.group).get("category", "") for f in report.findings)
    return list(_questions(report, [c for c in found if c.startswith(TOGETHER) and c not in apart]))


def _questions(report: Report, categories: Iterable[str]) -> Iterator[Question]:
    numbered = anchors(report)
    for category in categories:
        for measure in ordered(report, category):
            mine = [(dict(f.group), f) for f in report.findings if f.measure == measure.id]
            mine = [(g, f) for g, f in mine if g.get("category") == category]
            keys = {(category, g.get("intent", ""), g.get("rater", "")) for g, _ in mine}
            several = len({rater for _, _, rater in keys}) > 1
            for key in sorted(keys, key=lambda k: (_first(k[1]), k[1], _place(report, k[2]), k)):
                yield _question(report, measure, key, mine, numbered, several=several)


def _place(report: Report, rater: str) -> int:
    """Give the place of a rater in the report, which has the newest of one name first."""
    names = [r.name for r in report.raters]
    return names.index(rater) if rater in names else len(names)


def _first(intent: str) -> int:
    return {"harmful": 0, "benign": 1}.get(intent, 2)


def _question(
    report: Report, measure: Measure, key: Key, found: Sequence[tuple[dict[str, str], Finding]],
    numbered: Anchors, *, several: bool,
) -> Question:  # fmt: skip
    category, intent, rater = key
    by = {(_way(g), g.get("target", "")): f for g, f in found
          if (g.get("intent", ""), g.get("rater", "")) == (intent, rater)}  # fmt: skip
    axis = axis_of(measure, report)
    one = len(measure.select.intents) == 1
    title = measure.title if one else f"{measure.title}, {intent} requests"
    levels = {f"{100 * f.level:g}" for f in by.values() if isinstance(f, Estimate)}
    return Question(
        key=(measure.id, *key),
        title=f"{title}, by {rater}" if several else title, category=category,
        estimator=measure.estimator, worse=worse(measure, intent), scale=ends(measure, axis),
        level=levels.pop() if len(levels) == 1 else "",
        answers=tuple(_answers(report, measure, (category, intent), by, axis, numbered)),
    )  # fmt: skip


def _answers(
    report: Report, measure: Measure, of: tuple[str, str],
    by: dict[tuple[str, str], Finding], axis: Axis, numbered: Anchors,
) -> Iterator[Answer]:  # fmt: skip
    """Give a row for every cell that could have an answer: direct first, targets as the stack has them.

    A target without any finding is not asked, such as a guardrail where words are rated.
    """
    asked = {target for _, target in by}
    names = {t.name: i for i, t in enumerate(report.targets)}
    attacks = {c.attack for c in report.cells}
    cells = {(c.attack, c.target) for c in report.cells if c.target in asked and not measure.by
             and (c.category, c.intent.value) == of and _asked(measure, c.attack)}  # fmt: skip
    for attack, target in sorted(
        cells | by.keys(), key=lambda k: (k[0] != DIRECT, k[0], names.get(k[1], len(names)))
    ):
        finding = by.get((attack, target))
        yield Answer(
            attack=attack, target=target, figure=figure(finding, measure, axis),
            made=_made(finding, numbered),
            families=finding.families if finding else 0, of_all=of_all(finding, measure),
            agreement=_agreement(finding), together=finding is not None and _attack(finding) not in attacks,
        )  # fmt: skip


def _way(group: Mapping[str, str]) -> str:
    """Say how it was asked: by which attack, and of a part of a cell by which levels of factors."""
    levels = (f"{name} {level}" for name, level in group.items() if name not in OF_CELL)
    return ", ".join((group.get("attack", ""), *levels))


def _attack(finding: Finding) -> str:
    return dict(finding.group).get("attack", "")


def _made(finding: Finding | None, numbered: Anchors) -> Made | None:
    if not isinstance(finding, Estimate):
        return None
    return made_of([finding], numbered[finding.measure, finding.group])


def _agreement(finding: Finding | None) -> str:
    said = finding.caveats if isinstance(finding, Estimate) else ()
    return "; ".join(c.text for c in said if c.code in AGREEMENT)


def _asked(measure: Measure, attack: str) -> bool:
    return not measure.select.attacks or attack in measure.select.attacks
