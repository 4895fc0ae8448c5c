"""Rating an old journal: no provider, attack or category needed."""

from collections.abc import Sequence
from pathlib import Path

from dosimeter.engine.budget import Purse, Spent
from dosimeter.engine.build import build_raters, component
from dosimeter.engine.driver import Driver, Meter
from dosimeter.engine.rate import RaterPart, Ratings
from dosimeter.errors import StackError
from dosimeter.journal.design import design
from dosimeter.journal.lock import engine_lock
from dosimeter.journal.reader import Reader
from dosimeter.journal.store import Store
from dosimeter.journal.writer import Writer
from dosimeter.model.specs import ScorerSpec
from dosimeter.model.stackfile import Choice, RaterChoice, RunConfig
from dosimeter.model.work import Seal
from dosimeter.registry import Registry
from dosimeter.serialize import to_json
from dosimeter.stack import Secrets
from dosimeter.workshop import InstalledWorkshop


async def score(
    journal: Path, registry: Registry, names: Sequence[str], seals: Sequence[Seal] = ()
) -> tuple[int, int]:
    """Rate every finished attempt that lacks a rating by *names*.

    Returns:
        How many were rated, and how many were left: their text is deleted, or their panel's secret
        is not among *seals*.

    Raises:
        StackError: For a judge: it needs endpoints, which only a stack can name.
        UnknownComponent: If no plugin provides a rater.
    """
    for name in names:
        if registry.get(ScorerSpec, name).judge:
            msg = f"{name!r} is a judge and needs an endpoint: add it to the stack and run that"
            raise StackError(msg)
    choices = [RaterChoice(choice=Choice(id=n, name=n)) for n in names]
    parts = build_raters(choices, (), registry, Secrets())
    with engine_lock(journal):
        store = Store(journal)
        for part in parts:
            store.rater(part.id, part.choice.choice.name, "rule", to_json(part.spec).decode())
            store.component(component(registry, "rater", part.spec.id))
        store.expect_ratings([part.id for part in parts])
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


def _rated(store: Store, parts: Sequence[RaterPart]) -> int:
    """Count the attempts that any of *parts* has rated."""
    marks = ",".join("?" * len(parts))
    (n,) = store.db.execute(
        "SELECT count(DISTINCT u.attempt) FROM rating g JOIN subject u ON u.k = g.subject"
        f" JOIN rater w ON w.k = g.rater WHERE w.id IN ({marks})",
        [bytes.fromhex(part.id) for part in parts],
    ).fetchone()
    return int(n)
