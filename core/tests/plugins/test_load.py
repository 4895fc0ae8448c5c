"""A plugin that fails is set aside and explained; it spoils nothing else."""

import sys
import traceback
import zipfile
from importlib import import_module
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest

from dosimeter import DosimeterError, DuplicateComponent, PluginBroken, UnknownComponent
from dosimeter.plugins import files_hash, load, only_from_env
from dosimeter.registry import Registry

GOOD = """
@hookimpl
def dosimeter_report_sinks():
    return [SinkSpec(id="good", summary="g", factory="nowhere_at_all:build")]
"""
HOOK = "@hookimpl\ndef dosimeter_report_sinks({args}):\n    {body}\n"


def _asks(measure):
    return (
        "@hookimpl\ndef dosimeter_harm_categories():\n    return [CategorySpec(id='c', summary='',"
        " factory='a:b', version='1', panels=(), scales=(Scale(name='s', kind=ScaleKind.BOOLEAN),),"
        f" measures=(Measure(id='m', title='', scale='s', {measure}),))]\n"
    )


BROKEN = {
    "import error": ("import no_such_module_anywhere\n", "no_such_module_anywhere"),
    "syntax error": ("def\n", "SyntaxError"),
    "exit at import": ("import sys; sys.exit(0)\n", "SystemExit"),
    "misspelt hook": ("@hookimpl\ndef dosimeter_report_sink():\n    return []\n", "dosimeter_report_sink "),
    "other prefix": ("@hookimpl\ndef dosimter_sinks():\n    return []\n", "dosimter_sinks"),
    "no hookimpl": ("def dosimeter_report_sinks():\n    return []\n", "@dosimeter.hookimpl"),
    "no hook at all": ("x = 1\n", "no hooks"),
    "parameter": (HOOK.format(args="config", body="return []"), "config"),
    "None": (HOOK.format(args="", body="return None"), "returned NoneType"),
    "string": (HOOK.format(args="", body="return 'good'"), "returned str"),
    "other record": (HOOK.format(args="", body="return [NoOptions()]"), "NoOptions"),
    "other kind": (HOOK.format(args="", body="return [CommandSpec(id='x', summary='', factory='a:b')]"), "CommandSpec"),
    "liar": ("class SinkSpec:\n    id = summary = factory = ''\n    options = None\n"
             + HOOK.format(args="", body="return [SinkSpec()]"), "must return dosimeter.SinkSpec"),
    "id of no text": (HOOK.format(args="", body="return [SinkSpec(id=3, summary='', factory='a:b')]"), "SinkSpec.id"),
    "no factory": (HOOK.format(args="", body="return [SinkSpec(id='x', summary='', factory='build')]"), "module:attr"),
    "prepare of no module": ("@hookimpl\ndef dosimeter_model_providers():\n    return [ProviderSpec(id='x', summary='', factory='a:b', prepare='c')]", "prepare 'c' must be"),
    "raises while yielding": (HOOK.format(args="", body="yield 1 / 0"), "ZeroDivisionError"),
    "unclassified option": ("@frozen\nclass O:\n    depth: int = 1\n" + HOOK.format(
        args="", body="return [SinkSpec(id='x', summary='', factory='a:b', options=O)]"), "O.depth"),
    "options of no attrs": ("class O: ...\n" + HOOK.format(
        args="", body="return [SinkSpec(id='x', summary='', factory='a:b', options=O)]"), "attrs class"),
    "hash of no option": ("@frozen\nclass O:\n    sum: str = option(identity=True, hash_of='path')\n" + HOOK.format(
        args="", body="return [SinkSpec(id='x', summary='', factory='a:b', options=O)]"), "O.sum: hash_of"),
    "hash of a secret": ("@frozen\nclass O:\n    key: str = option(secret=True)\n    sum: str = option("
        "identity=True, hash_of='key')\n" + HOOK.format(
        args="", body="return [SinkSpec(id='x', summary='', factory='a:b', options=O)]"), "O.sum: hash_of"),
    "rate without threshold": (_asks("estimator='rate'"), "measure 'm': a rate needs a threshold"),
    "threshold off the scale": (_asks("estimator='rate', threshold='yes'"), "expected true or false"),
    "mean of a boolean": (_asks("estimator='mean'"), "ordinal or real; 's' is boolean"),
    "shares of a boolean": (_asks("estimator='shares'"), "ordinal or nominal; 's' is boolean"),
}  # fmt: skip


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_plugin_is_quarantined_and_the_next_one_loads(plant, kind):
    """The cause is told, with what to do; the plugin after it works."""
    source, says = BROKEN[kind]
    loaded = load([plant("a-broken", source), plant("b-good", GOOD)])
    (one,) = loaded.quarantined

    assert one.plugin == "a-broken"
    assert says in one.cause
    assert "dosimeter-a-broken" in one.fix
    assert [o.spec.id for o in loaded.offered] == ["good"]
    assert Registry.of(loaded).ids("sink") == ["good"]


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("x = 1\nimport nowhere_at_all", 2),
        ("x = 1\nx.y", 2),
        ("""
@hookimpl
def dosimeter_harm_scorers():
    scale = Scale(name="s", kind="ordinal", levels=("a", "b"))
    return []
""", 4),
    ],
)  # fmt: skip
def test_a_plugin_s_author_is_told_module_and_line(plant, source, line):
    """Of its own, not of the record of ours that refused what it was given."""
    point = plant("odd", source, head="from dosimeter import *\n")
    (broken,) = load([point]).quarantined

    assert broken.cause.endswith(f" (at {point.module}:{line + 1})")


@pytest.mark.parametrize(
    ("source", "hook"),
    [
        (_asks("estimator='rate'"), "dosimeter_harm_categories"),
        (BROKEN["no factory"][0], "dosimeter_report_sinks"),
        (BROKEN["None"][0], "dosimeter_report_sinks"),
    ],
)
def test_a_spec_that_is_refused_is_told_with_the_hook_that_gave_it(plant, source, hook):
    """We refuse it after the hook is done, so no line of the plugin raises."""
    point = plant("odd", source)
    (broken,) = load([point]).quarantined
    module = Path(import_module(point.module).__file__).read_text().splitlines()
    line = next(n for n, text in enumerate(module, 1) if f"def {hook}" in text) - 1

    assert broken.cause.endswith(f" (at {point.module}:{line}, {hook})")
    assert broken.fix.startswith("mend it if it is yours; else upgrade or uninstall dosimeter-odd")


def test_a_measure_on_a_scale_of_others_is_left_to_the_stack(plant):
    """Nobody knows here which rater will have it; what no scale could mend is refused."""
    source = _asks("estimator='rate', threshold='yes'").replace("scale='s'", "scale='elsewhere'")

    assert [o.spec.id for o in load([plant("far", source)]).offered] == ["c"]


RATER = """
from dosimeter import Level, ScorerSpec
LEVELS = (Level(value=0, name="a"), Level(value=1, name="b"))
@hookimpl
def dosimeter_harm_scorers():
    scale = Scale(name="t", kind=ScaleKind.ORDINAL, levels=LEVELS)
    return [ScorerSpec(id="r", summary="", factory="a:b", scales=(scale,))]
"""


def test_a_measure_is_held_against_the_scale_of_a_rater_in_the_same_package(plant):
    """Else `doctor` would be content with what every stack is refused for."""
    asks = _asks("estimator='rate', threshold={}").replace("scale='s'", "scale='t'") + RATER
    (broken,) = load([plant("off", asks.format(9))]).quarantined

    assert "threshold 9 on scale 't': expected one of 0, 1 (at " in broken.cause
    assert broken.cause.endswith(", dosimeter_harm_categories)")
    assert not load([plant("on", asks.format(1))]).quarantined


def test_a_hook_may_be_a_generator(plant):
    """Specs are specs, however they come."""
    source = HOOK.format(args="", body="yield SinkSpec(id='x', summary='', factory='a:b')")

    assert [o.spec.id for o in load([plant("gen", source)]).offered] == ["x"]


def test_two_broken_plugins_are_blamed_apart(plant):
    """Each with its own cause."""
    loaded = load(
        [plant("one", BROKEN["import error"][0]), plant("two", BROKEN["misspelt hook"][0])]
    )

    assert [q.plugin for q in loaded.quarantined] == ["one", "two"]
    assert "no_such_module_anywhere" in loaded.quarantined[0].cause
    assert "no_such_module_anywhere" not in loaded.quarantined[1].cause


def test_an_interrupt_while_loading_is_no_fault_of_a_plugin(plant):
    """Control-C ends the program."""
    with pytest.raises(KeyboardInterrupt):
        load([plant("slow", "raise KeyboardInterrupt\n")])


def test_one_id_of_two_packages_is_refused_naming_both(plant):
    """Neither wins; all else works."""
    registry = Registry.of(load([plant("one", GOOD), plant("two", GOOD)]))

    with pytest.raises(DuplicateComponent, match=r"dosimeter-one 1\.2 and dosimeter-two 1\.2"):
        registry.find("sink", "good")
    assert registry.ids("sink") == []


def test_factories_are_imported_on_first_use_and_named_when_they_cannot_be(plant):
    """Loading touches no implementation; the fault names plugin and factory."""
    registry = Registry.of(load([plant("good", GOOD)]))

    with pytest.raises(PluginBroken, match=r"nowhere_at_all:build.*dosimeter-good"):
        registry.build("sink", "good")


KEYED = (
    GOOD.replace('"nowhere_at_all:build"', 'f"{__name__}:build"')
    + """
from dosimeter import StackError

@attrs.frozen(kw_only=True)
class Options:
    key: str = option(secret=True, default="")

def build(options):
    raise WORDS
"""
)


@pytest.mark.parametrize(
    ("raised", "shown"),
    [
        ("ValueError('no')", "ValueError at "),
        ("ValueError(options.key)", "ValueError at "),
        ("StackError('no such file')", "no such file"),
        ("StackError(f'no access with {options.key!r}')", "StackError at "),
    ],
)
def test_a_factory_that_raises_is_told_without_the_secrets_it_was_handed(plant, raised, shown):
    """Our own errors are worded for users and keep their words, unless a secret is among them."""
    source = f"import attrs\nfrom dosimeter import option\n{KEYED.replace('WORDS', raised)}"
    point = plant("good", source)
    registry = Registry.of(load([point]))
    options = import_module(point.module).Options(key="MARKED'SECRET")

    with pytest.raises(DosimeterError) as caught:
        registry.build("sink", "good", options)

    told = "".join(traceback.format_exception(caught.value))
    assert shown in str(caught.value)
    assert ("dosimeter-good 1.2" in str(caught.value)) is (" at " in shown)
    if " at " in shown:
        assert "MARKED" not in told


def test_trap_12_an_unknown_id_is_told_with_the_nearest_and_what_did_not_load(plant):
    """Who looks for an id of a broken plugin is sent to the doctor."""
    registry = Registry.of(load([plant("good", GOOD), plant("bad", BROKEN["import error"][0])]))

    with pytest.raises(UnknownComponent, match=r"Did you mean 'good'\?.*dosimeter-bad.*doctor"):
        registry.find("sink", "godo")


def test_an_id_that_turns_another_is_no_hint(plant):
    """Over- and under- are no slips of the pen."""
    registry = Registry.of(load([plant("one", GOOD.replace('"good"', '"over-refusal"'))]))

    assert "Installed: over-refusal." in registry.unknown("sink", "under-refusal")


@pytest.mark.parametrize(
    ("kind", "package"),
    [
        ("attack", "dosimeter-attack-"),
        ("category", "dosimeter-harm-"),
        ("rater", "dosimeter-scorer-"),
    ],
)
def test_an_unknown_id_is_told_with_how_packages_of_its_kind_are_called(plant, kind, package):
    """The core knows of none; a name that is near is hint enough."""
    registry = Registry.of(load([plant("good", GOOD)]))

    assert f"called {package}NAME" in registry.unknown(kind, "direct")
    assert "called" not in registry.unknown("sink", "godo")


def test_loading_can_be_restricted_by_entry_point_or_distribution(plant):
    """However the distribution's name is spelt."""
    points = [plant("one", GOOD), plant("two", GOOD.replace('"good"', '"other"'))]

    for name in ("two", "dosimeter-two", "Dosimeter_Two"):
        only = only_from_env({"DOSIMETER_PLUGINS": f" {name} ,"})
        assert [o.spec.id for o in load(points, only=only).offered] == ["other"]
    assert only_from_env({}) is None
    assert load(points, only=only_from_env({"DOSIMETER_PLUGINS": ""})).offered == ()


def test_a_restriction_to_what_is_not_there_is_told(plant):
    """A misspelt name would else load nothing, silently."""
    (told,) = load([plant("one", GOOD)], only=frozenset({"ona"})).quarantined

    assert "'ona'" in told.cause
    assert told.fix == "did you mean 'one'?"


def test_the_hash_of_a_component_is_that_of_its_files():
    """It is the same twice, and says when there are none."""
    first = files_hash("dosimeter", "dosimeter.sinks.jsonfile")

    assert first == files_hash("dosimeter", "dosimeter.cli.main")
    assert len(first) == 32
    assert files_hash("x", "no_such_module_anywhere.at") == "unknown:x"


@pytest.mark.parametrize("files", [["__init__.py", "rater.py"], ["rater.py"]])
def test_the_hash_of_a_component_follows_its_files(tmp_path, monkeypatch, files):
    """What stands in them, with or without an ``__init__.py``."""
    package = tmp_path / f"shout_{len(files)}"
    package.mkdir()
    for name in files:
        (package / name).write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    before = files_hash("x", f"{package.name}.rater")
    (package / "rater.py").write_text("changed = True")
    after = files_hash("x", f"{package.name}.rater")

    assert len({before, after, "unknown:x"}) == 3


def test_the_hash_of_a_component_in_an_archive_is_that_of_the_archive(tmp_path, monkeypatch):
    """A package is imported from a zip as well; what it holds has no place of its own on disk."""
    archive = tmp_path / "packed.zip"
    found = []
    for content in ("", "changed = True"):
        with zipfile.ZipFile(archive, "w") as packed:
            packed.writestr("packed_shout/__init__.py", content)
        monkeypatch.syspath_prepend(archive)
        found.append(files_hash("x", "packed_shout.rater"))

    assert len({*found, "unknown:x"}) == 3


def test_a_package_whose_place_only_its_finder_knows_has_no_hash(monkeypatch):
    """Some editable installs name places that are on no disk: that is unknown, and no failure."""
    spec = ModuleSpec("placeless", None, is_package=True)
    spec.submodule_search_locations = ["__editable__.placeless.finder.__path_hook__"]

    class Finder(MetaPathFinder):
        def find_spec(self, name, path=None, target=None):
            return spec if name == "placeless" else None

    monkeypatch.setattr("sys.meta_path", [Finder(), *sys.meta_path])

    assert files_hash("x", "placeless.rater") == "unknown:x"
