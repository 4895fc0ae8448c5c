"""The bundled model, really loaded, and what goes wrong around it."""

import asyncio
import gc
import os
import socket
import time
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from dosimeter import (
    Media,
    Message,
    Permanent,
    Request,
    Sampling,
    Speaker,
    Stop,
    Text,
    Tool,
    Transient,
    Want,
    assistant,
    system,
    user,
)
from dosimeter_provider_llamacpp import weights
from dosimeter_provider_llamacpp.options import LlamaOptions
from dosimeter_provider_llamacpp.provider import _fault, build

pytestmark = pytest.mark.model

SMALL = LlamaOptions(slots=2, context=256)
BRIEF = Sampling(temperature=0, max_tokens=12)


def ask(*requests, options=SMALL, model="bundled"):
    """Ask all at once and let the model go."""

    async def all_of_them():
        provider = build(model, options)
        try:
            return await asyncio.gather(*(provider.generate(r) for r in requests))
        finally:
            await provider.aclose()

    return asyncio.run(all_of_them())


def request(text="Say hello.", sampling=BRIEF, **more):
    return Request(conversation=(user(text),), sampling=sampling, **more)


def fault(*args, **kwargs):
    with pytest.raises(Permanent) as caught:
        ask(*args, **kwargs)
    return caught.value


def threads():
    return sum(1 for _ in Path("/proc/self/task").iterdir())


def test_a_reply_names_weights_hash_and_runtime():
    """Log-probabilities differ between builds, so both are in the model id."""
    (reply,) = ask(request())

    assert reply.text
    assert reply.model.startswith(
        f"SmolLM2-135M-Instruct.Q4_1@{weights.SHA256[:12]}+xllamacpp-2026"
    )
    assert (reply.usage.output, reply.stop) == (12, Stop.LENGTH)


def test_a_path_is_a_model():
    """Any GGUF file, by its path; here the bundled one's."""
    (named,) = ask(request(), model=str(weights.find("bundled")))

    assert named.text == ask(request())[0].text


def test_temperature_zero_repeats_and_seeds_differ():
    """Deterministic, as declared."""
    cold = ask(*[request(seed=s) for s in range(4)])
    warm = Sampling(temperature=1.5, max_tokens=12)
    hot = ask(*[request(sampling=warm, seed=s) for s in (1, 1, 2, 3)])

    assert len({r.text for r in cold}) == 1
    assert hot[0].text == hot[1].text
    assert len({r.text for r in hot}) > 1


def test_log_probabilities_come_where_asked_for():
    """One a token."""
    (reply,) = ask(request(want=frozenset({Want.LOGPROBS})))

    assert len(reply.scores.tokens) == len(reply.scores.logprobs) == 12
    assert all(x <= 0 for x in reply.scores.logprobs)


def test_the_system_prompt_and_earlier_turns_are_read():
    """The whole conversation reaches the model."""
    plain, told, later = ask(
        request("What is your name?"),
        Request(conversation=(system("Your name is Bob."), user("What is your name?")), sampling=BRIEF),
        Request(conversation=(user("I am Zed."), assistant("Hi Zed."), user("What is my name?")),
                sampling=BRIEF),
    )  # fmt: skip

    assert len({plain.text, told.text, later.text}) == 3


def test_a_conversation_that_does_not_fit_is_permanent_and_clear():
    """It says how many tokens there were and how many fit, and not what they said."""
    found = fault(request("marzipan " * 400))

    assert found.code == "context-overflow"
    assert "context holds 256; raise the option context" in str(found)
    assert "marzipan" not in str(found)


@pytest.mark.parametrize("conversation", [(), (system("Be kind."),)])
def test_nothing_to_answer_is_refused(conversation):
    """The runtime would make something up."""
    assert fault(Request(conversation=conversation)).code == "empty"


def test_scoring_a_given_text_is_refused():
    """It is not declared, and not pretended."""
    assert fault(request(score=(Text(text="x"),))).code == "unsupported-scoring"


def test_a_missing_or_broken_file_is_told(tmp_path):
    """With what to give instead; no crash of the runtime."""
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF and then nothing of use")

    assert "give the path of a .gguf file" in str(fault(request(), model=str(tmp_path / "no.gguf")))
    assert "broken.gguf could not be loaded" in str(fault(request(), model=str(broken)))


def test_errors_of_the_runtime_are_dicts():
    """Its own faults are worth another try, ours are not; no message is repeated."""
    ours = _fault({"code": 400, "type": "invalid_request_error", "message": "marzipan"})
    its = _fault({"code": 500, "type": "server_error", "message": "marzipan"})

    assert isinstance(ours, Permanent)
    assert isinstance(its, Transient)
    assert isinstance(_fault("odd"), Transient)
    assert "marzipan" not in f"{ours}{its}"


def test_endpoints_of_equal_weights_share_one_model():
    """Loaded once: the second endpoint costs no memory."""

    async def both():
        one, two = build("bundled", SMALL), build("bundled", SMALL)
        await asyncio.gather(one.generate(request()), two.generate(request()))
        same = one._engine is two._engine
        await one.aclose()
        left = await two.generate(request())
        await two.aclose()
        return same, left.text

    same, text = asyncio.run(both())
    assert same
    assert text


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="counts threads in /proc")
def test_closing_frees_server_port_and_threads():
    """Nothing is left behind, however often a model is loaded."""

    async def once():
        provider = build("bundled", SMALL)
        await provider.generate(request())
        address = urlsplit(provider._engine.server.listening_address)
        await provider.aclose()
        return address.hostname, address.port

    asyncio.run(once())
    gc.collect()
    before = threads()
    for _ in range(3):
        where = asyncio.run(once())
        gc.collect()
    deadline = time.monotonic() + 10
    while threads() > before and time.monotonic() < deadline:
        time.sleep(0.1)

    assert threads() <= before
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(where, timeout=2)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_forked_process_is_told():
    """Its threads are gone: a clear failure, not a hang."""
    provider = build("bundled", SMALL)
    asyncio.run(provider.generate(request()))
    child = os.fork()
    if child == 0:
        try:
            asyncio.run(provider.generate(request()))
        except Permanent as exc:
            os._exit(0 if exc.code == "forked" else 2)
        finally:
            os._exit(3)
    _, status = os.waitpid(child, 0)
    asyncio.run(provider.aclose())

    assert os.waitstatus_to_exitcode(status) == 0


def test_the_loopback_port_needs_a_key():
    """The runtime listens whether asked to or not; nobody else on the machine gets in."""

    async def knock():
        provider = build("bundled", SMALL)
        await provider.generate(request())
        where = provider._engine.server.listening_address
        async with httpx.AsyncClient() as http:
            answer = await http.post(f"{where}/v1/chat/completions", json={"messages": []})
        await provider.aclose()
        return answer.status_code, urlsplit(where).hostname

    assert asyncio.run(knock()) == (401, "127.0.0.1")


def test_a_picture_in_a_conversation_is_refused():
    """No part of a conversation is dropped silently."""
    odd = Message(speaker=Speaker.USER, parts=(Media(digest="00", mime="image/png", size=1),))
    assert fault(Request(conversation=(odd,))).code == "unsupported-part"


def test_what_the_runtime_cannot_read_is_refused_without_its_words():
    """Half of a surrogate pair, which the runtime's own words quote."""
    found = fault(request("cut \ud83d here"))

    assert found.code == "unreadable"
    assert "cut" not in f"{found!r} {found.__cause__!r}"


def test_tools_are_refused():
    """The model is not told of them, and what it answers without them measures something else."""
    clock = Tool(name="clock", summary="The time", schema='{"type": "object"}')

    assert fault(request(tools=(clock,))).code == "unsupported-tools"


def test_a_reproducible_reply_does_not_depend_on_what_else_is_asked():
    """Whatever is asked before or beside it; this takes a shared beginning and some length."""
    guide = system("You are a careful assistant. " * 12)
    long = Sampling(temperature=0, max_tokens=40)
    asked = [
        Request(conversation=(guide, user(f"Tell me about {what}.")), sampling=long)
        for what in ("rain", "bread", "the sea", "old clocks")
    ]
    options = LlamaOptions(context=512, reproducible=True)
    one = ask(*asked, options=options)
    other = ask(*reversed(asked), options=options)

    assert [r.text for r in one] == [r.text for r in reversed(other)]
