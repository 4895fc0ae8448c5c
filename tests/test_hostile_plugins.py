"""Plugins that do their worst: bounded, told by the name of their package, and the run goes on."""

import json
import pathlib
import signal
import time

import pytest
from plant import plant
from project import ALWAYS, GATE, NEVER, answers, simulated, wait_until

SCORERS = '''
import asyncio, itertools, os, pathlib, re, signal, sys, threading, time
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
    pathlib.Path("hung").write_text(str(os.getpid()))
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


SHIPPED = '[[raters]]\nid = "refusal"\n[[raters]]\nid = "actionability"\n'


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
        stack = project.path / "stack.toml"
        stack.write_text(stack.read_text().replace(SHIPPED, ""))
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


def gone(pid):
    """Say whether a process has ended; in a container nobody may have asked for its exit code."""
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


@pytest.mark.parametrize("how", ["interrupted", "killed"])
def test_a_hung_rule_outlives_no_run(with_pack, how):
    """Asked twice to stop, the run stops, and so does the rule; if it is killed, the rule ends by itself."""
    project = with_pack(SCORERS)
    project.write(simulated(NEVER), '["direct"]', run="rule_timeout = 4.0", more=raters("hangs"))
    process = project.start("--quiet")
    hung = project.path / "hung"
    wait_until(process, lambda: hung.exists() and hung.read_text() and answers(project) == 32)
    if how == "killed":
        process.kill()
    else:
        process.send_signal(signal.SIGINT)
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
    began = time.monotonic()
    process.wait(timeout=30)
    while not gone(int(hung.read_text())):
        assert time.monotonic() - began < 20
        time.sleep(0.1)

    assert process.returncode == (-signal.SIGKILL if how == "killed" else 130)


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


ATTACKS = """
import asyncio, itertools, threading, time
from dosimeter import Ask, AttackSpec, Bound, Intent, Role, Variant, hookimpl

class Attack:
    def __init__(self, name, play=None, variants=lambda item: (0,)):
        self.name, self.moves, self.keys = name, play, variants
    def variants(self, item):
        return (Variant(attack=self.name, key=f"k{n}") for n in self.keys(item))
    def bound(self, item, variant):
        return Bound(asks=((Role.TARGET, 3),))
    def play(self, goal, variant, rng):
        asks = (Ask(id=str(n), role=Role.TARGET, conversation=goal.conversation)
                for n in itertools.count())
        yield from self.moves(asks)
        return ()

def without_end(asks):
    yield asks
def for_ever(asks):
    while True:
        yield (next(asks),)
def hangs(asks):
    time.sleep(600)
    yield (next(asks),)
def leaves(asks):
    async def stays():
        while True:
            try: await asyncio.sleep(600)
            except asyncio.CancelledError: pass
    asyncio.get_running_loop().create_task(stays())
    threading.Thread(target=time.sleep, args=(600,)).start()
    print("PRINTED")
    yield (next(asks),)

BUILD = {
    "variants_without_end": Attack("variants_without_end", variants=lambda item: itertools.count()),
    **{f.__name__: Attack(f.__name__, f) for f in (without_end, for_ever, leaves)},
    "hangs": Attack("hangs", hangs, lambda item: range(item.intent is Intent.BENIGN)),
}
globals().update({f"build_{name}": (lambda made: lambda _: made)(made) for name, made in BUILD.items()})

@hookimpl
def dosimeter_attack_generators():
    return [AttackSpec(id=name, summary="s", factory=f"{__name__}:build_{name}",
                       search=made.moves is not None) for name, made in BUILD.items()]
"""


def test_an_attack_whose_variants_have_no_end_is_refused_by_name(with_pack):
    """Before anything is sent, by `plan` as by `run`; nothing else could be planned beside it."""
    project = with_pack(ATTACKS).write(simulated(NEVER), '["direct", "variants_without_end"]')
    for command in ("plan", "run"):
        done = project.call(command, "stack.toml", check=2)

        assert "attack 'variants_without_end' of hostile-pack 1.0 gives item" in done.stderr
        assert "more than 10,000 variants" in done.stderr


ENDLESS = """
import itertools
from dosimeter import *

class Endless:
    def items(self, panel):
        return itertools.repeat(Item(
            id="e/1", opening=(user("Describe a pot."),), intent=Intent.BENIGN, family="f",
            category="endless", label=Label.PUBLIC,
            provenance=Provenance(source="test", licence="CC0-1.0")))

def build(_): return Endless()

@hookimpl
def dosimeter_harm_categories():
    return [CategorySpec(id="endless", summary="s", factory=f"{__name__}:build", version="1",
                         panels=(PanelInfo(name="all", summary="s"),))]
"""


def test_a_category_whose_items_have_no_end_is_refused_by_name(with_pack):
    project = with_pack(ENDLESS).write(simulated(NEVER), '["direct"]')
    stack = project.path / "stack.toml"
    other = 'id = "endless"\nlimit = 1\n'
    stack.write_text(stack.read_text().replace('id = "physical"\npanel = "quickstart"\n', other))
    done = project.call("plan", "stack.toml", check=2)

    assert "category 'endless' gives more than 1,000,000 items in panel 'all'" in done.stderr


@pytest.mark.parametrize(
    ("attack", "reason", "told"),
    [
        ("without_end", "attack:Endless", "gave asks or candidates without end"),
        ("for_ever", "attack:over-bound", "asked more than its `bound` says"),
    ],
)
def test_a_search_that_asks_without_end_fails_alone_and_is_named(with_pack, attack, reason, told):
    """All at once, or one after the other: no more is sent than it announced, and others go on."""
    project = with_pack(ATTACKS).write(simulated(NEVER), f'["direct", "{attack}"]')
    done = project.run("--limit", 2, check=3)
    states = set(
        project.rows(
            "SELECT attack, state, reason, count(*) FROM attempts GROUP BY 1, 2, 3", "t-limit-2"
        )
    )

    assert states == {("direct", "done", "", 4), (attack, "failed", reason, 4)}
    assert f"attack '{attack}' of hostile-pack 1.0 {told}" in done.stderr
    assert "(4 attempts failed)" in done.stderr


def test_a_search_that_hangs_at_a_step_is_interrupted_and_named(with_pack):
    """Nothing else of the process works meanwhile, so its step has ten seconds."""
    project = with_pack(ATTACKS).write(simulated(NEVER), '["direct", "hangs"]')
    done = project.run("--limit", 1, check=3)
    reasons = project.rows("SELECT DISTINCT attack, reason FROM attempts ORDER BY 1", "t-limit-1")

    assert reasons == [("direct", ""), ("hangs", "attack:Timeout")]
    assert "attack 'hangs' of hostile-pack 1.0 took too long at a step" in done.stderr


def test_what_a_search_leaves_behind_or_prints_keeps_no_report_back(with_pack):
    """A task that takes no cancellation, a thread: the run has its report and ends."""
    project = with_pack(ATTACKS).write(simulated(NEVER), '["leaves"]')
    began = time.monotonic()
    done = project.call("run", "stack.toml", "--limit", 1, "--json", check=0)

    assert json.loads(done.stdout)["complete"]
    assert "PRINTED" in done.stderr
    assert time.monotonic() - began < 30


SINKS = """
import os
from dosimeter import SinkSpec, hookimpl

class Sink:
    def __init__(self, write):
        self.write = write

def half(report, evidence, out):
    def pieces():
        yield b"the first half"
        raise ValueError(next(e.reply for e in evidence if e.reply))
    out.write("half.txt", pieces())
def exits(report, evidence, out):
    raise SystemExit(0)
def prints(report, evidence, out):
    print("PRINTED")
    out.write("prints.txt", [b"whole"])
def astray(report, evidence, out):
    out.write("../elsewhere.txt", [b"x"])

SINKS = (half, exits, prints, astray)
globals().update({f"build_{f.__name__}": (lambda f: lambda _: Sink(f))(f) for f in SINKS})

@hookimpl
def dosimeter_report_sinks():
    return [SinkSpec(id=f.__name__, summary="s", factory=f"{__name__}:build_{f.__name__}")
            for f in SINKS]
"""


def sinks(*names):
    return "".join(f'[[sinks]]\nid = "{name}"\n' for name in names)


def test_a_sink_that_fails_half_way_keeps_no_other_from_writing(with_pack):
    """No half of a file stays; each is named with its package, and the command that makes it good."""
    project = with_pack(SINKS)
    csv = '[[sinks]]\nid = "csv"\npath = "late.csv"\n'
    project.write(simulated(NEVER), '["direct"]', more=sinks("half", "exits", "prints") + csv)
    done = project.call("run", "stack.toml", "--json", check=3)
    there = {p.name for p in project.folder().iterdir()}

    assert json.loads(done.stdout)["complete"]
    assert {"report.json", "report.html", "prints.txt", "late.csv"} <= there
    assert not [name for name in there if "half" in name]
    assert "sink 'half' of hostile-pack 1.0 raised ValueError at hostile_pack:" in done.stderr
    assert "sink 'exits' of hostile-pack 1.0 raised SystemExit" in done.stderr
    assert "dosimeter report runs/t" in done.stderr
    assert "PRINTED" in done.stderr
    said = project.rows("SELECT m.text FROM messages m JOIN calls c ON c.reply = m.message")
    assert not [text for (text,) in said if text in done.stderr]


def test_a_failed_gate_is_a_failed_gate_whatever_a_sink_does(with_pack):
    """Exit 1 says that a gate failed; what a sink did is told beside it."""
    project = with_pack(SINKS)
    gate = GATE.format(0.5)
    project.write(simulated(ALWAYS), '["direct"]', run="accept_judge_measured = true",
                  more=sinks("half", "astray") + gate)  # fmt: skip
    done = project.run(check=1)

    assert "sink 'half' of hostile-pack 1.0 raised ValueError" in done.stderr
    assert "sink 'astray' of hostile-pack 1.0: a sink writes '../elsewhere.txt'" in done.stderr


PROVIDER = '''
import asyncio
from dosimeter import ProviderSpec, Reply, Stop, assistant, hookimpl

class Stubborn:
    """Answers every other question, and takes no cancellation at the others."""
    n = 0
    async def generate(self, request):
        self.n += 1
        print("PRINTED")
        while self.n % 2 == 0:
            try: await asyncio.sleep(600)
            except asyncio.CancelledError: pass
        return Reply(messages=(assistant("Noted."),), stop=Stop.END)
    async def aclose(self): ...

def build(model, options):
    return Stubborn()

@hookimpl
def dosimeter_model_providers():
    return [ProviderSpec(id="stubborn", summary="s", factory=f"{__name__}:build")]
'''


def test_a_provider_that_ignores_cancellation_fails_its_calls_alone(with_pack):
    """Each is given up in time; other calls, other targets and the report do not wait for it."""
    project = with_pack(PROVIDER)
    targets = '[targets.known]\nmodel = "stubborn/x"\n' + simulated(NEVER, name="sound")
    project.write(targets, '["direct"]', run="timeout = 1.0\nmax_retries = 0")
    began = time.monotonic()
    done = project.call("run", "stack.toml", "--json", check=3)
    states = project.rows(
        "SELECT target, state, reason, count(*) FROM attempts GROUP BY 1, 2, 3 ORDER BY 1, 2"
    )

    assert states == [
        ("known", "done", "", 16), ("known", "failed", "timeout", 16), ("sound", "done", "", 32)
    ]  # fmt: skip
    assert project.rows("SELECT max(c) FROM (SELECT count(*) c FROM tries GROUP BY call)") == [(1,)]
    assert "known: 16 attempts failed: timeout: raise run.timeout" in done.stderr
    assert json.loads(done.stdout)["complete"] is False
    assert time.monotonic() - began < 60
