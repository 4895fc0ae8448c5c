"""What a small real server cannot show, from a loopback server that says it."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import attrs
import pytest
from aiohttp import web

from dosimeter import (
    AuthFailed,
    Declined,
    Message,
    Permanent,
    ProviderError,
    Reasoning,
    Request,
    Sampling,
    Speaker,
    Stop,
    Text,
    Tool,
    ToolCall,
    ToolResult,
    Transient,
    Want,
    user,
)
from dosimeter_provider_openai.hooks import dosimeter_model_providers
from dosimeter_provider_openai.options import OpenAIOptions
from dosimeter_provider_openai.provider import build

PROMPT = "marzipan elephants"
QUESTION = Request(conversation=(user(PROMPT),))


def exchange(answer, request=QUESTION, **options):
    """Ask a server that gives *answer*; return what came of it and the body that it got."""
    bodies = []

    async def handle(http):
        bodies.append(json.loads(await http.text()))
        bodies[-1]["_headers"] = dict(http.headers)
        return await answer(http) if asyncio.iscoroutinefunction(answer) else answer

    async def once():
        app = web.Application()
        app.router.add_post("/v1/chat/completions", handle)
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = site._server.sockets[0].getsockname()[1]
        options.setdefault("base_url", f"http://127.0.0.1:{port}/v1")
        provider = build("m", OpenAIOptions(**options))
        try:
            return await provider.generate(request)
        finally:
            await provider.aclose()
            await runner.cleanup()

    return asyncio.run(once()), bodies


def said(finish="stop", usage=None, **message):
    return web.json_response(
        {"id": "ref-1", "model": "m-2026", "usage": usage,
         "choices": [{"finish_reason": finish, "message": {"role": "assistant", **message}}]}
    )  # fmt: skip


def failed(status, body=None, **headers):
    text = body if isinstance(body, str) else json.dumps(body or {})
    kind = "text/html" if isinstance(body, str) else "application/json"
    return web.Response(
        status=status, text=text, content_type=kind,
        headers={k.replace("_", "-"): v for k, v in headers.items()},
    )  # fmt: skip


def fault(answer, **options):
    with pytest.raises(ProviderError) as caught:
        exchange(answer, **options)
    assert "marzipan" not in f"{caught.value!r} {caught.value.__cause__!r}"
    return caught.value


# -- answers ----------------------------------------------------------------------------------


def test_a_refusal_field_is_a_refusal_with_its_words():
    """The words are there for raters, and the stop says who refused."""
    reply, _ = exchange(said(content=None, refusal="I will not."))

    assert reply.stop is Stop.REFUSED
    assert reply.messages[0].parts == (Declined(text="I will not."),)
    assert reply.text == "I will not."


@pytest.mark.parametrize(
    ("finish", "stop"),
    [("stop", Stop.END), ("length", Stop.LENGTH), ("content_filter", Stop.FILTERED),
     ("tool_calls", Stop.TOOL), ("refusal", Stop.REFUSED), ("SAFETY", Stop.FILTERED)],
)  # fmt: skip
def test_trap_21_stop_reasons_are_kept_apart(finish, stop):
    """None is folded into another."""
    assert exchange(said(finish, content="So"))[0].stop is stop


def test_a_filtered_reply_keeps_what_was_said_before():
    """Half an answer, then the filter."""
    reply, _ = exchange(said("content_filter", content="First, take"))

    assert (reply.stop, reply.text) == (Stop.FILTERED, "First, take")


@pytest.mark.parametrize(
    ("status", "error"),
    [(400, {"code": "content_filter", "message": PROMPT}),
     (400, {"type": "content_policy_violation", "message": PROMPT}),
     (403, {"code": 403, "metadata": {"reasons": ["violence"], "flagged_input": PROMPT}})],
)  # fmt: skip
def test_a_filters_error_status_is_an_answer(status, error):
    """The block is what is measured: no retry, no failure."""
    reply, _ = exchange(failed(status, {"error": error}))

    assert (reply.stop, reply.messages) == (Stop.FILTERED, ())


def test_reasoning_is_apart_from_the_answer():
    """Under either name that servers use."""
    for name in ("reasoning_content", "reasoning"):
        reply, _ = exchange(said(content="Four.", **{name: "Two and two."}))
        assert reply.messages[0].parts == (Reasoning(text="Two and two."), Text(text="Four."))
        assert reply.text == "Four."


def test_tool_calls_go_out_and_come_back():
    """A tool is offered, asked for, answered, and the answer sent on."""
    tool = Tool(name="clock", summary="The time", schema='{"type": "object"}')
    call = {"id": "c1", "type": "function", "function": {"name": "clock", "arguments": "{}"}}
    request = Request(conversation=(user("When?"),), tools=(tool,))
    reply, bodies = exchange(said("tool_calls", content=None, tool_calls=[call]), request)
    result = Message(
        speaker=Speaker.TOOL, parts=(ToolResult(call_id="c1", parts=(Text(text="noon"),)),)
    )
    _, then = exchange(
        said(content="Noon."), Request(conversation=(user("When?"), *reply.messages, result))
    )

    assert reply.messages[0].parts == (ToolCall(id="c1", name="clock", arguments="{}"),)
    assert reply.stop is Stop.TOOL
    assert bodies[0]["tools"][0]["function"]["name"] == "clock"
    assert [m["role"] for m in then[0]["messages"]] == ["user", "assistant", "tool"]
    assert then[0]["messages"][2]["tool_call_id"] == "c1"


def test_usage_counts_reasoning_and_cached_tokens():
    """What is not said is None, never 0."""
    usage = {"prompt_tokens": 9, "completion_tokens": 5,
             "completion_tokens_details": {"reasoning_tokens": 3},
             "prompt_tokens_details": {"cached_tokens": 4}}  # fmt: skip
    full, _ = exchange(said(content="x", usage=usage))
    none, _ = exchange(said(content="x"))

    assert (full.usage.input, full.usage.output) == (9, 5)
    assert (full.usage.reasoning, full.usage.cached) == (3, 4)
    assert none.usage.input is none.usage.output is none.usage.cached is None


def test_trap_23_the_model_is_the_one_that_answered():
    """As returned, not as asked for."""
    reply, bodies = exchange(said(content="x"))

    assert (bodies[0]["model"], reply.model, reply.provider_ref) == ("m", "m-2026", "ref-1")


def test_a_filters_error_names_no_model():
    """So that an alias beside what answers elsewhere does not look like a model that changed."""
    reply, _ = exchange(failed(400, {"error": {"code": "content_filter"}}))

    assert reply.model is None


# -- questions --------------------------------------------------------------------------------


def test_what_is_left_open_is_not_sent():
    """The provider's own defaults stay unknown; nothing is guessed for it."""
    _, bodies = exchange(said(content="x"))

    assert set(bodies[0]) == {"model", "messages", "_headers"}
    assert "authorization" not in {k.lower() for k in bodies[0]["_headers"]}


def test_what_is_given_is_sent():
    """Sampling, seed, log-probabilities and the key, each under its name."""
    sampling = Sampling(temperature=0.5, top_p=0.9, max_tokens=7, stop=("END",))
    request = Request(conversation=(user("x"),), sampling=sampling, seed=11,
                      want=frozenset({Want.LOGPROBS}))  # fmt: skip
    _, (body,) = exchange(
        said(content="x"), request, api_key="k", max_tokens_key="max_completion_tokens"
    )

    assert (body["temperature"], body["top_p"], body["stop"]) == (0.5, 0.9, ["END"])
    assert (body["max_completion_tokens"], body["seed"], body["logprobs"]) == (7, 11, True)
    assert "max_tokens" not in body
    assert body["_headers"]["Authorization"] == "Bearer k"


def test_the_seed_can_be_kept_back():
    """Some endpoints reject it."""
    _, (body,) = exchange(said(content="x"), Request(conversation=(user("x"),), seed=3),
                          send_seed=False)  # fmt: skip

    assert "seed" not in body


def test_lone_surrogates_and_other_scripts_survive():
    """Whatever an attack produces can be sent."""
    odd = "naïve \ud800 日本 \u202e"
    _, (body,) = exchange(said(content="x"), Request(conversation=(user(odd),)))

    assert body["messages"][0]["content"] == odd


def test_scores_of_a_given_text_are_refused():
    """Chat completions have none: said at once, and nothing is sent."""
    request = Request(conversation=(user("x"),), score=(Text(text="y"),))
    with pytest.raises(Permanent, match="cannot score"):
        exchange(said(content="x"), request)


# -- failures ---------------------------------------------------------------------------------


def test_retry_after_is_read_as_seconds_or_date():
    """Both forms, and the throttling is marked."""
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
    seconds, date = (fault(failed(429, Retry_After=value)) for value in ("7", later))

    assert isinstance(seconds, Transient)
    assert (seconds.retry_after, seconds.throttled, seconds.code) == (7, True, "http-429")
    assert 25 < date.retry_after <= 30


@pytest.mark.parametrize("status", [408, 409, 425, 500, 502, 503, 529])
def test_faults_of_the_server_are_worth_another_try(status):
    """Even when a proxy answers with a page."""
    found = fault(failed(status, "<html>Bad gateway: marzipan</html>"))

    assert isinstance(found, Transient)
    assert found.throttled is (status in {503, 529})


@pytest.mark.parametrize("status", [401, 403])
def test_refused_credentials_are_told_apart(status):
    """And the server's words, which may hold the key, are not repeated."""
    found = fault(failed(status, {"error": {"message": "bad key sk-secret"}}), api_key="sk-secret")

    assert isinstance(found, AuthFailed)
    assert "sk-secret" not in str(found)


@pytest.mark.parametrize(
    ("status", "body", "hint"),
    [(404, {}, "base_url must end"),
     (404, {"error": {"code": "model_not_found"}}, "check the name of the model"),
     (400, {"error": {"code": "unsupported_parameter", "param": "max_tokens"}}, "max_completion_tokens"),
     (400, {"error": {"code": "unknown_parameter", "param": "seed"}}, "send_seed = false"),
     (308, {}, "final address")],
)  # fmt: skip
def test_a_likely_setting_is_named(status, body, hint):
    """A permanent fault says what to change."""
    found = fault(failed(status, body))

    assert isinstance(found, Permanent)
    assert hint in str(found)


@pytest.mark.parametrize("code", ["http-400", "http-422"])
def test_a_run_tells_the_settings_that_a_refused_request_means(code):
    """By their names as options, for the message of the exception is not told."""
    (spec,) = dosimeter_model_providers()
    hint = dict(spec.hints)[code]

    for name in ("max_tokens_key", "send_seed"):
        assert name in attrs.fields_dict(spec.options)
        assert name in hint


def test_the_page_names_each_code_that_a_run_has_a_hint_for():
    """So that who reads it finds what a run says."""
    (spec,) = dosimeter_model_providers()
    page = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    codes = {code for code, _ in spec.hints} - {"bad-url"}

    assert all(f"`{code}`" in page for code in {*codes, "malformed", "http-500", "http-401"})


def test_a_web_page_is_permanent_and_broken_json_is_not():
    """The one is a wrong address, the other a cut answer."""
    page = fault(failed(200, "<html>Welcome, marzipan</html>"))
    broken = [
        fault(web.Response(text=text, content_type="application/json"))
        for text in ('{"choices": [{"mess', "[" * 200_000)
    ]

    assert isinstance(page, Permanent)
    assert "base_url" in str(page)
    assert all(isinstance(f, Transient) and f.code == "malformed" for f in broken)


@pytest.mark.parametrize("status", [400, 403, 404, 429, 500, 503])
def test_an_error_nested_too_deep_is_told_by_its_status(status):
    """No body makes a limit, or a server that is down for a moment, a bug of the provider."""
    found = fault(failed(status, "[" * 200_000))

    assert found.code == f"http-{status}"
    assert isinstance(found, Transient) is (status in {429, 500, 503})
    assert not isinstance(found, Transient) or found.throttled is (status in {429, 503})


@pytest.mark.parametrize(
    "body",
    [{}, [], {"choices": []}, {"choices": [None]}, {"choices": "marzipan"},
     {"error": {"message": PROMPT}}, {"choices": [{"finish_reason": "error", "message": {}}]}],
)  # fmt: skip
def test_an_answer_that_is_none_is_worth_another_try(body):
    """No shape of JSON is a crash or an empty reply."""
    assert isinstance(fault(web.json_response(body)), Transient)


def test_a_cut_connection_is_worth_another_try():
    """The socket closes in the middle of the answer."""

    async def cut(http):
        response = web.StreamResponse(headers={"content-length": "500"})
        await response.prepare(http)
        await response.write(b'{"choices": [')
        http.transport.close()
        return response

    found = fault(cut)
    assert isinstance(found, Transient)
    assert found.code.startswith("transport:")


def test_nobody_listening_is_worth_another_try():
    """A server that restarts comes back."""
    found = fault(said(content="x"), base_url="http://127.0.0.1:9/v1")

    assert isinstance(found, Transient)


def test_an_address_without_scheme_is_permanent():
    """Another try would not help. A stack refuses it; an old journal may still have it."""
    with attrs.validators.disabled():
        assert isinstance(fault(said(content="x"), base_url="localhost/v1"), Permanent)


def test_an_address_that_leads_nowhere_is_no_option():
    """So that `dosimeter validate` tells it, without network."""
    for url in ("localhost/v1", "http://", "http://a b/v1", "https://me:secret@host/v1"):
        with pytest.raises(ValueError, match=r"address|expected http") as caught:
            OpenAIOptions(base_url=url)
        assert "secret" not in str(caught.value)


def test_openai_itself_is_not_asked_without_a_key():
    """No call that must fail is made."""
    with pytest.raises(AuthFailed, match="OPENAI_API_KEY"):
        asyncio.run(build("m", OpenAIOptions()).generate(QUESTION))
