"""What goes between the driver and whatever runs an attempt; all of it survives a wire."""

from enum import StrEnum

from attrs import field, frozen
from attrs.validators import ge

from dosimeter.limits import bounded
from dosimeter.model.conversation import Conversation, Pairs, Reply, Sampling
from dosimeter.model.design import Attempt, Item, Variant
from dosimeter.model.doing import Candidate, Note, Role


class Compose(StrEnum):
    """How a target's system prompt meets an item's own system message."""

    APPEND = "append"
    REPLACE = "replace"
    REFUSE = "refuse"


@frozen(kw_only=True)
class Endpoint:
    """A model as a stack configures it.

    Attributes:
        id: Hash of all fields that are identity; name and operational options are not in it.
        identity: Identity options as name and JSON.
        operational: Operational options as name and JSON.
    """

    id: str
    name: str
    provider: str
    model: str
    system_prompt: str = field(
        default="", repr=False, metadata={"help": "system prompt; default: none"}
    )
    compose: Compose = field(
        default=Compose.APPEND,
        metadata={
            "help": "where an item brings a system message too: put it after the endpoint's (`append`),"
            " let it stand alone (`replace`), or fail the attempt (`refuse`)"
        },
    )
    sampling: Sampling = Sampling()
    identity: Pairs = ()
    operational: Pairs = ()
    replica: int = bounded(
        ge(1), default=1,
        help="tells targets apart that are equal in all that is measured; otherwise two equal ones"
        " are refused",
    )  # fmt: skip


@frozen(kw_only=True)
class Seal:
    """Who owns a text: nobody in particular, or a panel with a secret.

    Attributes:
        panel: Id of the category whose panel it is; empty for open text.
        key: 32 bytes derived from the panel's secret. Never printed, logged or journalled.
    """

    panel: str = ""
    key: bytes = field(default=b"", repr=False)


OPEN = Seal()
"""The owner of text that is no secret."""


@frozen(kw_only=True)
class Cost:
    """What a call is expected to take, or took.

    Attributes:
        money: In the currency of the price table; None if no price is known.
    """

    requests: int = 1
    tokens: int = 0
    money: float | None = None


@frozen(kw_only=True)
class Holder:
    """Who asks for leave: one try of one call of one scope, under the epoch it works in.

    Attributes:
        request_digest: Of what is to be sent, so that the host can look whether it has the answer.
    """

    scope_id: str
    epoch: int
    call_id: str
    n: int
    request_digest: str = ""


@frozen(kw_only=True)
class Price:
    """Price per million tokens of a model.

    Attributes:
        model: ``provider/model`` in a stack; the part after the slash, or ``*`` for all, in a
            provider's own list.
        date: The day it was published or looked up, ISO 8601; empty for what never costs.
    """

    model: str = field(metadata={"help": "`provider/model`, with a slash"})
    input: float = bounded(ge(0), help="for a million tokens in")
    output: float = bounded(ge(0), help="for a million tokens out")
    date: str = field(metadata={"help": "day it was looked up"})


@frozen(kw_only=True)
class Permit:
    """Leave for one try, leased until *expires* (seconds on the driver's clock).

    Attributes:
        reply: The answer, where the host has it from an earlier run: nothing is sent, and there is
            nothing to settle.
    """

    id: int
    endpoint: str
    estimate: Cost
    expires: float
    reply: Reply | None = field(default=None, repr=False)


UNREACHED = frozenset({
    "transport:refused", "transport:timeout", "transport:ConnectError", "transport:ProxyError",
    "transport:LocalProtocolError",
})  # fmt: skip
"""Codes of tries that no endpoint took; of any other of the transport's, one had begun to take it."""


@frozen(kw_only=True)
class Try:
    """One try of one call.

    Attributes:
        call_id: The call it serves.
        n: 1, 2, ...
        started: Unix time, seconds.
        status: ``"ok"`` or the error's code.
        failure: ``""``, ``"transient"``, ``"permanent"`` or ``"auth"``.
        retry_after: What the endpoint asked for, seconds.
        throttled: Whether it said "too much".
    """

    call_id: str
    scope_id: str
    endpoint: str
    epoch: int
    n: int
    started: float
    seconds: float
    status: str
    failure: str = ""
    retry_after: float | None = None
    throttled: bool = False
    tokens_in: int | None = None
    tokens_out: int | None = None


@frozen(kw_only=True)
class Answered:
    """A call that the journal holds: what a resumed scope is answered with."""

    step: int
    index: int
    request_digest: str
    reply: Reply


@frozen(kw_only=True)
class CallDone:
    """A call that has its final answer.

    Attributes:
        scope_id: Attempt or rating that asked.
        ask_id: The plugin's own id of the question, ``""`` for scripted lines.
        parent: Call whose reply the conversation continues, ``""`` at a root.
        conversation: What was sent, the endpoint's system prompt included.
    """

    id: str
    scope_id: str
    epoch: int
    step: int
    index: int
    role: Role
    endpoint: str
    request_digest: str
    conversation: Conversation = field(repr=False)
    reply: Reply = field(repr=False)
    ask_id: str = ""
    parent: str = ""
    notes: tuple[Note, ...] = ()


class State(StrEnum):
    """Where an attempt stands."""

    OPEN = "open"
    DONE = "done"
    NO_CANDIDATE = "no-candidate"
    FAILED = "failed"
    BUDGET = "budget"
    NOT_NEEDED = "not-needed"


@frozen(kw_only=True)
class WorkDone:
    """An attempt that came to an end.

    Attributes:
        candidates: Their *leaf* is the id of the call whose reply ends the path.
        reason: Machine-readable, for every state but ``done``.
    """

    attempt_id: str
    epoch: int
    state: State
    reason: str = ""
    candidates: tuple[Candidate, ...] = ()
    notes: tuple[Note, ...] = ()


@frozen(kw_only=True)
class Credentials:
    """Secret options of one endpoint. Shows nothing of itself, and is never stored."""

    values: Pairs = field(default=(), repr=False)


@frozen(kw_only=True)
class Lease:
    """One attempt handed to an executor, with all it needs.

    Attributes:
        epoch: Raised each time the attempt is handed out; results of an older one are fenced off.
        rng_seed: Seed of the attack's generator, the same for every target (paired prompts).
        attack_options: Identity options of the attack; its secrets are asked of the host.
        attack_operational: Its operational options.
        timeout: Seconds for one try.
        answered: Calls of an earlier epoch, by which a search is replayed.
        seal: Owner of the item's text; its key makes digests of that text unguessable.
    """

    attempt: Attempt
    epoch: int
    item: Item
    variant: Variant
    endpoints: tuple[tuple[Role, Endpoint], ...]
    run_seed: int
    rng_seed: int
    attack_options: Pairs = ()
    attack_operational: Pairs = ()
    timeout: float = 600.0
    answered: tuple[Answered, ...] = ()
    seal: Seal = OPEN
