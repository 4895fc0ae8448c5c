"""A search by a stranger: killed, throttled, out of money, or misbehaving."""

import asyncio
import random
import time

from ledger import Ledger, completion
from project import wait_until
from trees import answer, doubles, tree, write

from dosimeter.engine.limiter import Limiter


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
            wait_until(process, lambda n=before: len(server.entries) > n, every=0.005)
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


def test_order_drops_and_connections_change_nothing_and_targets_are_paired(outside):
    """A search that draws from its rng, on two targets, at 1 and 64 connections.

    The later a request comes, the sooner it is answered; some get no answer. The records are equal,
    messages and all; and both targets, as they answer alike, meet the same prompts in the same tree.
    """
    rng = random.Random(5)

    def flaky(body):
        drop = rng.random()
        return (0 if drop < 0.04 else 503, {"error": {}}, {}) if drop < 0.08 else answer(body)

    with Ledger(flaky) as server:
        server.delay = lambda: 0.03 * (1 - len(server.arrivals) % 24 / 24)
        other = f'[targets.other]\nmodel = "openai/other"\nbase_url = "{server.url}"\n'
        write(outside, server.url, run="max_retries = 8\n", more=other)
        outside.run("--max-connections", 1, check=0)
        dropped = server.drops
        outside.run("--max-connections", 64, "--set", "name=u", check=0)

    one, many = outside.dump(), outside.dump("u")
    assert 0 < dropped < server.drops
    assert outside.rows("SELECT count(*) FROM tries WHERE failure != ''", "u")[0][0] > 0
    assert server.most_in_flight > 6
    assert one == many
    assert tree(outside) == tree(outside, "u")
    trees = {"remote": [], "other": []}
    for target, family, intent, item, said in outside.rows(
        "SELECT a.target, a.family, a.intent, c.step || '.' || c.idx || c.role,"
        " (SELECT group_concat(b.bytes, '|') FROM message m JOIN blob b ON b.k = m.body"
        "  WHERE m.scope = c.scope AND m.k = (SELECT parent FROM message WHERE k = c.reply))"
        " FROM attempts a JOIN scope s ON lower(hex(s.id)) = a.attempt JOIN call c ON c.scope = s.k"
    ):
        trees[target].append((family, intent, item, said))
    assert len(trees["remote"]) > 20
    assert sorted(trees["remote"]) == sorted(trees["other"])


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


def test_a_search_that_strays_when_resumed_fails_alone_and_pays_nothing(outside):
    """Its attempts fail with a message that names the plugin; recorded answers are not paid again."""
    # No score ends a search early, whatever time the prompts tell.
    with Ledger(lambda body: (200, completion("I give it 5."), {})) as server:
        write(outside, server.url, options=", clock = true")
        outside.run("--set", "run.budget.requests=17", check=3)
        assert len(server.entries) == 17
        done = outside.run("--set", "run.budget.requests=1000", check=3)

    assert len(server.entries) == 17
    assert {s for (s,) in outside.rows("SELECT state || ' ' || reason FROM attempts")} == {
        "failed diverged"
    }
    assert "attack 'tree' of stranger-attack-tree 0.3.0 asked something else" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_search_that_raises_is_named_by_place_and_never_by_its_words(outside):
    """The log has type, package, module and line; journal and log have nothing of the message."""
    with Ledger(answer) as server:
        write(outside, server.url, options=', fail = "0"')
        done = outside.call("--log-level", "debug", "run", "stack.toml", "--quiet", check=3)

    goal = outside.rows(
        "SELECT CAST(b.bytes AS TEXT) FROM item i JOIN blob b ON b.k = i.goal LIMIT 1"
    )[0][0]
    assert "attack 'tree' of stranger-attack-tree 0.3.0 raised LookupError" in done.stderr
    assert "stranger_attack_tree.search" in done.stderr
    assert "line" in done.stderr
    assert goal not in done.stderr
    # At the first level: the port is part of the endpoints' identity, so trees differ between runs,
    # and a search that finds nothing on topic would end before a later one.
    assert outside.rows("SELECT DISTINCT reason FROM attempts") == [("attack:LookupError",)]


def test_a_rate_is_held_without_starving_slow_endpoints():
    """No second sees more than the rate allows, and answers that take long leave most of it."""
    starts = []

    async def call(limiter):
        ticket = await limiter.acquire()
        starts.append(time.monotonic())
        await asyncio.sleep(0.6)
        limiter.release(ticket, ok=True)

    async def go():
        limiter = Limiter(most=100, per_minute=1200)
        await asyncio.gather(*(call(limiter) for _ in range(60)))

    asyncio.run(go())

    assert max(sum(t <= u < t + 1 for u in starts) for t in starts) <= 20
    assert starts[-1] - starts[0] < 60 / 20 / 0.6
