"""An executor by a stranger: a process a lease, bytes over pipes, and workers that die."""

import asyncio
import base64
import importlib
import re
import time
from itertools import pairwise
from pathlib import Path

import pytest
from attrs import evolve
from ledger import Ledger
from project import wait_until
from trees import answer, doubles, tree, write

from dosimeter import (
    Attempt,
    Cost,
    Credentials,
    DosimeterError,
    Endpoint,
    Holder,
    Intent,
    Item,
    Label,
    Lease,
    Permit,
    PluginBroken,
    Provenance,
    Reference,
    Role,
    Seal,
    Sealed,
    State,
    Stopping,
    Variant,
    WireError,
    WorkDone,
    user,
)
from dosimeter.execute import (
    RemoteHost,
    answer as answer_question,
    attend,
    decode,
    each_lease,
    encode,
)
from dosimeter.model.wire import AskPermit, AskRecord, Ended, Settled
from dosimeter.testing import CheckState, run, specimen
from dosimeter.wire import unseal

KEY = "sk-loopback-0123456789"
PIPE = '[executor]\nid = "pipe"\n'


@pytest.mark.parametrize("losing", ["AskSettle", "AskRecord"])
def test_a_lost_worker_costs_one_request_and_changes_nothing(outside, losing):
    """Killed in mid-search, its result delivered when the lease is another's: fenced, and paid for.

    The journal is the local one; processes together keep to the account's connections.
    """
    with Ledger(answer, latency=0.05) as server:
        write(outside, server.url, run="max_connections = 3")
        outside.run("--set", "name=u", check=0)
        asked = len(server.entries)
        server.entries.clear()
        server.most_in_flight = 0
        chaos = f'{PIPE}lose = 9\nlosing = "{losing}"\n'
        write(outside, server.url, run="max_connections = 3", more=chaos)
        outside.run(check=0)

    assert tree(outside) == tree(outside, "u")
    assert outside.dump() == outside.dump("u")
    assert 1 < server.most_in_flight <= 3
    # Answered twice is what was in flight in the killed process, nothing that was recorded.
    assert 1 <= len(doubles(server.entries)) <= 3
    assert len(server.entries) == asked + len(doubles(server.entries))
    used, late = outside.rows("SELECT sum(used), sum(1 - used) FROM tries")[0]
    assert (used, late) == (asked, len(doubles(server.entries)))
    assert outside.rows("SELECT DISTINCT status FROM tries WHERE used AND epoch > 0") == [("ok",)]
    assert outside.rows("SELECT max(epoch), count(DISTINCT epoch) FROM calls") == [(2, 2)]
    if losing == "AskRecord":
        assert outside.rows("SELECT count(*) FROM event WHERE kind = 'late'") == [(1,)]
    assert ("executor", "pipe", "stranger-executor-pipe", "0.2.0") in outside.rows(
        "SELECT kind, id, distribution, version FROM component"
    )


def test_a_late_result_is_drawn_from_the_budget(outside):
    """With as many requests as an undisturbed run needs, the one that was lost is missing at the end."""
    with Ledger(answer) as server:
        write(outside, server.url, run="max_connections = 1")
        outside.run("--set", "name=u", check=0)
        asked = len(server.entries)
        server.entries.clear()
        write(
            outside,
            server.url,
            run="max_connections = 1",
            more=f"{PIPE}lose = 5\nlosing = 'AskSettle'\n",
        )
        outside.run("--set", f"run.budget.requests={asked}", check=3)
        assert len(server.entries) == asked
        outside.run("--set", f"run.budget.requests={asked + 1}", check=0)

    assert len(server.entries) == asked + 1
    assert tree(outside) == tree(outside, "u")


def test_a_lease_that_kills_every_worker_is_given_up(outside):
    """After a few losses the attempt is recorded as failed, and the run ends and says so."""
    with Ledger(answer) as server:
        write(outside, server.url, more=f"{PIPE}lose = 1\nlosing = 'AskPermit'\nalways = true\n")
        done = outside.run(check=3)

    assert outside.rows("SELECT DISTINCT state, reason FROM attempts") == [("failed", "lost")]
    assert "lost its worker" in done.stderr
    assert len(server.entries) <= 6 * 2 * 3


def test_a_strangers_executor_keeps_its_promises(strangers, monkeypatch):
    """As its own author would see it by the conformance kit, with installed plugins in its workers."""
    monkeypatch.syspath_prepend(str(strangers))
    monkeypatch.setenv("PYTHONPATH", str(strangers))
    hooks = importlib.import_module("stranger_executor_pipe.hooks")
    echo = Endpoint(id="echo", name="echo", provider="simulated", model="echo")
    down = evolve(echo, id="down", name="down", operational=(("broken", "1.0"),))
    pipe = specimen(hooks, "executor:pipe", endpoint=echo, failing=down)

    assert [str(r) for r in run(pipe) if r.state is not CheckState.KEPT] == []


def test_secrets_reach_workers_and_nothing_else(outside):
    """The key arrives at the endpoint; it is in no lease, no journal and no log."""
    trace = outside.path / "trace"
    with Ledger(answer) as server:
        write(
            outside, server.url, run="budget = { requests = 8 }", more=f'{PIPE}trace = "{trace}"\n'
        )
        stack = outside.path / "stack.toml"
        keyed = re.sub(r'(model = "openai/.*)', r'\1\napi_key = "${LOOP}"', stack.read_text())
        stack.write_text(keyed)
        done = outside.call("--log-level", "debug", "run", "stack.toml", check=3, LOOP=KEY)

    assert {h["Authorization"] for h in server.headers} == {f"Bearer {KEY}"}
    messages = trace.read_bytes().split(b"\n")
    heads = {h.split()[0] for h, body in pairwise(messages) if KEY.encode() in body}
    assert heads == {b"Credentials"}
    for path in outside.folder().iterdir():
        assert KEY.encode() not in path.read_bytes()
    assert KEY not in done.stdout + done.stderr


@pytest.mark.parametrize("executor", ["", PIPE])
def test_all_options_of_a_search_reach_it(outside, executor):
    """Operational ones in the lease, secrets apart; without either the stack would say nothing."""
    with Ledger(answer) as server:
        options = ', sign = "SIGNED", licence_key = "${LICENCE}"'
        write(outside, server.url, run="budget = { requests = 9 }", options=options, more=executor)
        outside.run(check=3, LICENCE=KEY)

    asked = [b["messages"][-1]["content"] for b in server.bodies if b["model"] == "attacker"]
    assert asked
    assert all(f" SIGNED{len(KEY)}. Put" in text for text in asked)
    assert not any(KEY.encode() in path.read_bytes() for path in outside.folder().iterdir())


def test_an_error_in_a_worker_is_one_clear_message(outside):
    """Exit code 2 and one line, whatever process it came from; the run goes on when it is mended."""
    with Ledger(answer) as server:
        write(outside, server.url, more=f'{PIPE}plugins = "stranger-attack-tree"\n')
        done = outside.run(check=2)
        assert done.stderr.startswith("dosimeter: no loaded plugin provides provider 'openai'")
        assert len(done.stderr.strip().splitlines()) == 1
        write(outside, server.url, more=PIPE)
        outside.run(check=0)


def workers(folder):
    """Give the processes that run in *folder*."""
    found = []
    for one in Path("/proc").glob("[0-9]*"):
        try:
            if (one / "cwd").readlink() == folder and b"worker" in (one / "cmdline").read_bytes():
                found.append(one.name)
        except OSError:
            continue
    return found


@pytest.mark.skipif(not Path("/proc/self/cwd").exists(), reason="looks into /proc")
def test_a_killed_driver_leaves_no_worker_behind(outside):
    """Workers end when nobody listens; the same command goes on to the same tree."""
    with Ledger(answer, latency=0.05) as server:
        write(outside, server.url, run="max_connections = 3")
        outside.run("--set", "name=u", check=0)
        asked = len(server.entries)
        write(outside, server.url, run="max_connections = 3", more=PIPE)
        process = outside.start("--quiet")
        wait_until(process, lambda: len(server.entries) >= asked + 12)
        assert workers(outside.path)
        process.kill()
        process.wait()
        until = time.monotonic() + 10
        while workers(outside.path) and time.monotonic() < until:
            time.sleep(0.05)
        assert not workers(outside.path)
        sent = len(server.entries)
        time.sleep(0.3)
        assert len(server.entries) == sent
        outside.run(check=0)

    assert tree(outside) == tree(outside, "u")
    # Three in flight, and three whose answers were on their way from a worker to the journal.
    assert len(server.entries) <= 2 * asked + 6


def lease(**more):
    """A lease with everything in it that a wire could break."""
    item = Item(
        id="i", opening=(user("caf\u00e9 \ud800 \x00"),), intent=Intent.BENIGN, family="f",
        category="c", language="en", label=Label.PUBLIC, goal="g",
        reference=Reference(schema="s", value=b"\x00\xff"), provenance=Provenance(source="s", licence="l"),
    )  # fmt: skip
    return Lease(
        attempt=Attempt(id="a" * 32, item_id="i", attack="direct", variant_key="k", target_id="t", repeat=0),
        epoch=1, item=item, variant=Variant(attack="direct", key="k"), run_seed=1, rng_seed=2**62,
        endpoints=((Role.TARGET, Endpoint(id="t", name="n", provider="p", model="m")),), **more,
    )  # fmt: skip


def test_what_goes_over_a_wire_comes_back_equal():
    """Leases, questions, answers and ends, with lone surrogates and bytes."""
    permit = Permit(id=7, endpoint="t", estimate=Cost(tokens=3, money=0.5), expires=1.5)
    asked = AskPermit(
        endpoint="t", estimate=Cost(), holder=Holder(scope_id="s", epoch=1, call_id="c", n=1)
    )
    for record in (lease(), permit, asked, Settled(wait=None), Credentials(values=(("k", "v"),)),
                   Ended(attempt_id="a", epoch=1)):  # fmt: skip
        data = encode(record, 3)

        assert isinstance(data, bytes)
        assert decode(data) == (3, record)


def test_the_key_of_a_seal_never_travels_in_a_lease():
    """It is asked for, like any secret; without it the worker stops instead of hashing in the open."""
    key = bytes(range(32))

    class Keeper:
        def __init__(self, *values):
            self.values = values

        async def credentials(self, owner):
            assert owner == "seal:p"
            return Credentials(values=self.values)

    whole = lease(seal=Seal(panel="p", key=key))
    data = encode(whole)
    _, bare = decode(data)

    assert base64.b64encode(key) not in data
    assert bare.seal == Seal(panel="p")
    assert asyncio.run(unseal(bare, Keeper(("key", key.hex())))) == whole
    with pytest.raises(Sealed):
        asyncio.run(unseal(bare, Keeper()))


@pytest.mark.parametrize(
    "data", [b"", b"\x80\x04.", b"Lease 1\n{}", b"os.system 1\n{}", b"Permit x\n{}"]
)
def test_bytes_that_are_no_message_are_refused(data):
    """Nothing is guessed, and nothing but a known record is ever built."""
    with pytest.raises(WireError):
        decode(data)


def test_credentials_show_nothing_of_themselves():
    """Neither repr nor str has a value."""
    assert KEY not in repr(Credentials(values=(("api_key", KEY),)))


class Far:
    """A host that refuses."""

    def __init__(self):
        self.halted = False

    async def permit(self, *_):
        raise Stopping("enough")

    async def halt(self):
        self.halted = True


class Slow:
    """A host whose journal takes a moment; nobody gets a permit."""

    def __init__(self):
        self.kept, self.waited = [], []

    async def record(self, done):
        await asyncio.sleep(0.01)
        self.kept.append(done.state)
        return True

    async def permit(self, *_):
        self.waited.append("asked")
        try:
            await asyncio.Event().wait()
        finally:
            self.waited.append("given up")


@pytest.mark.parametrize("pause", [0.0, 0.001])
def test_what_a_worker_told_before_its_line_went_dead_is_kept(pause):
    """Also if it came in one go with the end of the line, and what it is answered goes nowhere.

    What it asked for is given up.
    """
    host = Slow()
    holder = Holder(scope_id="s", epoch=1, call_id="c", n=1)
    done = WorkDone(attempt_id="a" * 32, epoch=1, state=State.DONE)
    came = [encode(AskPermit(endpoint="t", estimate=Cost(), holder=holder), 1),
            encode(AskRecord(work=done), 2)]  # fmt: skip

    async def receive():
        if not came:
            await asyncio.sleep(pause)
            raise EOFError
        return came.pop(0)

    async def send(data):
        if not data.startswith(b"Lease "):
            await asyncio.Event().wait()

    async def go():
        ended = await asyncio.wait_for(attend(lease(), host, receive, send), 20)
        await asyncio.sleep(0)
        return ended, list(host.waited)

    ended, waited = asyncio.run(go())
    assert ended is False
    assert waited == (["asked", "given up"] if waited else [])
    assert host.kept == [State.DONE]


def test_an_error_of_the_host_is_the_same_error_at_the_far_end():
    """A worker is told to stop as a local attempt is."""

    async def go():
        async def send(data):
            remote.hear(await answer_question(Far(), data))

        remote = RemoteHost(send)
        await remote.permit("t", Cost(), Holder(scope_id="s", epoch=1, call_id="c", n=1))

    with pytest.raises(Stopping, match="enough"):
        asyncio.run(go())


def test_an_attempt_that_is_cancelled_from_within_ends_the_run_and_does_not_hang_it():
    """Its place would never be given back, and the run wait for it for ever."""
    host = Far()

    async def leases():
        yield 0
        await asyncio.Event().wait()

    async def do(_):
        asyncio.current_task().cancel()
        await asyncio.sleep(0)

    with pytest.raises(PluginBroken, match="cancelled from within"):
        asyncio.run(asyncio.wait_for(each_lease(leases(), host, do), 20))
    assert host.halted


def test_one_failing_lease_lets_the_others_keep_what_is_in_flight():
    """The error comes out as it was, in no group; the host is told; what runs is finished."""
    host, finished = Far(), []

    async def leases():
        for n in range(3):
            yield n
        await asyncio.Event().wait()

    async def do(n):
        if n == 1:
            raise DosimeterError("broken")
        await asyncio.sleep(0.05)
        finished.append(n)

    with pytest.raises(DosimeterError, match="broken"):
        asyncio.run(each_lease(leases(), host, do))

    assert host.halted
    assert finished == [0, 2]
