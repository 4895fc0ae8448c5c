"""What is the design of a run, what of it a journal is told, and what a run goes on with."""

from contextlib import closing

import attrs
import pytest
from journals import TARGET

from dosimeter import Component, Cost, RunChanged, Try, digest
from dosimeter.engine import run as running
from dosimeter.engine.build import build_categories
from dosimeter.engine.meter import Meter
from dosimeter.engine.setup import Facts, design_hash, write_plan
from dosimeter.journal.reader import Reader
from dosimeter.journal.store import Store
from dosimeter.stack import load_stack

OTHERS = """
@frozen(kw_only=True)
class Options:
    depth: int = option(default=1, identity=True)
    slots: int = option(default=1, operational=True)

@frozen(kw_only=True)
class Files:
    items: str = option(default="", operational=True)
    items_hash: str = option(default="", identity=True, hash_of="items")

@hookimpl
def dosimeter_attack_generators():
    return [AttackSpec(id="deep", summary="s", factory=f"{__name__}:Deep", options=Options)]

@hookimpl
def dosimeter_harm_categories():
    return [CategorySpec(id="more", summary="s", factory=f"{__name__}:More", version="1",
                         panels=(PanelInfo(name="small", summary="20"),), options=Files)]

class Deep:
    def __init__(self, options): ...
    def variants(self, item):
        yield Variant(attack="deep", key="as-is")

class More:
    def __init__(self, options): ...
    def items(self, panel):
        for i in range(20):
            yield Item(id=f"more/{i}", opening=(user(f"question {i}"),), intent=Intent.HARMFUL,
                       family=f"f{i}", category="more",
                       provenance=Provenance(source="toy", licence="CC0-1.0"))
"""
STACK = """
name = "n"
[targets.a]
model = "toy/one"
[[categories]]
id = "toys"
panel = "small"
attacks = [{{ id = "deep", {} }}]
[[categories]]
id = "more"
panel = "small"
[[raters]]
id = "word"
"""


@pytest.fixture
def parts(tmp_path, registry_of, toy_source):
    """A stack of two categories and its parts."""
    registry = registry_of(others=OTHERS, toy=toy_source)

    def go(*overrides, deep="depth = 1"):
        path = tmp_path / "stack.toml"
        path.write_text(STACK.format(deep))
        stack, secrets = load_stack(path, registry=registry, overrides=overrides, environ={})
        return stack, build_categories(stack, registry, secrets)

    return go


def facts(files="aa"):
    part = Component(kind="attack", id="deep", distribution="d", version="1", files_hash=files)
    return Facts(components=(part,), language_models=frozenset(), version="1")


def test_an_endpoint_that_comes_with_a_later_judge_is_known_to_the_journal(parts, tmp_path):
    """A report says who judged; targets and plan stay as they were."""
    path = tmp_path / "journal.sqlite"
    with closing(Store(path)) as store:
        planned = write_plan(store, *parts(), facts())
        stack, made = parts("endpoints.grader.model=toy/grader")

        assert write_plan(store, stack, made, facts()) == planned
        assert store.db.execute("SELECT name, is_target FROM endpoint ORDER BY k").fetchall() == [
            ("a", 1), ("grader", 0),
        ]  # fmt: skip


def test_a_limit_and_an_option_of_an_attack_are_of_the_design(parts):
    """Another limit is another design, and so is none; how many slots an attack has is not."""
    limits = [(), ("categories.0.limit=5",), ("categories.0.limit=6",), ("categories.1.limit=5",)]

    assert len({design_hash(*parts(*limit)) for limit in limits}) == len(limits)
    assert design_hash(*parts()) != design_hash(*parts(deep="depth = 2"))
    assert design_hash(*parts()) == design_hash(*parts(deep="depth = 1, slots = 2"))


@pytest.mark.parametrize(
    ("limit", "limited"),
    [((), ""), (("categories.0.limit=5",), "yes"), (("categories.1.limit=5",), "yes"),
     (("categories.0.limit=20",), ""), (("categories.0.limit=19",), "yes")],
)  # fmt: skip
def test_a_run_is_limited_if_any_category_is(parts, tmp_path, limit, limited):
    """By a limit that leaves families out: one that takes all of them leaves the whole panel."""
    with closing(Store(tmp_path / "journal.sqlite")) as store:
        write_plan(store, *parts(*limit), facts())
        ((said,),) = store.db.execute("SELECT value FROM run WHERE key = 'limited'")

    assert said == limited


@pytest.fixture
def begin(parts, tmp_path):
    """Prepare a session of one journal as a command does."""
    stack, categories = parts()
    one = running.Session(stack=stack, journal=tmp_path / "journal.sqlite", parts=categories, raters=(),
                          workshop=None, accounts={}, facts=facts())  # fmt: skip

    def go(meter=None, **changed):
        with closing(Store(one.journal)) as store:
            running._prepare(store, attrs.evolve(one, **changed), meter or Meter())
            forks = store.db.execute("SELECT count(*) FROM event WHERE kind = 'fork'").fetchone()[0]
            ((files,),) = store.db.execute("SELECT files_hash FROM component")
            return forks, files

    go.journal = one.journal
    return go


def answered(path):
    """Write that something was answered, so that the plan stands."""
    with closing(Store(path)) as store:
        store.db.execute("INSERT INTO message VALUES (1, 1, NULL, 'user', 0, 1)")


def test_a_meter_goes_on_from_what_the_journal_has(begin):
    """Attempts, tokens and money of earlier sessions, as a display tells them of the whole run."""
    begin()
    with closing(Store(begin.journal)) as store:
        store.db.execute("UPDATE attempt SET state = 'done' WHERE k <= 2")
        store.db.execute(
            "INSERT INTO try(call, epoch, n, scope, endpoint, started, seconds, status, failure,"
            " tokens_in, tokens_out, charged, money)"
            " VALUES (x'', 1, 1, x'', x'', 0, 0, '', '', 30, 12, 50, 0.5)"
        )
    answered(begin.journal)
    meter = Meter()
    begin(meter)

    assert (meter.before, meter.tokens_in, meter.tokens_out, meter.money) == (2, 30, 12, 0.5)


def test_other_files_are_refused_unless_the_run_is_forked(begin):
    """With --fork it goes on, which is written down once; with the same files there is no fork."""
    assert begin() == (0, "aa")
    answered(begin.journal)
    assert begin() == begin(fork=True) == (0, "aa")
    with pytest.raises(RunChanged, match="--fork"):
        begin(facts=facts("bb"))
    assert begin() == (0, "aa")
    assert begin(facts=facts("bb"), fork=True) == (1, "bb")
    assert begin(facts=facts("bb")) == (1, "bb")


def test_before_anything_is_answered_other_files_are_no_fork(begin):
    """Nothing was measured with the old ones."""
    begin()

    assert begin(facts=facts("bb")) == (0, "bb")


def test_another_design_is_refused_whatever_flag_is_given(begin, parts):
    """No flag mixes two designs in one journal."""
    begin()
    answered(begin.journal)
    stack, categories = parts("run.seed=2")
    for fork in (False, True):
        with pytest.raises(RunChanged, match=r"run\.seed"):
            begin(stack=stack, parts=categories, fork=fork)


@pytest.mark.parametrize(
    ("setting", "told", "lines"),
    [
        ('categories.0.attacks=["direct"]', "categories.0.attacks.deep: then, not now", 2),
        ("targets.a.temperature=0.5", "targets.a.temperature: absent then, 0.5 now", 1),
        ('targets.a.system="s"', 'targets.a.system: "" then, "s" now', 1),
        ("targets.b={model='toy/b'}", "targets.b: now, not then", 1),
    ],
)
def test_differences_are_told_in_the_words_of_a_stack(begin, parts, setting, told, lines):
    """A part that came or went in one line, and no names of records."""
    begin()
    answered(begin.journal)
    stack, categories = parts(setting)
    with pytest.raises(RunChanged) as caught:
        begin(stack=stack, parts=categories)
    faults = [line.strip() for line in str(caught.value).splitlines() if line.startswith("  ")]

    assert told in faults
    assert len(faults) == lines


def more(files):
    """Give settings that say a file and its hash of the second category."""
    return [f'categories.1.{name}="{value}"' for name, value in files.items()]


@pytest.mark.parametrize(
    ("then", "now", "told"),
    [
        ({"items": "a.csv", "items_hash": "1"}, {"items": "b/a.csv", "items_hash": "2"},
         "categories.1.items: the content of b/a.csv changed"),
        ({}, {"items": "a.csv", "items_hash": "2"}, "categories.1.items: no file then, a.csv now"),
        ({"items": "a.csv", "items_hash": "1"}, {}, "categories.1.items: a file then, none now"),
    ],
)  # fmt: skip
def test_a_file_whose_content_changed_is_named(begin, parts, then, now, told):
    """Where an option is its hash, which nobody wrote and nobody can read."""
    stack, categories = parts(*more(then))
    begin(stack=stack, parts=categories)
    answered(begin.journal)
    stack, categories = parts(*more(now))
    with pytest.raises(RunChanged) as caught:
        begin(stack=stack, parts=categories)

    assert str(caught.value).splitlines()[1:-1] == [f"  {told}"]


def test_what_earlier_sessions_paid_is_summed(made):
    """Every try, used or not, and the seconds that were written down."""
    with closing(Reader(made.path)) as reader:
        none = running._spent(reader)
    for n, cost in enumerate(
        (Cost(tokens=7, money=0.25), Cost(tokens=5), Cost(tokens=0, money=0.5))
    ):
        one = Try(call_id=digest("call", (n,)), scope_id=digest("x", ()), endpoint=TARGET.id, epoch=1,
                  n=1, started=0.0, seconds=0.1, status="ok")  # fmt: skip
        made.store.tried(one, cost, used=n > 0)
    made.store.db.execute("INSERT INTO run VALUES ('seconds', '12.500')")
    with closing(Reader(made.path)) as reader:
        spent = running._spent(reader)

    assert (none.requests, none.tokens, none.money, none.seconds) == (0, 0, 0.0, 0.0)
    assert (spent.requests, spent.tokens, spent.money, spent.seconds) == (3, 12, 0.75, 12.5)
