"""What was built against a contract goes on to work: copies of the example plugin, never touched."""

import hashlib
from types import ModuleType

import pytest
from pages import ROOT
from plant import lay_out

from dosimeter.hookspecs import HookDeprecated, hookimpl, hookspec
from dosimeter.plugins import Source, load

COPIES = sorted(p for p in (ROOT / "tests" / "contracts").iterdir() if p.is_dir())
AS_BUILT = {"0.1": "af70562cb5f9958d"}
"""Of each copy: whoever changes one changes what others have built."""


def digest(folder):
    whole = hashlib.sha256()
    for path in sorted(p for p in folder.rglob("*") if p.suffix in {".py", ".typed"}):
        whole.update(path.relative_to(folder).as_posix().encode() + path.read_bytes())
    return whole.hexdigest()[:16]


@pytest.mark.parametrize("copy", COPIES, ids=lambda p: p.name)
def test_a_copy_is_never_touched(copy):
    """It is what strangers have."""
    assert digest(copy) == AS_BUILT[copy.name]


@pytest.mark.parametrize("copy", COPIES, ids=lambda p: p.name)
def test_what_was_built_against_a_contract_still_measures(project, copy):
    """It loads without a warning, keeps the kit's promises, and a stack uses it."""
    package = copy / "dosimeter_harm_lanterns"
    files = {
        f"{package.name}/{p.relative_to(package)}": p.read_text() for p in package.rglob("*.py")
    }
    entry = "harm-lanterns = dosimeter_harm_lanterns.hooks"
    lay_out(project.path / "site", "dosimeter-harm-lanterns", "0.1.0", entry, files)
    (project.path / "stack.toml").write_text(
        (ROOT / "docs" / "example-plugin" / "stack.toml").read_text()
    )
    env = {"PYTHONPATH": str(project.path / "site")}
    project.run(**env)
    doctor = project.call("plugins", "doctor", check=0, **env)
    checked = project.call("plugins", "check", "category:lanterns", check=0, **env)

    assert "lanterns" not in doctor.stderr
    assert " broken" not in checked.stdout
    assert project.report("lanterns")["complete"]


def outdated():
    """Hooks of which one goes, and a plugin that implements it."""
    specs, plugin = ModuleType("specs"), ModuleType("plugin")

    def dosimeter_harm_scorers():
        return ()

    warning = HookDeprecated("dosimeter_harm_scorers: use dosimeter_raters instead; goes with 0.3")
    specs.dosimeter_harm_scorers = hookspec(warn_on_impl=warning)(dosimeter_harm_scorers)
    plugin.dosimeter_harm_scorers = hookimpl(lambda: ())
    return specs, plugin


def test_a_hook_that_goes_is_told_with_whose_it_is():
    """By pluggy's warning; the plugin works until then."""
    specs, plugin = outdated()
    source = Source(distribution="dosimeter-old", version="1.0")
    found = load([], builtins=[("old", plugin, source)], specs=specs)

    assert found.quarantined == ()
    assert [(o.plugin, str(o.source)) for o in found.outdated] == [("old", "dosimeter-old 1.0")]
    assert "use dosimeter_raters instead" in found.outdated[0].text
