"""What a run says when it has ended: what failed, how to go on, and what it did not ask for."""

import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dosimeter.cli.common import again, tell

if TYPE_CHECKING:
    from dosimeter.engine.meter import Meter
    from dosimeter.engine.parts import RaterPart
    from dosimeter.registry import Registry

NEWEST = "SELECT max(t) FROM (SELECT max(started) t FROM try UNION SELECT max(cached) FROM call)"
"""When the newest answer was drawn, by this run or by an earlier one."""
UNFINISHED = "When that is mended, go on with"
FINISHED = "The run is complete; to mark those too, mend that, and then"


def tell_faults(
    journal: Path, registry: "Registry", raters: "Sequence[RaterPart]", told: Sequence[str]
) -> None:
    """Say what failed and whose it is, and how to go on; *told* is what only the session knows."""
    from dosimeter.analysis.state import RunState
    from dosimeter.engine.faults import judge_faults, plugin_faults, provider_faults, rule_faults
    from dosimeter.journal.aliases import changed
    from dosimeter.journal.design import design
    from dosimeter.journal.reader import Reader

    with closing(Reader(journal)) as reader:
        told = [
            *plugin_faults(reader),
            *provider_faults(reader, registry),
            *judge_faults(reader, registry, raters),
            *rule_faults(reader, raters),
            *told,
        ]
        complete = bool(told) and RunState(reader=reader, found=design(reader)).complete
    for line in told:
        tell(f"dosimeter: {line}")
    if told:
        click.echo(f"{FINISHED if complete else UNFINISHED}:\n  {again()}", err=True)
    for line in changed(journal):
        tell(f"dosimeter: {line}")


def tell_source(journal: Path, meter: "Meter", *, complete: bool) -> None:
    """Say that nothing was asked, or that answers were taken from the cache: they may be of another day.

    Whoever repeats a command every night would take them for today's.
    """
    from dosimeter.journal.reader import Reader
    from dosimeter.plural import plural

    if meter.cached:
        n = plural(meter.cached, "answer")
        tell(f"dosimeter: {n} of earlier runs taken from the cache; --no-cache asks anew")
    elif complete and not meter.calls:
        with closing(Reader(journal)) as reader:
            (newest,) = reader.rows(NEWEST).fetchone()
        if newest is not None:
            day = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(newest))
            tell(
                f"dosimeter: nothing was asked: {journal.parent} has all answers, the newest of {day};"
                " to ask anew, give the run another name: --set name=..."
            )
