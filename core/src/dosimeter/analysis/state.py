"""How far a run has come, and what keeps its numbers from being reported."""

from collections.abc import Iterator
from functools import cached_property

from attrs import field, frozen

from dosimeter.analysis.load import Group, Place
from dosimeter.journal.design import Design, Known
from dosimeter.journal.events import Event
from dosimeter.journal.raters import BROKEN
from dosimeter.journal.reader import Reader
from dosimeter.model.answering import MANY_MISSING, Caveat
from dosimeter.model.rating import PERSON
from dosimeter.model.stackfile import Budget
from dosimeter.numbers import percent


@frozen(kw_only=True)
class Unrated:
    """A rater that has not rated all that was answered.

    Attributes:
        n: Attempts that it lacks.
        votes: How often it is asked about each.
        counts: Whether the run is incomplete for it. A rater that the stack no longer has will never
            catch up, so it does not; its marks stay.
        purged: Whether texts were deleted, so that it may never catch up either.
    """

    rater: str
    n: int
    votes: int
    counts: bool
    purged: bool = False

    @property
    def caveat(self) -> Caveat:
        """Say so beside every number of the run."""
        what = "has not rated" if self.votes == 1 else f"lacks some of its {self.votes} votes on"
        lacks = f"{what} {self.n} of the attempts answered"
        if self.purged:
            lacks += "; those whose text was deleted nothing can rate any more"
        if self.counts:
            return Caveat(code="unrated", text=f"{self.rater} {lacks}")
        text = f"{self.rater} is no longer in the stack and {lacks}"
        return Caveat(code="rater-dropped", text=text)


@frozen(kw_only=True)
class Breakdown:
    """A rater that broke down.

    Attributes:
        replies: On how many.
        asked: How many it had to mark.
        worst: The same two numbers of the cell in which that is the largest share.
        fault: Class of an error that it raised, or code of one that its endpoint gave.
        counts: Whether the run is incomplete for it: more than `MANY_MISSING` is lost in a cell, and
            it is in the stack.
        cells: Where more than that is lost, whether it is in the stack or not.
    """

    rater: str
    replies: int
    asked: int
    worst: tuple[int, int]
    fault: str
    counts: bool
    cells: "tuple[BrokenCell, ...]" = ()

    @property
    def caveat(self) -> Caveat:
        """Say so beside every number of the run, with what to do."""
        return Caveat(
            code="broken-rater",
            text=f"{self.rater} broke down on {self.replies} of the {self.asked} replies that it had"
            f" to mark ({self.fault}), {self._limit}: those marks are missing; once it is mended, the same"
            " command (or `dosimeter score`, for a rule) rates them anew: with --fork if marks of its"
            " old files stand, or as another rater by a raised revision",
        )

    @property
    def _limit(self) -> str:
        """Say how many that is where it is most, and what it means for the run."""
        most = f"{self.worst[0]} of {self.worst[1]} where it is most"
        if self.counts:
            return f"{most}, so the run is not complete (it may lose {percent(MANY_MISSING)} of a cell)"
        if self.cells:
            return f"{most}, so its numbers there are not quoted and pass no gate"
        return most


@frozen(kw_only=True)
class BrokenCell:
    """Where a rater broke down on more than `MANY_MISSING` of what it had to mark.

    Attributes:
        kind: Of the subjects that it had to mark.
    """

    rater: str
    cell: Place
    kind: str
    broken: int
    asked: int

    @property
    def caveat(self) -> Caveat:
        """Say so beside its numbers of the cell."""
        text = (
            f"{self.rater} broke down on {self.broken} of the {self.asked} replies that it had to mark"
            f" here, more than {percent(MANY_MISSING)}: not to be quoted, and no gate passes by it"
        )
        return Caveat(code="broken-cell", text=text)


@frozen(kw_only=True)
class RunState:
    """How far the run of a journal has come; what takes reading is found out when it is asked for."""

    _reader: Reader = field(alias="reader")
    _found: Design = field(alias="found")

    @property
    def planned(self) -> bool:
        """Whether the plan was written."""
        return "planned" in self._found.run

    @property
    def budget(self) -> Budget:
        """The most that the run may spend, as its last session was told."""
        return self._found.config.budget

    @property
    def seconds(self) -> float:
        """How long its sessions took."""
        return float(self._found.run.get("seconds", 0.0))

    @property
    def limited(self) -> bool:
        """Whether a part of the panel was planned, so that the run is not the benchmark (trap 22)."""
        return bool(self._found.run.get("limited"))

    @cached_property
    def forked(self) -> bool:
        """Whether design or versions changed while the run was under way."""
        return self._happened(Event.FORK)

    @cached_property
    def not_language_models(self) -> tuple[str, ...]:
        """Names of the targets that are none."""
        sql = "SELECT name FROM endpoint WHERE is_target AND NOT language_model ORDER BY name"
        return tuple(name for (name,) in self._reader.rows(sql))

    @cached_property
    def unrated(self) -> tuple[Unrated, ...]:
        """The raters that lack ratings; people are asked about samples and lack none."""
        return tuple(self._unrated())

    @cached_property
    def breakdowns(self) -> tuple[Breakdown, ...]:
        """The raters that broke down on some reply."""
        # Blocked, failed and empty replies are not put to a rater.
        rows = self._reader.rows(
            "SELECT lower(hex(w.id)),"
            f" count(DISTINCT g.subject) FILTER (WHERE {BROKEN}) AS broken,"
            f" count(DISTINCT g.subject) FILTER (WHERE m.outcome = 'scored' OR {BROKEN}),"
            f" max(m.reason) FILTER (WHERE {BROKEN})"
            " FROM mark m JOIN rating g ON g.k = m.rating JOIN rater w ON w.k = g.rater"
            f" WHERE w.kind != '{PERSON}' GROUP BY w.k HAVING broken ORDER BY w.k"
        )
        known = {r.id: r for r in self._found.raters}
        return tuple(
            self._breakdown(
                known[rater], replies=broken, asked=asked, fault=reason.partition(":")[2]
            )
            for rater, broken, asked, reason in rows
        )

    def _breakdown(self, rater: Known, *, replies: int, asked: int, fault: str) -> Breakdown:
        cells = self._cells(rater)
        over = tuple(c for c in cells if c.broken > MANY_MISSING * c.asked)
        return Breakdown(
            rater=rater.label, replies=replies, asked=asked,
            worst=(cells[0].broken, cells[0].asked), fault=fault,
            counts=bool(over) and rater.counts, cells=over,
        )  # fmt: skip

    def _cells(self, rater: Known) -> tuple[BrokenCell, ...]:
        """Count the replies that *rater* broke down on, and had to mark, by cell; the worst first.

        Over a whole run a rule may fail on few replies that are most of the harmful ones.
        """
        rows = self._reader.rows(
            "SELECT target, category, intent, attack, kind, broken, asked FROM (SELECT"
            " t.name AS target, r.category, i.intent, r.attack, u.kind,"
            f" count(DISTINCT g.subject) FILTER (WHERE {BROKEN}) AS broken,"
            f" count(DISTINCT g.subject) FILTER (WHERE m.outcome = 'scored' OR {BROKEN}) AS asked"
            " FROM rating g JOIN mark m ON m.rating = g.k JOIN subject u ON u.k = g.subject"
            " JOIN attempt a ON a.k = u.attempt JOIN arm r ON r.k = a.arm JOIN item i ON i.k = a.item"
            " JOIN endpoint t ON t.k = r.target"
            " WHERE g.rater = ? GROUP BY r.target, r.category, r.attack, i.intent, u.kind)"
            " WHERE broken ORDER BY 1.0 * broken / asked DESC, asked DESC",
            (rater.k,),
        )
        return tuple(
            BrokenCell(rater=rater.label, cell=(t, c, i, a), kind=kind, broken=broken, asked=asked)
            for t, c, i, a, kind, broken, asked in rows
        )

    def broken(self, group: Group) -> tuple[Caveat, ...]:
        """Say of the marks of *group* that their rater broke down on too many."""
        at = (group.rater, group.cell, group.kind)
        every = (c for one in self.breakdowns for c in one.cells)
        return tuple(c.caveat for c in every if (c.rater, c.cell, c.kind) == at)

    @cached_property
    def complete(self) -> bool:
        """Whether all that was planned is answered, and rated by every rater that still counts."""
        unended = "SELECT 1 FROM attempt WHERE state IN ('open', 'failed', 'budget') LIMIT 1"
        return (
            self.planned
            and not self._any(unended)
            and not any(one.counts for one in self.breakdowns)
            and not any(one.counts for one in self.unrated)
        )

    @property
    def reportable(self) -> bool:
        """Whether numbers of the run may be published as the benchmark's."""
        barred = self.limited or self.forked or bool(self.not_language_models)
        return not barred and self.complete

    def _happened(self, kind: Event) -> bool:
        return self._any(f"SELECT 1 FROM event WHERE kind = '{kind}' LIMIT 1")

    def _any(self, sql: str) -> bool:
        return self._reader.rows(sql).fetchone() is not None

    def _unrated(self) -> Iterator[Unrated]:
        purged = self._happened(Event.PURGED)
        for rater in self._found.raters:
            if rater.kind != PERSON:
                pending = self._reader.unrated(rater.id, rater.votes, rater.spec.subjects)
                n = sum(1 for _ in pending)
                if n:
                    yield Unrated(
                        rater=rater.label, n=n, votes=rater.votes, counts=rater.counts,
                        purged=purged,
                    )  # fmt: skip
