"""A search by a stranger: killed, throttled, out of money, or misbehaving."""

import random
import time

import pytest
from ledger import Ledger
from trees import TREE, answer, endpoints, tree

KEY = "sk-loopback-0123456789"


@pytest.fixture
def outside(project, strangers):
    """A project that finds the strangers' packages."""
    project.env |= {"PYTHONPATH": str(strangers), "OPENAI_API_KEY": KEY}
    return project


def write(project, url, run="", options="", families=1):
    """Write a stack with a search over a few families, served by three endpoints of one key."""
    project.write(endpoints(url), attacks=f"[{TREE % options}]\nlimit = {families}", run=run)
    return project


def doubles(entries):
    """Give for each request that was answered more than once the times of all but its last answer."""
    by_key = {}
    for at, key, status in entries:
        assert status == 200
        by_key.setdefault(key, []).append(at)
    return [at for times in by_key.values() for at in times[:-1]]


def test_a_tree_search_survives_twenty_kills(outside):
    """No request is answered twice but those in flight at a kill; the tree is the unkilled one.

    The server's 10 a second are never exceeded by attacker, judge and target together.
    """
    rng = random.Random(1)
    kills = []
    with Ledger(answer, latency=0.02) as server:
        write(outside, server.url, run="max_connections = 6\n")
        outside.run("--set", "name=u", check=0)
        whole, asked = tree(outside, "u"), len(server.entries)
        server.per_second = 10
        server.arrivals.clear()
        server.entries.clear()
        rate = "requests_per_minute = { remote = 900, steer = 600 }\n"
        write(outside, server.url, run=f"max_connections = 6\n{rate}")
        for _ in range(20):
            process = outside.start("--quiet")
            before = len(server.entries)
            while process.poll() is None and len(server.entries) == before:
                time.sleep(0.005)
            time.sleep(rng.uniform(0, 0.25))
            assert process.poll() is None, process.stderr.read()
            kills.append(time.time())
            process.kill()
            process.wait()
        outside.run(check=0)
        busiest = server.busiest()

    assert tree(outside) == whole
    assert outside.dump() == outside.dump("u")
    assert busiest <= 10
    again = doubles(server.entries)
    assert len(server.entries) - len(again) == asked
    assert len(again) <= 6 * len(kills)
    for at in again:
        assert any(-0.1 <= at - kill <= 0.3 for kill in kills), at


def test_a_budget_of_17_requests_is_17_requests_of_all_roles(outside):
    """Attacker, judge and target draw on one purse; with a larger one the same tree is finished."""
    with Ledger(answer) as server:
        write(outside, server.url)
        outside.run("--set", "name=u", check=0)
        whole, asked = tree(outside, "u"), len(server.entries)
        server.entries.clear()
        outside.run("--set", "run.budget.requests=17", check=3)
        assert len(server.entries) == 17
        assert len({b["model"] for b in server.bodies[asked:]}) > 1
        outside.run("--set", "run.budget.requests=100000", check=0)

    assert len(server.entries) == asked
    assert tree(outside) == whole
