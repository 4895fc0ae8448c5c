"""Plugins that do their worst: bounded, told by the name of their package, and the run goes on."""

import json
import time

import pytest
from plant import plant
from project import NEVER, simulated

SCORERS = '''
import asyncio, itertools, os, re, signal, sys, threading, time
from dosimeter import Mark, Opinion, Scale, ScaleKind, ScorerSpec, Sees, hookimpl

def length(case):
    return Opinion(marks=(Mark(scale="n", value=float(len(case.reply))),))

def rule(before, after=lambda given: given):
    """A rater that counts, and does something *before* it does so, or to what it gives."""
    class Rule:
        def rate(self, cases):
            before(cases)
            return after([length(case) for case in cases])
    return lambda _: Rule()

def fails(_): raise ValueError
def hangs(_):
    while True: ...
def backtracks(_): re.match("(a+)+$", "a" * 60 + "!")  # in C, and holds Python's lock
def mutates(cases):
    for case in cases:
        object.__setattr__(case.conversation[-1].parts[0], "text", "")
        object.__setattr__(case, "reply", "")
def prints(cases):
    print("PRINTED", cases[0].reply, flush=True)
    print("PRINTED", file=sys.stderr, flush=True)
    os.write(1, b"PRINTED")
def forks(_): os.fork()
def forks_and_stays(_):
    if not os.fork(): time.sleep(300)
def threads(_): threading.Thread(target=time.sleep, args=(300,)).start()
def leaks(_):
    async def forever(): await asyncio.sleep(300)
    asyncio.new_event_loop().create_task(forever())
def exits(_): sys.exit(1)
def dies(_): os.kill(os.getpid(), signal.SIGKILL)
nothing = lambda _: None

BUILD = {
    "fails": rule(fails), "hangs": rule(hangs), "backtracks": rule(backtracks),
    "mutates": rule(mutates), "prints": rule(prints), "forks": rule(forks),
    "forks-and-stays": rule(forks_and_stays), "threads": rule(threads), "leaks": rule(leaks),
    "exits": rule(exits), "dies": rule(dies), "witness": rule(nothing),
    "wrong-type": rule(nothing, lambda given: [3] * len(given)),
    "no-end": rule(nothing, lambda given: itertools.repeat(given[0])),
    "unpicklable": rule(nothing, lambda given: [lambda: 0] * len(given)),
}
globals().update({f"build_{name.replace('-', '_')}": made for name, made in BUILD.items()})

@hookimpl
def dosimeter_harm_scorers():
    scale = Scale(name="n", kind=ScaleKind.REAL)
    return [ScorerSpec(id=name, summary="s", scales=(scale,), languages=("*",),
                       factory=f"{__name__}:build_{name.replace('-', '_')}",
                       sees=frozenset({Sees.REPLY, Sees.CONVERSATION}))
            for name in BUILD]
'''
SOUND = ("mutates", "prints", "forks", "forks-and-stays", "threads", "leaks", "witness")
"""Rules that misbehave and give an opinion all the same, and one that behaves."""
RAISES = {"fails": "ValueError", "exits": "SystemExit", "unpicklable": "AttributeError"}
BREAKS = {"wrong-type": "gave an int, not an Opinion", "no-end": "gave too many opinions"}


def raters(*names):
    return "".join(f'[[raters]]\nid = "{name}"\n' for name in names)


def reasons(project, rater):
    """Give outcome and reason of the marks of *rater*, with their numbers."""
    return project.rows(
        f"SELECT outcome, reason, count(*) FROM marks WHERE rater = '{rater}' GROUP BY 1, 2"
    )


@pytest.fixture
def with_pack(project):
    """A project with one more package installed, `hostile-pack`."""

    def go(source):
        project.env["PYTHONPATH"] = str(plant(project.path / "site", "hostile-pack", source))
        return project

    return go


@pytest.fixture
def rated(with_pack):
    """Run with some of the rules, the witness last; give project, what was said, and the seconds."""

    def go(*names, run="", check=3, args=("--quiet",)):
        project = with_pack(SCORERS)
        more = raters(*names, "witness")
        project.write(simulated(NEVER), '["direct"]', run=run, more=more)
        began = time.monotonic()
        done = project.call("run", "stack.toml", *args, check=check)
        assert reasons(project, "witness") == [("scored", "", 32)]
        return project, done, time.monotonic() - began

    return go


def test_rules_that_fork_print_thread_leak_or_mutate_harm_nobody(rated):
    """All replies are rated; standard output is the report alone; the end waits for nothing."""
    project, done, took = rated(*SOUND[:-1], check=0, args=("--json",))
    said = project.rows("SELECT m.text FROM messages m JOIN calls c ON c.reply = m.message")
    lengths = sorted(len(text) for (text,) in said)

    assert json.loads(done.stdout)["complete"]
    assert "PRINTED" not in done.stdout + done.stderr
    assert took < 30
    seen = {
        name: sorted(n for (n,) in project.rows(f"SELECT num FROM marks WHERE rater = '{name}'"))
        for name in SOUND
    }
    assert seen.pop("mutates") == [0.0] * 32
    assert list(seen.values()) == [lengths] * len(seen)


def test_a_rule_that_raises_has_failed_and_is_named_with_its_package(rated):
    """Whatever it raises, be it on purpose or not."""
    project, done, _ = rated(*RAISES)

    for name, kind in RAISES.items():
        assert reasons(project, name) == [("failed", f"error:{kind}", 32)]
        assert f"rater '{name}' of hostile-pack 1.0 raised {kind} on 32 replies" in done.stderr
    told = [n["text"] for n in project.report()["notices"] if n["code"] == "broken-rater"]
    assert len(told) == len(RAISES)


def test_a_rule_that_gives_something_else_is_asked_no_more_and_is_named(rated):
    """It has no marks, and no end of them either: what it owes is told, and others go on."""
    project, done, _ = rated(*BREAKS)

    for name, what in BREAKS.items():
        assert reasons(project, name) == []
        assert f"rater '{name}' of hostile-pack 1.0 {what}" in done.stderr
    assert "unrated" in {n["code"] for n in project.report()["notices"]}


@pytest.mark.parametrize("name", ["hangs", "backtracks"])
def test_a_rule_that_hangs_is_bounded_and_named(rated, name):
    """Also in C code that holds Python's lock: the replies that it was asked about have failed."""
    project, done, took = rated(name, run="rule_timeout = 1.0")

    assert reasons(project, name) == [("failed", "error:Timeout", 3)]
    assert f"rater '{name}' of hostile-pack 1.0 took too long on 3 replies" in done.stderr
    assert "it is asked no more" in done.stderr
    assert took < 25


def test_a_rule_that_kills_its_process_is_bounded_and_named(rated):
    """As native code does that crashes."""
    project, done, _ = rated("dies")

    assert reasons(project, "dies") == [("failed", "error:Died", 3)]
    assert "rater 'dies' of hostile-pack 1.0 ended its process on 3 replies" in done.stderr


def test_score_is_bounded_too(rated):
    """It rates in the same way; who is at fault is named."""
    project, *_ = rated(check=0)
    done = project.call("score", "t", "--rater", "dies", "--rater", "mutates", check=3)

    assert "rater 'dies' of hostile-pack 1.0 ended its process on 3 replies" in done.stderr
    assert reasons(project, "mutates") == [("scored", "", 32)]
