"""The wire kit: what a failure means, and what never leaves it."""

import asyncio
import json
import socket
import ssl
import struct
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest
from aiohttp import web

from dosimeter import AuthFailed, Permanent, Request, Stop, Transient, user
from dosimeter.http import (
    broke_off,
    chat,
    client,
    failure,
    post_json,
    retry_after,
    transport_failure,
)
from dosimeter.http.stream import streamed

PROMPT = "MARKED-PROMPT"


def serve(handler, job, *, tls=None):
    """Run *job* against a loopback server that answers with *handler*."""

    async def go():
        app = web.Application()
        app.router.add_route("*", "/{rest:.*}", handler)
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls)
        await site.start()
        port = runner.addresses[0][1]
        try:
            return await job(f"http{'s' if tls else ''}://127.0.0.1:{port}/")
        finally:
            await runner.cleanup()

    return asyncio.run(go())


async def ask(url, **options):
    async with client(url, **options) as http:
        return await post_json(http, "chat", {"messages": PROMPT}, who="target 'a'")


def answer(status, text="", **headers):
    async def handler(request):
        body = await request.text()
        return web.Response(status=status, text=text or body, headers=headers)

    return handler


def test_no_answer_depends_on_an_earlier_one():
    """A cookie from one answer would go with the next request, whichever that happens to be."""
    seen = []

    async def handler(request):
        seen.append(request.headers.get("cookie"))
        return web.json_response({}, headers={"set-cookie": "session=1"})

    async def twice(url):
        async with client(url) as http:
            for _ in range(2):
                await post_json(http, "chat", {})
            assert not list(http.cookies.jar)

    serve(handler, twice)

    assert seen == [None, None]


def test_what_httpx_gives_is_there():
    """Compressed answers, streams and the time that it took."""

    async def handler(request):
        response = web.json_response({"words": "x" * 1000})
        response.enable_compression()
        return response

    async def each_way(url):
        async with client(url) as http:
            whole = await http.post("chat", headers={"accept-encoding": "gzip"})
            async with http.stream("POST", "chat") as parts:
                streamed = b"".join([part async for part in parts.aiter_bytes()])
        return whole, streamed

    whole, streamed = serve(handler, each_way)

    assert whole.headers["content-encoding"] == "gzip"
    assert whole.json() == json.loads(streamed) == {"words": "x" * 1000}
    assert 0 < whole.elapsed.total_seconds() < 10


def test_a_plain_post_sends_and_gives_what_httpx_would():
    """It goes past httpx: headers of the client and of the call, answer and request are the same."""
    seen = []

    async def handler(request):
        names = {k.lower(): v for k, v in request.headers.items()}
        seen.append((request.method, request.path_qs, names, await request.read()))
        return web.json_response({"a": "ü"}, status=404, headers={"x-twice": "1"})

    async def both(url):
        async with client(url + "v1/", headers={"authorization": "Bearer s"}) as http:
            http.headers["x-later"] = "yes"
            headers = {"Content-Type": "application/json", "Authorization": "Bearer t"}
            plain = await http.post("chat?b=1", content=b"{}", headers=headers)
            usual = await http.post("chat?b=1", content=b"{}", headers=list(headers.items()))
        return plain, usual

    plain, usual = serve(handler, both)

    assert seen[0] == seen[1]
    assert seen[0][2]["authorization"] == "Bearer t"
    assert plain.json() == usual.json()
    assert plain.headers == usual.headers
    assert plain.request.headers == usual.request.headers
    assert plain.url == usual.url
    assert plain.elapsed.total_seconds() > 0
    with pytest.raises(httpx.HTTPStatusError, match="404 Not Found"):
        plain.raise_for_status()


def test_an_answer_that_breaks_off_is_worth_another_try():
    """The connection ends before the announced length."""

    async def handler(request):
        response = web.StreamResponse(headers={"content-length": "1000"})
        await response.prepare(request)
        await response.write(b"{")
        request.transport.close()
        return response

    with pytest.raises(Transient):
        serve(handler, ask)


@pytest.mark.parametrize("said", [b"gibberish\r\n\r\n", b"HTTP/1.1 200 OK\r\nx: " + b"y" * 200_000])
def test_an_answer_that_is_no_http_is_worth_another_try(said):
    """A proxy on the way may have broken it; its words are not told."""

    async def answer(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(said)
        writer.close()

    async def go():
        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        async with server:
            port = server.sockets[0].getsockname()[1]
            async with client(f"http://127.0.0.1:{port}/") as http:
                await post_json(http, "x", {})

    with pytest.raises(Transient) as caught:
        asyncio.run(go())
    assert "gibberish" not in str(caught.value)


@pytest.mark.parametrize(
    ("status", "kind"),
    [(s, Transient) for s in (408, 409, 425, 429, 500, 502, 503, 504, 529)]
    + [(s, AuthFailed) for s in (401, 403)]
    + [(s, Permanent) for s in (301, 307, 400, 404, 413, 422)],
)
def test_a_status_says_whether_another_try_is_worth_it(status, kind):
    """The body may repeat the prompt, so no word of it is quoted."""
    with pytest.raises(kind) as caught:
        serve(answer(status), ask)

    assert type(caught.value) is kind
    assert caught.value.code == f"http-{status}"
    assert PROMPT not in str(caught.value) + repr(caught.value)
    assert "target 'a'" in str(caught.value)
    assert caught.value.__cause__ is None
    if kind is Transient:
        assert caught.value.throttled is (status in {429, 503, 529})


@pytest.mark.parametrize("code", ["gsk_abc123", "abc123"])
def test_a_code_that_repeats_what_a_header_sent_is_not_told(code):
    """An endpoint that echoes the key, or a part of it; the next word that is none is told."""
    request = httpx.Request("POST", "http://h/", headers={"authorization": "Bearer gsk_abc123"})
    body = {"error": {"code": code, "type": "invalid_key"}}

    assert str(failure(httpx.Response(400, json=body, request=request))) == (
        "the endpoint answered 400 (invalid_key)"
    )


@pytest.mark.parametrize("key", ["a\nb", "a\r\nX: y", "\u201ca\u201d", "\x00", "\udcff"])
def test_a_header_that_cannot_be_sent_is_told_by_its_name_alone(key):
    """Most likely it is a key that was copied with more than itself."""
    with pytest.raises(AuthFailed, match="the header x-api-key cannot be sent") as caught:
        client("http://h/", headers={"x-api-key": key})

    assert caught.value.code == "bad-key"
    assert key not in str(caught.value)


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        ({"error": {"code": "context_length_exceeded", "message": PROMPT}}, "context_length_exceeded"),
        ({"error": {"type": "overloaded-error"}}, "overloaded-error"),
        ({"error": {"code": f"{PROMPT} is too long"}}, ""),
        ({"error": {"code": "x" * 61}}, ""),
        ({"error": "text"}, ""),
        ([1], ""),
    ],
)  # fmt: skip
def test_only_a_short_code_of_the_body_is_told(body, shown):
    """A sentence is no code."""
    told = str(failure(httpx.Response(400, json=body)))

    assert PROMPT not in told
    assert told == "the endpoint answered 400" + (f" ({shown})" if shown else "")


@pytest.mark.parametrize("status", [400, 403, 404, 429, 500, 503])
def test_a_body_nested_too_deep_is_told_by_its_status(status):
    """No body makes a limit, or a server that is down for a moment, a bug of the provider."""
    found = failure(httpx.Response(status, content=b"[" * 200_000))

    assert found.code == f"http-{status}"
    assert isinstance(found, Transient) is (status in {429, 500, 503})


def test_success_is_any_2xx():
    """200 and 201 alike."""
    assert serve(answer(201, "{}"), ask).json() == {}


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("7", 7.0), ("0.5", 0.5), ("-3", 0.0), ("", None), (None, None), ("soon", None),
     ("nan", None), ("inf", None), ("Thu, 01 Jan 1970 00:01:00 GMT", 50.0),
     ("Thu, 01 Jan 1970 00:01:00 -0000", 50.0), ("Thu, 01 Jan 1970 00:00:01 GMT", 0.0)],
)  # fmt: skip
def test_retry_after_in_seconds_and_as_a_date(value, seconds):
    """Seconds from now, at least 0; what is neither is ignored."""
    assert retry_after(value, now=10.0) == seconds


def test_retry_after_of_a_response_is_carried():
    """As a date in the future."""
    at = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    found = failure(httpx.Response(429, headers={"retry-after": at}))

    assert isinstance(found, Transient)
    assert 85 < found.retry_after <= 90


@pytest.mark.parametrize("status", [408, 429, 503])
@pytest.mark.parametrize("value", ["3601", "1e300", "Fri, 31 Dec 9999 23:59:59 GMT"])
def test_who_asks_to_be_left_alone_for_more_than_an_hour_is_not_waited_for(status, value):
    """The call fails at once, with a code of its own: else a run would hang on one header."""
    found = failure(httpx.Response(status, headers={"retry-after": value}), who="target 'a'")

    assert type(found) is Permanent
    assert found.code == "retry-after-too-long"
    assert f"target 'a' answered {status}" in str(found)
    assert "more than an hour" in str(found)


@pytest.mark.parametrize("value", ["3600", "3599.9", "nan", "inf", "-inf"])
def test_an_hour_is_waited_for_and_what_is_no_number_is_ignored(value):
    """The limit is over an hour, and a word that means nothing decides nothing."""
    found = failure(httpx.Response(429, headers={"retry-after": value}))

    assert isinstance(found, Transient)
    assert found.retry_after is None or found.retry_after <= 3600


def test_redirects_are_not_followed():
    """Credentials go to no other place than the stack names."""
    seen = []

    async def handler(request):
        seen.append(request.path)
        raise web.HTTPTemporaryRedirect("/elsewhere")

    with pytest.raises(Permanent, match="307"):
        serve(handler, lambda url: ask(url, headers={"authorization": "Bearer s"}))
    assert seen == ["/chat"]


def test_a_slow_endpoint_is_a_timeout():
    """Worth another try; no text. It took the request, and is not said to be out of reach."""

    async def handler(request):
        await asyncio.sleep(0.6)
        return web.Response(text="{}")

    with pytest.raises(Transient, match="was reached and broke off") as caught:
        serve(handler, lambda url: ask(url, timeout=0.1))
    assert caught.value.code == "transport:ReadTimeout"


async def _in_a_stream(url):
    async with client(url) as http, streamed(http, "chat", {"messages": PROMPT}) as lines:
        async for _ in lines:
            pass


def dropped(job, how):
    """Have *job* ask a server that reads the request, and then ends the connection."""

    async def drops(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        linger = struct.pack("ii", how == "reset", 0)
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        writer.close()

    async def go():
        server = await asyncio.start_server(drops, "127.0.0.1", 0)
        async with server:
            await job(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/")

    asyncio.run(go())


@pytest.mark.parametrize("how", ["closed", "reset"])
@pytest.mark.parametrize("job", [ask, _in_a_stream], ids=["post", "stream"])
def test_a_request_that_was_taken_and_dropped_was_reached_and_may_be_billed(job, how):
    """However the connection ended, and though the transport calls it a timeout."""
    with pytest.raises(Transient, match="was reached and broke off") as caught:
        dropped(job, how)

    assert broke_off(caught.value.code)
    assert caught.value.code in {"transport:RemoteProtocolError", "transport:ReadError"}


@pytest.mark.parametrize(
    ("fault", "code", "reached"),
    [
        (httpx.ConnectTimeout, "transport:timeout", False),
        (httpx.PoolTimeout, "transport:timeout", False),
        (httpx.ConnectError, "transport:ConnectError", False),
        (httpx.ProxyError, "transport:ProxyError", False),
        (httpx.ReadTimeout, "transport:ReadTimeout", True),
        (httpx.WriteTimeout, "transport:WriteTimeout", True),
        (httpx.WriteError, "transport:WriteError", True),
        (httpx.ReadError, "transport:ReadError", True),
        (httpx.RemoteProtocolError, "transport:RemoteProtocolError", True),
        (httpx.DecodingError, "transport:DecodingError", True),
    ],
)
def test_a_fault_of_the_transport_says_whether_the_request_was_begun(fault, code, reached):
    """What connects is not reached; what reads or writes was."""
    found = transport_failure(fault(PROMPT))

    assert (found.code, broke_off(found.code)) == (code, reached)
    assert ("was reached" in str(found), "could not be reached" in str(found)) == (
        reached, not reached
    )  # fmt: skip


def test_nobody_there_is_a_transport_fault():
    """Refused connections and answers that break off are tried again."""

    async def handler(request):
        request.transport.abort()
        return web.Response()

    codes, said = [], []
    for job in (lambda: asyncio.run(ask("http://127.0.0.1:9/")), lambda: serve(handler, ask)):
        with pytest.raises(Transient) as caught:
            job()
        codes.append(caught.value.code)
        said.append(str(caught.value))
        assert PROMPT not in repr(caught.value)
    assert "could not be reached (refused)" in said[0]
    assert "was reached and broke off" in said[1]
    assert codes[0] == "transport:refused"
    assert codes[1].startswith("transport:")
    assert "timeout" not in codes[1]


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/", "http://[::1/"])
def test_an_address_that_is_none_is_not_tried_again(url):
    """It is the stack that is wrong."""
    with pytest.raises((Permanent, httpx.InvalidURL)) as caught:
        asyncio.run(ask(url))
    assert not isinstance(caught.value, Transient)


@pytest.fixture(scope="module")
def own_certificate(tmp_path_factory):
    """A TLS context with a certificate that nobody vouches for."""
    x509 = pytest.importorskip("cryptography.x509")
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    path.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                            serialization.NoEncryption())
    )  # fmt: skip
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(path)
    return context


def test_tls_is_verified_unless_told_otherwise(own_certificate):
    """A stranger's certificate is a transport fault; verify=False accepts it."""
    with pytest.raises(Transient):
        serve(answer(200, "{}"), ask, tls=own_certificate)
    done = serve(answer(200, "{}"), lambda url: ask(url, verify=False), tls=own_certificate)

    assert done.status_code == 200


def test_a_client_loads_no_certificates_of_its_own():
    """The connector has them once for all; loaded for each endpoint they take 25 ms."""
    client("http://127.0.0.1:9/")
    began = time.process_time()
    for _ in range(20):
        client("http://127.0.0.1:9/")

    assert time.process_time() - began < 0.1


def test_proxies_come_from_the_environment(monkeypatch):
    """HTTP_PROXY and NO_PROXY, as everybody knows them."""
    seen = []

    async def handler(request):
        seen.append(str(request.url))
        return web.Response(text="{}")

    async def job(url):
        monkeypatch.setenv("HTTP_PROXY", url)
        monkeypatch.setenv("http_proxy", url)
        await ask("http://model.invalid/v1/")

    serve(handler, job)
    assert seen == ["http://model.invalid/v1/chat"]


def test_a_host_in_no_proxy_is_asked_directly(monkeypatch):
    """The proxy that is named is not there: whoever asked it would fail."""
    for name in ("HTTP_PROXY", "http_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "elsewhere.invalid,127.0.0.1")
    assert serve(answer(200, "{}"), ask).json() == {}

    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "elsewhere.invalid")
    with pytest.raises(Transient):
        serve(answer(200, "{}"), ask)


def test_http_limits_stay_out_of_the_way_of_the_engines():
    """256 calls are in flight at once: the server answers none before it has them all."""
    every, there = 256, []
    enough = asyncio.Event()

    async def handler(request):
        there.append(request)
        if len(there) == every:
            enough.set()
        await enough.wait()
        return web.Response(text="{}")

    async def all_at_once(url):
        async with client(url) as http, asyncio.timeout(20):
            await asyncio.gather(*(post_json(http, "chat", {}) for _ in range(every)))

    serve(handler, all_at_once)

    assert len(there) == every


@pytest.mark.parametrize(
    "body",
    [None, [], "text", {}, {"choices": 3}, {"choices": []}, {"choices": [3]}, {"choices": [{"message": "x"}]}],
)  # fmt: skip
def test_what_is_no_chat_completion_is_a_transport_fault(body):
    """A proxy's page, a cut answer: another try."""
    with pytest.raises(Transient):
        chat.reply(body)


def test_a_completion_that_failed_says_what_it_cost():
    """Its tokens are paid for, so that a budget bounds an endpoint that breaks off."""
    broke = {"choices": [{"message": {}, "finish_reason": "error"}], "usage": {"prompt_tokens": 7}}
    with pytest.raises(Transient) as caught:
        chat.reply(broke)

    assert (caught.value.usage.input, caught.value.usage.output) == (7, None)


def test_strange_fields_of_a_completion_are_no_crash():
    """Endpoints of all makes speak this format."""
    choice = {"message": {"content": [{"text": "a"}, 7], "tool_calls": [3, {"function": "x", "id": 5}]},
              "finish_reason": ["x"], "logprobs": {"content": [{"token": "a", "logprob": "x"}, 3]}}  # fmt: skip
    got = chat.reply({"choices": [choice], "usage": [1], "model": 3, "id": {}})

    assert (got.model, got.provider_ref, got.usage.input, got.stop) == (None, None, None, Stop.END)
    assert [type(p).__name__ for p in got.messages[0].parts] == [
        "Text",
        "Unknown",
        "Unknown",
        "ToolCall",
    ]
    assert got.scores.logprobs == (None,)
    for usage in ({"prompt_tokens": "7"}, {"prompt_tokens": -1}, {"prompt_tokens": True}):
        assert chat.reply({"choices": [choice], "usage": usage}).usage.input is None


def test_stop_reasons_are_kept_apart():
    """Trap 21: cut, filtered, refused and ended are four things."""

    def stop(reason, **message):
        return chat.reply({"choices": [{"finish_reason": reason, "message": message}]}).stop

    assert [stop("length"), stop("content_filter"), stop("stop", refusal="no"), stop("stop"), stop("new")] == [
        Stop.LENGTH, Stop.FILTERED, Stop.REFUSED, Stop.END, Stop.END]  # fmt: skip


def test_a_lone_surrogate_can_be_sent():
    """As JSON's escape, so that the text arrives as it is."""
    seen = []

    async def handler(request):
        seen.append(json.loads(await request.read()))
        return web.Response(text="{}")

    async def job(url):
        async with client(url) as http:
            await post_json(http, "x", chat.body(Request(conversation=(user("\ud800"),)), "m"))

    began = time.monotonic()
    serve(handler, job)
    assert seen[0] == {"model": "m", "messages": [{"role": "user", "content": "\ud800"}]}
    assert time.monotonic() - began < 5
