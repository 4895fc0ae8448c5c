"""Rating an old journal: no provider, attack or category needed."""

from collections.abc import Sequence
from pathlib import Path

from dosimeter.engine.budget import Purse, Spent
from dosimeter.engine.build import LocalWorkshop, build_raters, component
from dosimeter.engine.driver import Driver, Meter
from dosimeter.engine.rate import Ratings
from dosimeter.errors import StackError
from dosimeter.journal.design import design
from dosimeter.journal.lock import engine_lock
from dosimeter.journal.reader import Reader
from dosimeter.journal.store import Store
from dosimeter.journal.writer import Writer
from dosimeter.model.specs import ScorerSpec
from dosimeter.model.stackfile import Choice, RaterChoice, RunConfig, Stack
from dosimeter.registry import Registry
from dosimeter.serialize import to_json
from dosimeter.stack import Secrets


async def score(journal: Path, registry: Registry, names: Sequence[str]) -> int:
    """Rate every finished attempt that lacks a rating by *names*; give their number.

    Raises:
        StackError: For a judge: it needs endpoints, which only a stack can name.
        UnknownComponent: If no plugin provides a rater.
    """
    for name in names:
        if registry.get(ScorerSpec, name).judge:
            msg = f"{name!r} is a judge and needs an endpoint: add it to the stack and run that"
            raise StackError(msg)
    choices = [RaterChoice(choice=Choice(id=n, name=n)) for n in names]
    parts = build_raters(choices, (), registry)
    with engine_lock(journal):
        store = Store(journal)
        for part in parts:
            store.rater(part.id, part.choice.choice.name, "rule", to_json(part.spec).decode())
            store.component(component(registry, "rater", part.spec.id))
        reader = Reader(journal)
        rubrics = {c.id: c.scales for c in design(reader).categories}
        reader.close()
        writer = Writer(store)
        meter = Meter()
        driver = Driver(writer=writer, endpoints={}, max_retries=0,
                        purse=Purse(RunConfig().budget, Spent()))  # fmt: skip
        empty = Stack(name="", targets=(), endpoints=(), categories=(), raters=(), sinks=(),
                      gates=(), run=RunConfig())  # fmt: skip
        ratings = Ratings(
            parts=parts, journal=journal, writer=writer, driver=driver, rubrics=rubrics,
            workshop=LocalWorkshop(registry, empty, Secrets()), timeout=0, meter=meter,
        )  # fmt: skip
        try:
            await ratings.sweep()
        finally:
            ratings.close()
            await writer.aclose()
    return meter.rated
