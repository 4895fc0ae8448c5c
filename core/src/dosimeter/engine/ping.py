"""One harmless question to an endpoint, and what came of it in words."""

from collections.abc import Mapping, Sequence

from attrs import define, evolve, frozen

from dosimeter.asking import Scope, Workshop, ask
from dosimeter.disclosure import verdict_words
from dosimeter.engine.faults import address, what_to_do
from dosimeter.errors import DosimeterError, ProviderError
from dosimeter.ids import digest
from dosimeter.model.conversation import Reply, Stop, Verdict, user
from dosimeter.model.doing import Ask, Role
from dosimeter.model.work import (
    CallDone,
    Cost,
    Credentials,
    Endpoint,
    Holder,
    Lease,
    Permit,
    Try,
    WorkDone,
)
from dosimeter.registry import Registry, quotes

QUESTION = "What is the capital of France? Answer in one word."
"""Any model can answer it in a few tokens, and any guardrail may let it through."""
SHOWN = 100
"""Letters of a reply that are shown."""
SETTINGS = frozenset({"http-400", "http-422"})
"""Codes of a request that was not taken as it is."""
ONE_TRY = {
    "http-429": "its rate limit is spent; a run waits and tries again, more slowly",
    "timeout": "no answer within {limit:g} s: raise run.timeout, or look whether it loads a model",
}
"""What to do about codes of which a run says other things, as it has tried again."""
NOT_BUILT, NO_SECRET = "not-built", "no-secret"
NO_WORDS = (
    "it answered without a word: look at its system prompt, and at where the reply is read from"
)
DECLINED = {
    Stop.REFUSED: "it refuses a harmless question: look at its system prompt",
    Stop.FILTERED: "its filter blocks a harmless question: look at the filter's settings",
}
VERDICTS = {
    True: ("blocked", "it blocks a harmless question: look at how its verdict is read, and at its threshold"),
    None: ("undecided", "its verdict does not say whether it blocks: look at how it is read"),
}  # fmt: skip


@frozen(kw_only=True)
class Pong:
    """What came of one request.

    Attributes:
        name: In the stack, with the *roles* that it has there.
        model: As the stack names it; *returned* is what the reply says.
        address: Empty where its options have none.
        answered: Whether words or a verdict came.
        code: What failed, or what is odd about the answer; empty if nothing.
        advice: What that means and what to do.
        reply: The first words; None if there are none, or if they repeat a secret.
        verdict: A guardrail's, in words.
        tokens_in: None where the endpoint did not say, as *tokens_out*.
    """

    name: str
    roles: tuple[str, ...]
    model: str
    address: str
    answered: bool = False
    code: str = ""
    advice: str = ""
    seconds: float | None = None
    returned: str | None = None
    stop: str | None = None
    tokens_in: int | None = None
    tokens_out: int | None = None
    reply: str | None = None
    verdict: str | None = None


@define
class OneTry:
    """A host that gives leave at once, grants one try, and keeps nothing."""

    tried: Try | None = None

    async def permit(self, endpoint: str, estimate: Cost, holder: Holder) -> Permit:  # noqa: ARG002
        """See `dosimeter.contracts.Host`."""
        return Permit(id=1, endpoint=endpoint, estimate=estimate, expires=0.0)

    async def settle(self, permit: Permit, outcome: Try) -> float | None:  # noqa: ARG002
        """See `dosimeter.contracts.Host`."""
        self.tried = outcome
        return None

    async def record(self, done: CallDone | WorkDone) -> bool:  # noqa: ARG002
        """See `dosimeter.contracts.Host`."""
        return True

    async def renew(self, attempt_id: str, epoch: int) -> Lease | None:  # noqa: ARG002
        """See `dosimeter.contracts.Host`."""
        return None

    async def credentials(self, owner: str) -> Credentials:  # noqa: ARG002
        """See `dosimeter.contracts.Host`."""
        return Credentials()

    async def halt(self) -> None:
        """See `dosimeter.contracts.Host`."""


def lacking(
    endpoint: Endpoint, roles: tuple[str, ...], told: Sequence[tuple[str, str]]
) -> Pong | None:
    """Give what there is to say of an endpoint whose secrets are not all there: it is not asked.

    Args:
        endpoint: As the stack has it.
        roles: What it does in the stack.
        told: Where variables are not set, and what to do.

    Returns:
        None if it lacks none.
    """
    paths = tuple(f"{table}.{endpoint.name}." for table in ("targets", "endpoints"))
    whys = [f"{path}: {why}" for path, why in told if path.startswith(paths)]
    return evolve(_about(endpoint, roles), code=NO_SECRET, advice="; ".join(whys)) if whys else None


def _about(endpoint: Endpoint, roles: tuple[str, ...]) -> Pong:
    model = f"{endpoint.provider}/{endpoint.model}"
    return Pong(name=endpoint.name, roles=roles, model=model, address=address(endpoint))


async def ping(
    endpoint: Endpoint,
    *,
    roles: tuple[str, ...],
    workshop: Workshop,
    registry: Registry,
    limit: float,
    secrets: Mapping[str, str],
) -> Pong:
    """Ask *endpoint* one harmless thing, once, as a run would ask it.

    Args:
        endpoint: As the stack has it.
        roles: What it does in the stack.
        workshop: Gives its provider.
        registry: Where its provider's hints are found.
        limit: Seconds for the try.
        secrets: Never shown, whatever the endpoint repeats.
    """
    host = OneTry()
    scope = Scope(
        id=digest("ping", endpoint.id), epoch=1, host=host, workshop=workshop,
        endpoints={Role.TARGET: endpoint}, timeout=limit, answered={},
    )  # fmt: skip
    question = Ask(id="0", role=Role.TARGET, conversation=(user(QUESTION),))
    about = _about(endpoint, roles)
    try:
        reply = await ask(scope, question, step=0, index=0)
    except ProviderError as exc:
        code = host.tried.status if host.tried else exc.code
        about = evolve(about, code=code, advice=_advice(endpoint, registry, code, limit))
    except DosimeterError as exc:
        about = evolve(about, code=NOT_BUILT, advice=str(exc))
    else:
        about = _answered(about, endpoint, reply, secrets)
    return about if host.tried is None else evolve(about, seconds=host.tried.seconds)


def _advice(endpoint: Endpoint, registry: Registry, code: str, limit: float) -> str:
    """Say what a failure means; of a request that was refused also what was sent beside the words."""
    own = ONE_TRY.get(code, "").format(limit=limit)
    told = own or what_to_do(registry, endpoint, code)
    sent = _sent(endpoint) if code in SETTINGS else ""
    return f"{told}; it was sent {sent}" if sent else told


def _sent(endpoint: Endpoint) -> str:
    """Name what of the stack goes with the words; a system prompt without its text."""
    settings = endpoint.sampling
    named = [f"{name} = {value}" for name in ("temperature", "top_p", "max_tokens")
             if (value := getattr(settings, name)) is not None]  # fmt: skip
    named += ["stop"] if settings.stop else []
    return " and ".join([*(["a system prompt"] if endpoint.system_prompt else []), *named])


def _answered(about: Pong, endpoint: Endpoint, reply: Reply, secrets: Mapping[str, str]) -> Pong:
    verdict = _verdict(reply)
    words = " ".join(reply.text.split())
    code, advice = _odd(endpoint, reply, verdict, words)
    shown = words if len(words) <= SHOWN else f"{words[:SHOWN]}..."
    if any(quotes(reply.text, secret) for secret in secrets.values()):
        shown, advice = "", f"its reply repeats a secret, and is not shown{advice and '; '}{advice}"
    return evolve(
        about, answered=bool(words or verdict), code=code, advice=advice, returned=reply.model,
        stop=reply.stop.value, tokens_in=reply.usage.input, tokens_out=reply.usage.output,
        reply=shown or None, verdict=verdict_words(verdict) if verdict else None,
    )  # fmt: skip


def _verdict(reply: Reply) -> Verdict | None:
    every = (part for message in reply.messages for part in message.parts)
    return next((part for part in every if isinstance(part, Verdict)), None)


def _odd(endpoint: Endpoint, reply: Reply, verdict: Verdict | None, words: str) -> tuple[str, str]:
    """Name what is wrong with an answer to a harmless question, and say what to do; empty if nothing."""
    if verdict is not None:
        return VERDICTS.get(verdict.blocked, ("", ""))
    if reply.stop is Stop.LENGTH:
        most = endpoint.sampling.max_tokens
        limit = (
            "a limit of its own: set max_tokens"
            if most is None
            else f"max_tokens = {most}: raise it"
        )
        if words:
            return "cut", f"cut at {limit}, unless so short replies are meant"
        return "no-words", f"no word before {limit}; a model that thinks first needs more"
    if reply.stop in DECLINED:
        return reply.stop.value, DECLINED[reply.stop]
    return ("", "") if words else ("no-words", NO_WORDS)
