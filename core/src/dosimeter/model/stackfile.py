"""A composed configuration, checked and resolved: what a stack file means."""

from enum import StrEnum

from attrs import field, frozen
from attrs.validators import ge, gt, le, lt

from dosimeter.limits import bounded
from dosimeter.model.answering import Gate
from dosimeter.model.conversation import Pairs
from dosimeter.model.doing import Role
from dosimeter.model.work import Endpoint, Price


class Scope(StrEnum):
    """What is measured.

    ``system`` counts a provider's block as a full refusal; ``model`` counts it as missing.
    """

    SYSTEM = "system"
    MODEL = "model"


@frozen(kw_only=True)
class Choice:
    """A plugin's component with its options.

    Attributes:
        identity: Identity options as name and canonical JSON, defaults included.
        operational: Operational options likewise.
        roles: Endpoints by role, by their name in the stack.
    """

    id: str
    name: str
    identity: Pairs = ()
    operational: Pairs = ()
    roles: tuple[tuple[Role, str], ...] = ()


@frozen(kw_only=True)
class CategoryChoice:
    """A category as a stack asks for it.

    Attributes:
        panel: The first or only one.
        beside: Further panels, run under the same attacks; such as controls.
        limit: Most families of a panel; None for all. A limited run is not reportable (trap 22).
        languages: Empty means those of the items.
    """

    choice: Choice
    panel: str
    beside: tuple[str, ...] = ()
    limit: int | None = bounded(ge(1))
    attacks: tuple[Choice, ...]
    languages: tuple[str, ...] = ()

    @property
    def panels(self) -> tuple[str, ...]:
        """Give every panel, in the order in which they are run."""
        return (self.panel, *self.beside)


@frozen(kw_only=True)
class RaterChoice:
    """A rater as a stack asks for it.

    Attributes:
        votes: How often a judge is asked about each subject; 1 for rules.
    """

    choice: Choice
    votes: int = bounded(ge(1), default=1)


@frozen(kw_only=True)
class SinkChoice:
    """A sink; *path* is relative to the run's folder unless absolute."""

    choice: Choice
    path: str = ""


@frozen(kw_only=True)
class Budget:
    """The most a run may spend over all its sessions; None is no bound.

    Attributes:
        money: In the price table's currency.
        minutes: Of engine time.
    """

    requests: int | None = bounded(ge(0), default=None)
    tokens: int | None = bounded(ge(0), default=None)
    money: float | None = bounded(ge(0), default=None)
    minutes: float | None = bounded(ge(0), default=None)


@frozen(kw_only=True)
class Rate:
    """What one endpoint may be asked, as an entry of ``requests_per_minute`` says."""

    requests: float = bounded(gt(0))


@frozen(kw_only=True)
class RunConfig:
    """How a stack is run.

    Attributes:
        seed: Of everything random.
        max_connections: Calls at once to each endpoint; None takes the provider's own.
        max_retries: Tries after the first; 0 means none (trap 16).
        confidence: Level of all intervals, 0 to 1.
        timeout: Seconds for one try.
        rule_timeout: Seconds for a rule to rate a batch of replies.
        requests_per_minute: By endpoint name; the most, whatever the endpoint would bear. Endpoints
            on one account share one rate: the smallest that any of them names.
        accept_judge_measured: Lets a judge-measured gate pass.
        plan: File of the frozen plan that the run is begun under, from the stack's folder.
        cache_days: How old an answer of an earlier run may be to be taken instead of a new one; 0
            takes none, and keeps none.
    """

    seed: int = 1
    repeats: int = bounded(ge(1), le(10_000), default=1)
    max_connections: int | None = bounded(ge(1), default=None)
    max_retries: int = bounded(ge(0), default=5)
    timeout: float = bounded(gt(0), default=600.0)
    rule_timeout: float = bounded(gt(0), default=120.0)
    scope: Scope = Scope.SYSTEM
    budget: Budget = Budget()
    confidence: float = bounded(gt(0), lt(1), default=0.95)
    requests_per_minute: tuple[tuple[str, float], ...] = ()
    accept_judge_measured: bool = False
    plan: str = ""
    cache_days: float = bounded(ge(0), default=0.0)


@frozen(kw_only=True)
class Stack:
    """Everything a run needs to know, without secrets.

    Attributes:
        name: Names the run's folder.
        targets: Endpoints that are measured.
        endpoints: Endpoints that serve in other roles.
        executor: None is the local one.
        text: The resolved stack as canonical JSON, without secrets: journalled and hashed.
        hash: Digest of *text*.
    """

    name: str
    targets: tuple[Endpoint, ...]
    endpoints: tuple[Endpoint, ...]
    categories: tuple[CategoryChoice, ...]
    raters: tuple[RaterChoice, ...]
    sinks: tuple[SinkChoice, ...]
    gates: tuple[Gate, ...]
    run: RunConfig
    prices: tuple[Price, ...] = ()
    executor: Choice | None = None
    text: str = field(default="", repr=False)
    hash: str = ""
