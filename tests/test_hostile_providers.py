"""Endpoints that do their worst: all that can be answered is, once, and the rest has a reason.

What each case does is in `hostile`, under its name.
"""

import time

import pytest
from hostile import Hostile
from project import Project


def run(project, server, *names, more="", check=0, args=()):
    """Run against the cases of these *names*; give what was said."""
    project.write("".join(map(server.target, names)), '["direct"]', run=more)
    project.env["OPENAI_API_KEY"] = "sk-MARKER-7"
    began = time.monotonic()
    done = project.run(*args, check=check)
    return done, time.monotonic() - began


def states(project):
    """Give the number of attempts by target, state and reason."""
    return {
        tuple(row): n
        for *row, n in project.rows(
            "SELECT target, state, reason, count(*) FROM attempts GROUP BY 1, 2, 3"
        )
    }


def check_paid_once(project, server):
    """Hold that every whole answer is in the journal, and that none was paid for twice."""
    (calls,) = project.rows("SELECT count(*) FROM calls")[0]

    assert sum(server.answered.values()) == calls
    assert set(server.answered.values()) == {1}


THOUSAND = "repeats = 32\n"


def test_a_thousand_attempts_finish_through_429s_and_500s(project):
    """5 % are turned away, with and without Retry-After, 2 % fail: 1,024 of 1,024 are answered, once."""
    with Hostile() as server:
        _, took = run(project, server, "flaky", more=THOUSAND)

    assert states(project) == {("flaky", "done", ""): 1024}
    assert server.asked["flaky"] > 1024 * 1.06
    check_paid_once(project, server)
    assert took < 60


@pytest.mark.parametrize(
    ("seconds", "more"), [(3.0, ""), pytest.param(30.0, THOUSAND, marks=pytest.mark.slow)]
)
def test_a_storm_of_429_is_waited_out(project, seconds, more):
    """Nothing fails for it, and nothing is sent in vain that could wait."""
    with Hostile(seconds) as server:
        _, took = run(project, server, "storm", more=more)

    assert {state for _, state, _ in states(project)} == {"done"}
    check_paid_once(project, server)
    assert seconds < took < 3 * seconds + 30


NOW_AND_THEN = {
    "drip": "answers that come byte by byte",
    "hang": "an endpoint that says nothing at times, and is given up in time",
    "cut": "answers that break off",
    "empty": "answers without a body",
    "invalid": "answers that are no text",
    "error-in-200": "errors under a status that says all is well",
    "plain": "answers of another content type",
    "wordless": "answers without a word, which are answers",
}


@pytest.fixture(scope="module")
def now_and_then(tmp_path_factory):
    """One run against all of them; give project, server, what was said and how long it took."""
    project = Project(tmp_path_factory.mktemp("now-and-then"))
    with Hostile() as server:
        done, took = run(project, server, *NOW_AND_THEN, more="timeout = 3.0")
    return project, server, done, took


@pytest.mark.parametrize("case", NOW_AND_THEN)
def test_what_fails_now_and_then_is_asked_again_until_it_is_answered(now_and_then, case):
    """32 of 32, whatever `NOW_AND_THEN` says of it."""
    project, server, *_ = now_and_then
    (calls,) = project.rows(f"SELECT count(*) FROM calls WHERE endpoint = '{case}'")[0]

    assert {key: n for key, n in states(project).items() if key[0] == case} == {
        (case, "done", ""): 32
    }
    assert calls == 32
    assert server.asked[case] >= (32 if case in {"drip", "plain", "wordless"} else 36)


def test_what_fails_now_and_then_is_paid_once_and_bounded(now_and_then):
    """Nobody hears of it at the end: all is answered."""
    project, server, done, took = now_and_then

    check_paid_once(project, server)
    assert done.stderr == ""
    assert took < 45


def test_what_never_answers_fails_with_a_reason_beside_what_does(project):
    """Each attempt in time, and told with what to do; the others are finished. One run for all."""
    bad = {
        "silent": "timeout", "trickle": "timeout", "always-empty": "malformed",
        "always-invalid": "malformed", "always-error-in-200": "malformed", "page": "html",
        "huge": "too-large", "bomb": "too-large", "away": "http-307",
    }  # fmt: skip
    with Hostile() as other, Hostile(elsewhere=other.url) as server:
        more = "timeout = 5.0\nmax_retries = 0\n"
        done, took = run(project, server, "sound", *bad, more=more, check=3, args=("--limit", 2))
    found = project.rows(
        "SELECT target, state, reason, count(*) FROM attempts GROUP BY 1, 2, 3", "t-limit-2"
    )

    assert {(t, s, r): n for t, s, r, n in found} == {
        ("sound", "done", ""): 4, **{(name, "failed", reason): 4 for name, reason in bad.items()}
    }  # fmt: skip
    for name, reason in bad.items():
        assert f"dosimeter: {name}: 4 attempts failed: {reason}: " in done.stderr
    assert not other.asked
    assert not other.keys
    assert "MARKER" not in done.stdout + done.stderr
    told = " ".join(n["text"] for n in project.report("t-limit-2")["notices"])
    assert all(name in told for name in bad)
    assert took < 60


@pytest.mark.parametrize("status", ["401", "403", "404"])
def test_a_target_that_nothing_can_answer_is_stopped_at_once(project, status):
    """It is not asked for every attempt; the other target goes on to its end."""
    with Hostile() as server:
        done, _ = run(project, server, status, "sound", check=3, args=("--max-connections", 2))

    assert states(project) == {
        (status, "failed", f"http-{status}"): 32, ("sound", "done", ""): 32
    }  # fmt: skip
    assert server.asked[status] <= 2
    assert f"dosimeter: {status}: 32 attempts failed: http-{status}: " in done.stderr
    check_paid_once(project, server)


def test_a_model_that_changes_under_way_is_on_every_number(project):
    """Both names stand in the report."""
    with Hostile() as server:
        run(project, server, "changing")
    report = project.report()

    assert report["targets"][0]["returned_models"] == ["m-1", "m-2"]
    assert all(
        "model-changed" in {c["code"] for c in f["caveats"]}
        for f in report["findings"] if f["type"] == "Estimate"
    )  # fmt: skip
    check_paid_once(project, server)
