"""What a run will attempt: pure and lazy.

The same stack and panels give the same attempts in the same order, whatever else is installed.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import islice
from typing import TypeVar

from attrs import astuple, define, field, fields_dict, frozen

from dosimeter.bounded import within
from dosimeter.contracts import AttackGenerator, HarmCategory
from dosimeter.engine.clear import check_names
from dosimeter.errors import PlanError, raised_at
from dosimeter.ids import derive_seed, digest, word
from dosimeter.journal.store import stimulus_of
from dosimeter.model.design import Attempt, Item, Label, Variant
from dosimeter.model.specs import AttackSpec, CategorySpec
from dosimeter.model.stackfile import CategoryChoice, Choice, Stack
from dosimeter.model.work import OPEN, Endpoint, Seal

T = TypeVar("T")
MOST_VARIANTS = 10_000
YOURS = "mend it if it is yours; else report it to its authors"
"""Of one item under one attack: more would take for ever, to plan and to read."""
VARIANTS_SECONDS = 60.0
"""For an attack to give them: it may load what it needs at the first item."""


@frozen(kw_only=True)
class AttackPart:
    """An attack as one category uses it, built.

    Attributes:
        roles: Ids of the endpoints that serve it, by role.
        source: Distribution and version that supply it.
    """

    spec: AttackSpec
    choice: Choice
    generator: AttackGenerator
    roles: tuple[tuple[str, str], ...] = ()
    source: str = ""

    @property
    def told(self) -> str:
        """Name the attack, with who supplies it."""
        return f"attack {self.spec.id!r}" + (f" of {self.source}" if self.source else "")

    @cached_property
    def identity(self) -> str:
        """Hash of what the attack is, its role endpoints included."""
        return digest(
            "attack", (self.spec.id, self.spec.revision, self.choice.identity, self.roles)
        )


@frozen(kw_only=True)
class CategoryPart:
    """A category as a stack uses it, built.

    Attributes:
        seal: Owner of the text of its items that are not public.
    """

    spec: CategorySpec
    choice: CategoryChoice
    category: HarmCategory
    attacks: tuple[AttackPart, ...]
    seal: Seal = OPEN

    def owner(self, item: Item) -> Seal:
        """Give the owner of *item*'s text.

        Raises:
            PlanError: If it is not public and the stack gives no secret.
        """
        if item.label is Label.PUBLIC:
            return OPEN
        if not self.seal.key:
            msg = (
                f"item {item.id!r} of category {self.spec.id!r} is {item.label.value}: its text may"
                ' only be kept sealed; add seal = "${NAME}" to [[categories]], and the panel\'s'
                " secret to the environment"
            )
            raise PlanError(msg)
        return self.seal


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


def _guarded(given: Iterable[T], who: str) -> Iterator[T]:
    """Pass on what a plugin yields; a fault is told by its type, as its words may quote an item.

    Raises:
        PlanError: If the plugin raises.
    """
    try:
        yield from given
        return
    except (KeyboardInterrupt, GeneratorExit):
        raise
    except BaseException as exc:
        # Its own PlanError is no exception: only plugins' code runs in here.
        kind = word(type(exc).__name__)
        msg = f"{who} raised {kind} {raised_at(exc)}; {YOURS}"
    raise PlanError(msg)


def chosen_items(part: CategoryPart, seed: int) -> Iterator[Item]:
    """Give the items of the panels that the stack's limit and languages leave, each once.

    Raises:
        PlanError: If nothing is left, or two items have one id.
    """
    panels = part.choice.panels
    before: dict[str, tuple[int, ...]] = {}
    for panel in panels:
        here: set[str] = set()
        for item in _of_panel(part, panel, seed):
            if item.id in here:
                raise _two_of(part, item, f"panel {panel!r}")
            here.add(item.id)
            if len(panels) > 1:
                given = tuple(map(hash, astuple(item, recurse=False)))
                held = before.setdefault(item.id, given)
                if held != given:
                    pairs = zip(fields_dict(Item), held, given, strict=True)
                    names = [name for name, a, b in pairs if a != b]
                    raise _two_of(part, item, f"panels {list(panels)}", names)
                if held is not given:
                    continue
            yield item


def _two_of(part: CategoryPart, item: Item, where: str, names: Sequence[str] = ()) -> PlanError:
    differ = f" and differ in {', '.join(names)}" if names else ""
    return PlanError(
        f"category {part.spec.id!r}, {where}: two items have the id {item.id!r}{differ}, and their"
        " answers would be taken for one's; each item needs an id of its own"
    )


def _of_panel(part: CategoryPart, panel: str, seed: int) -> Iterator[Item]:
    families = _families(part, panel, seed)
    languages = part.choice.languages
    empty = True
    for item in _all(part, panel):
        if families is not None and item.family not in families:
            continue
        if languages and item.language not in languages:
            continue
        empty = False
        yield item
    if empty:
        msg = (
            f"category {part.spec.id!r}, panel {panel!r}: no items are left"
            f" (limit={part.choice.limit}, languages={list(languages) or 'all'})"
        )
        raise PlanError(msg)


def cut_by_limit(part: CategoryPart) -> bool:
    """Whether the stack's limit leaves out a family of any of the panels."""
    most = part.choice.limit
    return most is not None and any(
        len({item.family for item in _all(part, panel)}) > most for panel in part.choice.panels
    )


def _families(part: CategoryPart, panel: str, seed: int) -> frozenset[str] | None:
    """Choose *limit* families in turn over the strata, by the seed alone."""
    limit = part.choice.limit
    if limit is None:
        return None
    strata = {f.name for f in part.spec.factors if f.role == "stratum"}
    seen: dict[str, str] = {}
    for item in _all(part, panel):
        seen.setdefault(item.family, "|".join(v for n, v in item.factors if n in strata))
    by_stratum: dict[str, list[str]] = {}
    for family in sorted(seen, key=lambda f: derive_seed(seed, "family", f)):
        by_stratum.setdefault(seen[family], []).append(family)
    ranked = [
        (rank, derive_seed(seed, "stratum", stratum), family)
        for stratum, members in by_stratum.items()
        for rank, family in enumerate(members)
    ]
    return frozenset(family for _, _, family in sorted(ranked)[:limit])


def _all(part: CategoryPart, panel: str) -> Iterator[Item]:
    yield from _guarded(_lazy(part, panel), f"category {part.spec.id!r}")


def _lazy(part: CategoryPart, panel: str) -> Iterator[Item]:
    yield from part.category.items(panel)


def _each(part: AttackPart, item: Item) -> Iterator[Variant]:
    with within(VARIANTS_SECONDS):
        found = tuple(islice(part.generator.variants(item), MOST_VARIANTS + 1))
    yield from found


def variants_of(part: AttackPart, item: Item) -> tuple[Variant, ...]:
    """Give the attack's variants of *item*, checked.

    Raises:
        PlanError: If a key repeats, or a factor is not declared or is one of the item's.
    """
    given = _guarded(_each(part, item), f"{part.told}, item {item.id!r},")
    found = tuple(given)
    if len(found) > MOST_VARIANTS:
        msg = (
            f"{part.told} gives item {item.id!r} more than {MOST_VARIANTS:,} variants, and they may have no"
            f" end; {YOURS}, or take it out of the stack"
        )
        raise PlanError(msg)
    keys = [v.key for v in found]
    declared = {f.name for f in part.spec.factors}
    if len(set(keys)) != len(keys):
        msg = f"{part.told} gives item {item.id!r} the same variant key twice"
        raise PlanError(msg)
    for variant in found:
        if variant.attack != part.spec.id:
            msg = f"{part.told} yields a variant that names attack {variant.attack!r}"
            raise PlanError(msg)
        strange = sorted({name for name, _ in variant.factors} - declared)
        if strange:
            msg = (
                f"{part.told} sets factors it does not declare: {strange};"
                f" declared are {sorted(declared)}"
            )
            raise PlanError(msg)
        both = sorted({name for name, _ in variant.factors} & {name for name, _ in item.factors})
        if both:
            msg = (
                f"{part.told} and item {item.id!r} of category {item.category!r} both have"
                f" factors {both}, so nobody could tell which is meant; give the category's other names"
            )
            raise PlanError(msg)
    return found


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
