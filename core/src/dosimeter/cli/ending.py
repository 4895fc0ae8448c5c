"""What a run says when it has ended: what failed, whose it is, and how to go on."""

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dosimeter.cli.common import again, tell

if TYPE_CHECKING:
    from dosimeter.engine.rate import RaterPart
    from dosimeter.registry import Registry

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
