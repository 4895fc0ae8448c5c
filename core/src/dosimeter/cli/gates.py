"""Gates that no result could pass or decide: refused before a run begins, or told to one that goes on."""

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from dosimeter.cli.common import check_begun, tell

if TYPE_CHECKING:
    from dosimeter.engine.parts import CategoryPart, RaterPart
    from dosimeter.model.stackfile import Stack


def check_gates(
    stack_file: Path,
    stack: "Stack",
    parts: "Sequence[CategoryPart]",
    raters: "Sequence[RaterPart]",
    journal: Path | None = None,
) -> "Sequence[tuple[str, str]]":
    """Refuse a gate that no result could pass.

    Of a run that has an answer already it is said only, as the report is worth having: people may
    have read its replies since, and gates are free to change.

    Args:
        stack_file: For the message.
        stack: With the gates.
        parts: Its categories.
        raters: Its raters.
        journal: Of the run that would begin or go on; None if none would.

    Returns:
        Raters, by id, with the languages of the plan that they do not rate.

    Raises:
        StackError: Naming all such gates.
    """
    from dosimeter.engine.census import census, unrated
    from dosimeter.errors import StackError

    counted, specs = census(stack, parts), [r.spec for r in raters]
    lost = []
    if stack.gates:
        from dosimeter.engine.reach import out_of_reach  # slow: it loads scipy

        lost = list(out_of_reach(stack, parts, counted, specs))
    if lost and journal is not None and _answered(journal):
        for line in lost:
            tell(f"dosimeter: {line}")
    elif lost:
        told = "\n  ".join([f"{stack_file} has gates that no result can pass:", *lost])
        parted = [line.partition(": ") for line in lost]
        raise StackError(told, tuple((path, words) for path, _, words in parted))
    return list(unrated(counted, specs))


def check_baselines(stack_file: Path, stack: "Stack", journal: Path) -> None:
    """Refuse a gate whose baseline is not there, is the run itself or lacks the target.

    Args:
        stack_file: For the message.
        stack: With the gates.
        journal: Of the run that would begin or go on; baselines are looked for beside its folder.

    Raises:
        StackError: Naming all such gates.
        UsageError: For a baseline that is a file of something else.
    """
    if not any(gate.baseline for gate in stack.gates):
        return
    from dosimeter.analysis.baselines import faults, find  # slow: it loads scipy
    from dosimeter.errors import StackError
    from dosimeter.journal.damage import reading

    there = {path for g in stack.gates if g.baseline and (path := find(g.baseline, journal))}
    for path in there:
        check_begun(path)
    with reading(*there):
        lost = [(f"gates[{i}].baseline", why)
                for i, why in faults(stack.gates, [t.name for t in stack.targets], journal)]  # fmt: skip
    if lost:
        lines = (f"{path}: {why}" for path, why in lost)
        told = "\n  ".join([f"{stack_file} has gates that nothing could decide:", *lines])
        raise StackError(told, tuple(lost))


def _answered(journal: Path) -> bool:
    """Tell whether there is anything of this run to report."""
    from dosimeter.journal.reader import Reader
    from dosimeter.journal.replan import answered

    if not journal.is_file() or not journal.stat().st_size:
        return False
    with closing(Reader(journal)) as reader:
        return answered(reader.db)
