"""A run is replayed from its journal: same words, nothing made up."""

import asyncio
import json
import os
import sqlite3
import subprocess
import sys
from importlib.util import find_spec

import pytest

from dosimeter import Permanent, Request, system, user
from dosimeter_provider_simulated import replay
from dosimeter_provider_simulated.options import ReplayOptions

pytestmark = pytest.mark.skipif(
    not all(map(find_spec, ("dosimeter_harm_physical", "dosimeter_attack_framing"))),
    reason="needs a category and attacks to run",
)

RUN = """
name = "{name}"
{targets}
[[categories]]
id = "physical"
panel = "quickstart"
limit = 3
attacks = {attacks}
[[raters]]
id = "refusal"
[[sinks]]
id = "json"
[run]
seed = 5
repeats = 2
"""
RECORDED = """
[targets.bare]
model = "simulated/graded"
filtered = 0.2
[targets.guarded]
model = "simulated/graded"
base = 1.0
system = "You are careful."
"""


def run(folder, name, targets, attacks='["direct", "role-play"]'):
    text = RUN.format(name=name, targets=targets, attacks=attacks)
    (folder / f"{name}.toml").write_text(text)
    env = {k: v for k, v in os.environ.items() if not k.startswith("DOSIMETER_")}
    done = subprocess.run(
        [sys.executable, "-m", "dosimeter", "run", f"{name}.toml"], cwd=folder, env=env,
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode in {0, 3}, done.stderr
    return folder / "runs" / name / "journal.sqlite"


def replies(journal, target):
    with sqlite3.connect(journal) as db:
        return db.execute(
            "SELECT family, intent, attack, variant, repeat, stop, reply FROM replies"
            " WHERE target = ? ORDER BY 1, 2, 3, 4, 7, 6", (target,)
        ).fetchall()  # fmt: skip


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    """A run of two targets and two repeats, with blocked replies."""
    folder = tmp_path_factory.mktemp("replay")
    return folder, run(folder, "first", RECORDED)


def test_a_replayed_run_says_what_the_first_said(recorded):
    """Every conversation, blocks and repeats included, under its system prompt."""
    folder, journal = recorded
    again = run(
        folder, "again",
        f'[targets.guarded]\nmodel = "replay/journal"\npath = "{journal}"\ntarget = "guarded"\n'
        'system = "You are careful."\n'
        f'[targets.bare]\nmodel = "replay/journal"\npath = "{journal}"\ntarget = "bare"\n',
    )  # fmt: skip

    for target in ("bare", "guarded"):
        first, second = replies(journal, target), replies(again, target)
        assert len(first) == 24
        assert [row[:4] + row[5:] for row in first] == [row[:4] + row[5:] for row in second]
    report = json.loads((again.parent / "report.json").read_text())
    assert "not a language model" in json.dumps(report)


def test_turns_are_replayed_one_by_one(tmp_path):
    """Each turn by the whole conversation before it."""
    plain = '[targets.one]\nmodel = "simulated/graded"\nseverity = 0.0\nbase = -20.0\n'
    journal = run(tmp_path, "first", plain, attacks='["multi-turn"]')
    again = run(
        tmp_path, "again", f'[targets.one]\nmodel = "replay/journal"\npath = "{journal}"\n',
        attacks='["multi-turn"]',
    )  # fmt: skip

    assert len(replies(journal, "one")) == 12
    assert replies(journal, "one") == replies(again, "one")


def ask(built, *conversation, seed=1):
    return asyncio.run(built.generate(Request(conversation=conversation, seed=seed)))


def question(journal):
    with sqlite3.connect(journal) as db:
        return db.execute(
            "SELECT text FROM messages WHERE parent IS NULL AND speaker = 'user' LIMIT 1"
        ).fetchone()[0]


def test_the_whole_conversation_must_match(recorded):
    """Another system prompt is another conversation: refused, not approximated."""
    text = question(recorded[1])
    built = replay.build("journal", ReplayOptions(path=str(recorded[1]), target="bare"))
    ask(built, user(text))

    for other in ((system("Be kind."), user(text)), (user(text + " "),)):
        with pytest.raises(Permanent, match="no reply to this conversation") as caught:
            ask(built, *other)
        assert caught.value.code == "not-recorded"
        assert text not in str(caught.value)


def test_repeats_are_given_out_once_each_and_tries_get_the_same(recorded):
    """A seed that comes again is another try of one call; a new seed is the next repeat."""
    text = question(recorded[1])
    built = replay.build("journal", ReplayOptions(path=str(recorded[1]), target="bare"))
    first, again = ask(built, user(text), seed=1), ask(built, user(text), seed=1)
    ask(built, user(text), seed=2)

    assert first == again
    with pytest.raises(Permanent, match="has 2 replies"):
        ask(built, user(text), seed=3)


def test_a_purged_reply_is_a_clear_failure(recorded, tmp_path):
    """Deleted text is neither empty nor made up."""
    copy = tmp_path / "journal.sqlite"
    with sqlite3.connect(recorded[1]) as db, sqlite3.connect(copy) as to:
        db.backup(to)
    text = question(copy)
    with sqlite3.connect(copy) as db:
        db.execute(
            "UPDATE blob SET codec = 'purged', bytes = x'' WHERE k IN"
            " (SELECT body FROM message WHERE speaker = 'assistant')"
        )
    built = replay.build("journal", ReplayOptions(path=str(copy), target="bare"))
    got = []
    for seed in (1, 2):
        try:
            got.append(ask(built, user(text), seed=seed).stop)
        except Permanent as exc:
            got.append(exc.code)

    assert set(got) <= {"purged", "filtered"}
    assert "purged" in got


def test_an_unclear_target_or_file_is_told(recorded, tmp_path):
    """With what there is."""
    with pytest.raises(Permanent, match="several targets; give target = one of bare, guarded"):
        replay.build("journal", ReplayOptions(path=str(recorded[1])))
    with pytest.raises(Permanent, match="no target 'bar'"):
        replay.build("journal", ReplayOptions(path=str(recorded[1]), target="bar"))
    with pytest.raises(Permanent, match=r"journal\.sqlite"):
        replay.build("journal", ReplayOptions(path=str(tmp_path / "no")))
