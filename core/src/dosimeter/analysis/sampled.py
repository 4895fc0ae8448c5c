"""Which drawn batches speak for which cells: those whose frame held all of it (VALIDITY 19)."""

import math
from collections.abc import Mapping
from functools import cached_property

from attrs import field, frozen

from dosimeter.analysis.load import Place
from dosimeter.journal.frames import SamplingFrame, Stratum, read_frames
from dosimeter.journal.reader import ATTEMPTS, CELL, SUBJECTS, Reader
from dosimeter.model.rating import SubjectKind

HEAVIEST = 50.0
Why = tuple[str, str, str]
"""Code, reason, and what would mend it."""


@frozen(kw_only=True)
class Drawing:
    """How a batch was drawn from a cell.

    Attributes:
        seed: Of the draw: batches of one seed draw the same replies, as far as pi allows.
        least: The smallest probability of all replies of the cell, drawn or not; NaN if unknown.
        reached: Share of the drawn units up to the last that was served: these are in random order.
    """

    seed: int
    least: float
    reached: float


@frozen(kw_only=True)
class Batches:
    """The batches of a journal with their frames."""

    _reader: Reader = field(alias="reader")

    def refused(self, cell: Place, kind: str) -> Mapping[int, Why]:
        """Say of each batch, by its key, why it cannot speak for *cell*; others can."""
        if not self._drawn:
            return {}
        there = self._there(SubjectKind(kind)).get(cell, 0)
        found = {}
        for k, (_, share, frame) in self._drawn.items():
            why = _fault(self._stratum(frame, cell, kind), there, share)
            if why:
                found[k] = why
        return found

    def drawing(self, k: int, cell: Place, kind: str) -> Drawing:
        """Say how the batch of key *k* was drawn from *cell*."""
        seed, reached, frame = self._drawn[k]
        stratum = self._stratum(frame, cell, kind)
        return Drawing(
            seed=seed, least=stratum.least if stratum else math.nan, reached=reached
        )  # fmt: skip

    @cached_property
    def _drawn(self) -> dict[int, tuple[int, float, SamplingFrame | None]]:
        """Give by key the seed, the share of the drawn units that was reached, and the frame."""
        frames = read_frames(self._reader)
        return {
            k: (seed, reached / drawn if drawn else 1.0, frames.get(name))
            for k, seed, name, drawn, reached in self._reader.rows(
                "SELECT b.k, b.seed, lower(hex(b.id)), count(d.batch), coalesce(max(d.ord) FILTER"
                " (WHERE d.served_at IS NOT NULL), -1) + 1 FROM batch b"
                " LEFT JOIN draw d ON d.batch = b.k GROUP BY b.k"
            )
        }

    @cached_property
    def _names(self) -> dict[str, str]:
        return dict(self._reader.rows("SELECT lower(hex(id)), name FROM endpoint"))

    @cached_property
    def _counts(self) -> dict[SubjectKind, dict[Place, int]]:
        return {}

    def _there(self, kind: SubjectKind) -> dict[Place, int]:
        """Count the subjects of *kind* that there are now, by cell."""
        if kind not in self._counts:
            self._counts[kind] = {
                (target, category, intent, attack): n
                for target, category, intent, attack, n in self._reader.rows(
                    f"SELECT {CELL}, sum({SUBJECTS[kind]}) FROM {ATTEMPTS}"
                    " JOIN scope s ON s.id = a.id WHERE a.state = 'done' GROUP BY 1, 2, 3, 4"
                )
            }
        return self._counts[kind]

    def _stratum(self, frame: SamplingFrame | None, cell: Place, kind: str) -> Stratum | None:
        if frame is None:
            return None
        for one in frame.strata:
            at = (self._names.get(one.target, ""), one.category, one.intent, one.attack, one.kind)
            if at == (*cell, kind):
                return one
        return None


def _fault(stratum: Stratum | None, there: int, share: float) -> Why | None:
    if stratum is None:
        return ("no-frame", "the journal does not say what the batch was drawn from",
                "a batch drawn by draw_batch from all replies of the cell")  # fmt: skip
    if stratum.units < there:
        return ("part-frame", f"the batch was drawn from {stratum.units} of the {there} replies here",
                "a batch drawn from all replies of the cell, each with some probability")  # fmt: skip
    heaviest = 1 / (stratum.least * share) if share else 0.0
    if heaviest > HEAVIEST:
        return ("extreme-weights", f"one drawn unit stands for {heaviest:.0f}",
                f"no pi under {1 / HEAVIEST:g}, and more of the batch served")  # fmt: skip
    return None
