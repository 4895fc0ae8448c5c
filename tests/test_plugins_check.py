"""`dosimeter plugins check`: the kit's door in the shell."""

import json

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
    assert "is not kept. The package's own tests may give it (`pytest`)" in told
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
        (("role-play", "--set", "templtes=x"), "did you mean 'templates'?"),
        (("role-play", "--set", "templates=3"), "templates"),
        (("refusal", "--set", "x"), "--set takes NAME=VALUE"),
        (("broken",), "did not load. ModuleNotFoundError: No module named"),
    ):
        assert told in project.call("plugins", "check", *args, check=2, PYTHONPATH=broken).stderr
