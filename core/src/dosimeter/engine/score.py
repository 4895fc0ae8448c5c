"""Rating an old journal: no provider, attack or category needed."""

import os
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from dosimeter.engine.budget import Purse, Spent
from dosimeter.engine.build import build_raters, component
from dosimeter.engine.changes import changes, take_over
from dosimeter.engine.driver import Driver
from dosimeter.engine.faults import rule_faults
from dosimeter.engine.meter import Meter
from dosimeter.engine.parts import RaterPart
from dosimeter.engine.rate import Ratings, check_readable
from dosimeter.engine.rules import RuleProcess
from dosimeter.errors import StackError
from dosimeter.journal.design import design
from dosimeter.journal.lock import engine_lock
from dosimeter.journal.owner import check_open
from dosimeter.journal.raters import declare, expect, reopen
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
) -> tuple[int, int, tuple[str, ...]]:
    """Rate every finished attempt that lacks a rating by *names*.

    Args:
        journal: The file.
        registry: Where the raters are found.
        names: Their ids.
        seals: Of the sealed panels whose text may be read.
        fork: Go on although files of a rater changed since it rated.

    Returns:
        How many were rated; how many were left, as their text is deleted or their panel's secret is
        not among *seals*; and what raters did that were asked no more, or failed.

    Raises:
        JournalError: If the run's replies are sealed.
        RunChanged: If a rater's files are others than those that gave marks which stand here.
        StackError: For a judge: it needs endpoints, which only a stack can name. If every reply was
            deleted.
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
            check_open(held.db, journal)
            check_readable(held, parts)
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
            rules=RuleProcess(RunConfig().rule_timeout),
        )  # fmt: skip
        (last,) = store.db.execute("SELECT coalesce(max(k), 0) FROM rating").fetchone()
        try:
            await ratings.sweep()
            rated = await writer.read(lambda held: _rated(held, parts, last))
        finally:
            ratings.close()
            await writer.aclose()
    with closing(Reader(journal)) as reader:
        told = (*rule_faults(reader, parts), *ratings.told)
    return rated, len(ratings.left), told


def _declare(store: Store, parts: Sequence[RaterPart], registry: Registry, *, fork: bool) -> None:
    """Write down who is about to rate, and with which files.

    Raises:
        RunChanged: If marks of other files would stand beside theirs under one identity.
    """
    components = [component(registry, "rater", part.spec.id) for part in parts]
    take_over(store, changes(store, components), parts, fork=fork, by="score")
    for part, one in zip(parts, components, strict=True):
        reopen(store, part.id)
        declare(store, part.id, part.choice.choice.name, "rule", to_json(part.spec).decode())
        store.component(one)
    expect(store, [part.id for part in parts])


def _rated(store: Store, parts: Sequence[RaterPart], last: int) -> int:
    """Count the attempts that any of *parts* has rated since *last*, the newest rating before."""
    (n,) = store.db.execute(
        "SELECT count(DISTINCT u.attempt) FROM rating g JOIN subject u ON u.k = g.subject"
        f" JOIN rater w ON w.k = g.rater WHERE w.id IN ({placeholders(len(parts))})"
        " AND g.k > ?",
        [*(bytes.fromhex(part.id) for part in parts), last],
    ).fetchone()
    return int(n)
