"""Promises of model providers on what is sent to an endpoint, kept of its answers, and shown."""

import json
import re
import traceback
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path

import attrs

from dosimeter.errors import Permanent, ProviderError, StackError
from dosimeter.model.conversation import Request, Sampling, system, user
from dosimeter.model.specs import Capability, NoOptions, ProviderSpec, option_class
from dosimeter.model.work import Endpoint
from dosimeter.testing.calling import (
    PLAIN,
    Got,
    ask,
    at,
    bodied,
    good,
    no_address,
    only_verdicts,
    plain_reply,
    refusal_of,
    says_text,
    served,
    standing,
)
from dosimeter.testing.component import SECRET, Broken, Specimen, Untried
from dosimeter.testing.endpoint import LOST, told
from dosimeter.testing.kit import checks_in, promise
from dosimeter.testing.server import Answer, Asked, Server
from dosimeter.testing.spec import holds_secret

SEED = 1_234_567_891
PROMPTED, REPLIED = "quillfeather", "thistledown"
"""Words of a prompt and of a reply that belong into no failure."""
SECRETIVE = Request(conversation=(user(f"What is {PROMPTED}?"),))
SETTINGS = (
    ("temperature", Sampling(temperature=0.375), "0.375"),
    ("top_p", Sampling(top_p=0.625), "0.625"),
    ("max_tokens", Sampling(max_tokens=77), "77"),
    ("stop", Sampling(stop=("halfpenny",)), "halfpenny"),
)
"""One setting each, and what is sent of it."""
TEXTS = (
    ("blanks around it", "  two spaces \n"),
    ("other scripts", "先把釉料 é \U0001f3a8"),
    ("HTML", "<b>&amp;</b>"),
    ("lines", "one\n\ntwo\r\nthree\tfour"),
    ("braces", "{{prompt}} %s {0} \\n"),
    ("100 kB", "glaze " * 17_000),
)
"""What an endpoint may say, by name."""


def echoing(status: int) -> Callable[[Asked], Answer]:
    """Answer with all that was asked, the headers too: some endpoints and many proxies do."""

    def answer(asked: Asked) -> Answer:
        message = f"{REPLIED}: {asked.head}\n{asked.said}"
        error = {"message": message, "code": message, "type": message}
        return told(status, body=json.dumps({"error": error, "detail": message}).encode())

    return answer


def half_echoing(asked: Asked) -> Answer:
    """Answer with half of a JSON text that quotes what was asked."""
    whole = echoing(200)(asked)
    return attrs.evolve(whole, body=whole.body[:-2])


@promise("provider", unless=no_address)
def check_redirects_are_not_followed(one: Specimen) -> None:
    """A redirect to another host is not followed: prompt and key go nowhere but where the stack says."""
    with Server(lambda _: told(500)) as other:
        for status in (302, 307, 308):
            served(one, told(status, ("Location", f"{other.address}/elsewhere")))
        if other.asked:
            raise Broken(
                f"{len(other.asked)} requests went to the other host",
                "switch following off, and raise Permanent",
            )


def _no_secret(one: Specimen) -> str:
    cls = getattr(one.spec, "options", NoOptions)
    secret = any(option_class(a) == "secret" for a in attrs.fields(cls))
    return no_address(one) or ("" if secret else "it has no secret option")


def shown(fault: BaseException | None) -> str:
    """Give all that logs and tracebacks show of what was raised, its causes too."""
    if fault is None:
        return ""
    chain: list[BaseException] = []
    at: BaseException | None = fault
    while at is not None and at not in chain:
        chain.append(at)
        at = at.__cause__ or (None if at.__suppress_context__ else at.__context__)
    told = [f"{e!r} {e} {e.args!r} {getattr(e, 'code', '')}" for e in chain]
    notes = [note for e in chain for note in getattr(e, "__notes__", ())]
    lines = [line for e in chain for line in traceback.format_exception_only(e)]
    return "\n".join((*told, *notes, *lines))


def _revealing(one: Specimen) -> Iterator[tuple[str, Got]]:
    """Let it fail where what comes quotes all that it sent."""
    for status in (400, 401, 404, 429, 500):
        found = served(one, echoing(status), SECRETIVE)
        if not found.asked:
            raise Untried("it sends nothing")
        yield f"status {status}", found
    yield "half a JSON", served(one, half_echoing, SECRETIVE)
    yield "an error under status 200", served(one, echoing(200), SECRETIVE)
    for name, answer in LOST:
        yield f"a connection {name}", served(one, answer, SECRETIVE)


@promise("provider", unless=_no_secret)
def check_secrets_stay_out_of_failures(one: Specimen) -> None:
    """No secret stands in a failure's words, args, notes, code or causes, even if the endpoint repeats it."""
    with standing(one, lambda _: told(500)) as server:
        holds_secret(at(one, server))
    for name, found in _revealing(one):
        if SECRET in shown(found.fault):
            raise Broken(
                f"what is raised at {name} shows the secret",
                "quote nothing that comes or is sent, and raise from None",
            )


@promise("provider", unless=no_address)
def check_prompts_stay_out_of_failures(one: Specimen) -> None:
    """No prompt or reply stands in a failure's words, args, notes, code or causes: it may be hazardous."""
    for name, found in _revealing(one):
        said = shown(found.fault)
        seen = [what for what, mark in (("prompt", PROMPTED), ("answer", REPLIED)) if mark in said]
        if seen:
            raise Broken(
                f"what is raised at {name} quotes the {' and the '.join(seen)}",
                "quote nothing that comes or is sent, and raise from None",
            )


def _nothing_beside(one: Specimen) -> str:
    return no_address(one) or ("" if one.also else "it asks nothing beside its question")


BESIDE: tuple[tuple[str, Callable[[Asked], Answer], bool], ...] = (
    ("status 401", echoing(401), True),
    ("status 500", echoing(500), True),
    ("a closed connection", lambda _: Answer(silent=True), True),
    ("half a JSON", half_echoing, False),
    ("a list", lambda _: told(200, body=b"[]"), False),
)
"""What may come where something else is asked; and whether the question can not be asked then."""


@promise("provider", unless=_nothing_beside)
def check_failures_beside_the_question_are_told(one: Specimen) -> str:
    """What fails beside the question, such as a login, is a ProviderError too, and shows no secret."""
    paths = dict(one.also)
    for name, answer, fails in BESIDE:
        for path in paths:

            def mixed(
                asked: Asked, path: str = path, answer: Callable[[Asked], Answer] = answer
            ) -> Answer:
                at = asked.path.partition("?")[0]
                if at == path:
                    return answer(asked)
                return bodied(paths[at]) if at in paths else good(one)

            found = served(attrs.evolve(one, also={}), mixed)
            bare = found.fault is not None and not isinstance(found.fault, ProviderError)
            if bare or (fails and found.fault is None):
                raise Broken(f"{name} at {path} gives {found.what}", "raise a ProviderError of it")
            if SECRET in shown(found.fault):
                raise Broken(
                    f"what is raised at {name} of {path} shows the secret", "raise from None"
                )
    return f"{len(BESIDE) * len(paths)} failures"


def _no_seed(one: Specimen) -> str:
    takes = Capability.SEED in one.of(ProviderSpec).capabilities
    return no_address(one) or ("" if takes else "it does not declare SEED")


@promise("provider", unless=_no_seed)
def check_seed_is_sent(one: Specimen) -> None:
    """The seed of a request is sent on, as SEED declares."""
    (found,) = ask(one, attrs.evolve(PLAIN, seed=SEED))
    if found.asked and str(SEED) not in found.asked[0].said:
        raise Broken("the seed is not sent", "send request.seed, or do not declare SEED")


@promise("provider", unless=no_address)
def check_settings_are_sent_or_refused(one: Specimen) -> None:
    """Temperature, top_p, max_tokens and stop are sent, or refused with Permanent: never dropped."""
    for name, sampling, sent in SETTINGS:
        (found,) = ask(one, attrs.evolve(PLAIN, sampling=sampling))
        there = found.asked and re.search(
            rf"(?<![\d.]){re.escape(sent)}(?!\d)", found.asked[0].said
        )
        if not there and refusal_of(found):
            raise Broken(
                f"{name} is not sent ({found.what})", f"send request.sampling.{name}, or refuse it"
            )


def _prepares_nothing(one: Specimen) -> str:
    return "" if one.of(ProviderSpec).prepare else "it looks at no endpoint when a stack is read"


def _refused_early(one: Specimen, endpoint: Endpoint) -> list[str]:
    """Give the keys of an endpoint that the provider refuses when a stack is read.

    Raises:
        Broken: If it refuses without saying which, or gives something else than options.
    """
    module, _, attr = one.of(ProviderSpec).prepare.partition(":")
    options = one.settings()
    try:
        made = getattr(import_module(module), attr)(endpoint, options, Path.cwd())
    except StackError as exc:
        if not exc.faults:
            raise Broken(
                "it refuses without a key", "raise StackError(text, ((key, why), ...))"
            ) from exc
        return [key for key, _ in exc.faults]
    if not isinstance(made, type(options)):
        raise Broken(f"its prepare gives a {type(made).__name__}", "return the options")
    return []


@promise("provider", unless=_prepares_nothing)
def check_refused_settings_are_told_early(one: Specimen) -> str:
    """What it refuses of every request it says when a stack is read, and nothing more."""
    bare = Endpoint(id="0" * 32, name="kit", provider=one.of(ProviderSpec).id, model=one.model)
    plain_reply(one)
    made = [(name, attrs.evolve(bare, sampling=s), attrs.evolve(PLAIN, sampling=s))
            for name, s, _ in SETTINGS]  # fmt: skip
    asked = Request(conversation=(system("Be brief."), *PLAIN.conversation))
    made.append(("system", attrs.evolve(bare, system_prompt="Be brief."), asked))
    for name, endpoint, request in made:
        refused = isinstance(ask(one, request)[0].fault, Permanent)
        if _refused_early(one, endpoint) != [name] * refused:
            raise Broken(
                f"{name} is {'refused' if refused else 'taken'} by generate, and not so by its prepare",
                "let both ask the same function",
            )
    return f"{len(made)} settings"


def _no_text(one: Specimen) -> str:
    return no_address(one) or only_verdicts(one)


@promise("provider", unless=_no_text)
def check_replies_are_kept_as_they_came(one: Specimen) -> str:
    """The text of a reply is what the endpoint said, to the letter: blanks, other scripts, 100 kB."""
    if not says_text(plain_reply(one)):
        raise Untried("it gives verdicts, and no text")
    for name, text in TEXTS:
        found = served(one, good(one, text))
        if found.reply is None or found.reply.text != text:
            raise Broken(
                f"{found.what} of {len(text)} characters ({name})",
                "neither strip nor mend the text",
            )
    return f"{len(TEXTS)} texts"


CHECKS = checks_in(globals())
