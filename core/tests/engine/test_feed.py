"""What is handed out, and what of an older plan never can be."""

import asyncio
from contextlib import closing
from types import SimpleNamespace

import pytest

from dosimeter import digest
from dosimeter.engine.build import build_categories
from dosimeter.engine.feed import HUNG, HUNG_BEFORE, MOST_HUNG, Feed
from dosimeter.engine.setup import Facts, write_plan
from dosimeter.journal.reader import Reader
from dosimeter.journal.store import Store
from dosimeter.model.work import State, WorkDone
from dosimeter.stack import load_stack

STACK = """
name = "n"
[targets.a]
model = "toy/one"
[[categories]]
id = "toys"
limit = 1
attacks = ["direct"]
[[raters]]
id = "word"
"""
STRAY = digest("attempt", ("stray",))


class Desk:
    """A driver that records ends, and does something else meanwhile, as a loop may."""

    def __init__(self):
        self.ended, self.meanwhile = [], lambda: None

    def limiter(self, _):
        return SimpleNamespace(limit=1)

    def open(self, *_, **__):
        pass

    async def record(self, done):
        self.ended.append((done.attempt_id, done.state, done.reason))
        self.meanwhile()


@pytest.fixture
def feed(tmp_path, toy):
    """Give a feed of one attempt, its desk and its journal; before it stands one that the plan no longer has."""
    (tmp_path / "stack.toml").write_text(STACK)
    stack, secrets = load_stack(tmp_path / "stack.toml", registry=toy, environ={})
    parts = build_categories(stack, toy, secrets)
    path = tmp_path / "journal.sqlite"
    facts = Facts(components=(), language_models=frozenset(), version="1")
    with closing(Store(path)) as store:
        assert write_plan(store, stack, parts, facts) == 1
        store.db.execute(
            "INSERT INTO attempt(k, id, item, arm, repeat) VALUES (0, ?, 1, 1, 0)",
            (bytes.fromhex(STRAY),),
        )
    desk = Desk()
    with closing(Reader(path)) as reader:
        writer = SimpleNamespace(put=lambda _: None)
        yield Feed(stack=stack, parts=parts, driver=desk, writer=writer, reader=reader), desk, path


def test_an_attempt_that_ends_while_strays_are_failed_is_not_failed_too(feed):
    """It was handed out when the plan came to its end, and is done a moment later."""
    feed, desk, _ = feed

    async def job():
        leases = feed.leases()
        out = (await anext(leases)).attempt.id
        desk.meanwhile = lambda: feed.finished(
            WorkDone(attempt_id=out, epoch=1, state=State.DONE, reason="")
        )
        return [lease async for lease in leases]

    assert asyncio.run(job()) == []
    assert desk.ended == [(STRAY, State.FAILED, "replanned")]


def test_a_run_that_is_stopped_fails_no_strays(feed):
    """The same command goes on with them; a stop is no moment to write what nobody asked for."""
    feed, desk, path = feed
    with closing(Store(path)) as store:
        store.db.execute("UPDATE attempt SET state = 'done' WHERE k != 0")

    async def job():
        asyncio.get_running_loop().call_soon(feed.stop)
        return [lease async for lease in feed.leases()]

    assert asyncio.run(job()) == []
    assert desk.ended == []


def test_an_attack_that_hangs_in_attempt_after_attempt_is_played_no_more(feed):
    """Each takes all of the process's time; what is left of it has failed, with another reason."""
    feed, desk, _ = feed
    for _ in range(MOST_HUNG):
        feed.count("direct", HUNG)

    async def job():
        return [lease async for lease in feed.leases()]

    assert asyncio.run(job()) == []
    assert {(state, reason) for _, state, reason in desk.ended} == {
        (State.FAILED, HUNG_BEFORE), (State.FAILED, "replanned")
    }  # fmt: skip


def test_an_attack_that_ends_in_between_is_played_on(feed):
    """One item may be too much for it, the next not."""
    feed, *_ = feed
    for reason in (HUNG, HUNG, "", HUNG):
        feed.count("direct", reason)

    async def job():
        return await anext(feed.leases())

    assert asyncio.run(job()).attempt.attack == "direct"
