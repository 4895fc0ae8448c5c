"""Rating an old journal: no provider, attack or category needed."""

import os
import time
from collections.abc import Sequence
from pathlib import Path

from dosimeter.engine.budget import Purse, Spent
from dosimeter.engine.build import build_raters, component
from dosimeter.engine.driver import Driver
from dosimeter.engine.meter import Meter
from dosimeter.engine.rate import RaterPart, Ratings
from dosimeter.engine.setup import changed_scales, told_change
from dosimeter.errors import RunChanged, StackError
from dosimeter.journal.codec import PURGED
from dosimeter.journal.design import design
from dosimeter.journal.lock import engine_lock
from dosimeter.journal.raters import declare, expect, gave_marks, reopen
from dosimeter.journal.reader import Reader
from dosimeter.journal.schema import placeholders
from dosimeter.journal.store import Store
from dosimeter.journal.transaction import writing
from dosimeter.journal.writer import Writer
from dosimeter.model.specs import ScorerSpec
from dosimeter.model.stackfile import RunConfig
from dosimeter.model.work import Seal
from dosimeter.registry import Registry
from dosimeter.serialize import to_json
from dosimeter.stack import usual_raters
from dosimeter.workshop import InstalledWorkshop


async def score(
    journal: Path,
    registry: Registry,
    names: Sequence[str],
    seals: Sequence[Seal] = (),
    *,
    fork: bool = False,
) -> tuple[int, int]:
    """Rate every finished attempt that lacks a rating by *names*.

    Args:
        journal: The file.
        registry: Where the raters are found.
        names: Their ids.
        seals: Of the sealed panels whose text may be read.
        fork: Go on although files of a rater changed since it rated.

    Returns:
        How many were rated, and how many were left: their text is deleted, or their panel's secret
        is not among *seals*.

    Raises:
        RunChanged: If a rater's files are others than those that gave the marks it has here.
        StackError: For a judge: it needs endpoints, which only a stack can name.
        UnknownComponent: If no plugin provides a rater.
    """
    for name in names:
        if registry.get(ScorerSpec, name).judge:
            msg = f"{name!r} is a judge and needs an endpoint: add it to the stack and run that"
            raise StackError(msg)
    choices, secrets = usual_raters(names, registry, os.environ)
    parts = build_raters(choices, (), registry, secrets)
    with engine_lock(journal):
        with writing(journal) as held:
            _check_readable(held)
            _declare(held, parts, registry, fork=fork)
        store = Store(journal)
        reader = Reader(journal)
        rubrics = {c.id: c.scales for c in design(reader).categories}
        reader.close()
        writer = Writer(store)
        meter = Meter()
        driver = Driver(writer=writer, endpoints={}, max_retries=0,
                        purse=Purse(RunConfig().budget, Spent()))  # fmt: skip
        ratings = Ratings(
            parts=parts, journal=journal, writer=writer, driver=driver, rubrics=rubrics,
            workshop=InstalledWorkshop(registry, lambda _: {}), timeout=0, meter=meter, seals=seals,
        )  # fmt: skip
        before = _rated(store, parts)
        try:
            await ratings.sweep()
            after = await writer.read(lambda held: _rated(held, parts))
        finally:
            ratings.close()
            await writer.aclose()
    return after - before, len(ratings.left)


def _declare(store: Store, parts: Sequence[RaterPart], registry: Registry, *, fork: bool) -> None:
    """Write down who is about to rate, and with which files.

    Raises:
        RunChanged: If marks of other files would stand beside theirs under one identity.
    """
    for part in parts:
        reopen(store, part.id)
    changed = changed_scales(store, parts)
    for part in parts:
        declare(store, part.id, part.choice.choice.name, "rule", to_json(part.spec).decode())
        one = component(registry, "rater", part.spec.id)
        old = store.supplier(one.kind, one.id)
        if old is not None and old.files_hash != one.files_hash:
            if gave_marks(store, part.id):
                changed.append(told_change(old, one))
            store.event(time.time(), "rater-updated", None, old.files_hash)
            store.forget_component(one.kind, one.id)
        store.component(one)
    if changed and not fork:
        told = "\n  ".join(changed)
        msg = (
            f"raters have changed since they rated this run:\n  {told}\nInstall what they rated"
            " with, raise their revision, which makes them other raters, or go on all the same with"
            " --fork, which every number then says"
        )
        raise RunChanged(msg)
    if changed:
        store.event(time.time(), "fork", None, "score")
    expect(store, [part.id for part in parts])


def _check_readable(store: Store) -> None:
    """Refuse to declare a rater that could rate nothing: the run would lack its marks for ever.

    Raises:
        StackError: If every reply was deleted.
    """
    codecs = {
        codec for (codec,) in store.db.execute(
            "SELECT DISTINCT b.codec FROM candidate d JOIN message m ON m.k = d.leaf"
            " JOIN blob b ON b.k = m.body"
        )
    }  # fmt: skip
    if codecs == {PURGED}:
        msg = "every reply of this run was deleted (`runs purge`), so nothing can be rated anew"
        raise StackError(msg)


def _rated(store: Store, parts: Sequence[RaterPart]) -> int:
    """Count the attempts that any of *parts* has rated."""
    (n,) = store.db.execute(
        "SELECT count(DISTINCT u.attempt) FROM rating g JOIN subject u ON u.k = g.subject"
        f" JOIN rater w ON w.k = g.rater WHERE w.id IN ({placeholders(len(parts))})",
        [bytes.fromhex(part.id) for part in parts],
    ).fetchone()
    return int(n)
