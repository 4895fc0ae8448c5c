"""`dosimeter plugins check`: the kit's door in the shell."""

import json

import pytest
from pages import ROOT
from plant import plant

PROVIDER = """
from attrs import frozen
from dosimeter import ProviderSpec, Reply, Stop, assistant, hookimpl, option

@frozen(kw_only=True)
class Options:
    key: str = option(secret=True, default="", env=("PLANTED_KEY",), help="a key")
    words: int = option(identity=True, default=1, help="how many")

class Parrot:
    def __init__(self, model, options):
        self.options = options

    def __repr__(self):
        return f"Parrot({self.options.key})"

    async def generate(self, request):
        return Reply(messages=(assistant("a " * self.options.words),), stop=Stop.END)

    async def aclose(self):
        pass

@hookimpl
def dosimeter_model_providers():
    return [ProviderSpec(id="planted", summary="Says a", factory="planted:Parrot", options=Options,
                         language_model=False)]
"""


def check(project, *args, code, **env):
    return json.loads(project.call("plugins", "check", *args, "--json", check=code, **env).stdout)


def states(got):
    return {(r["component"], r["check"]): r["state"] for r in got["results"]}


def test_a_whole_package_is_tried_by_its_name(project):
    """The package itself first, then what it brings; a component alone by its id, or kind and id."""
    got = check(project, "dosimeter-scorer-refusal", code=0)
    alone = check(project, "rater:refusal", code=0)

    assert {c for c, _ in states(got)} == {"package:dosimeter_scorer_refusal", "rater:refusal"}
    assert {c for c, _ in states(alone)} == {"rater:refusal"}
    assert got["counts"] == {"kept": len(got["results"])}


def test_a_broken_promise_fails_and_says_what_to_do(project, tmp_path):
    """Exit code 1; the key that stands in a repr is not shown."""
    path = str(plant(tmp_path / "site", "planted", PROVIDER))
    args = ("plugins", "check", "planted", "--model", "m")
    done = project.call(*args, check=1, PYTHONPATH=path, PLANTED_KEY="sk-planted-1")

    assert "  broken    check_secrets_stay_out_of_reprs\n" in done.stdout
    assert "Seen: a secret stands in a repr." in done.stdout
    assert "To do: declare it with option(secret=True)" in done.stdout
    assert "sk-planted-1" not in done.stdout + done.stderr


def test_a_provider_is_asked_nothing_unless_a_model_is_named(project, tmp_path):
    """What is not tried says what to give, and is not kept."""
    path = str(plant(tmp_path / "site", "planted", PROVIDER))
    got = check(project, "provider:planted", code=0, PYTHONPATH=path)
    (reason,) = {r["reason"] for r in got["results"] if r["state"] == "not tried"}

    assert reason == "name a model that it can be asked under"
    told = project.call("plugins", "check", "provider:planted", check=0, PYTHONPATH=path).stdout
    assert "is not kept. `--with FILE` takes it from the `specimen(...)` of a file of tests" in told
    whole = project.call("plugins", "check", "rater:refusal", check=0).stdout
    assert "not tried" not in whole


def test_a_waiver_lets_pass_with_its_reason_and_expires(project, tmp_path):
    """One of nothing, or without a reason, is refused with the nearest name."""
    path = str(plant(tmp_path / "site", "planted", PROVIDER))
    args = ("provider:planted", "--model", "m", "--waive")
    name = "check_secrets_stay_out_of_reprs"
    got = check(project, *args, f"{name}=for now", code=0, PYTHONPATH=path)
    stale = check(project, "refusal", "--waive", "check_nothing_is_printed=old", code=1)

    assert states(got)["provider:planted", name] == "waived"
    assert stale["counts"]["expired"] == 1
    for wrong, told in ((f"{name[:-1]}=x", f"did you mean '{name}'?"), (f"{name}=", "a reason")):
        done = project.call("plugins", "check", *args, wrong, check=2, PYTHONPATH=path)
        assert told in done.stderr


def test_what_is_wrong_with_the_call_is_told(project, tmp_path):
    """A name, an option and a value that do not fit; a plugin that did not load."""
    broken = str(plant(tmp_path / "site", "broken", "import no_such_module_anywhere\n"))
    for args, told in (
        (("refsal",), "did you mean 'refusal'?"),
        (("dosimeter",), "'dosimeter' is the core, which is no plugin"),
        (("role-play", "--set", "templtes=x"), "did you mean 'templates'?"),
        (("role-play", "--set", "templates=3"), "templates"),
        (("refusal", "--set", "x"), "--set takes NAME=VALUE"),
        (("broken",), "did not load. ModuleNotFoundError: No module named"),
    ):
        assert told in project.call("plugins", "check", *args, check=2, PYTHONPATH=broken).stderr


# -- by a file of tests -------------------------------------------------------------------------

HELD = "check_secrets_stay_out_of_reprs"
"""Which the planted provider does not keep."""
HEAD = f"""
from dosimeter.testing import conformance, specimen
import planted
ONE = {{"model": "m", "waivers": {{"{HELD}": "for now"}}}}
TWO = {{"model": "n", "waivers": {{"{HELD}": "and on"}}}}
"""
OPENAI = ROOT / "plugins" / "dosimeter-provider-openai" / "tests" / "test_conformance.py"


def placed(project, text, path="tests/test_conformance.py"):
    """Write a file of tests, with what it imports installed; give what is said on the command line."""
    file = project.path / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    project.env |= {"PYTHONPATH": str(plant(project.path / "site", "planted", PROVIDER))}
    return "--with", path


def reasons(got):
    return {r["reason"] for r in got["results"] if r["state"] == "not tried"}


def test_a_provider_over_http_is_tried_whole_by_the_tests_of_its_package(project):
    """Most of it is not tried without them, and all of it with them."""
    bare = check(project, "dosimeter-provider-openai", code=0)
    whole = check(project, "dosimeter-provider-openai", "--with", OPENAI, code=0)

    assert bare["counts"]["not tried"] > 30
    assert whole["counts"] == {"kept": bare["counts"]["kept"] + bare["counts"]["not tried"]}


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("STARTER = specimen(planted, 'provider:planted', **ONE)", "STARTER"),
        (
            "EVERY = [specimen(planted, 'package:planted'), specimen(planted, 'provider:planted', **ONE)]",
            "EVERY",
        ),
        ("BY = {'planted': specimen(planted, 'provider:planted', **ONE)}", "BY"),
        (
            "@conformance(planted, specimen(planted, 'provider:planted', **ONE))\ndef test_it(check):\n    check()",
            "test_it",
        ),
        (
            "class TestIt:\n    @conformance(planted, specimen(planted, 'provider:planted', **ONE))\n"
            "    def test_it(self, check):\n        check()",
            "TestIt",
        ),
    ],
    ids=["a name", "a list", "a dictionary", "a test", "a class"],
)
def test_a_specimen_is_found_where_tests_have_it(project, text, label):
    """By the name of what holds it, with its model and its waiver."""
    args = placed(project, HEAD + text)
    got = check(project, "provider:planted", *args, code=0)

    assert {r["specimen"] for r in got["results"]} == {label}
    assert states(got)["provider:planted", HELD] == "waived"
    assert reasons(got) == {"it is done before it can be cancelled"}
    assert (
        f"provider:planted ({label})\n" in project.call("plugins", "check", "planted", *args).stdout
    )


def test_all_specimens_of_a_component_are_tried(project):
    """Each once under its first name, from several files too; what no file speaks of is tried without."""
    first = "A = specimen(planted, 'provider:planted', **ONE)\nB = A\nC = specimen(planted, 'provider:planted', **TWO)"
    args = placed(project, HEAD + first)
    more = placed(project, f"{HEAD}D = specimen(planted, 'provider:planted', **TWO)", "other.py")
    got = check(project, "planted", *args, *args, *more, code=1)
    told = {(r["component"], r.get("specimen")) for r in got["results"]}
    waived = [r["reason"] for r in got["results"] if r["state"] == "waived"]

    assert told == {("package:planted", None), *(("provider:planted", n) for n in "ACD")}
    assert waived == ["for now", "and on", "and on"]


def test_a_file_without_more_to_say_changes_nothing(project):
    """As a package has it whose specs say all: no error, and the same results."""
    file = ROOT / "plugins" / "dosimeter-scorer-refusal" / "tests" / "test_conformance.py"
    name = "dosimeter-scorer-refusal"

    assert check(project, name, "--with", file, code=0) == check(project, name, code=0)


def test_what_is_beside_the_file_is_found(project):
    """As pytest finds it, in a package of tests and in none; also in the other process of a check."""
    beside = """
from dosimeter.testing import specimen
from dosimeter_scorer_refusal import hooks
from dosimeter_scorer_refusal.scorer import build

def made(options):
    return build(options)

OWN = specimen(hooks, "refusal", build_with=made)
"""
    top = "import pytest\n@pytest.fixture(autouse=True)\ndef never():\n    1 / 0\nfrom {}beside import OWN\n"
    for folder, dot in (("plain", ""), ("package", ".")):
        placed(project, beside, f"{folder}/beside.py")
        args = placed(project, top.format(dot), f"{folder}/test_it.py")
        if dot:
            placed(project, "", f"{folder}/__init__.py")
        got = check(project, "refusal", *args, code=0)

        assert states(got)["rater:refusal", "check_same_in_another_process"] == "kept"
        assert {r["specimen"] for r in got["results"]} == {"OWN"}


def test_what_a_file_prints_is_none_of_the_output(project):
    """Neither on import nor in a check: standard output is JSON."""
    loud = (
        "def made(model, options):\n    print('made')\n    return planted.Parrot(model, options)\n"
    )
    end = "print('loaded')\nONE = specimen(planted, 'provider:planted', build_with=made, **ONE)"
    args = placed(project, HEAD + loud + end)
    done = project.call("plugins", "check", "provider:planted", *args, "--json")

    assert json.loads(done.stdout)["counts"]["waived"] == 1
    assert done.stderr.startswith("loaded\nmade\n")


def test_a_waiver_in_the_shell_stands_beside_those_of_the_file(project):
    """And in place of one of the same check."""
    args = placed(project, f"{HEAD}ONE = specimen(planted, 'provider:planted', **ONE)")
    other = "check_hints_can_be_filled"
    more = ("--waive", f"{other}=old", "--waive", f"{HELD}=of the shell")
    got = check(project, "provider:planted", *args, *more, code=1)
    told = {r["check"]: (r["state"], r["reason"]) for r in got["results"] if "reason" in r}

    assert told[HELD] == ("waived", "of the shell")
    assert told[other] == ("expired", "old")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "import json\n\nimport clay\n",
            "ModuleNotFoundError: No module named 'clay' (at test_conformance.py:3)",
        ),
        ("x = 1\ndef f(:\n", "SyntaxError: invalid syntax (test_conformance.py, line 2)"),
        ("\nfrom beside import go\ngo()\n", "KeyError: 'kiln' (at beside.py:2)"),
        ("import sys\nsys.exit(0)\n", "SystemExit: 0 (at test_conformance.py:2)"),
        ("import pytest\npytest.importorskip('clay')", "Skipped: could not import 'clay'"),
        (
            "import sys\nsys.modules['pytest'] = None\nimport pytest\n",
            "To do: pip install 'dosimeter[testing]'",
        ),
        (f"{HEAD}X = specimen(planted, 'plantd')", "no component is called 'plantd'"),
    ],
    ids=["a module", "syntax", "beside", "exit", "skip", "pytest", "component"],
)
def test_a_file_that_does_not_load_is_told_with_its_line(project, text, told):
    """What happened and what to do, and no traceback."""
    placed(project, "def go():\n    return {}['kiln']\n", "tests/beside.py")
    args = placed(project, text)
    done = project.call("plugins", "check", "planted", *args, check=2)
    said = " ".join(done.stderr.split())

    assert "--with tests/test_conformance.py did not load." in said
    assert told in said
    assert "To do: " in said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("text", "path", "told"),
    [
        ("x = 1", "t.py", "no specimen of planted; write one, with specimen(...)"),
        ("x = 1", "t.txt", "not the name of a Python file"),
        ("x = 1", "tests/json.py", "is loaded under the same name"),
        (
            f"{HEAD}X = specimen(planted, 'provider:planted', waivers={{'{HELD[:-1]}': 'x'}})",
            "t.py",
            f"did you mean '{HELD}'?",
        ),
    ],
    ids=["nothing", "no Python", "a name of Python's", "a waiver of nothing"],
)
def test_a_file_that_does_not_do_is_told(project, text, path, told):
    """With what would; nothing is tried."""
    done = project.call("plugins", "check", "planted", *placed(project, text, path), check=2)

    assert f"--with {path}: " in done.stderr
    assert told in done.stderr
    assert done.stdout == ""


def test_a_file_of_another_component_is_told_by_what_it_has(project):
    """And so are flags that say what a specimen says."""
    other = project.call("plugins", "check", "refusal", "--with", OPENAI, check=2).stderr

    assert (
        "no specimen of refusal; it has package:dosimeter_provider_openai, provider:openai" in other
    )
    for more in (("--model", "m"), ("--set", "x=1")):
        done = project.call("plugins", "check", "openai", "--with", OPENAI, *more, check=2)
        assert "leave it out, or --model and --set" in done.stderr
