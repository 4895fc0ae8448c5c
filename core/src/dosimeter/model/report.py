"""A report: the design beside what happened, every finding, and what stands behind it."""

from attrs import field, frozen

from dosimeter.model.answering import Caveat, Estimate, Finding, GateResult, Look
from dosimeter.model.comparing import Compared
from dosimeter.model.design import Intent
from dosimeter.model.facts import (
    Agreement,
    CategoryFacts,
    Component,
    EndpointUse,
    RaterFacts,
    Reliability,
    Rubric,
    TargetFacts,
)
from dosimeter.model.measures import Measure
from dosimeter.model.panel import PanelCheck


@frozen(kw_only=True)
class Cell:
    """Counts of one target, category, intent and attack: the design beside what happened.

    Attributes:
        families: Of the design; a finding has those that its number rests on.
        off_script: Attempts in which a line took an answer for granted that had not come: the
            reply before it was empty, blocked, or marked as what a block stands for (VALIDITY 8).
        no_candidate: Searches that submitted nothing; they are *done*.
        not_needed: Attempts of the plan that a run which stopped by itself did not make; they are not
            among those *planned*.
    """

    target: str
    category: str
    intent: Intent
    attack: str
    families: int
    planned: int
    done: int
    failed: int
    open: int
    truncated: int
    blocked: int
    off_script: int
    no_candidate: int = 0
    not_needed: int = 0


@frozen(kw_only=True)
class Report:
    """Every finding of a run with its validity checks. A pure function of the journal.

    Attributes:
        reportable: False for runs that are not the benchmark (``--limit``, unfinished, simulated).
        demonstrates: What this run cannot show: the smallest difference it could have seen.
        withheld: Replies that no output shows, though the journal has them.
        sealed: Of those, the ones that are encrypted for whoever holds a secret.
        deleted: Replies that the journal no longer has.
        hazardous_included: Whether ``--include-hazardous`` was given.
        plan_hash: sha256 of the frozen plan that it was begun under; empty if there was none.
        plan_date: The day on which that was frozen, as it says itself.
        rubrics: By which replies are marked, of each category.
        usage: What each endpoint took.
        compared: The targets with each other; None of a single one, and of a run that looked at its
            gates on the way.
        looks: What a run that stops by itself saw of its gates on the way.
        panel: What would make the numbers mean something else, and what this run can tell of it.
        agreements: Where people marked replies that a rule or a judge marked too.
        reliability: By category, scale and intent: of people, and of raters held against them.
        raters: In the order in which the journal first had them, which is that of the stack; of one
            under several identities the newest first.
    """

    name: str
    stack_hash: str
    scope: str
    complete: bool
    reportable: bool
    notices: tuple[Caveat, ...]
    targets: tuple[TargetFacts, ...]
    raters: tuple[RaterFacts, ...]
    measures: tuple[Measure, ...]
    cells: tuple[Cell, ...]
    findings: tuple[Finding, ...]
    gates: tuple[GateResult, ...]
    demonstrates: str
    withheld: int
    components: tuple[Component, ...]
    stack: str = field(repr=False)
    hazardous_included: bool = False
    schema: int = 1
    deleted: int = 0
    plan_hash: str = ""
    plan_date: str = ""
    sealed: int = 0
    rubrics: tuple[Rubric, ...] = ()
    usage: tuple[EndpointUse, ...] = ()
    agreements: tuple[Agreement, ...] = ()
    categories: tuple[CategoryFacts, ...] = ()
    panel: tuple[PanelCheck, ...] = ()
    compared: Compared | None = None
    looks: tuple[Look, ...] = ()
    reliability: tuple[Reliability, ...] = ()

    @property
    def methods(self) -> list[str]:
        """The names of all methods that its numbers and differences were made by."""
        given = [f for f in self.findings if isinstance(f, Estimate)]
        names = {f.method for f in given} | {f.corrected.method for f in given if f.corrected}
        if self.compared:
            names |= {c.method for c in self.compared.comparisons}
        return sorted(names - {""})
