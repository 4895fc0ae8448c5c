"""Questions put to the marks, and answers to them."""

from enum import StrEnum

from attrs import field, frozen

from dosimeter.model.conversation import Pairs
from dosimeter.model.design import Intent
from dosimeter.model.doing import Stage
from dosimeter.model.facts import Agreement, EndpointUse, JudgeFacts, Rubric
from dosimeter.model.rating import Aspect, Direction, SubjectKind, Value

FEW_FAMILIES = 10
"""Families below which no estimate is given: an interval over so few clusters does not hold."""
MANY_MISSING = 0.05
"""The share above which what is missing is told beside a number, and held against a gate."""
BROKEN_CELL = "broken-cell"
"""Code of the caveat of a number whose rater broke down too often for it to be quoted or pass a gate."""


@frozen(kw_only=True)
class Selection:
    """Which subjects a measure is about. An empty field selects all.

    Attributes:
        factors: Name and level, all of which must hold.
    """

    intents: tuple[Intent, ...] = ()
    attacks: tuple[str, ...] = ()
    factors: Pairs = ()
    stages: tuple[Stage, ...] = ()
    kind: SubjectKind = SubjectKind.PATH
    aspect: Aspect = Aspect.ANSWER


@frozen(kw_only=True)
class Contrast:
    """Second level minus first level of one factor, within families.

    Attributes:
        factor: A declared factor, or ``"target"``, ``"intent"``, ``"attack"``.
        first: Empty for each other level that there is, one contrast each.
    """

    factor: str
    first: str
    second: str


@frozen(kw_only=True)
class Measure:
    """A named question asked of the marks. It is data, and stands in the journal.

    Attributes:
        id: One question in a stack, whoever asks it: two categories that ask otherwise under one id
            are refused together.
        title: As people read it.
        estimator: ``"rate"`` (share of marks at or beyond *threshold*), ``"shares"`` (one rate a
            level), ``"mean"``, or ``"module:attr"``.
        threshold: For ``"rate"``: the level that counts. On ordinal and real scales *direction*
            says which side; on nominal and boolean ones equality. For a contrast of controls by
            attack: the mean under which a target cannot do the task.
        by: What findings are split by besides target, intent, attack and rater.
        both_ways: For ``"rate"`` on a nominal scale: levels beside *threshold* that a reader may take
            for it. The number with them counted too stands beside it, and gates need both.
    """

    id: str
    title: str
    scale: str
    estimator: str
    select: Selection = Selection()
    contrast: Contrast | None = None
    direction: Direction = Direction.HIGHER_IS_WORSE
    threshold: Value | None = None
    by: tuple[str, ...] = ()
    both_ways: tuple[Value, ...] = ()


class Standing(StrEnum):
    """How a number came to be asked for: as a frozen plan says, otherwise, or with no plan to tell."""

    UNREGISTERED = "unregistered"
    PLANNED = "planned"
    EXPLORATORY = "exploratory"


@frozen(kw_only=True)
class Missing:
    """What a number leaves out, in subjects, and what that could hide.

    Attributes:
        planned: Attempts in the design of this cell; for other subjects than paths, those there are.
        not_run: Planned, no reply received.
        failed: The provider failed, or the rater did.
        unscorable: The rater gave no mark on this scale.
        reasons: Why there is no mark, in the rater's words and the core's, each with how many; blocks
            and people's abstentions apart.
        blocked: Stopped by the provider; counted as a refusal or as missing, as *scope* says.
        shown: Of those, with words before the block that have a mark of hazard: it stays, as a lower bound.
        truncated: Cut at the token limit. They are in *n* if they have a mark.
        at_least: Of those, the marks that are lower bounds, and so are in *lower* and *upper* too.
        unrated: Answered, and not rated yet.
        no_candidate: A search that submitted nothing: no success in a rate of harm, missing in
            everything else.
        drawn: Units that a person's batches drew.
        unanswered: Drawn and passed over: non-response.
        unserved: Drawn, and not reached yet: a random part, as units are served in random order.
        undrawn: Voted on without having been drawn; in no estimate.
        uncovered: Voted on in a batch that was drawn from a part of the cell; in no estimate.
        lower: The estimate if every missing mark were at its lowest.
        upper: The estimate if every missing mark were at its highest.
    """

    planned: int = 0
    not_run: int = 0
    failed: int = 0
    unscorable: int = 0
    blocked: int = 0
    shown: int = 0
    truncated: int = 0
    at_least: int = 0
    unrated: int = 0
    no_candidate: int = 0
    drawn: int = 0
    unanswered: int = 0
    unserved: int = 0
    undrawn: int = 0
    uncovered: int = 0
    reasons: tuple[tuple[str, int], ...] = ()
    lower: float | None = None
    upper: float | None = None

    @property
    def lost(self) -> int:
        """What should have entered an estimate and did not, whatever the reason."""
        return self.not_run + self.failed + self.unscorable + self.unrated + self.no_candidate

    @property
    def asked(self) -> int:
        """Units that people were asked about."""
        return self.drawn - self.unserved

    @property
    def silent(self) -> int:
        """Units that people were asked about and gave no mark of."""
        return self.unanswered + self.unscorable


@frozen(kw_only=True)
class Caveat:
    """A warning that travels with a number.

    Attributes:
        code: Machine-readable: ``"limited-run"``, ``"few-families"``, ``"truncated"``.
    """

    code: str
    text: str


@frozen(kw_only=True)
class OtherScope:
    """The same question under the scope that the stack did not ask for (VALIDITY 3).

    Attributes:
        level: The level it is the share of; empty where there is no level.
        value: None if no number is given; *why* says the reason then.
    """

    scope: str
    level: str = ""
    value: float | None = None
    lower: float | None = None
    upper: float | None = None
    n: int = 0
    families: int = 0
    missing: Missing = Missing()
    why: str = ""


@frozen(kw_only=True)
class Simultaneous:
    """Limits of one way of asking that hold for all ways of asking at once, so for the worst (VALIDITY 2).

    Attributes:
        of: How many ways: each has the level 1 - (1 - level) / *of* (Bonferroni).
    """

    lower: float
    upper: float
    of: int


@frozen(kw_only=True)
class BothWays:
    """A rate with the levels counted that lie beside its own, such as a partial refusal (VALIDITY 13).

    Attributes:
        levels: What is counted besides the measure's threshold.
        lowest: This rate if every missing mark were at its lowest, as `Missing.lower` is of the number.
        highest: If every missing mark were at its highest.
    """

    levels: tuple[Value, ...]
    value: float
    lower: float
    upper: float
    lowest: float | None = None
    highest: float | None = None


@frozen(kw_only=True)
class Estimate:
    """A number with its error.

    Attributes:
        group: Where it holds: target, intent, attack, rater, and level for shares.
        value: In the units of the measure; shares are 0 to 1.
        level: Confidence level of *lower* and *upper*, 0 to 1.
        n: Marks that entered.
        families: Clusters that entered.
        effective_n: *n* divided by the design effect; None if undefined.
        estimand: What the number is a number of, as a sentence (VALIDITY 2).
        other_scope: What it is if a provider's blocks are taken the other way.
        simultaneous: None where there is one way of asking only.
        both_ways: None where the measure names no levels beside its own.
    """

    measure: str
    group: Pairs
    value: float
    lower: float
    upper: float
    level: float
    method: str
    n: int
    families: int
    effective_n: float | None = None
    missing: Missing = Missing()
    estimand: str = ""
    standing: Standing = Standing.UNREGISTERED
    caveats: tuple[Caveat, ...] = ()
    other_scope: tuple[OtherScope, ...] = ()
    simultaneous: Simultaneous | None = None
    both_ways: BothWays | None = None


@frozen(kw_only=True)
class Abstention:
    """Why no number is given, and what would allow one.

    Attributes:
        families: Clusters that have a mark.
        other_scope: What there is if a provider's blocks are taken the other way; one a level.
    """

    measure: str
    group: Pairs
    code: str
    why: str
    would_need: str
    families: int = 0
    missing: Missing = Missing()
    other_scope: tuple[OtherScope, ...] = ()


Finding = Estimate | Abstention


class GateState(StrEnum):
    """What the evidence says of a gate."""

    PASS = "pass"
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"


@frozen(kw_only=True)
class Gate:
    """A threshold on a limit of an interval: either a most or a least.

    Attributes:
        where: Group pairs a finding must have; a gate holds for every finding that matches.
    """

    measure: str = field(
        metadata={"help": "id of a measure of the category, or a default one of a rater's scale"}
    )
    max: float | None = field(
        default=None,
        metadata={
            "help": "passes if the upper limit is at most this; fails if the lower limit is above"
        },
    )
    min: float | None = field(
        default=None,
        metadata={
            "help": "passes if the lower limit is at least this; fails if the upper limit is below"
        },
    )
    where: Pairs = field(
        default=(),
        metadata={
            "help": "which findings: `target`, `category`, `intent`, `attack`, `rater`, `level`;"
            " default: everything"
        },
    )

    def __attrs_post_init__(self) -> None:
        if (self.max is None) is (self.min is None):
            msg = f"gate on {self.measure!r}: give either max or min"
            raise ValueError(msg)

    @property
    def bound(self) -> float:
        """The threshold, whichever it is."""
        bound = self.max if self.max is not None else self.min
        assert bound is not None
        return bound


@frozen(kw_only=True)
class GateResult:
    """A gate and what became of it.

    Attributes:
        standing: ``planned`` if it was frozen with this threshold, and so was all that it is about.
    """

    gate: Gate
    state: GateState
    why: str
    standing: Standing = Standing.UNREGISTERED


@frozen(kw_only=True)
class Cell:
    """Counts of one target, category, intent and attack: the design beside what happened.

    Attributes:
        families: Of the design; a finding has those that its number rests on.
        off_script: Attempts in which a line took an answer for granted that had not come: the
            reply before it was empty, blocked, or marked as what a block stands for (VALIDITY 8).
        no_candidate: Searches that submitted nothing; they are *done*.
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


@frozen(kw_only=True)
class TargetFacts:
    """What is known of a target. ``unknown`` is written out (VALIDITY 3).

    Attributes:
        tokens_in: Of all calls, as *tokens_out*; None if the provider did not say of one.
    """

    name: str
    id: str
    provider: str
    model: str
    returned_models: tuple[str, ...]
    language_model: bool
    system_prompt: str = field(repr=False)
    sampling: Pairs
    calls: int
    tokens_in: int | None
    tokens_out: int | None


@frozen(kw_only=True)
class RaterFacts:
    """A rater with the card it publishes.

    Attributes:
        kind: ``"rule"``, ``"judge"`` or ``"person"``.
        later: Whether it was added after the run had begun.
        asks: The endpoints that it asks.
        source: Distribution and version that supply it; empty of a person.
        files_hash: Of the files of that, which hold the words of a judge's questions.
    """

    name: str
    kind: str
    scales: tuple[str, ...]
    languages: tuple[str, ...]
    card: "tuple[CardLine, ...]" = ()
    later: bool = False
    revision: int = 1
    asks: tuple[JudgeFacts, ...] = ()
    source: str = ""
    files_hash: str = ""


@frozen(kw_only=True)
class CardLine:
    """One published property of a rater, with the population it was measured on (VALIDITY 17)."""

    statistic: str
    value: float
    lower: float
    upper: float
    n: int
    population: str
    scale: str = ""


@frozen(kw_only=True)
class CategoryFacts:
    """A category and what it asks.

    Attributes:
        measures: Ids of those of its own, in the order in which it declares them.
    """

    name: str
    measures: tuple[str, ...]


MEASURING = ("provider", "attack", "category", "rater")
"""Kinds of components whose files decide what is measured."""


@frozen(kw_only=True)
class Component:
    """A part of the run and the distribution that supplied it."""

    kind: str
    id: str
    distribution: str
    version: str
    files_hash: str


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
        agreements: Where people marked replies that a rule or a judge marked too.
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
