"""Answers kept across runs: taken where everything is the same, told in every number, and never in the way."""

import itertools
import json
import sqlite3
import time
from contextlib import closing

import pytest
from ledger import Ledger, completion
from project import answers, findings, remote, wait_until

from dosimeter.engine.cache import NAME, checksum

KEY = "sk-live-MARKED0KEY0123456789"
PIPE = '[executor]\nid = "pipe"\n'
CACHE = ("--cache-days", "7")


def numbered():
    """Answer each request with other words: a model that is drawn from."""
    turn = itertools.count()
    return lambda _: (200, completion(f"Noted, thank you: {next(turn)}."), {})


@pytest.fixture
def server():
    with Ledger(numbered()) as one:
        yield one


@pytest.fixture
def kept(project, server):
    """A project with one endpoint of 6 attempts, and a cache of its own."""
    project.env |= {"OPENAI_API_KEY": KEY}
    return project.write(remote(server.url), attacks='["direct"]')


def ran(project, server, name, *args, check=0):
    """Run the stack under a *name*; give how many requests that took."""
    before = len(server.bodies)
    project.run("--limit", 3, "--set", f'name="{name}"', *args, check=check)
    return len(server.bodies) - before


def file(project):
    return project.path / "kept" / NAME


def change(project, statement, *values):
    """Change the cache behind everybody's back."""
    with closing(sqlite3.connect(file(project))) as db, db:
        return db.execute(statement, values).fetchall()


def replies(project, name):
    return project.rows(
        "SELECT attempt, repeat, reply FROM replies ORDER BY 1, 2", f"{name}-limit-3"
    )


def info(project, *args):
    return json.loads(project.call("cache", *args, "--json", check=0).stdout)


def test_a_run_keeps_and_takes_nothing_unless_it_is_told_to(kept, server):
    """A second run is a second sample; `--no-cache` says so where the stack says otherwise."""
    first = ran(kept, server, "a")
    again = ran(kept, server, "b")
    there = file(kept).exists()
    ran(kept, server, "c", *CACHE)
    kept.write(remote(server.url), attacks='["direct"]', run="cache_days = 7")
    refused = ran(kept, server, "d", "--no-cache")

    assert (first, again, there, refused) == (6, 6, False, 6)
    assert info(kept, "info")["answers"] == 6
    assert replies(kept, "a") != replies(kept, "b")


def test_a_run_with_another_rater_pays_for_nothing_twice(kept, server):
    """The same replies and marks, the new rater's beside them; every number says where they are from."""
    whole = (kept.path / "stack.toml").read_text()
    (kept.path / "stack.toml").write_text(whole.replace('[[raters]]\nid = "actionability"\n', ""))
    ran(kept, server, "a", *CACHE)
    (kept.path / "stack.toml").write_text(whole)
    asked = ran(kept, server, "b", *CACHE)
    a, b = (kept.dump(f"{n}-limit-3") for n in "ab")
    marks = [{m for m in one["marks"] if m[9] == "refusal"} for one in (a, b)]
    report = kept.report("b-limit-3")
    (notice,) = [n for n in report["notices"] if n["code"] == "cached"]

    assert asked == 0
    assert {m[9] for m in b["marks"]} == {"refusal", "actionability"}
    for part in ("attempts", "replies", "calls", "messages"):
        assert a[part] == b[part], part
    assert len(marks[0]) == 6
    assert marks[0] == marks[1]
    day = time.strftime("%Y-%m-%d", time.gmtime())
    assert notice["text"].startswith(f"remote: 6 of 6 answers came from the cache, drawn on {day}")
    assert all(
        "cached" in [c["code"] for c in f["caveats"]]
        for f in report["findings"]
        if f["type"] == "Estimate"
    )
    assert not [n for n in kept.report("a-limit-3")["notices"] if n["code"] == "cached"]


def test_trap_08_the_cache_has_repeat_and_seed_in_its_key(kept, server):
    """Each repeat is a draw of its own, and so is each seed: none is handed another's answer."""
    once = ran(kept, server, "a", *CACHE)
    thrice = ran(kept, server, "b", *CACHE, "--set", "run.repeats=3")
    seeded = ran(kept, server, "c", *CACHE, "--seed", 8)
    a, b, c = (replies(kept, n) for n in "abc")

    assert (once, thrice, seeded) == (6, 12, 6)
    assert len({reply for *_, reply in b}) == 18
    assert {r for r in b if r[1] == 0} == set(a)
    assert not {reply for *_, reply in c} & {reply for *_, reply in b}


def test_what_is_asked_otherwise_is_asked_anew(kept, server):
    """Another temperature or system prompt makes another endpoint."""
    ran(kept, server, "a", *CACHE)

    assert ran(kept, server, "b", *CACHE, "--set", "targets.remote.temperature=0.5") == 6
    assert ran(kept, server, "c", *CACHE, "--set", 'targets.remote.system="Be kind."') == 6
    assert ran(kept, server, "d", *CACHE, "--set", "run.timeout=99") == 0


def test_a_hit_costs_nothing_and_is_marked_in_the_journal(kept, server):
    """No try, no request of the budget; the call says when its answer was drawn."""
    ran(kept, server, "a", *CACHE, "--set", "run.budget.requests=4", check=3)
    half = ran(kept, server, "b", *CACHE, "--set", "run.budget.requests=2")
    none = ran(kept, server, "c", *CACHE, "--set", "run.budget.requests=0")
    drawn = kept.rows("SELECT cached FROM call ORDER BY cached", "b-limit-3")

    assert (half, none) == (2, 0)
    assert kept.rows("SELECT count(*) FROM try", "c-limit-3") == [(0,)]
    assert [bool(at) for (at,) in drawn] == [False, False, True, True, True, True]
    assert all(0 <= time.time() - at < 600 for (at,) in drawn if at)


def test_old_answers_are_not_taken(kept, server):
    """A model may have changed behind its name: who takes answers says how old they may be."""
    ran(kept, server, "a", *CACHE)
    for key, drawn, body in change(kept, "SELECT key, drawn, body FROM answer"):
        old = drawn - 3 * 86400
        change(
            kept,
            "UPDATE answer SET drawn = ?, sum = ? WHERE key = ?",
            old,
            checksum(key, old, body),
            key,
        )

    assert ran(kept, server, "b", "--cache-days", "4") == 0
    assert ran(kept, server, "c", "--cache-days", "2") == 6


def test_failures_are_not_kept_and_cut_replies_are(kept):
    """What failed is asked again; what came, cut or filtered, is an answer."""
    turn = itertools.count()
    said = [(500, {}), (200, completion("Cut", "length")), (200, completion("", "content_filter"))]
    with Ledger(lambda _: (*said[next(turn) % 3], {})) as server:
        kept.write(remote(server.url), attacks='["direct"]', run="max_retries = 0")
        ran(kept, server, "a", *CACHE, "--max-connections", 1, check=3)
        asked = ran(kept, server, "b", *CACHE, check=None)

    assert kept.rows("SELECT state, count(*) FROM attempts GROUP BY 1 ORDER BY 1", "a-limit-3") == [
        ("done", 4), ("failed", 2)
    ]  # fmt: skip
    assert asked == 2


def test_a_killed_run_leaves_what_it_had_to_itself_and_to_others(kept):
    """It goes on from its journal; another run takes what was kept before the kill."""
    with Ledger(numbered(), latency=0.3) as server:
        kept.write(
            remote(server.url), attacks='["direct"]', run="cache_days = 7\nmax_connections = 1"
        )
        process = kept.start()
        wait_until(process, lambda: answers(kept) >= 8)
        process.kill()
        process.communicate()
        server.delay = lambda: 0.0
        had = answers(kept)
        (whole,) = change(kept, "SELECT count(*) FROM answer")[0]
        kept.run("--set", "name=u")
        kept.run()

    hits = "SELECT count(*), coalesce(sum(cached > 0), 0) FROM call"
    assert 1 <= whole <= had
    assert kept.rows(hits, "u") == [(32, whole)]
    assert kept.report()["complete"]


def test_two_runs_at_once_share_a_file(kept, server):
    """Neither waits for the other or loses an answer."""
    both = [
        kept.begin(
            "run", "stack.toml", "--quiet", *CACHE, "--set", f'name="{n}"', "--seed", str(seed)
        )
        for n, seed in (("a", 1), ("b", 2))
    ]
    for process in both:
        process.communicate(timeout=120)
    asked = len(server.bodies)
    after = [
        kept.run(*CACHE, "--set", f'name="{n}"', "--seed", seed) for n, seed in (("c", 1), ("d", 2))
    ]

    assert [p.returncode for p in both] == [0, 0]
    assert len(after) == 2
    assert len(server.bodies) == asked == 64
    assert info(kept, "info")["answers"] == 64


@pytest.mark.parametrize("junk", [b"", b"no database", b"SQLite format 3\0" + b"\xff" * 8000])
def test_a_broken_file_is_a_miss_and_never_an_error(kept, server, junk):
    """Whatever stands in it: the run asks, and keeps what it gets."""
    ran(kept, server, "a", *CACHE)
    file(kept).write_bytes(junk)

    assert ran(kept, server, "b", *CACHE) == 6
    assert ran(kept, server, "c", *CACHE) == 0


def test_an_answer_that_was_changed_is_a_miss(kept, server):
    """A letter of it, as a broken disk changes it."""
    ran(kept, server, "a", *CACHE)
    change(
        kept, "UPDATE answer SET body = replace(CAST(body AS TEXT), 'Noted', 'Nodded') WHERE k < 3"
    )

    assert ran(kept, server, "b", *CACHE) == 2
    assert "Nodded" not in str(replies(kept, "b"))


def test_a_place_that_cannot_be_written_ends_no_run(kept, server):
    """It is logged, and everything is asked."""
    (kept.path / "kept").write_text("a file where the folder should be")

    assert ran(kept, server, "a", *CACHE) == 6


def test_the_cache_is_its_owners_alone_and_holds_no_key_and_no_prompt(kept, server):
    """Mode 0600 in a folder of mode 0700; an answer is named by a hash."""
    ran(kept, server, "a", *CACHE)
    held = file(kept).read_bytes()
    prompt = server.bodies[0]["messages"][-1]["content"]

    assert file(kept).stat().st_mode & 0o777 == 0o600
    assert file(kept).parent.stat().st_mode & 0o777 == 0o700
    assert b"Noted, thank you" in held
    assert KEY.encode() not in held
    assert prompt.encode() not in held


def test_a_purged_reply_is_gone_from_the_cache_too(kept, server):
    """No byte of it is left, and no later run brings it back; other runs' answers stay."""
    ran(kept, server, "a", *CACHE)
    ran(kept, server, "b", *CACHE, "--seed", 8)
    told = json.loads(kept.call("runs", "purge", "a-limit-3", "--yes", "--json", check=0).stdout)
    held = file(kept).read_bytes()
    other = [reply for *_, reply in replies(kept, "b")]

    assert told["cached"] == 6
    assert not [n for n in range(6) if f"thank you: {n}.".encode() in held]
    assert all(reply.encode() in held for reply in other)
    assert ran(kept, server, "c", *CACHE) == 6


def test_a_cached_reply_is_as_old_as_its_drawing_when_old_ones_are_purged(kept, server):
    """A new run gives no old text a new date."""
    ran(kept, server, "a", *CACHE)
    ran(kept, server, "b", *CACHE)
    kept.edit("UPDATE call SET cached = cached - 10 * 86400 WHERE k < 3", name="b-limit-3")
    purge = ["runs", "purge", "b-limit-3", "--older-than", "7", "--yes", "--json"]
    told = json.loads(kept.call(*purge, check=0).stdout)

    assert (told["replies"], told["chosen"]) == (2, 2)


def test_a_run_and_one_that_took_its_answers_are_one_when_merged(kept, server):
    """No conflict: each answer is the same, and was drawn once."""
    ran(kept, server, "a", *CACHE)
    ran(kept, server, "b", *CACHE)
    done = kept.call("runs", "merge", "a-limit-3", "b-limit-3", "-o", "u", "--json", check=0)

    assert json.loads(done.stdout)["conflicts"] == []
    assert kept.rows("SELECT count(*), sum(cached > 0) FROM call", "u") == [(6, 0)]


def test_the_cache_can_be_seen_and_cleared(kept, server):
    """Place, size, answers, by model and since when; `clear` takes all, or what is old."""
    empty = info(kept, "info")
    ran(kept, server, "a", *CACHE)
    full = info(kept, "info")
    text = kept.call("cache", "info", check=0).stdout
    young = info(kept, "clear", "--older-than", "1d")
    gone = info(kept, "clear")

    assert (empty["answers"], empty["models"], empty["oldest"]) == (0, [], None)
    assert full["file"] == str(file(kept))
    assert full["models"][0]["model"] == "openai/any"
    assert full["models"][0]["answers"] == full["answers"] == 6
    assert 0 < full["bytes"] < full["most_bytes"]
    assert "openai/any: 6, the oldest of" in text
    assert (young["cleared"], gone["cleared"]) == (0, 6)
    assert b"thank you" not in file(kept).read_bytes()


def test_workers_elsewhere_are_answered_by_the_driver(kept, outside, server):
    """What the cache has, no worker asks for: the file is the driver's alone."""
    outside.write(remote(server.url), attacks='["direct"]', more=PIPE)
    first, again = ran(outside, server, "a", *CACHE), ran(outside, server, "b", *CACHE)

    assert (first, again) == (6, 0)
    assert outside.dump("a-limit-3")["replies"] == outside.dump("b-limit-3")["replies"]
    assert findings(outside.report("b-limit-3"), "refusal") is not None
