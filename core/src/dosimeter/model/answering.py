"""Answers to measures, numbers or the reason why there is none, and gates that are held against them."""

from enum import StrEnum

from attrs import field, frozen
from attrs.validators import gt, optional

from dosimeter.model.conversation import Pairs
from dosimeter.model.rating import Value

FEW_FAMILIES = 10
"""Families below which no estimate is given: an interval over so few clusters does not hold."""
SOME_FAMILIES = 30
"""Families below which a number that is given carries a word that they are few."""
MANY_MISSING = 0.05
"""The share above which what is missing is told beside a number, and held against a gate."""
BROKEN_CELL = "broken-cell"
"""Code of the caveat of a number whose rater broke down too often for it to be quoted or pass a gate."""
UNRELIABLE = "unreliable"
"""Code of that of a number whose rater agrees too little with people to be quoted."""
DISAGREE = "people-disagree"
"""Code of that of a number on what people themselves do not agree on: neither is it quoted."""
HIDDEN = "missing-decides"
"""Code of that of a number which what is missing could put outside its interval."""
NOT_QUOTED = (BROKEN_CELL, UNRELIABLE, DISAGREE, HIDDEN)
"""Codes of the caveats of numbers that are not quoted."""


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
        at_least: Of those, the ones with a mark, which the rest could have changed: for the worse on scales
            of hazard, either way on others. *lower* and *upper* say how far.
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
        unmarked: Share of the number's own weight, such as of families that weigh alike, that has no mark:
            little where a few families of many attempts lack some, much where families lack all.
        open: Share of the number's range that lies between *lower* and *upper*.
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
    unmarked: float = 0.0
    open: float = 0.0

    @property
    def lost(self) -> int:
        """What should have entered an estimate and did not, whatever the reason."""
        return self.not_run + self.failed + self.unscorable + self.unrated + self.no_candidate

    @property
    def share(self) -> float:
        """Share of what should have a whole mark, and has none or that of a cut reply.

        The largest of that of attempts, of units that people were asked about, and of weight.
        """
        of_attempts = (self.lost + self.at_least + self.shown) / max(self.planned, 1)
        return max(of_attempts, self.gone, self.open)

    @property
    def gone(self) -> float:
        """Share of what should have a mark and has none, cut replies apart; the largest likewise."""
        silent = self.silent / self.asked if self.asked > 0 else 0.0
        return max(self.lost / max(self.planned, 1), silent, self.unmarked)

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
    """Limits that hold for several numbers at once: all ways of asking (VALIDITY 2), or all gates.

    Of differences within families, for all that answer one question of the validity panel.

    Attributes:
        of: How many: each has the level 1 - (1 - level) / *of* (Bonferroni).
    """

    lower: float
    upper: float
    of: int


@frozen(kw_only=True)
class OfGates(Simultaneous):
    """Limits by which gates are decided: those that pass one, and those that fail one.

    Attributes:
        fails: The latter, for each count of numbers of which the worst fails a gate. They hold for all
            of these and all gates at once, *of* in all.
    """

    fails: tuple[Simultaneous, ...] = ()


@frozen(kw_only=True)
class BothWays:
    """A rate with the levels counted that lie beside its own, such as a partial refusal (VALIDITY 13).

    Attributes:
        levels: What is counted besides the measure's threshold.
        of_gates: Its limits at the levels that gates are decided at; None where these are the usual.
        lowest: This rate if every missing mark were at its lowest, as `Missing.lower` is of the number.
        highest: If every missing mark were at its highest.
    """

    levels: tuple[Value, ...]
    value: float
    lower: float
    upper: float
    lowest: float | None = None
    highest: float | None = None
    of_gates: OfGates | None = None


@frozen(kw_only=True)
class Corrected:
    """A rater's number with its errors carried (VALIDITY 15, 17, 19), or why it is not corrected.

    Attributes:
        method: ``"ppi++-cr1-t"`` or ``"active-t"`` by labels of people on drawn replies of the cell,
            ``"korn-graubard-labelled"`` or ``"bounded-mean-labelled"`` by these alone,
            ``"lang-reiczigel-clustered"`` by a card; empty if it is refused.
        value: None if it is refused; *code* and *why* say the reason then, *would_need* what would do.
        labels: Labels that it rests on: replies of the cell that people marked; of a card, its own.
        families: With a label in the cell; of a card, those of the cell that the rater marked.
        people: Who gave the labels; none of a card.
        estimand: What the number is a number of.
        lowest: What it could be if what never came to be, and the rest of what was cut, were lowest.
        highest: If it were highest; both None where that is not known.
        simultaneous: As of the estimate that it corrects, *both_ways* and *of_gates* likewise.
    """

    method: str = ""
    value: float | None = None
    lower: float | None = None
    upper: float | None = None
    labels: int = 0
    families: int = 0
    people: tuple[str, ...] = ()
    estimand: str = ""
    code: str = ""
    why: str = ""
    would_need: str = ""
    lowest: float | None = None
    highest: float | None = None
    simultaneous: Simultaneous | None = None
    both_ways: BothWays | None = None
    of_gates: OfGates | None = None


@frozen(kw_only=True)
class Estimate:
    """A number with its error.

    Attributes:
        group: Where it holds: target, category, intent, attack and rater, levels of the factors that the
            measure names, and level for shares. What is compared is called ``"b less a"``, what is
            averaged ``"a and b"``, attacks together ``"any of a, b"`` or ``"mean of a, b"``,
            categories together ``"micro of a, b"``, ``"macro of a, b"`` or ``"worst of a, b"``.
        value: In the units of the measure; shares are 0 to 1.
        level: Confidence level of *lower* and *upper*, 0 to 1.
        n: Marks that entered.
        families: Clusters that entered.
        effective_n: *n* divided by the design effect; None if undefined.
        estimand: What the number is a number of, as a sentence (VALIDITY 2).
        other_scope: What it is if a provider's blocks are taken the other way.
        simultaneous: None where there is one way of asking only, or one such difference.
        both_ways: None where the measure names no levels beside its own.
        of_gates: Limits at the level that gates are passed at, alpha being split over them, and those
            that fail them; None where both are the usual.
        corrected: What is left of a rule's or a judge's number when its errors are taken out; None where
            neither people's labels nor a card with counts could tell.
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
    of_gates: OfGates | None = None
    corrected: Corrected | None = None

    @property
    def design_effect(self) -> float | None:
        """How many times the variance is that of as many families of one mark; None if undefined."""
        return self.n / self.effective_n if self.effective_n else None

    @property
    def icc(self) -> float | None:
        """The correlation of marks of a family that the design effect amounts to (Kish).

        That is (deff - 1) / (marks a family - 1); below 0 where marks of a family differ more than
        those of others. None where every family has one mark, or there is no design effect.
        """
        size = self.n / max(self.families, 1)
        effect = self.design_effect
        return None if effect is None or size <= 1 else (effect - 1) / (size - 1)


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


class Decide(StrEnum):
    """By what a gate is decided; never by an estimate."""

    UPPER = "upper"
    LOWER = "lower"
    EQUIVALENT = "equivalent"
    NO_WORSE = "no-worse"


DECIDES = {
    "at_most": (Decide.UPPER,),
    "at_least": (Decide.LOWER,),
    "baseline": (Decide.EQUIVALENT, Decide.NO_WORSE),
}
"""What may decide a gate of each kind, the usual first."""


@frozen(kw_only=True)
class Gate:
    """A threshold on a limit of an interval, a most or a least; or a margin about a baseline run.

    Attributes:
        where: Group pairs a finding must have; a gate holds for every finding that matches. Attacks
            together are only those of a gate that says so, ``("attack", "any")`` for whichever there are.
    """

    measure: str = field(
        metadata={"help": "id of a measure of the category, or a default one of a rater's scale"}
    )
    at_most: float | None = field(
        default=None,
        metadata={
            "help": "passes if the upper limit is at most this; fails if the lower limit is above"
        },
    )
    at_least: float | None = field(
        default=None,
        metadata={
            "help": "passes if the lower limit is at least this; fails if the upper limit is below"
        },
    )
    baseline: str = field(
        default="",
        metadata={
            "help": "name or folder of an earlier run: passes if the difference to it, on the prompts"
            " that both put, is shown to lie within `margin`; fails if it is shown to lie outside"
        },
    )
    margin: float | None = field(
        default=None,
        validator=optional(gt(0)),
        metadata={"help": "of a gate with a baseline: the largest difference that does not matter"},
    )
    decide: Decide | None = field(
        default=None,
        metadata={
            "help": "by what it is decided: `upper` (of at_most), `lower` (of at_least), `equivalent`"
            " or `no-worse` (of a baseline: a change for the better passes too); default: the first"
            " that fits"
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
        kinds = [k for k in DECIDES if getattr(self, k) not in {None, ""}]
        if len(kinds) != 1:
            msg = f"gate on {self.measure!r}: give one of at_most, at_least and baseline"
            raise ValueError(msg)
        if (self.margin is None) is bool(self.baseline):
            need = "a baseline needs a margin" if self.baseline else "a margin is of a baseline"
            msg = f"gate on {self.measure!r}: {need}"
            raise ValueError(msg)
        fits = DECIDES[kinds[0]]
        if self.decide not in {None, *fits}:
            told = " or ".join(repr(f.value) for f in fits)
            msg = (
                f"gate on {self.measure!r}: {kinds[0]} is decided by {told}, not {str(self.decide)!r}:"
                " that a limit on the other side is inside shows nothing"
            )
            raise ValueError(msg)

    @property
    def bound(self) -> float:
        """The threshold, whichever it is; of a baseline the margin."""
        bound = next(b for b in (self.at_most, self.at_least, self.margin) if b is not None)
        return float(bound)

    @property
    def decided_by(self) -> Decide:
        """By what it is decided: as it says, or else by the first that fits."""
        kind = next(k for k in DECIDES if getattr(self, k) not in {None, ""})
        return self.decide or DECIDES[kind][0]

    @property
    def no_worse(self) -> bool:
        """Whether a change for the better passes whatever its size."""
        return self.decide is Decide.NO_WORSE


def level_of_gates(level: float, gates: int) -> float:
    """Give the level at which each of several gates is decided: alpha is split over them."""
    return 1 - (1 - level) / max(gates, 1)


@frozen(kw_only=True)
class GateResult:
    """A gate and what became of it.

    Attributes:
        why: The number that decides it, the worst, or why none does.
        standing: ``planned`` if it was frozen with this threshold, and so was all that it is about.
        decide: By what it was decided, whether it said so or not.
        numbers: How many numbers, and reasons why there is none, it was held against.
        group: Where the one is that decides; all that follows is of that one.
        value: None if it is no number, as what follows. Of a baseline the difference.
        lower: The limit that it is held against the threshold by. That on the side which passes the
            gate holds for all gates of the stack at once; the other one, which fails it, for all
            *numbers* too.
        upper: Likewise. Of a baseline both are of the test that decides: at 1 - 2 alpha where it passes,
            and else of the interval for all *numbers*.
        n: Marks that entered; of a baseline the prompts that both put and that have marks of both.
        families: Clusters that entered.
    """

    gate: Gate
    state: GateState
    why: str
    standing: Standing = Standing.UNREGISTERED
    decide: Decide | None = None
    numbers: int = 0
    group: Pairs = ()
    value: float | None = None
    lower: float | None = None
    upper: float | None = None
    n: int | None = None
    families: int | None = None


@frozen(kw_only=True)
class Look:
    """What a run that stops by itself saw of its gates, once a wave was answered and rated.

    Attributes:
        families: Asked by then, over all categories.
        states: Of each gate, in the order of the stack.
        limits: Of each gate, what it looked at; None where there was no number.
    """

    families: int
    states: tuple[GateState, ...]
    limits: tuple[tuple[float, float] | None, ...] = ()

    @property
    def decided(self) -> bool:
        """Whether every gate passes or fails."""
        return bool(self.states) and GateState.INCONCLUSIVE not in self.states
