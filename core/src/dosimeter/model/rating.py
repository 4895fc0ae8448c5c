"""Opinions about what was said, and the scales they are given on."""

import math
import re
from enum import StrEnum

from attrs import Attribute, field, frozen

from dosimeter.model.conversation import Conversation, Pairs, Verdict
from dosimeter.model.design import Intent, Reference


class SubjectKind(StrEnum):
    """What is rated."""

    PATH = "path"
    TURN = "turn"
    PROMPT = "prompt"
    ITEM = "item"
    ANCHOR = "anchor"


class Aspect(StrEnum):
    """Which part of a reply is rated."""

    ANSWER = "answer"
    REASONING = "reasoning"
    WHOLE = "whole"


@frozen(kw_only=True)
class Subject:
    """One thing to rate.

    Attributes:
        owner_id: Attempt, item or text that it belongs to.
        leaf: Id of the message that ends the path; empty for items and anchors.
    """

    id: str
    kind: SubjectKind
    owner_id: str
    leaf: str = ""
    aspect: Aspect = Aspect.ANSWER


class ScaleKind(StrEnum):
    """What arithmetic a scale allows."""

    ORDINAL = "ordinal"
    NOMINAL = "nominal"
    REAL = "real"
    BOOLEAN = "boolean"


class Direction(StrEnum):
    """Which end is worse; part of the definition, so nothing is ever turned round (trap 7)."""

    HIGHER_IS_WORSE = "higher is worse"
    LOWER_IS_WORSE = "lower is worse"
    NEITHER = "neither"


Value = int | float | str | bool


@frozen(kw_only=True)
class Level:
    """One level of a scale, with its rubric.

    Attributes:
        value: As it stands in a mark.
        rule: Decision rule: when this level and not its neighbour.
        example: An inert text at this level.
        near_misses: Inert texts that just miss it, each towards one neighbour.
        anchor: An inert text that raters are shown to fix the level.
    """

    value: int | str
    name: str
    rule: str = ""
    example: str = field(default="", repr=False)
    near_misses: tuple[str, ...] = field(default=(), repr=False)
    anchor: str = field(default="", repr=False)


def _finite(value: float) -> bool:
    """Say whether a float, as marks are stored, can hold *value*."""
    try:
        return math.isfinite(value)
    except (OverflowError, TypeError):
        return False


@frozen(kw_only=True)
class Scale:
    """A named scale.

    Attributes:
        levels: From low to high; empty for real and boolean scales.
        bounds: Lowest and highest value of a real scale, if it has any.
        hazard: Whether high marks tell of dangerous text, so that such replies are withheld.
        withhold_from: Lowest value that withholds, and one that a mark can reach; needed if and only
            if *hazard*.
        when_blocked: The mark that a provider's block stands for when the system, not the model,
            is measured. None: a block is missing on this scale.
    """

    name: str
    kind: ScaleKind
    summary: str = ""
    levels: tuple[Level, ...] = ()
    bounds: tuple[float, float] | None = None
    direction: Direction = Direction.NEITHER
    hazard: bool = False
    withhold_from: float | None = None
    when_blocked: Value | None = None

    def __attrs_post_init__(self) -> None:
        discrete = self.kind in {ScaleKind.ORDINAL, ScaleKind.NOMINAL}
        if discrete is not bool(self.levels):
            verb = "need" if discrete else "have no"
            msg = f"scale {self.name!r}: {self.kind} scales {verb} levels"
            raise ValueError(msg)
        if self.kind is ScaleKind.ORDINAL and not all(
            isinstance(v.value, int) for v in self.levels
        ):
            msg = f"scale {self.name!r}: levels of an ordinal scale are integers"
            raise ValueError(msg)
        if self.hazard is (self.withhold_from is None):
            msg = f"scale {self.name!r}: hazard and withhold_from go together"
            raise ValueError(msg)
        if self.hazard and self.kind is ScaleKind.NOMINAL:
            msg = f"scale {self.name!r}: a scale of hazard has numbers, and is not nominal"
            raise ValueError(msg)
        if self.withhold_from is not None and not _finite(self.withhold_from):
            msg = f"scale {self.name!r}: withhold_from is a finite number"
            raise ValueError(msg)
        if not all(isinstance(v.value, str) or _finite(v.value) for v in self.levels):
            msg = f"scale {self.name!r}: a level is too large a number"
            raise ValueError(msg)
        if self.withhold_from is not None and self.withhold_from > self.ends[1]:
            msg = (
                f"scale {self.name!r}: withhold_from={self.withhold_from:g} withholds nothing, as the"
                f" highest mark is {self.ends[1]:g}; name the mark that dangerous text begins at"
            )
            raise ValueError(msg)

    @property
    def ends(self) -> tuple[float, float]:
        """Lowest and highest number that a mark can be; infinite where nothing bounds them."""
        if self.kind is ScaleKind.BOOLEAN:
            return 0.0, 1.0
        if self.kind is ScaleKind.ORDINAL:
            numbers = [float(level.value) for level in self.levels]
            return min(numbers), max(numbers)
        return self.bounds or (-math.inf, math.inf)

    def fault(self, value: Value) -> str:
        """Say why *value* is no mark on this scale; empty if it is one."""
        match self.kind:
            case ScaleKind.BOOLEAN:
                return "" if isinstance(value, bool) else "expected true or false"
            case ScaleKind.REAL:
                if isinstance(value, bool | str) or not _finite(value):
                    return "expected a finite number"
                if self.bounds and not self.bounds[0] <= value <= self.bounds[1]:
                    return f"expected a number from {self.bounds[0]} to {self.bounds[1]}"
                return ""
            case _:
                known = [level.value for level in self.levels]
                if not isinstance(value, bool) and value in known and type(value) in {int, str}:
                    return ""
                return f"expected one of {', '.join(map(str, known))}"


class Outcome(StrEnum):
    """Whether a mark has a value at all."""

    SCORED = "scored"
    UNSCORABLE = "unscorable"
    FAILED = "failed"


def _value_iff_scored(mark: "Mark", _: "Attribute[Value | None]", value: Value | None) -> None:
    if (value is not None) is not (mark.outcome is Outcome.SCORED):
        msg = f"value={value!r} contradicts outcome={mark.outcome.value!r}"
        raise ValueError(msg)
    if mark.outcome is not Outcome.SCORED and not mark.reason:
        msg = f"a mark that is {mark.outcome.value} needs a reason"
        raise ValueError(msg)


UNDECLARED = "undeclared-language"
"""Why a rater was not asked: it does not declare the language that was asked for."""
VERDICT_ALONE, NO_VERDICT = "verdict", "no-verdict"
"""Why a rater was not asked: a reply is a verdict and it reads text, or is text and it reads verdicts."""
REASONS = frozenset({
    "", "blocked", "cannot-tell", "echo", "empty", "error", "judge", "language", "no-mark",
    "not-answered", "reply-failed", UNDECLARED, VERDICT_ALONE, NO_VERDICT,
})  # fmt: skip
"""Why there is no mark, in the words that are kept beside sealed text; after a colon, more."""
FURTHER = re.compile("[A-Za-z]{1,40}(-[A-Za-z0-9]{1,8})?")
"""What may stand there beside sealed text: a language's tag, the class of an error."""


@frozen(kw_only=True)
class Mark:
    """One value on one scale, or the reason why there is none.

    Attributes:
        value: Present if and only if *outcome* is ``SCORED``.
        reason: Machine-readable, never text of a reply: ``"language:sw"``, ``"empty"``.
    """

    scale: str
    outcome: Outcome = Outcome.SCORED
    reason: str = ""
    value: Value | None = field(default=None, validator=_value_iff_scored)


@frozen(kw_only=True)
class Span:
    """Evidence: characters *start* to *end* of the rated text.

    Attributes:
        part: 0 for the reply; the index of the message where a whole conversation is rated.
    """

    part: int = 0
    start: int
    end: int


@frozen(kw_only=True)
class Opinion:
    """What a rater returns for one case.

    Attributes:
        confidence: 0 to 1, the rater's own; None if it has none.
    """

    marks: tuple[Mark, ...]
    evidence: tuple[Span, ...] = ()
    rationale: str = field(default="", repr=False)
    confidence: float | None = None


@frozen(kw_only=True)
class Rating:
    """An opinion as core stamps it.

    Attributes:
        vote: 0, 1, ... when one rater is asked several times.
        supersedes: Id of the rating that this one corrects.
        batch_id: The drawn batch that a person's rating belongs to.
    """

    id: str
    subject_id: str
    rater_id: str
    opinion: Opinion
    vote: int = 0
    supersedes: str | None = None
    batch_id: str | None = None


PERSON = "person"
"""The kind of rater that a person is, beside ``"rule"`` and ``"judge"``."""


class Sees(StrEnum):
    """What a rater may be shown. It gets exactly what its spec declares."""

    REPLY = "reply"
    REASONING = "reasoning"
    PROMPT = "prompt"
    CONVERSATION = "conversation"
    GOAL = "goal"
    INTENT = "intent"
    LANGUAGE = "language"
    REFERENCE = "reference"
    RUBRIC = "rubric"
    FACTORS = "factors"
    VERDICT = "verdict"


@frozen(kw_only=True)
class Case:
    """What a rater, or a search attack, is shown. Never an id.

    A field is None unless the spec declares it. Raters that see the conversation see all of it.

    Attributes:
        reply: The last reply's words.
        prompt: The last user message's words.
        language: BCP 47 tag of the language that was asked for, not necessarily the reply's.
        factors: Of item and variant, only the declared ones.
        verdict: That a guardrail ended its reply with, in place of text.
    """

    reply: str | None = field(default=None, repr=False)
    reasoning: str | None = field(default=None, repr=False)
    prompt: str | None = field(default=None, repr=False)
    conversation: Conversation | None = field(default=None, repr=False)
    goal: str | None = field(default=None, repr=False)
    intent: Intent | None = None
    language: str | None = None
    reference: Reference | None = field(default=None, repr=False)
    rubric: tuple[Scale, ...] | None = field(default=None, repr=False)
    factors: Pairs | None = None
    verdict: Verdict | None = None
