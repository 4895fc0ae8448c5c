"""Promises of model providers, wherever their models are."""

import math
import re
from typing import NamedTuple

import attrs

from dosimeter.ids import word
from dosimeter.model.conversation import (
    Media,
    Message,
    Reply,
    Request,
    Sampling,
    Speaker,
    Stop,
    Text,
    Tool,
    Verdict,
    Want,
    assistant,
    system,
    user,
)
from dosimeter.model.specs import Capability, ProviderSpec, option_class
from dosimeter.replies import sound
from dosimeter.testing import samples
from dosimeter.testing.calling import (
    PLAIN,
    Got,
    ask,
    good,
    has_address,
    no_address,
    no_language_model,
    only_verdicts,
    plain_reply,
    refusal_of,
    replies,
    says_text,
    served,
    worded,
)
from dosimeter.testing.component import Broken, Specimen, Untried
from dosimeter.testing.kit import checks_in, promise

SEED = 1_234_567_891
FEW = 4
TOKENS = 3
LONG_TEXT = "glaze " * 17_000
PLACE = re.compile(r"(?<![{$])\{(\w+)\}(?!\})")
"""Of a hint; ``${NAME}`` and ``{{name}}`` are told as they stand."""
PLACES = ("model", "at", "key")
TOOL = Tool(name="kit_clock", summary="The time of day", schema='{"type": "object"}')
PICTURE = Media(digest="0" * 32, mime="image/png", size=1)


def _can(one: Specimen, *which: Capability) -> bool:
    return any(c in one.of(ProviderSpec).capabilities for c in which)


def _not_deterministic(one: Specimen) -> str:
    return "" if _can(one, Capability.DETERMINISTIC) else "it does not declare DETERMINISTIC"


def _no_verdicts(one: Specimen) -> str:
    return "" if _can(one, Capability.VERDICT_ONLY) else "it does not declare VERDICT_ONLY"


def _served_or_no_model(one: Specimen) -> str:
    return "it has an address" if has_address(one) else no_language_model(one)


def _no_logprobs(one: Specimen) -> str:
    return "" if _can(one, Capability.LOGPROBS) else "it does not declare LOGPROBS"


def _images_or_no_model(one: Specimen) -> str:
    return "it takes images" if _can(one, Capability.IMAGES) else no_language_model(one)


@promise("provider")
def check_hints_can_be_filled(one: Specimen) -> str:
    """A hint stands by a machine's word and has places only for what the stack says, never a secret."""
    spec = one.of(ProviderSpec)
    fields = attrs.fields(spec.options)
    known = {*PLACES, *(f.name for f in fields if option_class(f) != "secret")}
    for code, hint in spec.hints:
        lost = sorted(set(PLACE.findall(hint)) - known)
        if not code or word(code) != code or not hint.strip() or lost:
            what = f"places for {', '.join(lost)}" if lost else "no code that is a word, or no text"
            raise Broken(
                f"the hint of {code[:64]!r} has {what}",
                "name model, at, key or an option that is no secret",
            )
    return f"{len(spec.hints)} hints"


@promise("provider")
def check_reply_is_sound(one: Specimen) -> None:
    """A reply is a Reply of the assistant's messages, with a Stop, and names and counts that can be kept."""
    found = ask(one, PLAIN)[0]
    if found.fault is not None:
        raise Broken(f"a plain question gives {found.what}", "answer it with a Reply")
    assert found.reply is not None
    try:
        kept = sound(found.reply)
    except TypeError as exc:
        raise Broken(str(exc), "make the record as dosimeter.Reply declares it") from exc
    if kept != found.reply:
        raise Broken(
            "a count or a name is none that a journal can hold",
            "give None where the endpoint gives no number of tokens, or no name",
        )


@promise("provider")
def check_ended_reply_says_something(one: Specimen) -> None:
    """What answers a plain question is in the reply: one that ended of itself has words or a verdict."""
    reply = plain_reply(one)
    blank = isinstance(reply.text, str) and not reply.text
    if reply.stop is Stop.END and blank:
        raise Broken(
            "a reply that ended has no text",
            "read the text from where it stands; if a filter took it, say FILTERED",
        )


def _no_text(one: Specimen) -> str:
    return no_address(one) or only_verdicts(one)


@promise("provider", unless=_no_text)
def check_silence_is_a_reply(one: Specimen) -> None:
    """An answer that ended without words is a reply that did, under Stop.END: no block, and no failure."""
    if not says_text(plain_reply(one)):
        raise Untried("it gives verdicts, and no text")
    found = served(one, good(one, ""))
    reply = found.reply
    if reply is None or reply.text or reply.stop is not Stop.END:
        raise Broken(
            f"an answer that ended and says nothing gives {found.what}",
            "return Reply(messages=(), stop=Stop.END): raters mark it empty, and no block is made up",
        )


@promise("provider", unless=_not_deterministic)
def check_same_seed_same_reply(one: Specimen) -> str:
    """The same request with the same seed gets the same reply, from any provider that is built alike."""
    requests = [attrs.evolve(worded(n), seed=SEED + n) for n in range(FEW)]
    first, second = (replies(ask(one, *requests)) for _ in range(2))
    differ = sum(a.messages != b.messages for a, b in zip(first, second, strict=True))
    if differ:
        raise Broken(
            f"{differ} of {FEW} replies differ the second time",
            "draw from a random.Random of the request's seed, or do not declare DETERMINISTIC",
        )
    return f"{FEW} requests"


class Turn(NamedTuple):
    """A conversation, and the words that must be sent of it."""

    name: str
    conversation: tuple[Message, ...]
    words: tuple[str, ...]


TURNS = (
    Turn("a system message", (system("Call it hornbeam."), user("What is it?")), ("hornbeam",)),
    Turn(
        "several turns",
        (user("Say juniper."), assistant("It is larkspur."), user("And then?")),
        ("juniper", "larkspur"),
    ),
)


@promise("provider")
def check_conversations_are_taken_whole(one: Specimen) -> None:
    """System messages and earlier turns are sent, or the request is refused with Permanent: never dropped."""
    for turn in TURNS:
        found = ask(one, Request(conversation=turn.conversation))[0]
        if not refusal_of(found):
            continue
        if found.fault is not None:
            raise Broken(f"{turn.name}: {found.what}", "send it, or raise Permanent")
        lost = [w for w in turn.words if found.asked and w not in found.asked[0].said]
        if lost:
            raise Broken(f"{turn.name} is not sent", "send it, or raise Permanent")


@promise("provider")
def check_odd_prompts_are_taken(one: Specimen) -> str:
    """It takes any text: NUL, lone surrogates, escapes, 100 kB; what its model cannot take is Permanent."""
    odd = (*samples.ODD, ("100 kB", LONG_TEXT))
    requests = [Request(conversation=(user(text),)) for _, text in odd]
    for (name, _), found in zip(odd, ask(one, *requests), strict=True):
        if found.fault is not None and refusal_of(found):
            raise Broken(
                f"{found.what} on: {name}", 'json.dumps(...).encode("ascii") carries any text'
            )
    return f"{len(odd)} texts"


@promise("provider", unless=_served_or_no_model)
def check_max_tokens_is_obeyed(one: Specimen) -> None:
    """A reply has no more tokens than were asked for, and one that is cut says that it is."""
    reply = plain_reply(one, attrs.evolve(PLAIN, sampling=Sampling(max_tokens=TOKENS)))
    spent = reply.usage.output
    if spent is not None and spent > TOKENS:
        raise Broken(f"{spent} tokens, and {TOKENS} were asked for", "hand max_tokens to the model")
    if spent == TOKENS and reply.stop is Stop.END:
        raise Broken(
            f"a reply of all {TOKENS} tokens says that it ended", "say Stop.LENGTH of what is cut"
        )


def _tools_or_no_model(one: Specimen) -> str:
    blind = _can(one, Capability.TOOLS) and not has_address(one)
    return "what it does with tools cannot be seen" if blind else no_language_model(one)


@promise("provider", unless=_tools_or_no_model)
def check_tools_are_offered_or_refused(one: Specimen) -> None:
    """Tools are offered to the model; a provider that does not declare TOOLS refuses them with Permanent."""
    found = ask(one, attrs.evolve(PLAIN, tools=(TOOL,)))[0]
    if not _can(one, Capability.TOOLS):
        seen = refusal_of(found)
        if seen:
            raise Broken(
                f"{seen} to a request with a tool, and declares no TOOLS",
                'raise Permanent("...", code="unsupported-tools") where request.tools is not empty',
            )
    elif not any(TOOL.name in asked.said for asked in found.asked):
        raise Broken("the tool is not sent", "send request.tools, or do not declare TOOLS")


@promise("provider", unless=_images_or_no_model)
def check_images_are_refused(one: Specimen) -> None:
    """A provider that does not declare IMAGES refuses them with Permanent: it never drops them."""
    shown = Message(speaker=Speaker.USER, parts=(Text(text="What is this?"), PICTURE))
    seen = refusal_of(ask(one, Request(conversation=(shown,)))[0])
    if seen:
        raise Broken(
            f"{seen} to a picture, and declares no IMAGES",
            'raise Permanent("...", code="unsupported-part") for parts that it cannot carry',
        )


@promise("provider", unless=no_language_model)
def check_given_text_is_scored_or_refused(one: Specimen) -> None:
    """A request to score a text gets its scores; without SCORING it is refused, never answered anew."""
    found = ask(one, attrs.evolve(PLAIN, score=(Text(text="Sieve the glaze."),)))[0]
    if not _can(one, Capability.SCORING):
        seen = refusal_of(found)
        if seen:
            raise Broken(
                f"{seen} where a text is to be scored, and declares no SCORING",
                'raise Permanent("...", code="unsupported-scoring") where request.score is not None',
            )
    elif has_address(one):
        if not any("Sieve the glaze" in asked.said for asked in found.asked):
            raise Broken("the text is not sent", "send request.score")
    else:
        _check_scores(found)


def _check_scores(found: Got) -> None:
    scores = found.reply.scores if isinstance(found.reply, Reply) else None
    if scores is None or not scores.tokens:
        raise Broken(
            f"it gives {found.what} without scores", "fill Reply.scores, or do not declare it"
        )
    high = [p for p in scores.logprobs if p is not None and (math.isnan(p) or p > 0)]
    if high:
        raise Broken(
            f"{len(high)} of {len(scores.logprobs)} log-probabilities are above 0",
            "give natural logarithms",
        )


@promise("provider", unless=_no_logprobs)
def check_logprobs_come_when_wanted(one: Specimen) -> None:
    """Log-probabilities are asked of an endpoint, or come from a model, when the request wants them."""
    wants = attrs.evolve(PLAIN, want=frozenset({Want.LOGPROBS}))
    if not has_address(one):
        _check_scores(ask(one, wants)[0])
        return
    (bare,), (more,) = ask(one, PLAIN), ask(one, wants)
    if bare.asked and more.asked and bare.asked[0].said == more.asked[0].said:
        raise Broken("the request is the same without", "ask for them, or do not declare LOGPROBS")


@promise("provider", unless=_no_verdicts)
def check_verdicts_are_no_text(one: Specimen) -> None:
    """A guardrail's judgement is a Verdict under Stop.VERDICT, and no text that would be rated as a reply."""
    reply = plain_reply(one)
    parts = [part for message in reply.messages for part in message.parts]
    judged = [part for part in parts if isinstance(part, Verdict)]
    if not judged and _can(one, Capability.CHAT):
        raise Untried("give a specimen that is a guardrail, and what it answers")
    if reply.stop is not Stop.VERDICT or len(judged) != len(parts) or not parts:
        raise Broken(
            f"{len(judged)} verdicts in {len(parts)} parts under stop {reply.stop}",
            "answer Reply(messages=..., stop=Stop.VERDICT) with a Verdict alone",
        )


CHECKS = checks_in(globals())
