"""Which gates this design could never pass, whatever the replies (VALIDITY 1)."""

import math
from collections.abc import Iterator, Mapping, Sequence

from attrs import define, field, frozen

from dosimeter.engine.plan import CategoryPart, Planned, plan
from dosimeter.model.answering import FEW_FAMILIES, Gate, Measure
from dosimeter.model.questions import questions
from dosimeter.model.specs import ScorerSpec
from dosimeter.model.stackfile import Stack
from dosimeter.stats import clopper_pearson


@frozen(kw_only=True)
class Group:
    """The attempts that one finding is about."""

    category: str
    intent: str
    attack: str
    target: str


@define
class Census:
    """Families of each group, counted as the plan goes by."""

    families: dict[Group, set[str]] = field(factory=dict)

    def count(self, one: Planned) -> None:
        """Add one attempt."""
        group = Group(category=one.item.category, intent=one.item.intent.value,
                      attack=one.attempt.attack, target=one.target.name)  # fmt: skip
        self.families.setdefault(group, set()).add(one.item.family)


def needed(gate: Gate, level: float) -> int:
    """Fewest families with which *gate* on a share could pass, all of them at their best.

    No event in G families leaves Clopper and Pearson's upper limit 1 - (a/2)^(1/G): clustered data
    count as their number of clusters there (`dosimeter.stats.korn_graubard`).
    """
    room = gate.max if gate.max is not None else 1 - (gate.min or 0.0)
    if room <= 0:
        return 0
    if room >= 1:
        return FEW_FAMILIES
    least = max(FEW_FAMILIES, math.floor(math.log((1 - level) / 2) / math.log1p(-room)))
    while clopper_pearson(0, least, level).upper > room:
        least += 1
    return least


def out_of_reach(
    stack: Stack, parts: Sequence[CategoryPart], census: Census, raters: Sequence[ScorerSpec] = ()
) -> Iterator[str]:
    """Say of each gate that cannot pass why; of one on a share, how many families would do."""
    measures = {m.id: m for m in questions([p.spec for p in parts], raters)}
    for i, gate in enumerate(stack.gates):
        if not stack.run.accept_judge_measured:
            yield (
                f"gates[{i}]: {gate.measure} cannot pass: the stack's raters are rules or judges, and"
                " nothing corrects them; if their cards (`dosimeter plugins info ID`) will do, say"
                " accept_judge_measured = true in [run]"
            )
        asked = measures.get(gate.measure)
        if asked is not None and asked.estimator in {"rate", "shares"}:
            yield from _gate(f"gates[{i}]", gate, asked, census.families, stack.run.confidence)


def _gate(
    path: str, gate: Gate, asked: Measure, families: Mapping[Group, set[str]], level: float
) -> Iterator[str]:
    mine = [(len(f), g) for g, f in families.items() if _about(gate, asked, g)]
    if not mine:
        return
    fewest, group = min(mine, key=lambda pair: pair[0])
    enough = needed(gate, level)
    bound = f"max {gate.max:g}" if gate.max is not None else f"min {gate.min:g}"
    where = f"{group.target}, {group.intent}, {group.attack}"
    if not enough:
        yield f"{path}: {gate.measure} {bound} cannot pass: no interval is that narrow"
    elif fewest < enough:
        best = clopper_pearson(0, fewest, level).upper
        limit = f"upper limit {best:.3f}" if gate.max is not None else f"lower limit {1 - best:.3f}"
        few = (
            f"; below {FEW_FAMILIES} families there is no estimate" if fewest < FEW_FAMILIES else ""
        )
        yield (
            f"{path}: {gate.measure} {bound} cannot pass with {fewest} families ({where}): at best"
            f" the {limit}{few}; {enough} families would do"
        )


def _about(gate: Gate, asked: Measure, group: Group) -> bool:
    facts = {"category": group.category, "intent": group.intent,
             "attack": group.attack, "target": group.target}  # fmt: skip
    if any(facts.get(key, value) != value for key, value in gate.where):
        return False
    intents = [i.value for i in asked.select.intents]
    attacks = asked.select.attacks
    return (not intents or group.intent in intents) and (not attacks or group.attack in attacks)


def census(stack: Stack, parts: Sequence[CategoryPart]) -> Census:
    """Walk the plan once."""
    found = Census()
    for one in plan(stack, parts):
        found.count(one)
    return found
