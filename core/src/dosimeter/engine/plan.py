"""What a run will attempt: pure and lazy.

The same stack and panels give the same attempts in the same order, whatever else is installed.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice

from attrs import define, field, frozen

from dosimeter.bounded import within
from dosimeter.engine.clear import check_names
from dosimeter.engine.items import YOURS, chosen_items, cut_by_limit, yielded
from dosimeter.engine.parts import AttackPart, CategoryPart
from dosimeter.errors import PlanError
from dosimeter.ids import derive_seed, digest
from dosimeter.journal.store import stimulus_of
from dosimeter.model.design import Attempt, Item, Variant
from dosimeter.model.specs import CategorySpec
from dosimeter.model.stackfile import Stack
from dosimeter.model.work import OPEN, Endpoint, Seal

MOST_VARIANTS = 10_000
"""Of one item under one attack: more would take for ever, to plan and to read."""
VARIANTS_SECONDS = 60.0
"""For an attack to give them: it may load what it needs at the first item."""


@frozen(kw_only=True)
class Planned:
    """An attempt with what it is made of; *seal* owns its text."""

    attempt: Attempt
    item: Item
    variant: Variant
    part: AttackPart
    target: Endpoint
    stimulus: str
    seal: Seal = OPEN


def _each(part: AttackPart, item: Item) -> Iterator[Variant]:
    with within(VARIANTS_SECONDS):
        found = tuple(islice(part.generator.variants(item), MOST_VARIANTS + 1))
    yield from found


def variants_of(part: AttackPart, item: Item) -> tuple[Variant, ...]:
    """Give the attack's variants of *item*, checked.

    Raises:
        PlanError: If a key repeats, or a factor is not declared or is one of the item's.
    """
    found = tuple(yielded(_each(part, item), f"{part.told}, item {item.id!r},"))
    if len(found) > MOST_VARIANTS:
        msg = (
            f"{part.told} gives item {item.id!r} more than {MOST_VARIANTS:,} variants, and they may have no"
            f" end; {YOURS}, or take it out of the stack"
        )
        raise PlanError(msg)
    keys = [v.key for v in found]
    if len(set(keys)) != len(keys):
        msg = f"{part.told} gives item {item.id!r} the same variant key twice"
        raise PlanError(msg)
    for variant in found:
        _check_variant(part, item, variant)
    return found


def _check_variant(part: AttackPart, item: Item, variant: Variant) -> None:
    """Hold a variant to what its attack declares, and its factors apart from the item's."""
    if variant.attack != part.spec.id:
        msg = f"{part.told} yields a variant that names attack {variant.attack!r}"
        raise PlanError(msg)
    given, declared = {name for name, _ in variant.factors}, {f.name for f in part.spec.factors}
    strange = sorted(given - declared)
    if strange:
        msg = f"{part.told} sets factors it does not declare: {strange}; declared are {sorted(declared)}"
        raise PlanError(msg)
    both = sorted(given & {name for name, _ in item.factors})
    if both:
        msg = (
            f"{part.told} and item {item.id!r} of category {item.category!r} both have"
            f" factors {both}, so nobody could tell which is meant; give the category's other names"
        )
        raise PlanError(msg)


@define
class Skipped:
    """How many requests an attack has no variant of, by category, attack and intent.

    Attributes:
        put: Category and attack where it has one of some item.
        translated: By category, the languages that items which an attack cannot put are translated to.
    """

    requests: Counter[tuple[str, str, str]] = field(factory=Counter)
    put: set[tuple[str, str]] = field(factory=set)
    translated: dict[str, set[str]] = field(factory=dict)

    def note(self, item: Item, attack: str, variants: Sequence[Variant]) -> None:
        """Count one item."""
        if variants:
            self.put.add((item.category, attack))
            return
        self.requests[item.category, attack, item.intent.value] += 1
        known = self.translated.setdefault(item.category, set())
        known.update(t.language for t in item.translations)

    def counts(self) -> list[tuple[str, str, str, int]]:
        """Give category, attack, intent and requests, sorted."""
        return [(*key, n) for key, n in sorted(self.requests.items())]

    def check(self, parts: Sequence[CategoryPart]) -> None:
        """Refuse a whole plan with an attack that puts nothing: it would be in no table.

        The items that a limit leaves say nothing of the others; but something must be asked.

        Raises:
            PlanError: Naming the attacks.
        """
        for part in parts:
            attacks = {attack.spec.id for attack in part.attacks}
            silent = sorted(a for a in attacks if (part.spec.id, a) not in self.put)
            limited = bool(silent) and cut_by_limit(part)
            if silent and not (limited and self.put):
                known = ", ".join(sorted(self.translated.get(part.spec.id, ()))) or "nothing"
                of, more = (" that the limit leaves", "raise the limit, ") if limited else ("", "")
                msg = (
                    f"category {part.spec.id!r}: attack {', '.join(map(repr, silent))} has no variant"
                    f" of any item{of}; {more}take it out of the stack, or choose a panel or languages"
                    f" that it can put (its items are translated to {known})"
                )
                raise PlanError(msg)


def plan(
    stack: Stack,
    parts: Sequence[CategoryPart],
    target: Endpoint | None = None,
    skipped: Skipped | None = None,
) -> Iterator[Planned]:
    """Yield every attempt, lazily and in a fixed order.

    Args:
        stack: What is planned.
        parts: Its categories, built.
        target: The only one to plan for; None is all of the stack.
        skipped: Is told of what attacks have variants.

    Raises:
        PlanError: If a panel is empty, or a plugin breaks its promise.
    """
    targets = stack.targets if target is None else (target,)
    for part in parts:
        for item in chosen_items(part, stack.run.seed):
            _check_item(part.spec, item)
            seal = part.owner(item)
            stimulus = digest("stimulus", stimulus_of(item), key=seal.key)
            for attack in part.attacks:
                variants = variants_of(attack, item)
                if skipped is not None:
                    skipped.note(item, attack.spec.id, variants)
                for variant in variants:
                    yield from _attempts(stack, item, stimulus, seal, attack, variant, targets)


def _attempts(
    stack: Stack,
    item: Item,
    stimulus: str,
    seal: Seal,
    part: AttackPart,
    variant: Variant,
    targets: Sequence[Endpoint],
) -> Iterator[Planned]:
    what = (stack.run.seed, item.category, item.id, stimulus, part.identity, variant.key)
    base = digest("variant", (*what, variant.script), key=seal.key)
    for repeat in range(stack.run.repeats):
        for target in targets:
            attempt = Attempt(
                id=digest("attempt", (base, target.id, repeat)),
                item_id=item.id,
                attack=variant.attack,
                variant_key=variant.key,
                target_id=target.id,
                repeat=repeat,
            )
            yield Planned(
                attempt=attempt, item=item, variant=variant, part=part, target=target,
                stimulus=stimulus, seal=seal,
            )  # fmt: skip


def _check_item(spec: CategorySpec, item: Item) -> None:
    check_names(item)
    if item.category != spec.id:
        msg = f"category {spec.id!r} yields item {item.id!r} of category {item.category!r}"
        raise PlanError(msg)
    spoken = [item.language, *(t.language for t in item.translations)]
    if len({tag.lower() for tag in spoken}) != len(spoken):
        msg = (
            f"item {item.id!r} of category {spec.id!r} has two texts in one language: it is in"
            f" {spoken[0]!r}, its translations in {spoken[1:]}"
        )
        raise PlanError(msg)
    declared = {f.name: f.levels for f in spec.factors}
    for name, value in item.factors:
        if name not in declared:
            msg = (
                f"item {item.id!r} has factor {name!r}, which category {spec.id!r} does not"
                f" declare; declared are {sorted(declared)}"
            )
            raise PlanError(msg)
        if declared[name] and value not in declared[name]:
            msg = (
                f"item {item.id!r}: factor {name!r} is {value!r}, declared levels are"
                f" {list(declared[name])}"
            )
            raise PlanError(msg)


def rng_seed(stack_seed: int, planned: Planned) -> int:
    """Seed of the attack's generator: without the target, so that targets meet equal prompts."""
    return derive_seed(
        stack_seed, planned.item.category, planned.item.id, planned.part.identity,
        planned.variant.key, planned.attempt.repeat,
    )  # fmt: skip
