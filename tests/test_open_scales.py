"""A stranger's scales, votes and turns, and people's drawn votes: none of it known to the core."""

import random
import sqlite3
import subprocess
import sys
import time

import numpy as np
import pytest
from project import Project, findings

from dosimeter import Mark, Opinion, Outcome, Scale, ScaleKind, SubjectKind, VoteRefused
from dosimeter.analysis.units import Units
from dosimeter.journal import (
    cast_vote,
    declare_person,
    draw_batch,
    ratable,
    read_batch,
    serve,
)

STACK = """
name = "t"
[targets.known]
model = "simulated/graded"
{target}
[endpoints.j]
model = "simulated/echo"
{judge}
[[categories]]
id = "physical"
panel = "{panel}"
attacks = ["direct", "multi-turn"]
[[raters]]
id = "open"
votes = 5
roles = {{ judge = "j" }}
[run]
seed = 7
"""


def open_project(path, strangers, *, panel="quickstart", target="", judge="", more=""):
    project = Project(path)
    project.env["PYTHONPATH"] = str(strangers)
    text = STACK.format(panel=panel, target=target, judge=judge) + more
    (path / "stack.toml").write_text(text)
    return project


@pytest.fixture(scope="module")
def run(tmp_path_factory, strangers):
    """A finished run over 60 families, thrice, five votes on every reply and every turn."""
    more = "repeats = 3\n"  # so that 0.3 of all replies is on more than 30 families
    project = open_project(tmp_path_factory.mktemp("open"), strangers, panel="full", more=more)
    project.run(check=0)
    return project


def test_scales_nobody_has_heard_of_are_in_views_and_report(run):
    """Ordinal 0-3, bounded and unbounded real, nominal, boolean: each has the numbers it allows."""
    rows = run.rows(
        "SELECT scale, subject, count(*), count(DISTINCT vote), count(num), count(label) FROM marks"
        " WHERE attack = 'direct' GROUP BY 1, 2 ORDER BY 1"
    )
    n = 5 * run.rows("SELECT count(*) FROM attempts WHERE attack = 'direct'")[0][0]
    facts = run.printed()
    at = {"intent": "benign", "attack": "direct"}
    levels = {f["group"]["level"] for f in findings(facts, "depth", **at)}

    assert [r[:4] for r in rows] == [
        (s, "path", n, 5) for s in ("depth", "listed", "log-length", "tone", "warmth")
    ]
    assert {r[0]: (r[4] > 0, r[5] > 0) for r in rows}["tone"] == (False, True)
    assert levels == {"0", "1", "2", "3"}
    assert sum(f["value"] for f in findings(facts, "depth", **at)) == pytest.approx(1)
    (mean,) = findings(facts, "depth-mean", **at)
    (length,) = findings(facts, "log-length-mean", **at)
    (warmth,) = findings(facts, "warmth-mean", **at)
    (listed,) = findings(facts, "listed", **at)
    assert mean["method"] == warmth["method"] == "guarded-mean"
    assert length["method"] == "cr1-t"
    assert length["lower"] < length["value"] < length["upper"]
    assert listed["method"] == "korn-graubard"
    shown = run.call("report", "t").stdout
    assert all(
        t in shown for t in ("tone by level", "mean log-length", "listed true", "mean warmth")
    )


def test_five_votes_are_one_subject(run):
    """Votes are averaged: n counts replies, not votes, and families stay the unit."""
    facts = run.printed()
    (mean,) = findings(facts, "depth-mean", intent="benign", attack="direct")
    (by_hand,) = run.rows(
        "SELECT avg(m) FROM (SELECT family, avg(num) AS m FROM marks WHERE scale = 'depth'"
        " AND subject = 'path' AND intent = 'benign' AND attack = 'direct' GROUP BY 1)"
    )[0]
    (n,) = run.rows("SELECT count(*) FROM attempts WHERE intent = 'benign' AND attack = 'direct'")[
        0
    ]

    assert mean["n"] == n
    assert mean["value"] == pytest.approx(by_hand)
    assert "judge-measured" in {c["code"] for c in mean["caveats"]}


def test_a_mark_that_is_missing_beside_one_that_is_there(run):
    """Unscorable on one scale says nothing of another; it is counted and bounded, never a zero."""
    short = run.rows(
        "SELECT count(DISTINCT attempt) FROM marks WHERE outcome = 'unscorable' AND subject = 'path'"
        " AND scale = 'tone' AND intent = 'harmful' AND attack = 'direct'"
    )[0][0]
    facts = run.printed()
    at = {"intent": "harmful", "attack": "direct"}
    tone, depth = findings(facts, "tone", **at)[0], findings(facts, "depth-mean", **at)[0]

    assert short > 0
    assert tone["missing"]["unscorable"] == short
    assert tone["missing"]["lower"] < tone["missing"]["upper"]
    assert depth["missing"]["unscorable"] == 0
    assert tone["n"] + short == depth["n"]


def test_turns_have_findings_of_their_own(run):
    """Earlier turns of a conversation are subjects; their numbers stand beside the paths'."""
    facts = run.printed()
    (turns,) = findings(facts, "depth-turn-mean", intent="benign", attack="multi-turn")
    (n,) = run.rows(
        "SELECT count(DISTINCT subject_id) FROM marks WHERE subject = 'turn' AND intent = 'benign'"
    )[0]

    assert turns["n"] == turns["missing"]["planned"] == n > 0
    assert not findings(facts, "depth-turn-mean", attack="direct")
    assert findings(facts, "depth-mean", intent="benign", attack="multi-turn")


def test_a_misspelt_scale_is_refused_with_the_nearest(tmp_path, strangers, run):
    """A rater's, a person's, a gate's: each names what was probably meant."""
    project = open_project(tmp_path, strangers)
    text = (tmp_path / "stack.toml").read_text()
    (tmp_path / "stack.toml").write_text(
        text.replace('id = "open"\nvotes = 5\nroles = { judge = "j" }', 'id = "misspelt"')
    )
    done = project.run(check=3)
    gate = text + '[[gates]]\nmeasure = "log-length-meen"\nat_most = 1.0\n'
    (tmp_path / "gated.toml").write_text(gate)
    gated = project.call("validate", "gated.toml", check=2)
    journal = run.folder() / "journal.sqlite"

    assert "'dept'" in done.stderr
    assert "did you mean 'depth'?" in done.stderr
    assert "did you mean 'log-length-mean'?" in gated.stdout + gated.stderr
    with pytest.raises(VoteRefused, match="did you mean 'tone'"):
        declare_person(journal, "ann", ["tonne"])
    with pytest.raises(VoteRefused, match="declares scale 'tone' otherwise"):
        declare_person(journal, "ann", [Scale(name="tone", kind=ScaleKind.REAL)])


def test_a_vote_is_held_to_its_scales(run):
    """No value off the scale, no scale undeclared, no second vote, no unit that was not drawn."""
    journal = run.folder() / "journal.sqlite"
    one, other = [r.subject_id for r in ratable(journal)][:2]
    ann = declare_person(journal, "strict", ["depth", "tone"])
    batch = draw_batch(journal, policy="all of one", seed=1, pi=[(one, 1.0)])

    def cast(value, *, scale="depth", subject=one, **more):
        opinion = Opinion(marks=(Mark(scale=scale, value=value),))
        return cast_vote(journal, rater_id=ann, subject_id=subject, opinion=opinion, **more)

    with pytest.raises(VoteRefused, match="4 on scale 'depth': expected one of 0, 1, 2, 3"):
        cast(4, batch_id=batch.id)
    with pytest.raises(VoteRefused, match="did you mean 'depth'"):
        cast(1, scale="depht", batch_id=batch.id)
    with pytest.raises(VoteRefused, match="did not draw"):
        cast(1, subject=other, batch_id=batch.id)
    with pytest.raises(VoteRefused, match="pi is 0"):
        draw_batch(journal, policy="none", seed=1, pi=[(one, 0)])
    first = cast(1, batch_id=batch.id)
    with pytest.raises(VoteRefused, match=f"supersedes='{first.id}'"):
        cast(2, batch_id=batch.id)
    second = cast(2, supersedes=first.id)
    rows = run.rows(
        "SELECT num, superseded, batch FROM marks WHERE rater = 'strict' AND scale = 'depth'"
        " ORDER BY vote"
    )

    assert second.batch_id == batch.id
    assert rows == [(1.0, 1, batch.id), (2.0, 0, batch.id)]
    assert run.rows(
        "SELECT DISTINCT outcome, reason FROM marks WHERE rater = 'strict' AND scale = 'tone'"
    ) == [("unscorable", "not-answered")]


def test_a_persons_vote_carries_its_probability(run):
    """Drawn with pi = 0.3: weighed by 1/pi, silence counted, shown as a person's and no judge's."""
    journal = run.folder() / "journal.sqlite"
    benign = [r for r in ratable(journal) if r.intent == "benign"]
    batch = draw_batch(journal, policy="0.3 each", seed=5, pi=[(r.subject_id, 0.3) for r in benign])
    again = draw_batch(
        journal, policy="0.3 each", seed=5, pi=[(r.subject_id, 0.3) for r in reversed(benign)]
    )
    ann = declare_person(journal, "ann", ["tone"])
    for unit in batch.units[:-6]:
        serve(journal, batch.id, unit.subject_id)
    for i, unit in enumerate(batch.units[:-6]):
        if i % 9:
            mark = (
                Mark(scale="tone", value="stern" if i % 2 else "plain")
                if i % 11
                else Mark(scale="tone", outcome=Outcome.UNSCORABLE, reason="cannot-tell")
            )
            cast_vote(journal, rater_id=ann, subject_id=unit.subject_id,
                      opinion=Opinion(marks=(mark,)), batch_id=batch.id)  # fmt: skip
    facts = run.printed()
    mine = findings(facts, "tone", rater="ann", level="stern")
    few = [f for f in findings(facts, "tone", rater="ann") if f["type"] == "Abstention"]
    missing = [f["missing"] for f in mine + few]
    unserved = [u for u in read_batch(journal, batch.id).units if u.served_at is None]

    assert again == batch
    assert 0.15 * len(benign) < len(batch.units) < 0.45 * len(benign)
    assert [u.order for u in unserved] == [len(batch.units) - 6 + i for i in range(6)]
    assert run.rows("SELECT DISTINCT pi FROM marks WHERE rater = 'ann'") == [(0.3,)]
    assert run.rows("SELECT count(*), sum(ratings) FROM draws WHERE policy = '0.3 each'") == [
        (len(batch.units), len(batch.units[:-6]) - (len(batch.units[:-6]) + 8) // 9)
    ]
    assert mine
    assert sum(m.get("drawn", 0) for m in missing) == len(batch.units)
    assert sum(m.get("unserved", 0) for m in missing) == 6
    assert sum(m.get("unanswered", 0) for m in missing) == (len(batch.units[:-6]) + 8) // 9
    for f in mine:
        assert "weighted by 1/pi" in f["estimand"]
        codes = {c["code"] for c in f["caveats"]}
        assert "judge-measured" not in codes
        assert "non-response" in codes
        assert f["missing"]["lower"] < f["value"] < f["missing"]["upper"]
    assert {"name": "ann", "kind": "person", "later": True}.items() <= next(
        r for r in facts["raters"] if r["name"] == "ann"
    ).items()
    assert "ann (a person, added later)" in run.call("report", "t").stdout


def test_a_batch_speaks_for_what_it_was_drawn_from(run):
    """Votes on all that a rater scored high, each with pi = 1, give no number for the whole cell."""
    journal = run.folder() / "journal.sqlite"
    benign = [r for r in ratable(journal) if r.intent == "benign" and "direct" in r.attack]
    long = "scale = 'log-length' AND subject = 'path'"
    high = {
        a for (a,) in run.rows(
            f"SELECT attempt FROM marks WHERE {long}"
            f" AND num > (SELECT avg(num) FROM marks WHERE {long})"
        )
    }  # fmt: skip
    chosen = [r.subject_id for r in benign if r.attempt_id in high]
    eve = declare_person(journal, "eve", ["depth"])
    part = draw_batch(journal, policy="the long ones", seed=2, pi=[(s, 1.0) for s in chosen])
    vote = Opinion(marks=(Mark(scale="depth", value=3),))
    for unit in part.units:
        cast_vote(journal, rater_id=eve, subject_id=unit.subject_id, opinion=vote,
                  batch_id=part.id)  # fmt: skip
    facts, at = run.printed(), {"rater": "eve", "intent": "benign", "attack": "direct"}
    (of_part,) = findings(facts, "depth-mean", **at)
    others = [f for f in findings(facts, "depth-mean", rater="eve") if f != of_part]
    every = [(r.subject_id, 0.6) for r in benign]
    whole = draw_batch(journal, policy="three fifths", seed=3, pi=every)
    for unit in whole.units:
        cast_vote(journal, rater_id=eve, subject_id=unit.subject_id, batch_id=whole.id,
                  opinion=Opinion(marks=(Mark(scale="depth", value=unit.order % 2),)))  # fmt: skip
    (of_all,) = findings(run.printed(), "depth-mean", **at)

    assert 30 < len(chosen) < len(benign)
    assert part.frame.size == len(part.units) == len(chosen)
    assert (of_part["type"], of_part["code"]) == ("Abstention", "part-frame")
    assert of_part["why"] == (
        f"the batch was drawn from {len(chosen)} of the {len(benign)} replies here"
    )
    assert of_part["missing"]["uncovered"] == len(chosen)
    assert {f["code"] for f in others} == {"not-drawn"}
    assert len(others) == len(facts["cells"]) - 1
    assert [s.there for s in whole.frame.strata] == [len(benign)]
    assert of_all["n"] == len(whole.units)
    assert of_all["missing"]["uncovered"] == len(chosen)
    assert of_all["value"] == pytest.approx(0.5, abs=0.01)


def test_a_draw_that_leaves_some_out_in_all_but_name_is_refused(run):
    """A probability of next to nothing is none: a fifth of the mean is the least."""
    journal = run.folder() / "journal.sqlite"
    every = [r.subject_id for r in ratable(journal)]
    pi = [(s, 1.0 if i % 2 else 1e-6) for i, s in enumerate(every)]

    with pytest.raises(VoteRefused, match="mix the uniform probability"):
        draw_batch(journal, policy="every other", seed=1, pi=pi)


def test_unequal_probabilities_do_not_bend_the_estimate():
    """Over 100 draws that prefer long replies, the weighted mean is right and the plain one is not."""
    rng = np.random.default_rng(3)
    y = rng.integers(0, 4, 400).astype(float)
    pi = 0.1 + 0.2 * y
    weighted, plain = [], []
    for seed in range(100):
        drawn = np.array([random.Random(f"{seed} {i}").random() < p for i, p in enumerate(pi)])
        part = Units(rows=np.flatnonzero(drawn), unit=np.arange(drawn.sum()),
                     voted=np.arange(drawn.sum()), family=np.arange(drawn.sum()), pi=pi[drawn])  # fmt: skip
        weighted.append(np.average(part.mean(y[drawn]), weights=part.weights()))
        plain.append(y[drawn].mean())

    assert abs(np.mean(weighted) - y.mean()) < 0.03
    assert np.mean(plain) - y.mean() > 0.3


def test_votes_on_what_was_not_drawn_are_kept_and_not_averaged(run):
    """Whoever picks replies to read has no sample: the report abstains and counts them."""
    journal = run.folder() / "journal.sqlite"
    bob = declare_person(journal, "bob", ["depth"])
    picked = [r.subject_id for r in ratable(journal) if r.intent == "benign"][:30]
    for subject in picked:
        cast_vote(journal, rater_id=bob, subject_id=subject,
                  opinion=Opinion(marks=(Mark(scale="depth", value=3),)))  # fmt: skip
    mine = findings(run.printed(), "depth-mean", rater="bob")

    assert {(f["type"], f["code"]) for f in mine} == {("Abstention", "not-drawn")}
    assert sum(f["missing"].get("undrawn", 0) for f in mine) == 30
    assert run.rows("SELECT count(*) FROM marks WHERE rater = 'bob'") == [(30,)]


def test_a_turn_can_be_drawn_before_any_machine_rated_it(tmp_path, strangers):
    """A draw makes the subject; the numbers of turns stand apart from those of paths."""
    project = open_project(tmp_path, strangers, panel="full")
    text = (tmp_path / "stack.toml").read_text()
    rule = text.replace('id = "open"\nvotes = 5\nroles = { judge = "j" }', 'id = "refusal"')
    (tmp_path / "stack.toml").write_text(rule.replace('["direct", "multi-turn"]', '["multi-turn"]'))
    project.run(check=0)
    journal = project.folder() / "journal.sqlite"
    turns = [r for r in ratable(journal, [SubjectKind.TURN]) if r.intent == "benign"]
    ann = declare_person(journal, "ann", [Scale(name="own", kind=ScaleKind.BOOLEAN)])
    batch = draw_batch(journal, policy="most", seed=1, pi=[(r.subject_id, 0.8) for r in turns])
    for unit in batch.units:
        cast_vote(journal, rater_id=ann, subject_id=unit.subject_id, batch_id=batch.id,
                  opinion=Opinion(marks=(Mark(scale="own", value=unit.order % 2 == 0),)))  # fmt: skip
    (mine,) = findings(project.printed(), "own-turn", rater="ann")

    assert mine["n"] == mine["missing"]["drawn"] == len(batch.units) > 20
    assert 0.2 < mine["lower"] < 0.5 < mine["upper"] < 0.8


def test_people_vote_while_the_engine_runs(tmp_path, strangers):
    """No lock, no lost rating on either side, though both write to the same tables."""
    project = open_project(tmp_path, strangers, target="latency = 0.02", judge="latency = 0.005")
    process = project.start("--quiet", "--max-connections", "4")
    journal, cast = project.folder() / "journal.sqlite", 0
    ann, done = None, set()
    while process.poll() is None:
        if not journal.exists() or not project.rows("SELECT count(*) FROM sqlite_master")[0][0]:
            continue
        if ann is None and project.rows("SELECT count(*) FROM run WHERE key = 'planned'")[0][0]:
            ann = declare_person(journal, "ann", ["depth"])
        for one in ratable(journal) if ann else ():
            if one.subject_id not in done:
                done.add(one.subject_id)
                batch = draw_batch(journal, policy="each", seed=1, pi=[(one.subject_id, 1.0)])
                cast_vote(
                    journal, rater_id=ann, subject_id=one.subject_id, batch_id=batch.id,
                    opinion=Opinion(marks=(Mark(scale="depth", value=1),), rationale=f"seen {cast}"),
                )  # fmt: skip
                cast += 1
    _, err = process.communicate()
    (machine,) = project.rows("SELECT count(*) FROM marks WHERE rater = 'open' AND scale = 'tone'")[
        0
    ]
    (expected,) = project.rows("SELECT 5 * count(*) FROM calls WHERE scope_kind = 'attempt'")[0]

    assert process.returncode == 0, err
    assert cast > 10
    assert project.rows("SELECT count(*) FROM marks WHERE rater = 'ann'") == [(cast,)]
    assert machine == expected


def test_a_judge_killed_while_it_rates_turns_is_made_good(tmp_path, strangers):
    """Turns and paths, five votes each: nothing is rated twice, nothing is left."""
    project = open_project(tmp_path, strangers, judge="latency = 0.02")
    for _ in range(3):
        process = project.start("--quiet", "--max-connections", "8")
        journal, before = project.folder() / "journal.sqlite", 0
        for _ in range(2000):
            if process.poll() is not None:
                break
            now = _ratings(project) if journal.exists() else 0
            before = before or now
            if now > before + 40:
                break
            time.sleep(0.01)
        process.kill()
        process.communicate()
    project.run(check=0)
    (calls,) = project.rows("SELECT count(*) FROM calls WHERE scope_kind = 'attempt'")[0]
    per = project.rows("SELECT count(*) FROM marks WHERE scale = 'depth' GROUP BY subject_id, vote")

    assert per == [(1,)] * (5 * calls)
    assert project.rows("SELECT count(DISTINCT call) FROM calls WHERE scope_kind = 'rating'") == [
        (5 * calls,)
    ]


def _ratings(project):
    try:
        return project.rows("SELECT count(*) FROM rating")[0][0]
    except sqlite3.OperationalError:
        return 0


def test_the_journal_package_is_light():
    """`import dosimeter.journal` opens no database and loads no converter."""
    code = (
        "import sys, dosimeter.journal\n"
        "print({'sqlite3', 'cattrs', 'attrs', 'numpy', 'httpx'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "set()"
