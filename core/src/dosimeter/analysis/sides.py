"""What two targets that are compared are, and where they do not measure the same thing."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, closing
from itertools import combinations
from pathlib import Path

from attrs import evolve

from dosimeter.analysis.cells import cells_of, components_of
from dosimeter.analysis.load import off_script
from dosimeter.analysis.pairs import Arm
from dosimeter.analysis.rubrics import hash_of
from dosimeter.analysis.state import RunState
from dosimeter.analysis.targets import DIGITS
from dosimeter.errors import CompareRefused
from dosimeter.journal.design import design
from dosimeter.journal.reader import Reader
from dosimeter.model.answering import Caveat
from dosimeter.model.comparing import Side
from dosimeter.model.rating import PERSON, Scale
from dosimeter.plural import plural

RULE = "(its rule, rubric or judge)"
RUBRIC = "rubric of"
FAMILIES = "SELECT category, id, stimulus, family FROM item"
"""Each prompt with its family."""


def open_arms(runs: Sequence[tuple[Path, str, str]], held: ExitStack) -> list[Arm]:
    """Open every target of some runs.

    Args:
        runs: Of each: its journal, what it is called, and the target asked for; all of them if empty.
        held: What closes the journals.

    Raises:
        CompareRefused: For a target that a run does not have, or one named twice.
    """
    arms: list[Arm] = []
    for path, called, asked in runs:
        every = arm_of(held.enter_context(closing(Reader(path))), called)
        mine = [a for a in every if asked in {"", a.target}]
        if not mine:
            msg = f"{called} has no target {asked!r}; it has {', '.join(a.target for a in every)}"
            raise CompareRefused(msg)
        for arm in mine:
            alone = len(mine) == 1 and not asked
            label = arm.target if len(runs) == 1 else called if alone else f"{called}:{arm.target}"
            arms.append(evolve(arm, label=label))
    twice = {a.label for a in arms if sum(b.label == a.label for b in arms) > 1}
    if twice:
        msg = f"named twice: {', '.join(sorted(twice))}"
        raise CompareRefused(msg)
    return arms


def arm_of(reader: Reader, called: str) -> list[Arm]:
    """Give every target of a run whose journal is open, each under the name of the run."""
    found = design(reader)
    cells = tuple(cells_of(reader, off_script(reader, found)))
    return [Arm(called, reader, found, cells, t) for t in sorted({c.target for c in cells})]


def side(arm: Arm) -> Side:
    """Say what a target is."""
    facts = arm.facts
    return Side(
        label=arm.label, run=arm.found.run.get("name", ""), target=arm.target,
        provider=facts.provider, model=facts.model, models=facts.returned_models,
        reportable=RunState(reader=arm.reader, found=arm.found).reportable,
    )  # fmt: skip


def unlike(arms: Sequence[Arm]) -> Iterator[str]:
    """Name what the runs measure otherwise: category, rubrics, panel, scope, families, and raters."""
    told: dict[str, list[tuple[Arm, str]]] = {}
    for arm in arms:
        for what, value in _measures_by(arm):
            told.setdefault(what, []).append((arm, value))
    for what in sorted(told, key=lambda one: (not one.startswith("scope"), one)):
        yield from _apart(what, told[what])
    readers = dict.fromkeys(arm.reader for arm in arms)
    one_of_each = [next(a for a in arms if a.reader is reader) for reader in readers]
    for a, b in combinations(one_of_each, 2):
        yield from _other_families(a, b)


def _measures_by(arm: Arm) -> Iterator[tuple[str, str]]:
    """Give what a side is measured by, each with its version."""
    found = arm.found
    yield "scope", found.config.scope.value
    panels = dict(arm.reader.rows("SELECT id, body FROM spec WHERE kind = 'panel'"))
    for c in found.categories:
        yield f"category {c.id}", f"version {c.named or c.version}, panel {panels.get(c.id, '')}"
        for scale in c.scales:
            yield f"category {c.id}, {RUBRIC} {scale.name}", _words(scale)
    made = {c.id: c for c in components_of(arm.reader) if c.kind == "rater"}
    for r in found.raters:
        if r.kind == PERSON:
            continue
        yield f"rater {r.label} {RULE}", f"revision {r.spec.revision}, {r.id[:DIGITS]}"
        for scale in r.spec.scales:
            yield f"rater {r.label}, {RUBRIC} {scale.name}", _words(scale)
        if r.spec.id in made:
            one = made[r.spec.id]
            files = one.files_hash[:DIGITS]
            yield f"rater {r.label}, its code", f"{one.distribution} {one.version}, files {files}"


def _words(scale: Scale) -> str:
    return f"sha256 {hash_of(scale)[:DIGITS]}"


def _other_families(a: Arm, b: Arm) -> Iterator[str]:
    """Say that two runs put the prompts that both have into families otherwise, whatever these are called."""
    ours, theirs = (
        {tuple(key): (key[0], family) for *key, family in arm.reader.rows(FAMILIES)}
        for arm in (a, b)
    )
    pairs = {(ours[k], theirs[k]) for k in ours.keys() & theirs.keys()}
    first, second = ({pair[i] for pair in pairs} for i in (0, 1))
    if not len(first) == len(second) == len(pairs):
        yield (
            f"families: the prompts that both have are of {plural(len(first), 'family')} in {a.label} and of"
            f" {plural(len(second), 'family')} in {b.label}, and not grouped alike"
        )


def _apart(what: str, told: Iterable[tuple[Arm, str]]) -> Iterator[str]:
    by: dict[str, list[str]] = {}
    for arm, value in told:
        by.setdefault(value, []).append(arm.label)
    if len(by) > 1:
        parts = (f"{value} in {', '.join(labels)}" for value, labels in sorted(by.items()))
        yield f"{what}: {'; '.join(parts)}"


def notices_of(arms: Sequence[Arm]) -> Iterator[Caveat]:
    """Say which runs are not the benchmark, and which targets answered under several models."""
    for arm in arms:
        if not RunState(reader=arm.reader, found=arm.found).reportable:
            yield Caveat(code="not-reportable", text=f"{arm.label}: its run is not reportable")
        models = arm.facts.returned_models
        if len(models) > 1:
            yield Caveat(code="models", text=f"{arm.label} answered as {' and '.join(models)}")


def own_vendor(arms: Iterable[Arm], rater: str) -> Iterator[Caveat]:
    """Flag a judge that is of the provider of a target which it marks (VALIDITY 15)."""
    for arm in arms:
        by = {r.label: r.k for r in arm.found.raters}
        asked = arm.judges.get(by.get(rater, -1), ())
        provider = arm.facts.provider
        if any(j.provider == provider for j in asked):
            text = f"{rater} asks a model of {arm.label}'s own provider, {provider}"
            yield Caveat(code="own-vendor", text=text)
