"""What is known against the marks that a comparison rests on."""

from collections.abc import Iterable, Iterator
from functools import cached_property

from attrs import field, frozen

from dosimeter.analysis.load import Group
from dosimeter.analysis.reliability import banner, reliabilities
from dosimeter.analysis.state import RunState
from dosimeter.journal.design import Design
from dosimeter.journal.reader import Reader
from dosimeter.model.answering import Caveat
from dosimeter.model.facts import Reliability


@frozen(kw_only=True)
class Against:
    """What is known against marks of one run, found out once and when it is asked for."""

    reader: Reader = field(repr=False)
    found: Design = field(repr=False)

    @cached_property
    def _reliable(self) -> tuple[Reliability, ...]:
        return reliabilities(self.reader, self.found)

    @cached_property
    def _state(self) -> RunState:
        return RunState(reader=self.reader, found=self.found)

    def marks(self, group: Group) -> tuple[Caveat, ...]:
        """Say that their rater broke down on too many, or that people or it with them agree too little."""
        return (*self._state.broken(group), *banner(self._reliable, group))


def of_sides(told: Iterable[tuple[str, Iterable[Caveat]]]) -> Iterator[Caveat]:
    """Put what is known against each side under its name, or under both names where it is the same."""
    by: dict[Caveat, list[str]] = {}
    for label, caveats in told:
        for one in caveats:
            by.setdefault(one, []).append(label)
    for one, labels in by.items():
        yield Caveat(code=one.code, text=f"{' and '.join(labels)}: {one.text}")
