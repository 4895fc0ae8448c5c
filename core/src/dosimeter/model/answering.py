"""Answers to measures, numbers or the reason why there is none, and gates that are held against them."""

from enum import StrEnum

from attrs import field, frozen

from dosimeter.model.conversation import Pairs
from dosimeter.model.rating import Value

FEW_FAMILIES = 10
"""Families below which no estimate is given: an interval over so few clusters does not hold."""
MANY_MISSING = 0.05
"""The share above which what is missing is told beside a number, and held against a gate."""
BROKEN_CELL = "broken-cell"
"""Code of the caveat of a number whose rater broke down too often for it to be quoted or pass a gate."""


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
        group: Where it holds: target, category, intent, attack and rater, levels of the factors that the
            measure names, and level for shares. What is compared is called ``"b less a"``, what is
            averaged ``"a and b"``, attacks together ``"any of a, b"`` or ``"mean of a, b"``.
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
        where: Group pairs a finding must have; a gate holds for every finding that matches. Attacks
            together are only those of a gate that says so, ``("attack", "any")`` for whichever there are.
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
            "help": "which findings: `target`, `category`, `intent`, `attack`, `rater`, `level`, or a factor"
            " that the measure names; default: everything, each attack by itself (`any` for"
            " at least one of them)"
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
