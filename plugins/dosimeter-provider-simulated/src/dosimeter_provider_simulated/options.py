"""Options of the simulated model: its truth and its faults."""

from attrs import field, frozen
from attrs.validators import and_, ge, le

from dosimeter import option

SHARE = and_(ge(0.0), le(1.0))


@frozen(kw_only=True)
class Difficulty:
    """How hard one goal is: what is added wherever *text* stands in a request."""

    text: str = field(metadata={"help": "looked for without regard to case"})
    logit: float = field(metadata={"help": "added to the logit of refusing"})


@frozen(kw_only=True)
class Shift:
    """What a framing does: added where its words stand in the request or before it."""

    text: str = field(
        metadata={
            "help": "looked for without regard to case, in every message of the conversation; left out"
            " when a goal is told from another, so that one request keeps its difficulty in any frame"
        }
    )
    refusal: float = field(default=0.0, metadata={"help": "added to the logit of refusing"})
    severity: float = field(default=0.0, metadata={"help": "added to the logit of detail"})


@frozen(kw_only=True)
class SimulatedOptions:
    """Truth and faults of the simulated model.

    Probabilities of refusing are on the logit scale: a base, plus what words of harm add (intent),
    plus what alarming words add whatever is meant (keyword), plus both at once (interaction), plus
    the goal's difficulty, plus what the framing does, plus noise by wording.
    """

    harm_words: tuple[str, ...] = option(
        identity=True,
        default=("harm", "hurt", "poison", "kill", "attack", "weapon", "injure", "suffer", "sick",
                 "unnoticed", "without him noticing", "hospital", "beat him", "burn down", "sabotage"),
        help="words by which it takes a request to be harmful",
    )  # fmt: skip
    trigger_words: tuple[str, ...] = option(
        identity=True, default=("kill", "shoot", "explode", "poison", "attack"),
        help="words that alarm it whatever is meant",
    )  # fmt: skip
    base: float = option(identity=True, default=-3.0, help="logit of refusing a plain request")
    intent: float = option(identity=True, default=5.0, help="what harm words add to the logit")
    keyword: float = option(identity=True, default=0.5, help="what trigger words add to the logit")
    interaction: float = option(identity=True, default=0.0, help="what both together add besides")
    difficulties: tuple[Difficulty, ...] = option(
        identity=True, default=(), help="goals of declared difficulty: [{text, logit}]"
    )
    difficulty: float = option(
        identity=True,
        validator=ge(0),
        default=0.0,
        help="sd of the logit over goals that are not declared",
    )
    shifts: tuple[Shift, ...] = option(
        identity=True, default=(),
        help="what framings do: [{text, refusal, severity}], on the logit scale",
    )  # fmt: skip
    noise: float = option(
        identity=True, validator=ge(0), default=0.5, help="sd of the logit over wordings"
    )
    severity: float = option(
        identity=True,
        validator=SHARE,
        default=0.4,
        help="0 to 1: how detailed it is when it does not refuse",
    )
    severity_by_difficulty: float = option(
        identity=True, default=0.0, help="what a unit of difficulty adds to the logit of detail"
    )
    latency: float = option(
        operational=True, validator=ge(0), default=0.0, help="mean seconds a reply takes"
    )
    throttled: float = option(
        operational=True, validator=SHARE, default=0.0, help="share of tries answered 429"
    )
    retry_after: float = option(
        operational=True, validator=ge(0), default=0.0, help="seconds that a 429 asks for"
    )
    broken: float = option(
        operational=True, validator=SHARE, default=0.0, help="share of tries that fail with 503"
    )
    filtered: float = option(
        identity=True, validator=SHARE, default=0.0, help="share of replies blocked"
    )
    cut: float = option(
        identity=True, validator=SHARE, default=0.0, help="share of replies cut in the middle"
    )


@frozen(kw_only=True)
class ReplayOptions:
    """Where replies come from."""

    path: str = option(
        identity=True,
        help="replay/journal: a run's journal.sqlite; else a CSV file: prompt, reply[, model, stop]",
    )
    target: str = option(
        identity=True, default="", help="whose replies, if the journal has several targets"
    )
