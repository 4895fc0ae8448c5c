"""SIGKILL at any moment: what was answered is kept, and nothing is paid or rated twice.

The server is a process of its own, so that its clock waits for nobody; a ledger entry is made when
the answer's bytes are with the kernel.
"""

import random

from benchmarks.server import entries, loopback
from killing import BOUND, await_change, count, kill, kill_after, seeds
from project import remote

SECOND = '[[raters]]\nid = "actionability"\n'


def test_trap_09_twenty_kills_lose_nothing_and_double_nothing(project, tmp_path):
    """Whatever the server finished 50 ms or more before a kill is in the journal, exactly once."""
    rng, lives, ledger = random.Random(9), [], tmp_path / "ledger"
    with loopback(0.02, ledger) as url:
        project.write(
            remote(url),
            attacks='["direct", "role-play", "multi-turn"]',
            run="max_connections = 3\nrepeats = 4",
        )
        ledger.touch()
        for _ in range(20):
            lives.append(kill_after(project, ledger, rng.uniform(0, 0.25)))
            due = {
                seed
                for at, seed in entries(ledger)
                if any(began <= at <= killed - BOUND for began, killed in lives)
            }
            assert due <= seeds(project)
        project.run(check=0)
    answered = [seed for _, seed in entries(ledger)]

    assert set(answered) == seeds(project)
    assert len(answered) - len(set(answered)) <= len(lives) * 3 * (1 + BOUND / 0.02)
    assert project.rows("SELECT DISTINCT state FROM attempts") == [("done",)]
    assert project.rows("SELECT count(*) FROM marks WHERE subject = 'path'") == [(384 * 2,)]


def test_a_kill_while_rating_is_made_good(project, tmp_path):
    """Replies without ratings are rated when the same command runs again; none is rated twice."""
    project.write(run="repeats = 4").run()
    whole = project.dump()["marks"]
    (project.folder() / "journal.sqlite").unlink()
    stack = project.path / "stack.toml"
    both = stack.read_text()
    stack.write_text(both.replace(SECOND, ""))
    project.run(check=0)
    stack.write_text(both)
    first, between = count(project, "mark"), 0
    for _ in range(3):
        process = project.start("--quiet")
        await_change(process, lambda: count(project, "mark"))
        kill(process)
        between += first < count(project, "mark") < len(whole)
    project.run(check=0)

    assert between
    assert project.dump()["marks"] == whole
