"""What a plan is about, counted before anything is sent: families, and languages that raters lack."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set as AbstractSet

from attrs import define, field, frozen

from dosimeter.contrasts import contrasts, parted
from dosimeter.engine.languages import asked_for, undeclared
from dosimeter.engine.parts import CategoryPart
from dosimeter.engine.plan import Planned, plan
from dosimeter.model.answering import Gate
from dosimeter.model.contrasts import ATTACK, INTENT, Contrasted, Side, factors_of
from dosimeter.model.conversation import Pairs
from dosimeter.model.measures import Measure
from dosimeter.model.questions import is_apart, is_cost, unaskable
from dosimeter.model.rating import SubjectKind
from dosimeter.model.specs import ScorerSpec
from dosimeter.model.stackfile import Stack


@frozen(kw_only=True)
class Group:
    """The attempts that one finding is about."""

    category: str
    intent: str
    attack: str
    target: str
    levels: Pairs = ()


Families = Mapping[Group, AbstractSet[str]]
Rows = Mapping[str, int]
"""Attempts by family."""


@define
class Census:
    """Families of each group and language, counted as the plan goes by.

    Attributes:
        families: By the language of the answer that is asked for.
        turns: Those with a reply on the way to the last one.
        attempts: How many ask for an answer in a language.
        sizes: The same by group and family.
        named: Factors whose levels are told apart.
        parts: Attempts of each family by group, language and levels of those factors.
    """

    families: dict[tuple[Group, str], set[str]] = field(factory=dict)
    turns: dict[tuple[Group, str], set[str]] = field(factory=dict)
    attempts: Counter[str] = field(factory=Counter)
    sizes: dict[Group, dict[str, Counter[str]]] = field(factory=dict)
    named: AbstractSet[str] = frozenset()
    parts: dict[tuple[Group, str, Pairs], Counter[str]] = field(factory=dict)

    def count(self, one: Planned) -> None:
        """Add one attempt."""
        group = Group(category=one.item.category, intent=one.item.intent.value,
                      attack=one.attempt.attack, target=one.target.name)  # fmt: skip
        key = group, asked_for(one.variant.factors, one.item.language)
        self.attempts[key[1]] += 1
        self.sizes.setdefault(group, {}).setdefault(one.item.family, Counter())[key[1]] += 1
        self.families.setdefault(key, set()).add(one.item.family)
        if one.part.spec.search or len(one.variant.script or ()) > 1:
            self.turns.setdefault(key, set()).add(one.item.family)
        if self.named:
            every = (*one.item.factors, *one.variant.factors)
            levels = tuple(pair for pair in every if pair[0] in self.named)
            self.parts.setdefault((*key, levels), Counter())[one.item.family] += 1

    def languages(self) -> list[str]:
        """Give the languages that answers are asked for in."""
        return sorted(self.attempts)

    def of(self, asked: Measure, raters: Sequence[ScorerSpec] = ()) -> Families:
        """Give the families that *asked* is about, in languages that one of *raters* who mark it declares.

        A group may have none. Where nobody marks it, or nobody knows who does, all count. Of a measure
        that compares cells, or takes parts of them, groups are called as its findings are.
        """
        turns = asked.select.kind is SubjectKind.TURN
        marked = marking(asked, raters) or None
        if is_apart(asked) and not unaskable(asked):
            return dict(self._apart(asked, marked))
        return self.groups(turns=turns, raters=marked)

    def _apart(
        self, asked: Measure, raters: Sequence[ScorerSpec] | None
    ) -> Iterator[tuple[Group, AbstractSet[str]]]:
        """Give the families that the design has in every cell of each finding."""
        for target, category in sorted({(g.target, g.category) for g in self.sizes}):
            for one, found in self.cells(asked, target, category, raters):
                if all(found):
                    yield (
                        Group(category=category, intent=one.intent, attack=one.attack, target=target,
                              levels=one.levels),
                        frozenset.intersection(*map(frozenset, found)),
                    )  # fmt: skip

    def cells(
        self, asked: Measure, target: str, category: str, raters: Sequence[ScorerSpec] | None = None
    ) -> Iterator[tuple[Contrasted, tuple[Rows, ...]]]:
        """Give what *asked* compares, or is split into, with the attempts of each side by family.

        Args:
            asked: A measure of parts of cells, or one that compares cells.
            target: Whose plan.
            category: Likewise.
            raters: Attempts count in languages that one of them declares; None if all count.
        """
        mine = [g for g in self.sizes if (g.target, g.category) == (target, category)]
        design = {
            INTENT: sorted({g.intent for g in mine}),
            ATTACK: sorted({g.attack for g in mine}),
        }
        planned = (
            one
            for one in contrasts(asked, {**self._levels, **design})
            if not asked.by or all(self._side(asked, s, target, category, None) for s in one.sides)
        )
        for one in parted(asked, planned):
            yield one, tuple(self._side(asked, s, target, category, raters) for s in one.sides)

    def wordings(
        self, asked: Measure, side: Side, target: str, category: str,
        raters: Sequence[ScorerSpec] | None = None,
    ) -> dict[str, Counter[str]]:  # fmt: skip
        """Count the attempts of each wording of the families that have a rewrite; the original is one."""
        found: dict[str, Counter[str]] = {}
        at = Group(category=category, intent=side.intent, attack=side.attack, target=target)
        for (group, tag, levels), families in self.parts.items():
            rated = raters is None or not all(undeclared(rater, tag) for rater in raters)
            if group == at and rated and set(side.levels) <= set(levels):
                for family, n in families.items():
                    found.setdefault(family, Counter())[dict(levels).get(asked.across, "")] += n
        return {family: some for family, some in found.items() if any(some)}

    @property
    def _levels(self) -> dict[str, list[str]]:
        """Give the levels that there are of each factor."""
        levels: dict[str, set[str]] = {}
        for _, _, pairs in self.parts:
            for name, level in pairs:
                levels.setdefault(name, set()).add(level)
        return {name: sorted(some) for name, some in levels.items()}

    def _side(
        self, asked: Measure, side: Side, target: str, category: str,
        raters: Sequence[ScorerSpec] | None,
    ) -> Rows:  # fmt: skip
        """Count the attempts of one side of a comparison."""
        found: Counter[str] = Counter()
        at = Group(category=category, intent=side.intent, attack=side.attack, target=target)
        for (group, tag, levels), families in self.parts.items():
            across = not asked.across or asked.across in dict(levels)
            rated = raters is None or not all(undeclared(rater, tag) for rater in raters)
            if group == at and across and rated and set(side.levels) <= set(levels):
                found.update(families)
        return found

    def groups(
        self, *, turns: bool = False, raters: Sequence[ScorerSpec] | None = None
    ) -> Families:
        """Give all families, or those of `turns`; with *raters* in languages that one declares."""
        found: dict[Group, set[str]] = {}
        for (group, tag), families in (self.turns if turns else self.families).items():
            into = found.setdefault(group, set())
            if raters is None or not all(undeclared(rater, tag) for rater in raters):
                into |= families
        return found

    def without_mark(self, group: Group, rater: ScorerSpec) -> tuple[int, int, float]:
        """Count attempts whose language *rater* does not declare, and all; their share by family."""
        lost, every, shares = 0, 0, 0.0
        for tags in self.sizes[group].values():
            n = sum(n for tag, n in tags.items() if undeclared(rater, tag))
            lost, every, shares = lost + n, every + tags.total(), shares + n / tags.total()
        return lost, every, shares / len(self.sizes[group])


def marking(asked: Measure, raters: Sequence[ScorerSpec]) -> list[ScorerSpec]:
    """Give the raters that mark the scale of *asked*."""
    return [rater for rater in raters if asked.scale in {scale.name for scale in rater.scales}]


def judged_by(
    gate: Gate, asked: Measure, stack: Stack, raters: Sequence[ScorerSpec]
) -> dict[str, list[ScorerSpec]]:
    """Give the raters whose numbers *gate* is judged by, each of them, by name.

    Args:
        gate: Of the stack.
        asked: Its measure.
        stack: With the names of its raters.
        raters: Their specs, in its order; none if they are not known.

    Returns:
        A list of one each; an empty one, of no name, if none is known.
    """
    wanted, mine = dict(gate.where).get("rater"), marking(asked, raters)
    named = zip((one.choice.name for one in stack.raters), raters, strict=False)
    found = {n: [spec] for n, spec in named if spec in mine and wanted in {None, n}}
    return found or {"": []}


def empty(parts: Sequence[CategoryPart]) -> Census:
    """Make a census that tells apart what the measures of *parts* do."""
    every = (m for part in parts for m in part.spec.measures)
    apart = (m for m in every if is_apart(m) or is_cost(m))
    return Census(named={n for m in apart for n in ("", *factors_of(m))})


def census(stack: Stack, parts: Sequence[CategoryPart]) -> Census:
    """Walk the plan once."""
    found = empty(parts)
    for one in plan(stack, parts):
        found.count(one)
    return found


def unrated(counted: Census, raters: Sequence[ScorerSpec]) -> Iterator[tuple[str, str]]:
    """Say of each rater which languages of the plan it declares not to rate.

    Gives:
        The rater's id, and the words.
    """
    whole = counted.attempts.total()
    for rater in raters:
        lost = [tag for tag in counted.languages() if undeclared(rater, tag)]
        if lost:
            n = sum(counted.attempts[tag] for tag in lost)
            yield (
                rater.id,
                (
                    f"{n} of {whole} attempts get no mark of it: they ask for an answer in"
                    f" {', '.join(lost)}, and {of_languages([rater])}"
                ),
            )


def of_languages(raters: Sequence[ScorerSpec]) -> str:
    """Say which languages raters declare."""
    return " and ".join(f"{rater.id} rates {', '.join(rater.languages)} alone" for rater in raters)
