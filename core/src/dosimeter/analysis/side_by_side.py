"""The targets of one run compared with each other, while its report is made."""

from collections.abc import Iterable, Iterator

from attrs import evolve, frozen

from dosimeter.analysis.compare import Asked, Gathered
from dosimeter.analysis.labels import with_people
from dosimeter.analysis.load import Group
from dosimeter.analysis.looks import looked
from dosimeter.analysis.pairs import Arm, comparable
from dosimeter.analysis.sides import arm_of
from dosimeter.analysis.wording import Frame
from dosimeter.errors import CompareRefused
from dosimeter.journal.design import Design
from dosimeter.journal.reader import Reader
from dosimeter.model.comparing import Compared


@frozen
class Sides:
    """The targets of a run, if there are two to compare; None if there are not."""

    arms: dict[str, Arm]
    gathered: Gathered | None

    @classmethod
    def of(cls, reader: Reader, found: Design) -> "Sides":
        """Give the targets of a run, by name."""
        arms = {a.target: evolve(a, label=a.target) for a in arm_of(reader, "")}
        if len(arms) < 2 or looked(found):
            return cls({}, None)
        asked = Asked(declared=found.comparisons, level=found.config.confidence)
        return cls(arms, Gathered(arms=tuple(arms.values()), asked=asked))

    def watch(self, framed: Iterable[tuple[Group, Frame]]) -> Iterator[tuple[Group, Frame]]:
        """Pass marks on, and keep what is compared."""
        for group, frame, people in with_people(framed):
            if self.gathered is not None and comparable(group):
                self.gathered.take(self.arms[group.cell[0]], group, people)
            yield group, frame

    def compared(self) -> Compared | None:
        """Compare them once all marks have passed; None where they share no prompt."""
        try:
            return None if self.gathered is None else self.gathered.compared()
        except CompareRefused:
            return None
