"""A stack file: all that is wrong is told at once, and secrets stay outside."""

import json

import jsonschema
import pytest
from attrs import evolve
from tables import changed, places

from dosimeter import (
    CategorySpec,
    Direction,
    Level,
    PanelInfo,
    Scale,
    ScaleKind,
    ScorerSpec,
    StackError,
)
from dosimeter.schema import json_schema
from dosimeter.stack import apply_override, load_stack, read_dotenv, resolve
from dosimeter.stack.checks import check_measures
from dosimeter.stack.faults import Faults

STACK = """
[targets.a]
model = "toy/one"
[[categories]]
id = "toys"
[[raters]]
id = "word"
"""


@pytest.fixture
def read(tmp_path, toy):
    """Write a stack and load it."""

    def go(text=STACK, *overrides, environ=None, limit=None, env=None):
        path = tmp_path / "stack.toml"
        path.write_text(text)
        if env is not None:
            (tmp_path / ".env").write_text(env)
        return load_stack(
            path, registry=toy, overrides=overrides, environ=environ or {}, limit=limit
        )

    return go


def faults(read, *args, **kwargs):
    with pytest.raises(StackError) as caught:
        read(*args, **kwargs)
    return str(caught.value)


def test_faults_have_their_paths_apart_whatever_an_endpoint_is_called(read):
    """`validate --json` gives path and message of each; a name may hold spaces and colons."""
    with pytest.raises(StackError) as caught:
        read(STACK.replace("[targets.a]", '[targets."my model: a"]\ntop_p = 2'))

    assert caught.value.faults == (
        ("targets.my model: a.top_p", "expected more than 0 and at most 1, got 2.0"),
    )


def test_everything_wrong_is_told_at_once(read):
    """With file, path, what was expected and the nearest valid name."""
    told = faults(
        read,
        """
        nam = "x"
        [targets.a]
        model = "toi/one"
        [targets.b]
        model = "toy/one"
        temprature = 1
        max_tokens = "many"
        bass = 2
        [[categories]]
        id = "toys"
        panel = "smal"
        limit = 0
        attacks = ["drect"]
        [[raters]]
        id = "wrd"
        [run]
        seed = "one"
        bugdet = {}
        [[gates]]
        measure = "undr"
        at_most = 0.1
        """,
    )

    assert "stack.toml" in told
    for line in (
        "nam: unknown key; did you mean 'name'?",
        "targets.a.model: no loaded plugin provides provider 'toi'. Did you mean 'toy'?",
        "targets.b.temprature: unknown key; did you mean 'temperature'?",
        "targets.b.bass: unknown key; did you mean 'base'?",
        "expected a whole number, got 'many'",
        "categories[0].panel: 'toys' has no panel 'smal'; did you mean 'small'?",
        "categories[0].limit: expected 1 or more, got 0",
        "Did you mean 'direct'?",
        "raters[0].id: no loaded plugin provides rater 'wrd'. Did you mean 'word'?",
        "expected a whole number, got 'one'",
        "gates[0].measure: no measure 'undr'; did you mean 'under'?",
    ):
        assert line in told, line
    assert "bugdet" in told


def test_one_slip_is_one_fault(read):
    """Where no category can be read, nobody knows which measures a gate could name."""
    told = faults(
        read,
        """
        targets.a.model = "toy/x"
        raters = [{ id = "word" }]
        gates = [{ measure = "of-the-category", at_most = 0.5 }]
        [categories]
        id = "toys"
        """,
    )

    assert "expected [[categories]] tables" in told
    assert "no measure" not in told


@pytest.mark.parametrize(
    ("setting", "says"),
    [
        ("run.repeats=0", "run.repeats: expected 1 or more and at most 10000, got 0"),
        ("run.max_retries=-1", "run.max_retries: expected 0 or more"),
        ("run.max_connections=0", "run.max_connections: expected 1 or more"),
        ("run.timeout=0", "run.timeout"),
        (
            "run.confidence=95",
            "run.confidence: expected more than 0.5 and at most 0.999999, got 95",
        ),
        ("run.confidence=0.5", "more than 0.5 and at most 0.999999, got 0.5"),
        ("run.confidence=0.9999999999999999", "run.confidence: expected more than 0.5 and at most"),
        ("run.confidence=nan", "finite"),
        ("run.budget.money=nan", "finite"),
        ("run.budget.tokens=-1", "run.budget.tokens"),
        ("run.requests_per_minute.b=6", "no endpoint 'b'"),
        ("run.requests_per_minute=6", "run.requests_per_minute: expected a table"),
        ("run.scope=models", "scope"),
        ("targets.a.temperature=-1", "a.temperature: expected 0 or more"),
        ("targets.a.temperature=inf", "finite"),
        ("targets.a.top_p=0", "a.top_p"),
        ("targets.a.max_tokens=0", "a.max_tokens"),
        ("targets.a.compose=[]", "targets.a.compose"),
        ("targets.a.replica=0", "targets.a.replica"),
        ("targets.a.model=one", 'expected "provider/model"'),
        ("targets={}", "at least one is needed"),
        ("name=../elsewhere", "name: expected the name of a folder"),
        ("name=3", "name: expected the name of a folder"),
        ("categories=3", "categories: expected [[categories]] tables"),
        ("raters=[]", "at least one [[raters]]"),
    ],
)
def test_numbers_and_shapes_that_no_run_can_have(read, setting, says):
    """They are told with their path, not met in the middle of a run."""
    assert says in faults(read, STACK, setting)


def test_a_limit_on_the_command_line_meets_broken_categories(read):
    """A fault, not a crash."""
    assert "categories" in faults(read, STACK.replace("[[categories]]", "[categories]"), limit=3)
    assert "limit" in faults(read, STACK, 'categories.0.limit="x"', limit=3)


@pytest.mark.parametrize(
    ("own", "given", "found"),
    [(2, 5, 2), (5, 2, 2), (None, 2, 2), (2, None, 2), (None, None, None)],
)
def test_the_smaller_limit_holds(read, own, given, found):
    """A flag that limits does not widen what the file limits further."""
    setting = [] if own is None else [f"categories.0.limit={own}"]

    assert read(STACK, *setting, limit=given)[0].categories[0].limit == found


GATE = '[[gates]]\nmeasure = "under"\n'


@pytest.mark.parametrize(
    ("gate", "says"),
    [
        ("at_most = 0.1\nat_least = 0.1", "give one of at_most, at_least and baseline"),
        ("", "give one of at_most, at_least and baseline"),
        ("at_most = 20", "is a share from 0 to 1, the threshold is 20"),
        ('at_most = 0.5\nwhere = { targte = "a" }', "did you mean 'target'?"),
        ('at_most = 0.5\nwhere = { target = "aa" }', "no target 'aa'; did you mean 'a'?"),
        ('at_most = 0.5\nwhere = { intent = "harmfull" }', "did you mean 'harmful'?"),
        ("at_most = -0.1", "the threshold is -0.1: the gate could never pass"),
        ("at_most = 1.1", "the gate could never fail"),
        (
            "at_most = 1.0",
            "from 0 to 1, the threshold is 1: the gate could never fail; give a threshold in",
        ),
        ("at_least = 0.0", "the threshold is 0: the gate could never fail"),
        (
            "baseline = 'v1'\nmargin = 1",
            "gates[0].margin: 1: of 'under' no difference is larger than 1, so the"
            " gate could never fail",
        ),
        ("baseline = 'v1'\nmargin = inf", "expected a finite number"),
        (
            "at_most = 0.5\ndecide = 'lower'",
            "at_most is decided by 'upper', not 'lower': that a limit",
        ),
        ('at_most = 0.5\nwhere = { level = "yes" }', "'under' is one number and has no levels"),
    ],
)
def test_a_gate_that_would_decide_nothing_is_refused(read, gate, says):
    """A name or number that no finding can meet would pass or abstain for ever."""
    assert says in faults(read, STACK + GATE + gate)


GRADED = """
FIVE = Scale(name="grade", kind=ScaleKind.ORDINAL, levels=tuple(Level(value=i, name="") for i in range(1, 6)))
OPEN = Scale(name="length", kind=ScaleKind.REAL)

@hookimpl
def dosimeter_harm_scorers():
    return [ScorerSpec(id="grader", summary="s", factory="nowhere:x", scales=(FIVE, OPEN))]

@hookimpl
def dosimeter_harm_categories():
    of = Selection(intents=(Intent.HARMFUL,), attacks=("direct",))
    mean = Measure(id="grade-mean", title="t", scale="grade", estimator="mean", select=of)
    fall = Measure(id="fall", title="t", scale="grade", estimator="mean",
                   contrast=Contrast(factor="attack", first="", second="direct"))
    shares = Measure(id="refusal", title="t", scale="refusal", estimator="shares")
    return [CategorySpec(id="graded", summary="s", factory="nowhere:x", version="1",
                         panels=(PanelInfo(name="all", summary="s"),), measures=(mean, fall, shares))]
"""
OF_GRADES = """
targets.a.model = "toy/one"
categories = [{ id = "graded", attacks = ["direct", "again"] }, { id = "toys" }]
raters = [{ id = "word" }, { id = "grader" }]
[[gates]]
"""


@pytest.mark.parametrize(
    ("gate", "says"),
    [
        ("measure = 'grade-mean'\nat_most = 0.5", "is a mean from 1 to 5, the threshold is 0.5: the gate"
         " could never pass"),
        ("measure = 'grade-mean'\nat_most = 9", "could never fail"),
        ("measure = 'grade-mean'\nat_least = 9", "could never pass"),
        ("measure = 'grade-mean'\nat_least = 0", "could never fail"),
        ("measure = 'grade-mean'\nat_least = 1", "could never fail"),
        ("measure = 'grade-mean'\nat_most = 5", "could never fail"),
        ("measure = 'fall'\nat_most = -5", "is a difference of means from -4 to 4"),
        ("measure = 'length-mean'\nat_most = -500", ""),
        ("measure = 'grade-mean'\nat_most = 2\nwhere.intent = 'benign'",
         "gates[0].where.intent: 'grade-mean' is about requests of intent harmful only"),
        ("measure = 'grade-mean'\nat_most = 2\nwhere.attack = 'again'", "is about attack direct only"),
        ("measure = 'grade-mean'\nat_most = 2\nwhere.rater = 'word'",
         "'word' does not mark 'grade', which 'grade-mean' is about; grader would"),
        ("measure = 'refusal'\nat_most = 0.5\nwhere.level = 'yess'",
         "gates[0].where.level: no level 'yess'; did you mean 'yes'?"),
    ],
)  # fmt: skip
def test_a_gate_beyond_its_measure_is_refused(registry_of, toy_source, tmp_path, gate, says):
    """Beyond the scale, beyond what the measure selects, at a level that is none."""
    path = tmp_path / "s.toml"
    path.write_text(OF_GRADES + gate)
    registry = registry_of(toy=toy_source, graded=GRADED)

    def go():
        return load_stack(path, registry=registry, environ={})

    if not says:
        assert go()[0].gates
        return
    with pytest.raises(StackError) as caught:
        go()
    assert says in str(caught.value)
    assert len(caught.value.faults) == 1


def test_what_stands_twice_is_refused(read):
    """Categories, raters, attacks, targets of one identity."""
    twice = STACK + '[[categories]]\nid = "toys"\n[[raters]]\nid = "word"\n'
    told = faults(read, twice, 'categories.0.attacks=["direct","direct"]')

    assert "category 'toys' stands here 2 times" in told
    assert "rater 'word' stands here 2 times" in told
    assert "attack 'direct' stands here 2 times" in told
    assert "targets.b: the same as targets.a" in faults(read, STACK, "targets.b.model=toy/one")
    assert len(read(STACK, "targets.b.model=toy/one", "targets.b.replica=2")[0].targets) == 2


JUDGED = """
@frozen(kw_only=True)
class Options:
    strict: bool = option(identity=True, default=False)
    patience: float = option(operational=True, default=1.0)

@hookimpl
def dosimeter_harm_scorers():
    scale = Scale(name="on", kind=ScaleKind.BOOLEAN)
    return [ScorerSpec(id="judge", summary="s", factory=f"{__name__}:build", scales=(scale,),
                       options=Options, judge=True, roles=(Role.JUDGE,))]
"""
TWO_JUDGES = """
[endpoints.one]
model = "toy/judge"
[endpoints.same]
model = "toy/judge"
[endpoints.other]
model = "toy/other"
[[raters]]
id = "judge"
name = "first"
roles = { judge = "one" }
[[raters]]
id = "judge"
name = "second"
roles = { judge = "one" }
"""


def test_trap_12_one_rater_under_two_names_is_refused(registry_of, toy_source, tmp_path):
    """The journal knows raters by what they are, so the second would be dropped without a word."""
    registry = registry_of(toy=toy_source, judged=JUDGED)
    (tmp_path / "s.toml").write_text(STACK + TWO_JUDGES)

    def told(*overrides):
        try:
            load_stack(tmp_path / "s.toml", registry=registry, overrides=overrides, environ={})
        except StackError as exc:
            return only(str(exc))
        return []

    (odd,) = told("raters.2.roles.steer=one")
    assert odd == "raters[2].roles.steer: 'judge' asks in no role 'steer'; it has judge (by --set)"
    (lost,) = told("raters.2.roles.judge=nobody")
    assert lost.startswith(
        "raters[2].roles.judge: no endpoint 'nobody'; there are a, one, other, same"
    )
    (line,) = told()
    assert line.startswith("raters[2]: 'second' is 'first' in all but its name; leave one out, or")
    assert "votes asks a judge several times" in line
    assert told("raters.2.roles.judge=same", "raters.2.patience=2.0") == [line]
    assert told("raters.2.roles.judge=other") == []
    assert told("raters.2.strict=true") == []
    (rule,) = told(
        "raters.1.name=third", "raters.2.strict=true", 'raters.1.id="word"', "raters.1.roles={}"
    )
    assert "'third' is 'word' in all but its name" in rule


def test_a_budget_of_money_needs_prices(read):
    """Without one it would never bind."""
    price = '[[prices]]\nmodel = "toy/one"\ninput = 1.0\noutput = 2.0\ndate = "2026-01-01"\n'

    assert "needs a price for 'toy/one'" in faults(read, STACK, "run.budget.money=5")
    assert read(STACK + price, "run.budget.money=5")[0].run.budget.money == 5


def test_extends_merges_tables_and_replaces_lists(tmp_path, read):
    """A cycle is told with its files, a missing base with its path."""
    (tmp_path / "base.toml").write_text(STACK + "[run]\nseed = 3\nrepeats = 2\n")
    stack, _ = read('extends = "base.toml"\n[run]\nseed = 4\n')
    assert (stack.run.seed, stack.run.repeats, stack.targets[0].name) == (4, 2, "a")

    (tmp_path / "base.toml").write_text('extends = "stack.toml"\n')
    assert "extends itself through stack.toml -> base.toml" in faults(read, 'extends = "base.toml"')
    assert "no stack file at" in faults(read, 'extends = "bas.toml"')
    assert "did you mean base.toml?" in faults(read, 'extends = "bas.toml"')


def test_a_base_that_is_not_there_is_told_with_who_names_it(read, tmp_path):
    """Not as if the stack itself were missing."""
    told = faults(read, 'extends = "nope.toml"')

    assert "stack.toml: extends: no stack file at" in told
    assert "nope.toml; it is looked for beside the file that names it" in told
    (tmp_path / "base.toml").touch()
    assert "did you mean base.toml?" in faults(read, 'extends = "bsae.toml"')


def test_a_fault_names_the_file_that_it_is_in(tmp_path, read, monkeypatch):
    """That of a key; where one is missing, whoever has the table. The first line names the stack."""
    monkeypatch.chdir("/")  # or names depend on where the tests run
    base, further = tmp_path / "base.toml", tmp_path / "further.toml"
    further.write_text(STACK.replace("model", "modell") + "[run]\nrepeats = 0\n[[sinks]]\nid = 1\n")
    base.write_text('extends = "further.toml"\n[run]\nbudget = { tokns = 1 }\n[[sinks]]\n')
    ext = 'extends = "base.toml"\nnam = "x"\n[run]\nseed = "s"\n[targets.b]\ntop_p = 1.0\n'
    with pytest.raises(StackError) as caught:
        read(ext)
    found = dict(caught.value.faults)
    head, *lines = str(caught.value).splitlines()

    assert head == f"{tmp_path / 'stack.toml'} cannot be run:"
    assert len(lines) == len(found) == 7
    further, base = (str(one).removeprefix("/") for one in (further, base))
    assert found["targets.a.model"].endswith(f"is 'modell' meant to be it? (in {further})")
    assert found["run.repeats"].endswith(f"(in {further})")
    assert found["run.budget.tokns"].endswith(f"(in {base})")
    assert found["sinks[0].id"].endswith(f"(in {base})")
    for own in ("nam", "run.seed", "targets.b.model"):
        assert "(in " not in found[own]


def test_a_table_of_two_files_that_lacks_a_key_names_both(tmp_path, read, monkeypatch):
    """The key may go into either. Files are named as from here."""
    (tmp_path / "base.toml").write_text(STACK.replace("model", "modell"))
    monkeypatch.chdir(tmp_path)
    told = faults(read, 'extends = "base.toml"\n[targets.a]\ntop_p = 1.0\n')

    assert f"(in base.toml and in {tmp_path / 'stack.toml'})" in told


def test_what_is_wrong_with_a_whole_list_names_who_has_a_part(tmp_path, read, monkeypatch):
    """A rater that a setting made another's double; and a file in the folder above is named as from here."""
    (tmp_path / "base.toml").write_text(f'{STACK}[[raters]]\nid = "other"\nname = "o"\n')
    (tmp_path / "in").mkdir()
    monkeypatch.chdir(tmp_path / "in")
    told = faults(read, 'extends = "base.toml"', "raters.1.name=word")

    assert "rater 'word' stands here 2 times (in ../base.toml and by --set)" in told


def test_a_setting_is_told_as_one_and_with_what_else_is_wrong(read):
    """A value, a path that leads nowhere and the file's own faults, at once."""
    text = STACK.replace('id = "word"', 'id = "wrd"')
    told = faults(
        read, text, "raters.0.votes=0", "raters.7.id=x", "run.seed=s", "targets.b.top_p=1"
    )

    assert "--set raters.7.id=...: raters.7.id leads nowhere in this stack" in told
    assert "raters[0].votes: expected 1 or more, got 0 (by --set)" in told
    assert "run.seed: expected a whole number, got 's' (by --set)" in told
    assert "'wrd'" in told
    assert "(by --set)" not in told.partition("'wrd'")[2].partition("\n")[0]
    assert 'targets.b.model: is required: "provider/model" (by --set)' in told


def test_overrides_are_toml_or_text_and_must_lead_somewhere():
    """The last one wins; a path through a number is an error."""
    tables = {"run": {"seed": 1}, "raters": [{"id": "x"}]}
    for setting in ("run.seed=7", "targets.a.model=toy/one", "raters.0.id=word", "run.on=true"):
        apply_override(tables, setting)

    assert tables["run"] == {"seed": 7, "on": True}
    assert tables["targets"] == {"a": {"model": "toy/one"}}
    assert tables["raters"] == [{"id": "word"}]
    apply_override(tables, 'targets."b.1".model="x=y"')
    assert tables["targets"]["b.1"] == {"model": "x=y"}
    for bad in (
        "run.seed",
        "=1",
        "run..x=1",
        "extends=x.toml",
        "run.seed.x=1",
        "raters.9.id=1",
        "raters.x.id=1",
    ):
        with pytest.raises(StackError, match="--set"):
            apply_override(tables, bad)


def test_every_bad_override_is_told(read):
    """Not only the first."""
    deep = f"run.budget={'[' * 5000}"
    told = faults(read, STACK, "nonsense", "raters.9.id=sk-secret", "run.seed=3", deep)

    assert "--set nonsense: expected path=value" in told
    assert "--set raters.9.id=...: raters.9.id leads nowhere" in told
    assert "sk-secret" not in told
    assert "run.budget: expected" in told


def test_secrets_come_from_outside_and_show_nowhere(read):
    """Not in the text, not in the hash, not in a repr; .env yields to the environment."""
    text = STACK.replace('"toy/one"', '"toy/one"\nkey = "Bearer ${TOKEN}"')
    stack, secrets = read(text, env="TOKEN=from-file")
    other, _ = read(text, environ={"TOKEN": "from-shell"})

    assert secrets.of("a") == {"key": "Bearer from-file"}
    assert stack.hash == other.hash
    assert "from-file" not in stack.text + repr(stack) + repr(secrets)
    assert read(text, environ={"TOKEN": "from-shell"})[1].of("a") == {"key": "Bearer from-shell"}
    assert read(STACK, environ={"TOY_KEY": "usual"})[1].of("a") == {"key": "usual"}


def test_a_secret_in_the_file_and_a_variable_elsewhere_are_refused(read):
    """Neither message prints the value."""
    told = faults(read, STACK, "targets.a.key=sk-visible", "targets.a.base=${BASE}")

    assert "a secret is written out" in told
    assert "sk-visible" not in told
    assert "${...} is for secrets only" in told
    assert "no NOWHERE" in faults(read, STACK, "targets.a.key=${NOWHERE}")


SAFE = """
@frozen(kw_only=True)
class Options:
    pin: int = option(secret=True, default=0)
    door: str = option(secret=True, default="", env=("DOOR",))
    size: int = option(identity=True, default=0)

@hookimpl
def dosimeter_model_providers():
    return [ProviderSpec(id="safe", summary="s", factory=f"{__name__}:provider", options=Options)]
"""


@pytest.mark.parametrize("value", ["s3cr3t", 'it\'s \\ a "key"\n', "é"])
def test_a_secret_of_a_wrong_type_is_refused_without_its_value(registry_of, tmp_path, value):
    """The message says where and what is expected; other options are told as ever."""
    path = tmp_path / "stack.toml"
    path.write_text(STACK.replace('"toy/one"', '"safe/one"\npin = "${PIN}"\nsize = "given"'))
    with pytest.raises(StackError) as caught:
        load_stack(path, registry=registry_of(safe=SAFE), environ={"PIN": value, "DOOR": value})
    (line,) = [line for line in str(caught.value).splitlines() if "pin" in line or "quotes" in line]

    assert "targets.a" in line
    assert "'given'" in str(caught.value)
    for form in (value, repr(value)[1:-1], json.dumps(value)[1:-1]):
        assert form not in line


def test_dotenv_is_read_as_others_read_it(tmp_path):
    """Comments, export, quotes; a dollar sign stands for itself."""
    path = tmp_path / ".env"
    path.write_text("# note\nexport A=1 # why\nB='x # y'\nC=\"p$q\"\nD\n\nE=a=b\n")

    assert read_dotenv(path) == ({"A": "1", "B": "x # y", "C": "p$q", "E": "a=b"}, [])
    assert read_dotenv(tmp_path / "none") == ({}, [])


@pytest.mark.parametrize(
    ("env", "says"),
    [
        ('TOKEN="open\n', "line 1, cannot be understood: is a quote open?"),
        ("TOKEN=\n", "TOKEN of the environment is empty"),
        ("TOKEN\n", "the environment has no TOKEN"),
    ],
)
def test_a_secret_that_dotenv_does_not_give_is_told_with_the_reason(read, env, says):
    """And never with what stands in the file."""
    text = STACK.replace('"toy/one"', '"toy/one"\nkey = "${TOKEN}"')
    assert says in faults(read, text, env=env)


def test_a_dotenv_that_is_no_text_is_told(tmp_path):
    """With its path."""
    (tmp_path / ".env").write_bytes(b"\xff\xfeM\x00")
    with pytest.raises(StackError, match=r"\.env cannot be read: it is no text"):
        read_dotenv(tmp_path / ".env")


def test_the_hash_of_a_stack_is_that_of_what_it_means(read):
    """Order and layout of the file do not matter; a default written out does not either."""
    plain = read(STACK, "name=n")[0]
    spelt = read("[run]\nseed = 1\n" + STACK, "name=n", "targets.a.base=0.0")[0]

    assert plain.hash == spelt.hash
    assert json.loads(plain.text)["targets"]
    assert plain.hash != read(STACK, "name=n", "targets.a.base=1.0")[0].hash


def test_an_id_of_a_quarantined_plugin_says_so(tmp_path, registry_of, toy_source):
    """The stack that needs it is sent to the doctor; one that does not need it loads."""
    registry = registry_of(toy=toy_source, sad="import no_such_module_anywhere\n")
    path = tmp_path / "stack.toml"
    path.write_text(STACK)
    load_stack(path, registry=registry, environ={})

    with pytest.raises(StackError, match=r"sadness.*dosimeter-sad.*plugins doctor"):
        load_stack(path, registry=registry, overrides=['sinks=[{id="sadness"}]'], environ={})


def test_the_schema_completes_options_and_agrees_with_the_loader(toy):
    """Draft 2020-12, with the options of every plugin; unknown keys are wrong in both."""
    schema = json_schema(toy)
    jsonschema.Draft202012Validator.check_schema(schema)
    good = {"targets": {"a": {"model": "toy/one", "base": 1.5}}, "categories": [{"id": "toys"}],
            "raters": [{"id": "word"}], "run": {"seed": 1, "budget": {"tokens": 5}}}  # fmt: skip

    jsonschema.validate(good, schema)
    for bad in (
        {"targets": {"a": {"model": "toy/one", "bass": 1}}},
        {"targets": {"a": {"model": "other/one"}}},
        {"raters": [{"id": "wrd"}]},
        {"run": {"sead": 1}},
    ):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(bad, schema)
    assert "Shift of every answer" in json.dumps(schema)


LIMITED = """
@frozen(kw_only=True)
class Options:
    size: int = option(identity=True, validator=attrs.validators.ge(1), default=1)
    mode: str = option(identity=True, validator=attrs.validators.in_(("a", "b")), default="a")
    url: str = option(identity=True, validator=http_address, default="http://x/", env=("TOY_URL",))
    even: int = option(identity=True, validator=_even, default=0)
    some: tuple[str, ...] = option(identity=True, default=("red",), validator=attrs.validators.deep_iterable(
        attrs.validators.in_(("red", "green")), attrs.validators.min_len(1)))
    must: str = option(identity=True)

@hookimpl
def dosimeter_model_providers():
    return [ProviderSpec(id="limited", summary="s", factory=f"{__name__}:provider", options=Options)]
"""
EVEN = """
import attrs
def _even(instance, attribute, value):
    if value % 2:
        raise ValueError(f"expected an even number, got {value}")
"""
PRICED = '[[prices]]\nmodel = "toy/one"\ninput = 1.0\noutput = 2.0\ndate = "2026-01-01"\n'
FULL = {
    "name": "n",
    "targets": {"a": {"model": "toy/one", "base": 1.0, "system": "s", "compose": "append",
                      "replica": 1, "temperature": 0.5, "top_p": 0.5, "max_tokens": 5, "stop": ["x"]},
                "b": {"model": "limited/one", "must": "x", "size": 2, "mode": "b", "even": 2,
                      "some": ["red"], "url": "https://host:8080/v1"}},
    "categories": [{"id": "toys", "panel": "small", "limit": 2, "languages": ["en"],
                    "attacks": ["direct", {"id": "again"}]}],
    "raters": [{"id": "word", "name": "w", "votes": 1}],
    "sinks": [{"id": "json", "path": "x.json"}],
    "gates": [{"measure": "under", "at_most": 0.5, "where": {"target": "a"}}],
    "prices": [{"model": "toy/one", "input": 1.0, "output": 1.0, "date": "2026-01-01"}],
    "run": {"seed": 1, "repeats": 1, "max_connections": 1, "max_retries": 0, "timeout": 1.0,
            "scope": "model", "confidence": 0.9, "accept_judge_measured": True,
            "requests_per_minute": {"a": 5}, "budget": {"requests": 0, "tokens": 0, "minutes": 0}},
}  # fmt: skip
ODD = [
    -1,
    0,
    0.5,
    2,
    95,
    True,
    "",
    "x",
    "hot",
    "${HOME}",
    "localhost:1/v1",
    [],
    [1],
    [""],
    {},
    {"x": 1},
]
"""Values that each key is given in turn; every key refuses some of them."""

WORDS_OF_AGREEMENT = (
    "no endpoint",
    "no target",
    "no measure",
    "an even number",
    "].where.",
)
"""What a schema cannot say: names that must agree, and rules of a plugin."""


@pytest.fixture
def limited(registry_of, toy_source):
    return registry_of(toy=toy_source, limited=EVEN + LIMITED)


def test_schema_and_loader_refuse_the_same(limited):
    """Every key of a full stack is given odd values, taken away, and joined by an unknown one."""
    schema = jsonschema.Draft202012Validator(json_schema(limited))
    differ = []
    tried = [(p, v) for p in places(FULL) for v in [*ODD, ...]]
    tried += [((*p[:-1], "unknown"), 1) for p in places(FULL) if isinstance(p[-1], str)]
    resolve(FULL, file="s.toml", registry=limited, environ={})
    assert schema.is_valid(FULL)
    for path, value in tried:
        stack = changed(FULL, path, value)
        try:
            resolve(stack, file="s.toml", registry=limited, environ={})
            ours, said = True, ""
        except StackError as exc:
            ours, said = False, str(exc).partition("\n")[2]
        beyond = any(words in said for words in WORDS_OF_AGREEMENT)
        if schema.is_valid(stack) != ours and not beyond:
            differ.append((path, value, said))

    assert len(tried) > 700
    assert not differ, "\n".join(map(str, differ))


def test_entries_of_a_list_are_told_with_their_place(limited):
    """An attack's templates, say: what there is, and the nearest word, with all other faults."""
    wrong = changed(FULL, ("targets", "b", "some"), ["red", "gren", "blue"])
    with pytest.raises(StackError) as caught:
        resolve(changed(wrong, ("run", "seed"), "x"), file="s.toml", registry=limited, environ={})

    assert (
        "targets.b.some[1]: expected one of red, green, got 'gren'; did you mean 'green'?"
        in str(caught.value)
    )
    assert "targets.b.some[2]: expected one of red, green, got 'blue'" in str(caught.value)
    assert len(caught.value.faults) == 3


@pytest.mark.parametrize(
    ("path", "value"),
    [(("gates", 0, "at_most"), 20), (("gates", 0, "at_most"), -1), (("targets", "b", "some"), ["blue"]),
     (("targets", "b", "some"), []), (("gates", 0, "where", "intent"), "harmfull")],
)  # fmt: skip
def test_an_editor_refuses_what_no_run_can_have(limited, path, value):
    """Bounds of shares, words that an option's list may hold."""
    assert not jsonschema.Draft202012Validator(json_schema(limited)).is_valid(
        changed(FULL, path, value)
    )


def only(told):
    """The faults of a message, without its first line."""
    return [line.strip() for line in told.splitlines()[1:]]


def test_faults_of_one_table_hide_none_of_another(read):
    """Nor does one key hide the next: a hot temperature, a bad limit, a name that is no text."""
    told = faults(
        read,
        """
        [targets.a]
        model = "toy/one"
        temperature = "hot"
        max_tokens = -1
        replica = 0
        compose = "both"
        base = "low"
        [targets.b]
        max_tokens = 0
        [[categories]]
        id = "tois"
        limit = 0
        attacks = ["direkt"]
        [[raters]]
        id = "wrd"
        votes = 0
        name = 3
        [run]
        seed = "x"
        repeats = 0
        budget = { tokens = -1, money = "much" }
        [[prices]]
        model = "toy/one"
        input = -1
        """,
    )

    for line in (
        "targets.a.temperature: expected a number, got 'hot'",
        "targets.a.max_tokens: expected 1 or more, got -1",
        "targets.a.replica: expected 1 or more, got 0",
        "targets.a.compose: expected one of append, replace, refuse, got 'both'",
        "targets.a.base: expected a number, got 'low'",
        'targets.b.model: is required: "provider/model"',
        "targets.b.max_tokens: expected 1 or more, got 0",
        "categories[0].limit: expected 1 or more, got 0",
        "raters[0].votes: expected 1 or more, got 0",
        "raters[0].name: expected text, got 3",
        "run.seed: expected a whole number, got 'x'",
        "run.repeats: expected 1 or more and at most 10000, got 0",
        "run.budget.tokens: expected 0 or more, got -1",
        "run.budget.money: expected a number, got 'much'",
        "prices[0].input: expected 0 or more, got -1.0",
        "prices[0].output: is required",
        "prices[0].date: is required",
    ):
        assert line in only(told), f"{line}\n{told}"
    assert sum("Did you mean" in line for line in only(told)) == 3
    assert len(only(told)) == 20


@pytest.mark.parametrize(
    ("setting", "n"),
    [
        ("targets.a.temperature=hot", 1),
        ("targets.a.model=toi/one", 1),
        ("targets.a.model=one", 1),
        ("targets.a=3", 1),
        ("targets=3", 1),
        ("raters.0.votes=0", 1),
        ("raters.0.id=wrd", 1),
        ("raters=3", 1),
        ("categories.0.limit=0", 1),
        ("categories=3", 1),
        ("categories.0.attacks=3", 1),
        ("run.budget.tokens=x", 1),
        ("run.budget=5", 1),
        ("run=3", 1),
        ("run.requests_per_minute=3", 1),
        ("run.requests_per_minute.a=0", 1),
        ("prices.0.input=-1", 1),
        ("gates.0.at_most=x", 1),
        ("gates.0.where=3", 1),
    ],
)
def test_one_fault_is_told_once(read, setting, n):
    """What names a faulty part by its right name is no fault of its own."""
    stack = (
        STACK
        + GATE
        + 'at_most = 0.5\nwhere = { target = "a", rater = "word", attack = "direct" }\n'
        "[run]\nbudget = { money = 5 }\nrequests_per_minute = { a = 60 }\n" + PRICED
    )

    assert len(only(faults(read, stack, setting))) == n, faults(read, stack, setting)


def test_the_stack_of_that_test_has_no_fault(read):
    """So that the one fault is the one that was put in."""
    more = 'at_most = 0.5\nwhere = { target = "a", rater = "word", attack = "direct" }\n'
    run = "[run]\nbudget = { money = 5 }\nrequests_per_minute = { a = 60 }\n"

    assert read(STACK + GATE + more + run + PRICED)[0].run.requests_per_minute == (("a", 60.0),)


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("api.host/v1", "https:// is missing in front"),
        ("localhost:8000/v1", "; http:// is missing in front"),
        ("http://", "expected http(s)://HOST[:PORT]/PATH"),
        ("https:///v1", "expected http(s)://HOST[:PORT]/PATH"),
        ("http://a b/v1", "expected http(s)://HOST[:PORT]/PATH"),
        ("http://host:port/v1", "the host or the port cannot be"),
        ("http://host:99999/v1", "the host or the port cannot be"),
        ("ftp://host/v1", "expected http(s)://HOST[:PORT]/PATH"),
        ("", "got ''"),
        ("https://me:s3cr3t@host/v1", "user or password"),
        ("http://host/v1?key=s3cr3t", "holds a query"),
        ("host/v1?key=s3cr3t", "an API key goes into api_key"),
        ("http://host/v1#s3cr3t", "holds a fragment"),
        ("http://[::1/v1?key=s3cr3t", "holds a query"),
        ("http://me:s3cr3t@[::1/v1", "the host or the port cannot be"),
        ("http://host:s3cr3t/v1", "the host or the port cannot be"),
        ("s3cr3t", "https:// is missing in front"),
    ],
)
def test_an_address_that_leads_nowhere_is_refused(limited, url, says):
    """By the option's own validator, with the path, and without a password or key that it holds."""
    with pytest.raises(StackError) as caught:
        resolve(changed(FULL, ("targets", "b", "url"), url), file="s", registry=limited, environ={})
    (line,) = only(str(caught.value))

    assert line.startswith("targets.b.url: ")
    assert says in line
    assert "s3cr3t" not in line


@pytest.mark.parametrize("end", ["?key=s3cr3t", "?", "#s3cr3t", "/x?key=s3cr3t"])
def test_an_editor_refuses_a_query_in_an_address_too(limited, end):
    """What the stack refuses, JSON Schema does."""
    schema = json_schema(limited)
    jsonschema.validate(changed(FULL, ("targets", "b", "url"), "https://host/v1/"), schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(changed(FULL, ("targets", "b", "url"), f"https://host/v1{end}"), schema)


def test_a_fault_from_the_environment_names_the_variable(limited):
    """Else nobody would find where the value stands."""
    stack = changed(FULL, ("targets", "b", "url"), ...)
    with pytest.raises(StackError, match=r"got 'host'.* \(from TOY_URL of the environment\)"):
        resolve(stack, file="s", registry=limited, environ={"TOY_URL": "host"})


NAMED_BY = """
@frozen(kw_only=True)
class Options:
    service: str = option(identity=True, default="one", env=("SERVICE",))
    url: str = option(identity=True, validator=http_address, default="http://x/", env=("{service}_URL",))

@hookimpl
def dosimeter_model_providers():
    return [ProviderSpec(id="limited", summary="s", factory=f"{__name__}:provider", options=Options)]
"""


def test_the_variable_that_is_named_is_the_one_that_was_read(registry_of, toy_source):
    """Though its name has an option in it that another variable fills."""
    registry = registry_of(toy=toy_source, named=NAMED_BY)
    tables = changed(FULL, ("targets", "b"), {"model": "limited/x"})
    environ = {"SERVICE": "two", "ONE_URL": "host"}

    with pytest.raises(StackError, match=r"got 'host'.* \(from ONE_URL of the environment\)"):
        resolve(tables, file="s", registry=registry, environ=environ)


def test_a_report_does_not_overwrite_the_journal(read):
    """Nor is a folder a file."""
    own = (
        "journal.sqlite",
        "../t/journal.sqlite-wal",
        "Journal.SQLite",
        "/runs/JOURNAL.sqlite-shm",
    )
    for path in (*own, "", "out/", ".."):
        told = only(faults(read, STACK + f'[[sinks]]\nid = "json"\npath = "{path}"\n'))
        assert told == [f"sinks[0].path: expected a file that is not the journal, got {path!r}"]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"a = 1\na = 2\n", "line 2, column 6): this key stands there already"),
        (
            b'[raters]\nid = "a"\n[[raters]]\n',
            "a list, such as raters, is [[raters]] at each entry",
        ),
        (
            b'[[raters]]\nid = "a"\n[raters]\n',
            "a list, such as raters, is [[raters]] at each entry",
        ),
        (b"raters = []\n[[raters]]\n", "write it in one way, at one place"),
        (b'name = "x\n', "a quote is not closed"),
        (b"name = [1,\n", "at end of document): a bracket or quote is not closed"),
        (b"name = x\n", "text stands in quotes"),
        (bytes([0x9B, 0, 1, 2]), "is no text; a stack file is TOML"),
        ('name = "a"\n# für'.encode("latin-1"), "is in another encoding (line 2 is no UTF-8)"),
        (STACK.encode("utf-16"), "is UTF-16; a stack file is TOML, as text in UTF-8"),
        (b"a = " + b"[" * 100_000, "nested too deep"),
        (b"", "at least one [[categories]]"),
    ],
)
def test_what_is_no_stack_is_told_with_the_likely_cause(tmp_path, toy, data, says):
    """By file and line, never as a parser's exception."""
    path = tmp_path / "s.toml"
    path.write_bytes(data)
    with pytest.raises(StackError) as caught:
        load_stack(path, registry=toy, environ={})

    assert "s.toml" in str(caught.value)
    assert says in str(caught.value)


def test_a_folder_is_no_stack_and_a_mark_of_order_is_none(tmp_path, toy):
    """The files in the folder are named; what Windows puts before the text is skipped."""
    (tmp_path / "s.toml").write_bytes(b"\xef\xbb\xbf" + STACK.encode())

    assert load_stack(tmp_path / "s.toml", registry=toy, environ={})[0].targets
    with pytest.raises(
        StackError, match=r"is a folder, not a stack file; name a file in it: s.toml"
    ):
        load_stack(tmp_path, registry=toy, environ={})


def test_a_list_of_panels_is_read_and_one_panel_is_as_it_was(read):
    """VALIDITY 7: controls run beside; a stack with one panel keeps its hash, listed or not."""
    single, _ = read()
    listed, _ = read(STACK, 'categories.0.panel=["small"]')
    several, _ = read(STACK, 'categories.0.panel=["small", "huge"]')

    assert listed.hash == single.hash
    assert "beside" not in single.text
    assert several.categories[0].panels == ("small", "huge")
    assert several.hash != single.hash


@pytest.mark.parametrize(
    ("panel", "says"),
    [
        ('["small", "hug"]', "'toys' has no panel 'hug'; did you mean 'huge'?"),
        ('["small", "small"]', "panel 'small' stands here 2 times"),
        ("[]", "expected a panel or a list of panels; panels: small, huge"),
        ("[3]", "'toys' has no panel 3"),
    ],
)
def test_a_list_of_panels_that_cannot_be_is_told(read, toy, panel, says):
    """By the schema too."""
    assert says in faults(read, STACK, f"categories.0.panel={panel}")
    category = json_schema(toy)["properties"]["categories"]
    tables = [{"id": "toys", "panel": json.loads(panel)}]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(tables, category)


def test_a_misspelt_model_is_told_with_the_key_that_was_written(read):
    """Without a provider nobody knows which other keys there are, but this one is near."""
    told = faults(read, '[targets.x]\nmodle = "toy/one"\n')

    assert "is 'modle' meant to be it?" in told


BROKEN = Scale(
    name="policy", kind=ScaleKind.BOOLEAN, summary="one rubric", hazard=True, withhold_from=1
)
BY_LEVEL = Scale(
    name="policy", kind=ScaleKind.ORDINAL, direction=Direction.HIGHER_IS_WORSE, hazard=True,
    levels=tuple(Level(value=n, name="x") for n in (1, 2, 3)), withhold_from=3,
)  # fmt: skip


def test_two_scales_of_one_name_are_told_apart():
    """By what they differ in, and by nothing else: words are no difference."""
    panels = (PanelInfo(name="all", summary="all"),)
    of = CategorySpec(
        id="c", summary="s", factory="m:f", version="1", panels=panels, scales=(BROKEN,)
    )
    told = []
    for scale in (BY_LEVEL, evolve(BROKEN, summary="another rubric")):
        faults = Faults(file="stack.toml")
        rater = ScorerSpec(id="r", summary="s", factory="m:f", scales=(scale,))
        check_measures(faults, (of,), (("r", rater),), whole=True)
        told.append([why for _, why in faults.told])

    assert told == [
        ["scale 'policy' is declared by category 'c' and otherwise by rater 'r' (kind boolean and ordinal;"
         " levels none and 1, 2, 3; direction neither and higher is worse; withhold from 1 and 3);"
         " use one of them, or another name"],
        [],
    ]  # fmt: skip
