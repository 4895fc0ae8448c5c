"""Freezing what a stack would measure, and comparing with what was frozen."""

import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dosimeter.cli.common import as_typed, check_new

if TYPE_CHECKING:
    from dosimeter.analysis.claims import Beside
    from dosimeter.engine.census import Census, Families
    from dosimeter.engine.parts import CategoryPart, RaterPart
    from dosimeter.model.measures import Measure
    from dosimeter.model.stackfile import Stack
    from dosimeter.prereg.deviations import Deviation
    from dosimeter.prereg.lockfile import Lock
    from dosimeter.registry import Registry
    from dosimeter.stack import Secrets

KEPT = (
    "a plan that was published stays as it is: give another name, or --force. `--against` says what"
    " differs from it"
)
"""What to do about a frozen plan that is there."""
OTHER = "it is no frozen plan, and is not written over: give another name, such as plan.lock"
"""What to do about another file that is there."""


def lock_for(stack_file: Path, stack: "Stack", named: Path | None) -> "Lock | None":
    """Read the plan that a run is to be under: that of ``--plan``, or else of ``run.plan``.

    Raises:
        StackError: If it is not there, or not as it was frozen.
    """
    from dosimeter.errors import StackError
    from dosimeter.prereg.lockfile import read_lock

    if named is not None:
        return read_lock(named)
    if not stack.run.plan:
        return None
    try:
        return read_lock(stack_file.parent / stack.run.plan)
    except StackError as exc:
        msg = f"{stack_file}: run.plan: {exc}"
        raise StackError(msg, (("run.plan", str(exc)),)) from exc


def freeze(
    path: Path, stack_file: Path, stack: "Stack", registry: "Registry", secrets: "Secrets",
    *, force: bool,
) -> "Lock":  # fmt: skip
    """Write what *stack* would measure, and the questions that it asks, into a file.

    Raises:
        UsageError: If the file is there already or cannot be written.
        StackError: If a gate could not pass, or an item's seal has no secret.
    """
    from dosimeter.cli.gates import check_gates
    from dosimeter.prereg.lockfile import is_lock, write_lock

    check_new(path, "plan.lock", KEPT if is_lock(path) else OTHER, force=force and is_lock(path))
    parts, raters, design = _designed(stack, registry, secrets)
    check_gates(stack_file, stack, parts, raters)
    lock = write_lock(
        {**design, "stack": _named(stack), "questions": _questions(stack, parts, raters)},
        time.strftime("%Y-%m-%d", time.gmtime()),
    )
    path.write_text(lock.text, encoding="utf-8")
    return lock


def compare(
    path: Path, stack: "Stack", registry: "Registry", secrets: "Secrets"
) -> "tuple[Lock, list[Deviation]]":
    """Read a frozen plan and say what *stack* would measure otherwise."""
    from dosimeter.prereg.deviations import deviations
    from dosimeter.prereg.lockfile import read_lock

    lock = read_lock(path)
    return lock, deviations(lock.body, _designed(stack, registry, secrets)[2])


def _designed(
    stack: "Stack", registry: "Registry", secrets: "Secrets"
) -> "tuple[Sequence[CategoryPart], Sequence[RaterPart], dict[str, Any]]":
    """Build what *stack* measures with, and give what numbers rest on."""
    from dosimeter.engine.build import build_categories, build_facts, build_raters
    from dosimeter.engine.freeze import design_of
    from dosimeter.errors import StackError

    unsealed = [f"{path}: {why}" for path, why in secrets.lacking if path.endswith(".seal")]
    if unsealed:
        told = "\n  ".join(["a plan holds hashes of sealed items, under their secret:", *unsealed])
        raise StackError(told)
    parts = build_categories(stack, registry, secrets)
    ends = (*stack.targets, *stack.endpoints)
    raters = build_raters(stack.raters, ends, registry, secrets)
    return parts, raters, design_of(stack, parts, raters, build_facts(stack, registry))


def _named(stack: "Stack") -> dict[str, str]:
    """Name a stack, with its hash as it is before it names the plan."""
    from attrs import evolve

    from dosimeter.ids import canonical, digest

    bare = evolve(stack, text="", hash="", run=evolve(stack.run, plan=""))
    return {"name": stack.name, "hash": digest("stack", canonical(bare).decode("ascii"))}


def _questions(
    stack: "Stack", parts: "Sequence[CategoryPart]", raters: "Sequence[RaterPart]"
) -> list[dict[str, Any]]:
    from dosimeter.analysis.claims import Ahead, claims
    from dosimeter.engine.census import census
    from dosimeter.engine.items import chosen_items
    from dosimeter.model.design import Intent

    counted = census(stack, parts)
    turns = counted.groups(turns=True)
    searches = {(p.spec.id, a.spec.id) for p in parts for a in p.attacks if a.spec.search}
    cells = [
        Ahead(
            target=g.target, category=g.category, intent=Intent(g.intent), attack=g.attack,
            families=len(families), turns=len(turns.get(g, ())),
            search=(g.category, g.attack) in searches,
        )
        for g, families in counted.groups().items()
    ]  # fmt: skip
    labels = {
        p.spec.id: " and ".join(sorted({i.label.value for i in chosen_items(p, stack.run.seed)}))
        for p in parts
    }
    named = [(r.choice.choice.name, r.spec) for r in raters]
    others = list(_beside(parts, raters, counted))
    return claims(stack, [p.spec for p in parts], named, cells, labels, others)


def _beside(
    parts: "Sequence[CategoryPart]", raters: "Sequence[RaterPart]", counted: "Census"
) -> "Iterator[Beside]":
    """Give what is asked that is not of one cell."""
    from dosimeter.analysis.claims import Beside
    from dosimeter.engine.about import over_attacks
    from dosimeter.model.questions import is_apart, of_any, questions, selected, unaskable

    for measure in questions([p.spec for p in parts], [r.spec for r in raters]):
        yield from _across(measure, parts, counted)
        found: Families = {}
        if is_apart(measure) and not unaskable(measure):
            found = counted.of(measure)
        elif of_any(measure):
            cells = counted.groups()
            found = over_attacks(
                {g: f for g, f in cells.items() if selected(measure, g.intent, g.attack)}
            )
        for g, families in found.items():
            if families:
                yield Beside(
                    measure=measure.id, target=g.target, category=g.category, intent=g.intent,
                    attack=g.attack, levels=g.levels, families=len(families),
                )  # fmt: skip


def _across(
    measure: "Measure", parts: "Sequence[CategoryPart]", counted: "Census"
) -> "Iterator[Beside]":
    """Give what is asked of several categories together."""
    from dosimeter.analysis.claims import Beside
    from dosimeter.model.across import TOGETHER, WORST, called, shared
    from dosimeter.model.questions import selected
    from dosimeter.model.rating import Direction

    mine = shared(measure, [p.spec for p in parts])
    places: dict[tuple[str, str, str], dict[str, int]] = {}
    for g, families in counted.groups().items() if mine else ():
        if g.category in mine and families and selected(measure, g.intent, g.attack):
            places.setdefault((g.target, g.intent, g.attack), {})[g.category] = len(families)
    for (target, intent, attack), sizes in places.items():
        for how in TOGETHER if len(sizes) > 1 else ():
            worst = how == WORST
            if not (worst and measure.direction is Direction.NEITHER):
                yield Beside(
                    measure=measure.id, target=target, category=called(how, sorted(sizes)),
                    intent=intent, attack=attack, levels=(),
                    families=min(sizes.values()) if worst else sum(sizes.values()),
                )  # fmt: skip


def frozen_in_words(path: Path, lock: "Lock", stack_file: Path) -> str:
    """Say what was frozen, and what to do with it."""
    from dosimeter.plural import plural

    body = lock.body
    items = sum(len(c["items"]) for c in body["categories"].values())
    counts = (
        plural(len(body["questions"]), "question"), plural(len(body["gates"]), "gate"),
        plural(items, "item"),
    )  # fmt: skip
    return (
        f"Frozen in {path}: {', '.join(counts)}\nsha256 {lock.hash}\n"
        "Commit the file, or publish this hash, before anything is measured. Then:\n"
        f"  {as_typed('run', str(stack_file), '--plan', str(path))}"
    )


def compared_in_words(path: Path, lock: "Lock", found: "Sequence[Deviation]") -> str:
    """Say what differs, a line each."""
    from dosimeter.plural import plural

    head = f"{path}, frozen on {lock.date}, sha256 {lock.hash}"
    if not found:
        return f"{head}\nEverything that a number rests on is as it was frozen."
    differ = "differs" if len(found) == 1 else "differ"
    return "\n".join(
        [head, f"{plural(len(found), 'thing')} {differ}:", *(f"  {one.told}" for one in found)]
    )
