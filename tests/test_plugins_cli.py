"""`dosimeter plugins`: what is installed, what it declares, and what is wrong with it."""

import json
import re

import pytest
from pages import ROOT, rows, sections
from plant import plant

SINK = """
from dosimeter import SinkSpec, hookimpl

@hookimpl
def dosimeter_report_sinks():
    return [SinkSpec(id="twice", summary="s", factory="nowhere:x")]
"""
RATER = """
from dosimeter import Scale, ScaleKind, ScorerSpec, hookimpl

@hookimpl
def dosimeter_harm_scorers():
    scale = Scale(name="any", kind=ScaleKind.REAL, hazard=True, withhold_from=0.0)
    return [ScorerSpec(id="wary", summary="s", factory="nowhere:x", scales=(scale,))]
"""


def test_plugins_can_be_restricted(project):
    """DOSIMETER_PLUGINS; a name that is not there is told by the doctor."""
    one = json.loads(
        project.call("plugins", "list", "--json", DOSIMETER_PLUGINS="dosimeter-sink-html").stdout
    )
    told = project.call("plugins", "doctor", DOSIMETER_PLUGINS="dosimeter-sink-htlm", check=2)

    assert {p["distribution"] for p in one} == {"dosimeter", "dosimeter-sink-html"}
    assert "did you mean 'dosimeter-sink-html'?" in told.stdout


def test_info_shows_what_is_declared(project):
    """Of a category panels and measures, of a rater scale and card, of a provider dated prices."""
    category = project.call("plugins", "info", "physical", check=0).stdout
    rater = project.call("plugins", "info", "refusal", check=0).stdout

    assert "panel factorial:" in category
    assert "measure over-refusal:" in category
    assert "scale refusal (nominal): none, partial, full" in rater
    assert "card: sensitivity" in rater
    attack = project.call("plugins", "info", "foreign-frame", check=0).stdout
    assert "languages around the request; of de, es, fr, it, pt" in attack
    provider = project.call("plugins", "info", "openai", check=0).stdout
    assert "price gpt-4.1-mini: 0.4 a million tokens in, 1.6 out; 2025-04-14" in provider
    assert project.call("plugins", "info", "rater:refusal", check=0).stdout == rater
    package = project.call("plugins", "info", "dosimeter-scorer-refusal", check=0).stdout
    assert package == rater
    assert "did you mean 'refusal'?" in project.call("plugins", "info", "refsal", check=2).stderr


def test_a_limit_of_0_is_a_limit(project, tmp_path):
    """What withholds from 0 on is said to."""
    path = str(plant(tmp_path / "site", "wary", RATER))
    said = project.call("plugins", "info", "wary", check=0, PYTHONPATH=path).stdout

    assert "scale any (real); withholds 0 or more" in said


def test_what_is_wrong_with_plugins_has_one_form(project, tmp_path):
    """As docs/cli.md says, of a plugin that did not load and of two that claim one id alike."""
    for name in ("aaa", "bbb"):
        plant(tmp_path / "site", name, SINK)
    path = str(plant(tmp_path / "site", "broken", "import no_such_module_anywhere\n"))
    said = json.loads(project.call("plugins", "doctor", "--json", check=2, PYTHONPATH=path).stdout)
    told = project.call("plugins", "doctor", check=2, PYTHONPATH=path).stdout
    row = dict(rows(sections(ROOT / "docs" / "cli.md")["JSON"]))["plugins doctor"]

    assert [[p["plugin"] for p in one["plugins"]] for one in said] == [["broken"], ["aaa", "bbb"]]
    keys, inner = re.fullmatch(r"list of (.*) \(list of (.*): .*\)", row).groups()
    for one in said:
        assert set(one) == set(keys.split(", "))
        assert all(set(p) == set(inner.split(", ")) for p in one["plugins"])
    assert told.count("did not load") == 1
    assert "sink 'twice' is provided twice, by aaa (aaa 1.0) and bbb (bbb 1.0)\n" in told
    assert "To do: uninstall one of them, or give yours another id" in told
    assert "To do: mend it if it is yours; else install what is missing" in told


@pytest.mark.parametrize(("body", "told"), [
    ("", "AttributeError"), ("import no_such_module_anywhere\n", "ModuleNotFoundError"),
    ("raise SystemExit\n", "SystemExit"),
    ("import re\nre.match('(a+)+$', 'a' * 60 + '!')\n", "was not imported after 5 seconds"),
])  # fmt: skip
def test_a_plugin_whose_factory_cannot_be_had_is_told_by_doctor(project, tmp_path, body, told):
    """It loads, as its work is behind the factory, and is of no use."""
    site = tmp_path / "site"
    plant(site, "lazy", SINK.replace("nowhere:x", "lazy_work:build"))
    (site / "lazy_work.py").write_text(body)
    said = project.call("plugins", "doctor", check=2, PYTHONPATH=str(site)).stdout

    assert "lazy (lazy 1.0) cannot be used.\n  sink 'twice': factory 'lazy_work:build' " in said
    assert told in said
    assert "mend it if it is yours" in said
