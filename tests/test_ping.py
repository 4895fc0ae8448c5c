"""`targets ping`: one harmless request to each endpoint of a stack, and what came of it in words."""

import json
import re
import socket

import pytest
from ledger import Ledger, completion
from project import SIMULATED, remote

KEY = "sk-live-MARKED0KEY0123456789"
LONG = "Paris \x1b[31m is its name. " + "and " * 100
ANSWERS = {
    "any": (200, completion("Paris.")),
    "long": (200, completion(LONG)),
    "cut": (200, completion("Par", "length")),
    "thinks": (200, completion("", "length")),
    "mute": (200, completion("")),
    "filtered": (200, completion("", "content_filter")),
    "declines": (200, completion("No.", "refusal")),
    "echoes": (200, completion(f"You sent {KEY}.")),
    "moved": (302, {}),
    "page": (200, {"hello": "world"}),
}


def answer(body):
    """Answer by what the model is called; a number is a status."""
    status, data = ANSWERS.get(body["model"]) or (int(body["model"]), {"error": {"code": "oops"}})
    return status, data, {"Location": "http://127.0.0.1:9/"} if status == 302 else {}


@pytest.fixture(scope="module")
def server():
    with Ledger(answer) as one:
        yield one


def closed():
    """Give an address at which nobody listens."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{one.getsockname()[1]}/v1"


def pinged(project, *names, check, **env):
    """What came, by the endpoint's name."""
    env = {"OPENAI_API_KEY": KEY} | env
    done = project.call("targets", "ping", "stack.toml", *names, "--json", check=check, **env)
    return {one["name"]: one for one in json.loads(done.stdout)}


def asked(project, server, model, more="", check=3):
    """Ping a target that the server answers as *model* says."""
    project.write(remote(server.url).replace("openai/any", f"openai/{model}") + more)
    return pinged(project, check=check)["remote"]


def test_an_endpoint_that_works_is_told_in_a_few_lines(project, server):
    """Address, the model that answered, stop, tokens, seconds and the first words; exit code 0."""
    project.write(remote(server.url).replace("openai/any", "openai/long"))
    done = project.call("targets", "ping", "stack.toml", check=0, OPENAI_API_KEY=KEY)
    head, answered, reply = done.stdout.splitlines()

    assert head == f"remote (target): openai/long at {server.url}"
    assert re.fullmatch(
        r"  answered in \d+\.\d s; model loopback-1; stop end; 7 tokens in, 5 tokens out", answered
    )
    assert reply.startswith(r"  reply: Paris \x1b[31m is its name. and and")
    assert reply.endswith("...")
    assert len(reply) < 130


def test_each_endpoint_is_asked_once_as_a_run_would_ask_it(project, server):
    """With its system prompt and settings; no try is repeated, and nothing is written."""
    settings = 'system = "Be brief."\ntemperature = 0.5\nmax_tokens = 7\n'
    before = len(server.bodies)
    asked(project, server, "503", settings)
    (body,) = server.bodies[before:]

    assert body["messages"][0] == {"role": "system", "content": "Be brief."}
    assert [m["role"] for m in body["messages"]] == ["system", "user"]
    assert (body["temperature"], body["max_tokens"]) == (0.5, 7)
    assert [p.name for p in project.path.iterdir()] == ["stack.toml"]


@pytest.mark.parametrize(
    ("model", "code", "says"),
    [
        ("401", "http-401", "check its API key: api_key of the stack, else OPENAI_API_KEY"),
        ("404", "http-404", "there may be no 404 at http://127.0.0.1:"),
        ("429", "http-429", "its rate limit is spent; a run waits and tries again"),
        ("503", "http-503", "it failed on its side"),
        ("moved", "http-302", "put the final address into base_url"),
        ("page", "malformed", "its answers are no chat completions"),
        ("mute", "no-words", "it answered without a word: look at its system prompt"),
        ("thinks", "no-words", "no word before a limit of its own: set max_tokens"),
        ("filtered", "filtered", "its filter blocks a harmless question"),
    ],
)
def test_what_went_wrong_has_its_code_and_what_to_do(project, server, model, code, says):
    """Exit code 3, as for a run that lacks answers."""
    one = asked(project, server, model)

    assert (one["answered"], one["code"]) == (False, code)
    assert says in one["advice"]
    assert one["reply"] is None


@pytest.mark.parametrize(
    ("model", "more", "code", "says"),
    [
        ("any", "", "", ""),
        ("cut", "max_tokens = 5\n", "cut", "cut at max_tokens = 5: raise it"),
        ("cut", "", "cut", "cut at a limit of its own: set max_tokens"),
        ("declines", "", "refused", "it refuses a harmless question: look at its system prompt"),
    ],
)
def test_an_odd_answer_is_an_answer_with_a_remark(project, server, model, more, code, says):
    """Exit code 0: an endpoint may be meant to answer so."""
    one = asked(project, server, model, more, check=0)

    assert (one["answered"], one["code"]) == (True, code)
    assert says in one["advice"]


def test_a_refused_request_says_what_was_sent_beside_the_words(project, server):
    """The settings with their values; the system prompt without its text."""
    one = asked(project, server, "400", 'system = "MARKED"\ntemperature = 0.0\n')

    assert "it does not take a setting" in one["advice"]
    assert one["advice"].endswith("; it was sent a system prompt and temperature = 0.0")


def test_nobody_there_is_told_beside_those_who_answer(project, server):
    """Each endpoint of the stack by itself; NAMES asks some alone."""
    nobody = closed()
    project.write(remote(server.url, "a") + remote(nobody, "b") + SIMULATED)
    every = pinged(project, check=3)
    some = pinged(project, "known", "a", check=0)
    wrong = project.call("targets", "ping", "stack.toml", "knwon", check=2)

    assert list(every) == ["a", "b", "known", "other"]
    assert every["b"]["code"] == "transport:refused"
    assert f"it could not be reached at {nobody}" in every["b"]["advice"]
    assert list(some) == ["a", "known"]
    assert "no endpoint 'knwon'; did you mean 'known'?" in wrong.stderr


def test_a_silent_endpoint_is_left_after_the_time_of_a_try(project):
    """`run.timeout` bounds it as in a run."""
    with Ledger(lambda _: ANSWERS["any"] + ({},), latency=5.0) as server:
        project.write(remote(server.url), run="timeout = 0.5")
        one = pinged(project, check=3)["remote"]

    assert one["code"] == "timeout"
    assert one["advice"].startswith("no answer within 0.5 s: raise run.timeout")
    assert 0.4 < one["seconds"] < 4


def test_an_endpoint_without_its_key_is_told_and_not_asked(project, server):
    """The others are; it is a mistake as in a run, and asking again does not help."""
    lacking = remote(server.url, "keyless") + 'api_key = "${MISSING_KEY}"\n'
    project.write(lacking + SIMULATED)
    before = len(server.bodies)
    every = pinged(project, check=2)

    assert every["keyless"]["code"] == "no-secret"
    assert (
        "targets.keyless.api_key: the environment has no MISSING_KEY" in every["keyless"]["advice"]
    )
    assert every["keyless"]["seconds"] is None
    assert every["known"]["answered"]
    assert len(server.bodies) == before


def test_a_key_that_comes_back_is_not_shown(project, server):
    """Whoever reads a CI log over your shoulder."""
    project.write(remote(server.url).replace("any", "echoes") + 'api_key = "${OWN_KEY}"\n')
    done = [project.call("targets", "ping", "stack.toml", *more, check=0, OWN_KEY=KEY)
            for more in ([], ["--json"])]  # fmt: skip

    assert not [one for one in done if KEY in one.stdout + one.stderr]
    assert "its reply repeats a secret, and is not shown" in done[0].stdout


@pytest.mark.parametrize(
    ("said", "verdict", "says"),
    [
        ("ALLOW", "passed, label ALLOW", ""),
        ("BLOCK", "blocked, label BLOCK", "it blocks a harmless question"),
    ],
)
def test_a_guardrail_tells_its_verdict(project, said, verdict, says):
    """It has no reply; a block of what is harmless is remarked on."""
    with Ledger(lambda _: (200, {"action": said}, {})) as server:
        project.write(
            f'[targets.guard]\nmodel = "http/guard"\nurl = "{server.url}/chat/completions"\n'
            """request = '{"text": "{{transcript}}"}'\nblocked = "action == 'BLOCK'"\n"""
            """allowed = "action == 'ALLOW'"\nlabel = "action"\n""",
            attacks='["direct"]',
        )
        one = pinged(project, check=0)["guard"]

    assert (one["answered"], one["stop"], one["reply"]) == (True, "verdict", None)
    assert one["verdict"] == verdict
    assert says in one["advice"]


def test_roles_are_told_with_each_endpoint(outside, server):
    """A judge's endpoint is asked as well as the targets."""
    table = remote(server.url, "grader").replace("targets", "endpoints")
    judge = '[[raters]]\nid = "open"\nroles = { judge = "grader" }\n'
    outside.write(SIMULATED + table, more=judge)
    every = pinged(outside, check=0)

    assert every["grader"]["roles"] == ["judge"]
    assert every["known"]["roles"] == ["target"]
