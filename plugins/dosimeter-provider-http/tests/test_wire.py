"""What goes over the line, what a failure means, and jobs that are looked at until they are done."""

import asyncio
import time

import pytest
from aiohttp import web

from dosimeter import AuthFailed, Permanent, Request, Stop, Transient, user
from dosimeter_provider_http.options import HttpOptions
from dosimeter_provider_http.provider import build

KEY = "sk-key-0123456789abcdef"


def failed(status, body=None, **headers):
    return web.json_response(
        body or {}, status=status, headers={k.replace("_", "-"): v for k, v in headers.items()}
    )


def test_headers_go_out_with_their_keys(exchange):
    """Several, open and secret, and JSON is called JSON unless the stack says otherwise."""
    _, (seen,) = exchange(
        {"a": "x"}, headers=("Accept-Language: en, de;q=0.5", "X-Team: red"),
        secret_headers=f"X-Api-Key: {KEY}\n\nAuthorization: Bearer {KEY}\n",
    )  # fmt: skip
    sent = {k.lower(): v for k, v in seen.headers.items()}

    assert (sent["x-api-key"], sent["authorization"]) == (KEY, f"Bearer {KEY}")
    assert (sent["accept-language"], sent["x-team"]) == ("en, de;q=0.5", "red")
    assert (seen.method, sent["content-type"]) == ("POST", "application/json")


def test_another_method_and_another_type_can_be_had(exchange):
    """PUT, and a vendor's JSON."""
    _, (seen,) = exchange(
        {"a": "x"}, method="PUT", headers=("Content-Type: application/vnd.x+json",)
    )

    assert (seen.method, seen.headers["Content-Type"]) == ("PUT", "application/vnd.x+json")
    assert seen.body == {"q": "marzipan elephants"}


def test_a_key_can_stand_in_the_body(exchange):
    """Where an endpoint wants it there."""
    _, (seen,) = exchange(
        {"a": "x"}, secret=KEY, request='{"q": "{{prompt}}", "key": "{{secret}}"}'
    )

    assert seen.body["key"] == KEY


@pytest.mark.parametrize("status", [408, 409, 425, 429, 500, 502, 503, 529])
def test_faults_of_the_server_are_worth_another_try(fault, status):
    """After Retry-After, if it is given."""
    found = fault(failed(status, {"error": "nougat"}, Retry_After="7"))

    assert isinstance(found, Transient)
    assert (found.code, found.retry_after) == (f"http-{status}", 7)


@pytest.mark.parametrize("status", [401, 403])
def test_refused_credentials_are_told_apart(fault, status):
    """And the server's words, which may hold the key, are not repeated."""
    found = fault(failed(status, {"error": KEY}), secret_headers=f"X-Api-Key: {KEY}")

    assert isinstance(found, AuthFailed)


@pytest.mark.parametrize("status", [400, 404, 405, 422, 451])
def test_other_faults_are_permanent(fault, status):
    """Another try would get the same answer."""
    found = fault(failed(status, {"error": "nougat"}))

    assert (type(found), found.code) == (Permanent, f"http-{status}")


@pytest.mark.parametrize("status", [400, 403, 422, 451])
def test_a_filters_error_status_is_an_answer(exchange, status):
    """If the stack says how to tell; the block is what is measured."""
    reply, _ = exchange(
        failed(status, {"error": {"type": "policy"}}), filtered="error.type == 'policy'"
    )

    assert (reply.stop, reply.messages) == (Stop.FILTERED, ())


@pytest.mark.parametrize("status", [401, 429, 500])
def test_what_is_of_the_account_or_the_moment_is_no_block(fault, status):
    """Whatever the body says."""
    found = fault(failed(status, {"error": {"type": "policy"}}), filtered="error.type == 'policy'")

    assert found.code == f"http-{status}"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_to_another_host_never_gets_the_key(fault, status):
    """It is not followed, whether to this host or another."""
    found = fault(
        failed(status, Location="http://localhost:1/there"), secret_headers=f"X-Api-Key: {KEY}"
    )

    assert (type(found), found.code, len(found.seen)) == (Permanent, f"http-{status}", 1)


def test_a_web_page_is_permanent_and_broken_json_is_not(fault):
    """The one is a wrong address, the other a cut answer."""
    page = fault(web.Response(text="<html>nougat</html>", content_type="text/html"))
    broken = [fault(web.Response(text=t, content_type="application/json"))
              for t in ('{"a": "noug', "", "[" * 200_000)]  # fmt: skip

    assert (type(page), page.code) == (Permanent, "html")
    assert all(isinstance(f, Transient) and f.code == "malformed" for f in broken)


def test_nobody_listening_is_worth_another_try(fault):
    """A server that restarts comes back."""
    assert fault({"a": "x"}, url="http://127.0.0.1:9/chat").code == "transport:refused"


# -- jobs -------------------------------------------------------------------------------------

POLL = {
    "poll": "/jobs/{{id}}?full=1",
    "poll_id": "job",
    "poll_done": "state == 'done'",
    "poll_seconds": 0.05,
}
QUEUED, DONE = {"job": "j 1/../x", "state": "queued"}, {"state": "done", "a": "Up."}


def test_a_job_is_looked_at_until_it_is_done(exchange):
    """On the same host, with the same headers, by the id that the first answer gave."""
    reply, seen = exchange(
        QUEUED, {"state": "running"}, DONE, secret_headers=f"X-Api-Key: {KEY}", **POLL
    )

    assert (reply.text, reply.stop) == ("Up.", Stop.END)
    assert [s.method for s in seen] == ["POST", "GET", "GET"]
    assert {s.path for s in seen[1:]} == {"/jobs/j%201%2F..%2Fx?full=1"}
    assert {s.headers["x-api-key"] for s in seen} == {KEY}


def test_a_job_that_is_done_at_once_is_not_looked_at(exchange):
    """The first answer is the result."""
    _, seen = exchange(DONE, **POLL)

    assert len(seen) == 1


def test_a_look_that_fails_in_passing_is_made_again(exchange):
    """The job goes on meanwhile, and is not paid for twice."""
    began = time.monotonic()
    reply, seen = exchange(
        {"job": 7}, failed(503, Retry_After="0.3"), web.Response(status=202), DONE, **POLL
    )

    assert reply.text == "Up."
    assert [s.method for s in seen] == ["POST", "GET", "GET", "GET"]
    assert time.monotonic() - began > 0.3


def test_a_look_that_is_refused_ends_the_job(fault):
    """As does an answer that says that it failed."""
    assert fault(QUEUED, failed(404), **POLL).code == "http-404"
    assert (
        fault(QUEUED, {"state": "error"}, **POLL, failed="state == 'error'").code == "answer-failed"
    )


def test_a_job_that_is_never_done_is_given_up(fault):
    """It is tried again by the run, as what it may take is the stack's to say."""
    found = fault(QUEUED, **POLL, poll_most=0.2)

    assert isinstance(found, Transient)
    assert found.code == "poll-timeout"


@pytest.mark.parametrize("job", [None, "", "..", True, ["x"], {}, "x" * 501, "\ud800", "a\nb"])
def test_an_answer_without_a_job_is_a_failure_with_a_reason(fault, job):
    """Its id leads to no other place of the host either."""
    found = fault({"job": job}, **POLL)

    assert (found.code, len(found.seen)) == ("no-job-at-path", 1)


def test_a_wait_can_be_cancelled():
    """A run that is stopped does not wait for a job."""

    async def handle(_):
        return web.json_response(QUEUED)

    async def go():
        app = web.Application()
        app.router.add_route("*", "/{any:.*}", handle)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        options = HttpOptions(
            url=f"http://127.0.0.1:{runner.addresses[0][1]}/", request='"{{prompt}}"', reply="a",
            **{**POLL, "poll_seconds": 60.0},
        )  # fmt: skip
        provider = build("m", options)
        try:
            async with asyncio.timeout(0.5):
                await provider.generate(Request(conversation=(user("x"),)))
        finally:
            await provider.aclose()
            await runner.cleanup()

    began = time.monotonic()
    with pytest.raises(TimeoutError):
        asyncio.run(go())
    assert time.monotonic() - began < 5
