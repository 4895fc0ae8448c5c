"""A composed configuration, checked and resolved: what a stack file means."""

from enum import StrEnum

from attrs import field, frozen
from attrs.validators import ge, gt, le

from dosimeter.limits import bounded
from dosimeter.model.answering import Gate
from dosimeter.model.comparing import Declared
from dosimeter.model.conversation import Pairs
from dosimeter.model.doing import Role
from dosimeter.model.work import Endpoint, Price


class Scope(StrEnum):
    """What is measured.

    ``system`` counts a provider's block as a full refusal; ``model`` counts it as missing.
    """

    SYSTEM = "system"
    MODEL = "model"


class StopRule(StrEnum):
    """When a run has asked enough."""

    PLAN_DONE = "plan-done"
    WHEN_DECIDED = "when-decided"


@frozen(kw_only=True)
class Choice:
    """A plugin's component with its options.

    Attributes:
        identity: Identity options as name and canonical JSON, defaults included.
        operational: Operational options likewise.
    """

    id: str
    name: str = field(metadata={"help": "what the report calls it; used once; default: the id"})
    identity: Pairs = ()
    operational: Pairs = ()
    roles: tuple[tuple[Role, str], ...] = field(
        default=(),
        metadata={"help": 'endpoint by role, for what asks other models: `{ judge = "NAME" }`'},
    )


@frozen(kw_only=True)
class CategoryChoice:
    """A category as a stack asks for it.

    Attributes:
        panel: The first or only one.
        beside: Further panels.
    """

    choice: Choice
    panel: str = field(
        metadata={
            "help": "which selection of its items, or several that run under the same attacks:"
            ' `["quickstart", "controls"]`'
            "; default: the category's first"
        }
    )
    beside: tuple[str, ...] = ()
    limit: int | None = bounded(
        ge(1),
        help="most families of each panel, spread over the strata by the seed; a run that leaves any"
        " out is not reportable; default: all",
    )
    attacks: tuple[Choice, ...] = field(
        metadata={"help": "ids, or tables with `id` and options; default: the category's own"}
    )
    languages: tuple[str, ...] = field(
        default=(), metadata={"help": "only items in these languages (BCP 47); default: all"}
    )

    @property
    def panels(self) -> tuple[str, ...]:
        """Give every panel, in the order in which they are run."""
        return (self.panel, *self.beside)


@frozen(kw_only=True)
class RaterChoice:
    """A rater as a stack asks for it."""

    choice: Choice
    votes: int = bounded(
        ge(1), default=1,
        help="how often a judge is asked about each reply; rules say the same each time, so more than"
        " 1 is refused",
    )  # fmt: skip


@frozen(kw_only=True)
class SinkChoice:
    """A sink as a stack asks for it."""

    choice: Choice
    path: str = field(
        default="",
        metadata={
            "help": "relative to the run's folder unless absolute or from `~`; not the journal;"
            " default: `report` and the sink's suffix, or `card.md`"
        },
    )


@frozen(kw_only=True)
class Budget:
    """The most a run may spend over all its sessions; None is no bound."""

    requests: int | None = bounded(
        ge(0), default=None, help="tries, retries included; default: no bound"
    )
    tokens: int | None = bounded(
        ge(0), default=None,
        help="in and out, as providers report them, estimated before each try; default: no bound",
    )  # fmt: skip
    money: float | None = bounded(
        ge(0), default=None,
        help="needs a price for every model of the stack, and is in the unit of those; default: no bound",
    )  # fmt: skip
    minutes: float | None = bounded(ge(0), default=None, help="of engine time; default: no bound")


@frozen(kw_only=True)
class Rate:
    """What one endpoint may be asked, as an entry of ``requests_per_minute`` says."""

    requests: float = bounded(gt(0), help="most requests of this endpoint a minute")


@frozen(kw_only=True)
class RunConfig:
    """How a stack is run."""

    seed: int = field(default=1, metadata={"help": "of everything random; part of every id"})
    repeats: int = bounded(
        ge(1), le(10_000), default=1, help="attempts at each item, attack and target"
    )
    max_connections: int | None = bounded(
        ge(1), default=None,
        help="calls at once to each account; endpoints with the same address and key are one account;"
        " default: the provider's",
    )  # fmt: skip
    max_retries: int = bounded(
        ge(0), default=5,
        help="tries after the first, 0 for none; content is never a reason for one",
    )  # fmt: skip
    timeout: float = bounded(gt(0), default=600.0, help="seconds for one try")
    rule_timeout: float = bounded(
        gt(0), default=120.0,
        help="seconds for a rule to rate a batch of up to 64 replies; one that takes longer rates them"
        " one by one, and has failed on each that takes as long",
    )  # fmt: skip
    scope: Scope = field(
        default=Scope.SYSTEM,
        metadata={
            "help": "what a provider's block is: a full refusal (`system`), or missing (`model`)"
        },
    )
    budget: Budget = field(default=Budget(), metadata={"help": "the most a run may spend"})
    confidence: float = bounded(
        gt(0.5),  # or there are no limits at 1 - 2 alpha, by which equivalence is shown
        le(0.999_999),
        default=0.95,
        help="level of every interval",
    )
    stop: StopRule = field(
        default=StopRule.PLAN_DONE,
        metadata={
            "help": "when it has asked enough: all that is planned (`plan-done`), or as soon as every gate"
            " is decided (`when-decided`), by limits that hold however often one looks"
        },
    )
    look: int = bounded(
        ge(1), default=20,
        help="families of each category between two looks at the gates, for `when-decided`",
    )  # fmt: skip
    requests_per_minute: tuple[tuple[str, float], ...] = field(
        default=(),
        metadata={
            "help": "most requests by name of target or endpoint; those on one account share one rate,"
            " the smallest named"
        },
    )
    accept_judge_measured: bool = field(
        default=False,
        metadata={"help": "lets a gate pass on a rate that no people's labels correct"},
    )
    plan: str = field(
        default="",
        metadata={
            "help": "file of a frozen plan, from the stack's folder, that the run is begun under"
        },
    )
    cache_days: float = bounded(
        ge(0), default=0.0,
        help="how old an answer of an earlier run may be to be taken; 0 takes and keeps none",
    )  # fmt: skip


@frozen(kw_only=True)
class Stack:
    """Everything a run needs to know, without secrets.

    Attributes:
        text: The resolved stack as canonical JSON, without secrets: journalled and hashed.
        hash: Digest of *text*.
    """

    name: str = field(
        metadata={
            "help": "names the run's folder, `runs/NAME`; no slash, and no dot in front;"
            " default: the file's name without suffix"
        }
    )
    targets: tuple[Endpoint, ...] = field(metadata={"help": "models to measure"})
    endpoints: tuple[Endpoint, ...] = field(
        metadata={"help": "models that serve in other roles: judge, attacker, ..."}
    )
    categories: tuple[CategoryChoice, ...] = field(metadata={"help": "what is measured"})
    raters: tuple[RaterChoice, ...] = field(metadata={"help": "who grades"})
    sinks: tuple[SinkChoice, ...] = field(
        metadata={"help": "reports to write beside the console's"}
    )
    gates: tuple[Gate, ...] = field(metadata={"help": "thresholds that decide the exit code"})
    run: RunConfig = field(metadata={"help": "how it is run"})
    comparisons: tuple[Declared, ...] = field(
        default=(),
        metadata={
            "help": "what `dosimeter compare` compares, and by which margins: all of them together are"
            " the family that Holm's adjustment is over; default: every rate and mean of the categories"
        },
    )
    prices: tuple[Price, ...] = field(default=(), metadata={"help": "what tokens cost"})
    executor: Choice | None = field(
        default=None, metadata={"help": "what runs the attempts; default: the local one"}
    )
    text: str = field(default="", repr=False)
    hash: str = ""
