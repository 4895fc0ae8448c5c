"""A budget is the run's: no try beyond it, whichever session asks."""

import re

import pytest
from ledger import Ledger, completion
from project import NEVER, remote, simulated


def test_a_budget_of_17_requests_is_17_requests(project):
    """Not one more; the run says that it is incomplete, and goes on when the budget grows."""
    with Ledger() as server:
        project.write(remote(server.url), run="budget = { requests = 17 }")
        told = project.run(check=3).stderr
        assert len(server.entries) == 17
        assert "exit code 3: the budget is spent (requests 17 of 17;" in told
        assert "larger run.budget the same command goes on" in told
        project.run("--set", "run.budget.requests=1000", check=0)

    assert len(server.entries) == len({k for _, k, _ in server.entries})


def test_a_budget_of_tokens_holds_where_nothing_bounds_a_reply(project):
    """Without max_tokens one call goes ahead, and the rest reserve what replies have cost."""

    def answer(_):
        return (
            200,
            completion("Well.") | {"usage": {"prompt_tokens": 10, "completion_tokens": 8000}},
            {},
        )

    with Ledger(answer) as server:
        project.write(remote(server.url), run="budget = { tokens = 20000 }", attacks='["direct"]')
        project.run(check=3)

    assert len(server.entries) == 2


@pytest.mark.parametrize("bound", ["tokens = 100", "money = 0.0001"])
def test_what_earlier_sessions_spent_is_spent(project, bound):
    """The same command again sends nothing: tokens and money are the run's, not the session's."""
    prices = '[[prices]]\nmodel = "openai/any"\ninput = 1.0\noutput = 1.0\ndate = "2026-01-01"\n'
    with Ledger() as server:
        target = remote(server.url) + "max_tokens = 5\n"
        project.write(target, attacks='["direct"]', run=f"budget = {{ {bound} }}", more=prices)
        project.run(check=3)
        sent = len(server.entries)
        project.run(check=3)
        again = len(server.entries)

    assert 0 < sent == again < 10


def test_minutes_of_earlier_sessions_are_spent(project):
    """A run of an hour has no half hour left."""
    with Ledger() as server:
        project.write(remote(server.url), attacks='["direct"]', run="budget = { requests = 3 }")
        project.run(check=3)
        ((seconds,),) = project.rows("SELECT value FROM run WHERE key = 'seconds'")
        project.edit("UPDATE run SET value = '3600' WHERE key = 'seconds'")
        project.write(remote(server.url), attacks='["direct"]', run="budget = { minutes = 30 }")
        project.run(check=3)

    assert 0 < float(seconds) < 60
    assert len(server.entries) == 3
    assert float(project.rows("SELECT value FROM run WHERE key = 'seconds'")[0][0]) > 3600


def test_a_report_says_which_budget_is_spent(project):
    """On the console, in JSON, and in why the run may not be published; not beside each number."""
    project.write(attacks='["direct"]', run="budget = { tokens = 1000, minutes = 60 }")
    shown = project.call("run", "stack.toml", check=3).stdout
    report = project.printed("t", check=3)
    (notice,) = [n["text"] for n in report["notices"] if n["code"] == "budget"]

    assert f"! {notice}" in " ".join(shown.split())
    assert re.match(r"the budget is spent \(tokens \d+ of 1,000, minutes 0(\.\d)? of 60;", notice)
    assert "Not reportable: its budget is spent; attempts have no answer" in shown
    assert not [
        f for f in report["findings"] for c in f.get("caveats", ()) if c["code"] == "budget"
    ]


def test_a_judge_that_lacks_votes_leaves_a_run_incomplete(outside):
    """One vote of two is not the number that was asked for, and the same command gets the other."""
    judge = '[[raters]]\nid = "open"\nvotes = {}\nroles = {{ judge = "j" }}\n'
    echo = '[endpoints.j]\nmodel = "simulated/echo"\n'
    votes = "SELECT count(DISTINCT rating) FROM marks WHERE rater = 'open'"

    def run(n, most, check):
        budget = f"budget = {{ requests = {most} }}"
        outside.write(simulated(NEVER) + echo, '["direct"]', run=budget, more=judge.format(n))
        log = ("--log-format", "json", "--log-level", "info")
        return outside.call(*log, "run", "stack.toml", check=check).stderr

    first = run(1, 1000, 0)
    one = outside.rows(votes)
    short = run(2, 64 + 5, 3)
    some = outside.rows(votes)
    told = [n["text"] for n in outside.report()["notices"] if n["code"] == "unrated"]
    last = run(2, 1000, 0)

    assert (one, some, outside.rows(votes)) == ([(32,)], [(37,)], [(64,)])
    assert told == ["open lacks some of its 2 votes on 27 of the attempts answered"]
    assert ['"complete": true' in said for said in (first, short, last)] == [True, False, True]
