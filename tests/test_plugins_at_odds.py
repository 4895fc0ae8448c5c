"""Plugins that keep a promise by half: bounded, told by name, and never a number too many."""

import pytest
from plant import plant
from project import findings, simulated

ATTACKS = """
import itertools
from dosimeter import AttackSpec, Bound, Intent, Role, Variant, hookimpl

@hookimpl
def dosimeter_attack_generators():
    spec = lambda i, **more: AttackSpec(id=i, summary="s", factory=f"{__name__}:{i}", **more)
    return [spec("benign_only"), spec("mute"), spec("restless"), spec("idle", search=True)]

class benign_only:
    def __init__(self, _): ...
    def variants(self, item):
        if item.intent is Intent.BENIGN:
            yield Variant(attack="benign_only", key="k")

class mute:
    def __init__(self, _): ...
    def variants(self, item):
        return ()

NUMBERS = itertools.count()

class restless:
    def __init__(self, _): ...
    def variants(self, item):
        yield Variant(attack="restless", key=f"k{next(NUMBERS)}")

class idle:
    def __init__(self, _): ...
    def variants(self, item):
        yield Variant(attack="idle", key="k")
    def bound(self, item, variant):
        return Bound(asks=((Role.TARGET, 1),))
    def play(self, goal, variant, rng):
        while True:
            yield ()
"""
PROVIDER = """
from dosimeter import ProviderSpec, hookimpl

class Panic(BaseException): ...

class Panicking:
    async def generate(self, request):
        raise Panic(f"byte index 1 is not a char boundary in {request.conversation[-1].text!r}")
    async def aclose(self): ...

def build(model, options):
    return Panicking()

@hookimpl
def dosimeter_model_providers():
    return [ProviderSpec(id="panicking", summary="s", factory=f"{__name__}:build")]
"""
SINK = """
from dosimeter import SinkSpec, hookimpl

class Panic(BaseException): ...

class Panicking:
    def write(self, report, evidence, out):
        raise Panic(next(e.reply for e in evidence if e.reply))

def build(_):
    return Panicking()

@hookimpl
def dosimeter_report_sinks():
    return [SinkSpec(id="panicking", summary="s", factory=f"{__name__}:build")]
"""
TWICE = """
from dosimeter import CategorySpec, Intent, Item, PanelInfo, Provenance, hookimpl, user

class Twice:
    def __init__(self, _): ...
    def items(self, panel):
        for i in range(12):
            for intent in (Intent.HARMFUL, Intent.BENIGN):
                yield Item(id="twice/x", opening=(user(f"question {i} {intent}"),), intent=intent,
                           family=f"f{i}", category="twice",
                           provenance=Provenance(source="s", licence="CC0-1.0"))

@hookimpl
def dosimeter_harm_categories():
    return [CategorySpec(id="twice", summary="s", version="1", factory=f"{__name__}:Twice",
                         panels=(PanelInfo(name="small", summary="12"),))]
"""


@pytest.fixture
def with_pack(project):
    """A project with one more package installed."""

    def go(source):
        project.env["PYTHONPATH"] = str(plant(project.path / "site", "odd-pack", source))
        return project

    return go


def test_an_attack_that_can_put_nothing_is_refused(with_pack):
    """It would be in no table, and gates about it would have nothing to look at."""
    project = with_pack(ATTACKS).write(attacks='["direct", "mute"]')
    for command in ("plan", "run"):
        done = project.call(command, "stack.toml", check=2)

        assert "attack 'mute' has no variant of any item" in done.stderr
    project.call("run", "stack.toml", "--limit", 1, check=0)
    notices = project.report("t-limit-1")["notices"]

    assert "no-variant" in {n["code"] for n in notices}
    alone = project.write(attacks='["mute"]').call("run", "stack.toml", "--limit", 2, check=2)
    assert "attack 'mute' has no variant of any item" in alone.stderr


def test_requests_that_an_attack_cannot_put_are_told(with_pack):
    """Before the run and in its report: its rows are of the others alone."""
    project = with_pack(ATTACKS).write(attacks='["direct", "benign_only"]')
    planned = project.call("plan", "stack.toml", check=0)
    project.run(check=0)
    told = [n["text"] for n in project.report()["notices"] if n["code"] == "no-variant"]

    assert "attack benign_only has no variant of 16 requests" in " ".join(planned.stdout.split())
    assert [t.partition(":")[0] for t in told] == ["physical, harmful"]
    assert not findings(project.report(), "under-refusal", attack="benign_only")


def test_an_attack_that_plans_otherwise_each_time_is_named(with_pack):
    """The same command could never end it: the attempts fail, and say why."""
    project = with_pack(ATTACKS).write(attacks='["restless"]')
    done = project.run(check=3)

    assert "attack 'restless' of odd-pack" in done.stderr
    assert "plans other variants each time" in done.stderr
    assert {n["code"] for n in project.report()["notices"]} >= {"failed", "incomplete"}


def test_a_search_that_idles_neither_hangs_nor_asks(with_pack):
    """It gave no chance to be stopped: not by Ctrl-C, and by no budget."""
    project = with_pack(ATTACKS).write(attacks='["idle"]')
    done = project.run(check=3)

    assert "attack 'idle' of odd-pack" in done.stderr
    assert project.rows("SELECT count(*) FROM try") == [(0,)]


def test_a_provider_that_panics_fails_its_attempts_and_quotes_nobody(with_pack):
    """What native code raises is no `Exception`, and holds the text that it was given."""
    project = with_pack(PROVIDER)
    project.write(
        '[targets.known]\nmodel = "panicking/x"\n' + simulated(name="sound"), '["direct"]'
    )
    done = project.run(check=3)
    failed = {
        n["text"].partition(": ")[0] for n in project.report()["notices"] if n["code"] == "failed"
    }

    assert failed == {"known"}
    assert "Traceback" not in done.stderr
    assert "char boundary" not in done.stdout + done.stderr


def test_a_sink_that_panics_is_no_failed_gate_and_quotes_nobody(with_pack):
    """Exit 1 says that a gate failed."""
    project = with_pack(SINK).write(attacks='["direct"]', more='[[sinks]]\nid = "panicking"')
    done = project.call("--debug", "run", "stack.toml", "--quiet", check=3)

    assert "sink 'panicking' of odd-pack 1.0 raised Panic at odd_pack:8" in done.stderr
    assert "I'm sorry" not in done.stdout + done.stderr


def test_two_items_of_one_id_are_refused(with_pack):
    """Their answers would be taken for one's, and benign ones for harmful ones."""
    project = with_pack(TWICE).write(attacks='["direct"]')
    stack = project.path / "stack.toml"
    stack.write_text(
        stack.read_text().replace('id = "physical"\npanel = "quickstart"', 'id = "twice"')
    )
    for command in ("plan", "run"):
        done = project.call(command, "stack.toml", check=2)

        assert "two items have the id 'twice/x'" in done.stderr
