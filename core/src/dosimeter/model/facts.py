"""What stands behind the numbers of a report: who took part, by which words, what it took, who differs."""

import math

from attrs import field, frozen

from dosimeter.model.conversation import Pairs
from dosimeter.model.rating import Value

MEASURING = ("provider", "attack", "category", "rater")
"""Kinds of components whose files decide what is measured."""


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
class JudgeFacts:
    """An endpoint that a rater asks, as it was configured and as it answered.

    Attributes:
        role: In which it is asked.
        returned_models: What it called itself; none if it told nothing.
        system_prompt_hash: First digits of SHA-256; empty if it has none.
        sampling: ``unknown`` is the provider's own.
        identity: Its provider's options that change what it says, as JSON.
        calls: Questions of this rater that have an answer.
        tokens_in: Of those, as *tokens_out*; None if the provider did not say of one.
    """

    role: str
    name: str
    provider: str
    model: str
    returned_models: tuple[str, ...]
    language_model: bool
    system_prompt_hash: str
    sampling: Pairs
    identity: Pairs
    calls: int
    tokens_in: int | None
    tokens_out: int | None


@frozen(kw_only=True)
class CardCounts:
    """Counts of a rater against people's labels, and whose labels of what (VALIDITY 17).

    Attributes:
        positive: Levels of the scale that are counted as positive; the others are negative.
        tp: Of the replies that people called positive, those that the rater called so.
        positives: Replies that people called positive.
        tn: Of the others, those that the rater called negative.
        negatives: Their number.
        category: Of the replies; a card corrects in no other.
        version: Of that category's items.
        intents: Of the requests, *attacks* and *languages* likewise; all that there were.
        models: Names of the models that replied, or how the names of a family of models begin.
        design_effects: By how much the families of replies make *positives*, and *negatives*, worth
            fewer than they are; 1 where every reply is of a goal of its own.
    """

    positive: tuple[Value, ...]
    tp: int
    positives: int
    tn: int
    negatives: int
    category: str
    version: str = ""
    intents: tuple[str, ...] = ()
    attacks: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    design_effects: tuple[float, float] = (1.0, 1.0)

    def __attrs_post_init__(self) -> None:
        if not (0 <= self.tp <= self.positives and 0 <= self.tn <= self.negatives):
            msg = (
                f"counts of {self.category}: tp={self.tp} of positives={self.positives} and"
                f" tn={self.tn} of negatives={self.negatives}; each is a part of what it is counted of"
            )
            raise ValueError(msg)
        if not self.positive or not all(1 <= one < math.inf for one in self.design_effects):
            need = "name the levels that are positive; design effects are at least 1"
            msg = f"counts of {self.category}: {need}"
            raise ValueError(msg)


@frozen(kw_only=True)
class CardLine:
    """One published property of a rater, with the population it was measured on (VALIDITY 17).

    Attributes:
        specificity_of: Levels of which it is the specificity: how often what is at none of them is
            marked at none of them. Of the levels of a scale that are left it is the sensitivity.
        counts: By which rates may be corrected where the population is the same; None of a test that
            qualifies a rater and corrects nothing.
        stated: Of a point of the calibration curve, how sure the rater was; *value*: how often right.
    """

    statistic: str
    value: float
    lower: float
    upper: float
    n: int
    population: str
    scale: str = ""
    specificity_of: tuple[Value, ...] = ()
    counts: CardCounts | None = None
    stated: float | None = None


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
    card: tuple[CardLine, ...] = ()
    later: bool = False
    revision: int = 1
    asks: tuple[JudgeFacts, ...] = ()
    source: str = ""
    files_hash: str = ""


@frozen(kw_only=True)
class CategoryFacts:
    """A category and what it asks.

    Attributes:
        measures: Ids of those of its own, in the order in which it declares them.
    """

    name: str
    measures: tuple[str, ...]


@frozen(kw_only=True)
class Component:
    """A part of the run and the distribution that supplied it."""

    kind: str
    id: str
    distribution: str
    version: str
    files_hash: str


@frozen(kw_only=True)
class RubricLevel:
    """One level of a rubric."""

    value: int | str
    name: str
    rule: str


@frozen(kw_only=True)
class Rubric:
    """The words by which a scale of a category is marked.

    Attributes:
        title: The scale's name.
        hash: SHA-256 of all its words, examples and anchors included.
        raters: Who gave a mark on it.
        withheld: Whether its words are, as items of the category are not public.
        text: What holds of all levels; None if it is withheld. *levels* likewise.
    """

    category: str
    title: str
    kind: str
    hash: str
    raters: tuple[str, ...]
    withheld: bool
    text: str | None = field(default=None, repr=False)
    levels: tuple[RubricLevel, ...] | None = field(default=None, repr=False)


@frozen(kw_only=True)
class EndpointUse:
    """What all tries of one endpoint took, those included whose answer was not used.

    Attributes:
        roles: In which it was asked.
        requests: Tries; answers of the cache are none.
        tokens_in: None if the provider did not say of a try that may have taken some; *tokens_out*
            likewise.
        money: In the currency of the stack's prices; None if no price is known.
    """

    endpoint: str
    provider: str
    model: str
    roles: tuple[str, ...]
    requests: int
    tokens_in: int | None
    tokens_out: int | None
    money: float | None


@frozen(kw_only=True)
class Agreement:
    """How often a person's mark differs from a rater's, on replies that both marked in one cell.

    These are counts and no estimate: they hold of those replies, however they were chosen.

    Attributes:
        both: Replies with a mark of both.
        differ: Of those, the ones on which most of the rater's marks are another than the person's.
    """

    rater: str
    person: str
    scale: str
    target: str
    category: str
    intent: str
    attack: str
    both: int
    differ: int


PEOPLE = "people"
"""The kind of reliability that inter-rater reliability is: of people, with one another."""
AGAINST_PEOPLE = "rater-against-people"
"""That of a rule or a judge held against one person: no inter-rater reliability."""


@frozen(kw_only=True)
class Reliability:
    """How well raters agree on the drawn replies that more than one of them marked (VALIDITY 18).

    Attributes:
        kind: ``"people"``, which alone is inter-rater reliability, or ``"rater-against-people"``.
        raters: Whose marks are compared.
        metric: What marks were taken to be: ``"ordinal"`` or ``"nominal"``.
        units: Replies that two or more of them marked.
        families: Of these replies; the interval is over families.
        minority: Of those, the ones in the rarer half of the scale, or outside the commonest level.
        alpha: Krippendorff's, weighted to the run; None if undefined, as are all numbers here.
        lower: Lower limit of *alpha* at 95 %, two-sided; the verdict is taken on it.
        upper: Upper limit.
        ac: Gwet's AC1 of names, quadratic AC2 of grades, of the replies as they are.
        same: Share of pairs of marks that are the same, likewise.
        levels: How many marks are at each level.
        verdict: ``"full"``, ``"tentative"``, ``"refused"``, or ``"not-estimable"``, which is not "low".
        why: Why it is none of the first two; empty if it is.
        would_need: What would make it estimable; empty if it is.
    """

    kind: str
    raters: tuple[str, ...]
    category: str
    scale: str
    intent: str
    metric: str = ""
    units: int = 0
    families: int = 0
    minority: int = 0
    alpha: float | None = None
    lower: float | None = None
    upper: float | None = None
    ac: float | None = None
    ac_lower: float | None = None
    ac_upper: float | None = None
    same: float | None = None
    same_lower: float | None = None
    same_upper: float | None = None
    levels: tuple[tuple[str, int], ...] = ()
    verdict: str = "not-estimable"
    why: str = ""
    would_need: str = ""
