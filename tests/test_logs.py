"""What no log and no trace shows: prompts, replies, secrets; and where else they are in no file."""

import pytest
from ledger import Ledger, completion
from markers import places
from plant import plant
from project import NEVER, remote, simulated

from dosimeter_provider_simulated.texts import LEVELS

KEY = "sk-MARKER-5511"
MARKERS = {"prompt": 'Prompt7Q "éł" heron', "reply": 'Reply7Q "éł" otter'}
JOURNAL = ("journal.sqlite", "journal.sqlite-wal")
SHOWN = {f"{name} in {file}" for name in MARKERS for file in JOURNAL} | {
    f"prompt in {file}" for file in ("report.json", "report.html", "r.csv")
}
"""Where texts may stand: a report shows prompts of open items, and no reply that is withheld."""
PACK = f"""
from dosimeter import *

PROMPT = {MARKERS["prompt"]!r}

def fail(text):
    # As a library does that wants to be of help.
    exc = ERROR(f"cannot ask {{text}}")
    exc.add_note(f"while asking {{text}}")
    try:
        raise LookupError(text)
    except LookupError as cause:
        cause.add_note(text)
        raise exc from cause

class Asks:
    def variants(self, item):
        yield Variant(attack="asks", key="k", script=(Line(message=user(PROMPT)),))

class Raises:
    def variants(self, item):
        fail(PROMPT)

class Loud:
    def variants(self, item):
        yield Variant(attack="loud", key="k")
    def bound(self, item, variant):
        return Bound(asks=((Role.TARGET, 1),))
    def play(self, goal, variant, rng):
        (reply,) = yield (Ask(id="a", role=Role.TARGET, conversation=(user(PROMPT),)),)
        fail(PROMPT + reply.text)

class Crashing:
    def rate(self, cases):
        fail(cases[0].prompt + cases[0].reply)

class Broken:
    async def generate(self, request):
        fail(request.conversation[-1].text)
    async def aclose(self): ...

class Bursting:
    def write(self, report, evidence, out):
        fail(PROMPT)

def asks(o): return Asks()
def raises(o): return Raises()
def loud(o): return Loud()
def crashing(o): return Crashing()
def broken(model, o): return Broken()
def bursting(o): return Bursting()

MADE = "marked_pack:{{}}".format

@hookimpl
def dosimeter_attack_generators():
    return [AttackSpec(id=name, summary="s", factory=MADE(name), search=name == "loud")
            for name in ("asks", "raises", "loud")]

@hookimpl
def dosimeter_harm_scorers():
    return [ScorerSpec(id="crashing", summary="s", factory=MADE("crashing"),
                       sees=frozenset({{Sees.PROMPT, Sees.REPLY}}),
                       scales=(Scale(name="odd", kind=ScaleKind.BOOLEAN),))]

@hookimpl
def dosimeter_model_providers():
    return [ProviderSpec(id="broken", summary="s", factory=MADE("broken"))]

@hookimpl
def dosimeter_report_sinks():
    return [SinkSpec(id="bursting", summary="s", factory=MADE("bursting"))]
"""


@pytest.fixture
def marked(project, tmp_path):
    """Give a project with plugins that ask with a marker, and raise what quotes it."""

    def go(error="ValueError"):
        project.site = plant(tmp_path / "site", "marked-pack", f"{PACK}\nERROR = {error}\n")
        project.env["PYTHONPATH"] = str(project.site)
        return project

    return go


def told(project, form, check, *args):
    """Run with all that is said of a run; give it."""
    options = ("--debug", "--log-level", "debug", "--log-format", form)
    done = project.call(*options, "run", "stack.toml", *args, check=check, MY_KEY=KEY)
    return done.stdout + done.stderr


def leaks(project, said):
    """Say where a text stands that may not be there, or the key anywhere."""
    return {*places(project, MARKERS | {"key": KEY}, said)} - SHOWN


@pytest.mark.parametrize("form", ["text", "json"])
def test_prompts_and_replies_are_in_no_log_and_what_is_withheld_is_in_no_file(marked, form):
    """Console, progress and debug log carry ids, never text; of files only the journal has it all."""
    project = marked()
    with Ledger(lambda _: (200, completion(f"{LEVELS[-1]} {MARKERS['reply']}"), {})) as server:
        project.write(remote(server.url) + 'api_key = "${MY_KEY}"\n', '["asks"]')
        said = told(project, form, 0, "-o", "r.csv")
    asked = {m["content"] for body in server.bodies for m in body["messages"]}

    assert asked == {MARKERS["prompt"]}
    assert server.headers[0]["Authorization"] == f"Bearer {KEY}"
    assert project.report()["withheld"] == 32
    assert {"prompt in journal.sqlite", "reply in journal.sqlite"} <= {*places(project, MARKERS)}
    assert leaks(project, said) == set()


@pytest.mark.parametrize("form", ["text", "json"])
def test_an_endpoint_that_quotes_what_it_refuses_is_not_repeated(marked, form):
    """Neither the prompt nor the key of the request, which its message says again."""
    words = f"{KEY} may not ask {MARKERS['prompt']}"
    project = marked()
    with Ledger(lambda _: (400, {"error": {"message": words, "code": words}}, {})) as server:
        project.write(remote(server.url) + 'api_key = "${MY_KEY}"\n', '["asks"]')
        said = told(project, form, 3)

    assert project.rows("SELECT DISTINCT state FROM attempts") == [("failed",)]
    assert leaks(project, said) == set()


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize("error", ["ValueError", "PlanError"])
def test_no_trace_shows_the_words_or_the_notes_of_a_plugins_exception(marked, error, form):
    """An attack at the plan and in play, a rater, a provider: told by type, also under --debug."""
    project = marked(error)
    with Ledger(lambda _: (200, completion(f"{LEVELS[-1]} {MARKERS['reply']}"), {})) as server:
        target = remote(server.url) + '[targets.broken]\nmodel = "broken/x"\n'
        crashing = '[[raters]]\nid = "crashing"'
        said = told(project.write(target, '["asks", "loud"]', more=crashing), form, 3)
        states = set(project.rows("SELECT DISTINCT target, attack, state, reason FROM attempts"))
        marks = project.rows("SELECT DISTINCT reason FROM marks WHERE rater = 'crashing'")
        project.write(target, '["raises"]', more=crashing)
        planned = told(project, form, 2, "--set", "name=u")

    assert states >= {
        ("remote", "asks", "done", ""), ("remote", "loud", "failed", f"attack:{error}")
    }  # fmt: skip
    assert {state for target, _, state, _ in states if target == "broken"} == {"failed"}
    assert marks == [(f"error:{error}",)]
    assert "plugin.fault" in said
    assert "Traceback" in planned
    assert f"raised {error}" in planned
    assert leaks(project, said + planned) == set()


def test_the_trace_of_a_defect_shows_neither_words_nor_notes(marked):
    """A sink that raises ends the command: the trace names types and places."""
    project = marked()
    project.write(simulated(NEVER), '["asks"]', more='[[sinks]]\nid = "bursting"')
    said = told(project, "text", 3)

    assert all(word in said for word in ("Traceback", "LookupError", "ValueError", "in fail"))
    assert leaks(project, said) == set()
