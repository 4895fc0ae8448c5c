"""Text of panels that are not public: in memory and on the wire, and nowhere else."""

import base64
import html
import json
import re

import pytest
from ledger import Ledger, completion
from markers import places
from pages import ROOT, sections
from plant import plant
from project import wait_until

from dosimeter import Mark, Opinion, Scale, ScaleKind, VoteRefused, make_seal
from dosimeter.journal import cast_vote, declare_person, ratable

SECRET, OTHER = "a-secret-of-some-length-1", "a-secret-of-some-length-2"
MARKERS = {
    "opening": 'Opening7Q "éł" heron',
    "system": 'System7Q "éł" otter',
    "reference": 'Reference7Q "éł" badger',
    "goal": 'Goal7Q "éł" weasel',
    "script": 'Script7Q "éł" ferret',
    "translation": 'Translation7Q "éł" stoat',
}
"""What is hidden. Quotes and accents, so that no form of it is another."""
PLUGIN = f"""
import random
from attrs import frozen
from dosimeter import *

M = {MARKERS!r}

class Hidden:
    def items(self, panel):
        for n in range(4):
            yield Item(
                id=f"fable/{{n}}", opening=(system(f"{{M['system']}} {{n}}"), user(f"{{M['opening']}} {{n}}")),
                intent=Intent.BENIGN if n % 2 else Intent.HARMFUL, family=f"f{{n}}", category="fable",
                goal=f"{{M['goal']}} {{n}}", label=Label.HELD_OUT,
                reference=Reference(schema="x", value=M["reference"].encode()),
                translations=(Translation(language="eo", text=M["translation"]),),
                provenance=Provenance(source="test", licence="Apache-2.0"))

class Scripted:
    def variants(self, item):
        (foreign,) = item.translations
        lines = (item.opening[-1], user(M["script"]), user(foreign.text))
        yield Variant(attack="twice", key="twice@" + foreign.language, script=tuple(Line(message=m) for m in lines))

class Telling:
    # Says a word of the text wherever it is let.
    def variants(self, item):
        said = item.opening[-1].text.split()[0]
        about = item.translations[0].text.split()[0]
        yield Variant(attack="telling", key=said, factors=(("about", about), ("manner", "plain")))
        yield Variant(attack="telling", key="plain", factors=(("about", about), ("manner", "plain")))
    def bound(self, item, variant):
        return Bound(asks=((Role.TARGET, 1),))
    def play(self, goal, variant, rng):
        said = goal.conversation[-1].text.split()[0]
        notes = (Note(kind=said, by=said), Note(kind="told", by="telling"))
        yield (Ask(id="a", role=Role.TARGET, conversation=goal.conversation, notes=notes),)
        return (Candidate(leaf="a"),)

class Raises:
    def variants(self, item):
        raise ValueError(item.opening[-1].text)

class Searcher:
    def variants(self, item):
        yield Variant(attack="loud", key="loud")
    def bound(self, item, variant):
        return Bound(asks=((Role.TARGET, 1),))
    def play(self, goal, variant, rng):
        yield (Ask(id=goal.conversation[-1].text, role=Role.TARGET,
                   conversation=goal.conversation),)
        raise ValueError(goal.conversation[-1].text)

class Quoting:
    def rate(self, case, rng):
        (reply,) = yield (Ask(id=case.reply, role=Role.JUDGE,
                              conversation=(user("Judge: " + case.reply),)),)
        return Opinion(
            marks=(Mark(scale="kind", value=1),
                   Mark(scale="other", outcome=Outcome.UNSCORABLE, reason=reply.text)),
            rationale="It says: " + case.reply + reply.text, evidence=(Span(start=0, end=9),))

class Word:
    def rate(self, cases):
        return [Opinion(marks=(Mark(scale="word", outcome=Outcome.UNSCORABLE,
                                    reason=c.reply.split()[-2]),)) for c in cases]

class Crashing:
    def rate(self, cases):
        raise RuntimeError(cases[0].reply)

def fable(o): return Hidden()
def twice(o): return Scripted()
def telling(o): return Telling()
def word(o): return Word()
def raises(o): return Raises()
def loud(o): return Searcher()
def quoting(o): return Quoting()
def crashing(o): return Crashing()

KIND = Scale(name="kind", kind=ScaleKind.ORDINAL, levels=(Level(value=1, name="a", rule="RULE7Q"), Level(value=2, name="b")))
OTHER = Scale(name="other", kind=ScaleKind.BOOLEAN)
WORD = Scale(name="word", kind=ScaleKind.BOOLEAN)
THIRD = Scale(name="third", kind=ScaleKind.BOOLEAN)

@hookimpl
def dosimeter_harm_categories():
    return [CategorySpec(id="fable", summary="s", factory="fable_pack:fable", version="1",
                         panels=(PanelInfo(name="p", summary="s"),))]

@hookimpl
def dosimeter_attack_generators():
    return [AttackSpec(id="twice", summary="s", factory="fable_pack:twice"),
            AttackSpec(id="telling", summary="s", factory="fable_pack:telling", search=True,
                       notes=("told",), factors=(Factor(name="about", role=FactorRole.NOTE),
                                                 Factor(name="manner", role=FactorRole.NOTE))),
            AttackSpec(id="raises", summary="s", factory="fable_pack:raises"),
            AttackSpec(id="loud", summary="s", factory="fable_pack:loud", search=True)]

@hookimpl
def dosimeter_harm_scorers():
    return [
        ScorerSpec(id="quoting", summary="s", factory="fable_pack:quoting", scales=(KIND, OTHER),
                   judge=True, roles=(Role.JUDGE,)),
        ScorerSpec(id="word", summary="s", factory="fable_pack:word", scales=(WORD,)),
        ScorerSpec(id="crashing", summary="s", factory="fable_pack:crashing", scales=(THIRD,))]
"""
STACK = """
name = "{name}"
[targets.t]
model = "openai/any"
base_url = "{url}"
[endpoints.j]
model = "openai/judge"
base_url = "{url}"
[[categories]]
id = "fable"
{seal}
attacks = {attacks}
[[raters]]
id = "quoting"
roles = {{ judge = "j" }}
[[raters]]
id = "crashing"
[[raters]]
id = "word"
[[raters]]
id = "refusal"
[[sinks]]
id = "json"
[[sinks]]
id = "html"
[run]
max_connections = 2
"""
SEAL = 'seal = "${PANEL}"'
BROKEN = 3
"""Exit code: the rater `crashing` marks nothing, so no run is complete."""


def echo(body):
    """A target that says everything again."""
    return 200, completion(" / ".join(m["content"] for m in body["messages"])), {}


@pytest.fixture
def sealed(project, tmp_path):
    """A project with a category of hidden items, and plugins that do not keep their mouths shut."""
    folder = plant(tmp_path / "site", "fable-pack", PLUGIN)
    project.env |= {"PYTHONPATH": str(folder), "PANEL": SECRET}
    project.site = folder
    return project


def write(project, url, name="t", seal=SEAL, attacks='["direct", "twice", "loud"]'):
    text = STACK.format(name=name, url=url, seal=seal, attacks=attacks)
    (project.path / "stack.toml").write_text(text)
    return project


def leaks(project, output=""):
    """Where a marker stands: in any file of the project, or in what it printed."""
    return places(project, MARKERS, output)


WRITTEN = {
    "raw": str.encode,
    "JSON": lambda text: json.dumps(text).encode(),
    "JSON in UTF-8": lambda text: json.dumps(text, ensure_ascii=False).encode(),
    "HTML": lambda text: html.escape(text).encode(),
    "UTF-16": lambda text: text.encode("utf-16"),
    "UTF-16, big end first": lambda text: text.encode("utf-16-be"),
    "hex": lambda text: text.encode().hex().encode(),
    "base64": lambda text: base64.b64encode(text.encode()),
    "base64, one later": lambda text: base64.b64encode(f"~{text}".encode()),
    "base64, two later": lambda text: base64.b64encode(f"~~{text}".encode()),
}


@pytest.mark.parametrize("write", WRITTEN.values(), ids=WRITTEN)
def test_the_search_for_markers_finds_each_form(project, tmp_path, write):
    """A check that cannot fail would prove nothing: each form is found, and is no other one."""
    project.site = tmp_path / "nowhere"
    for name, marker in MARKERS.items():
        (tmp_path / f"{name}.bin").write_bytes(write(f"It says: {marker}, and so on."))

    assert leaks(project) == [f"{name} in {name}.bin" for name in MARKERS]


@pytest.mark.parametrize("form", ["raw", "JSON", "JSON in UTF-8", "HTML", "hex", "base64"])
def test_the_search_for_markers_finds_each_form_in_what_is_printed(project, tmp_path, form):
    """A log in JSON does not say it as a message does."""
    project.site = tmp_path / "nowhere"

    assert leaks(project, WRITTEN[form](f"It says: {MARKERS['goal']}").decode()) == ["goal printed"]


def test_hidden_text_is_in_no_file_and_no_output(sealed):
    """Echoed by the target, quoted by the judge, raised by plugins: nowhere in the clear."""
    with Ledger(echo) as server:
        write(sealed, server.url)
        done = sealed.call(
            "--log-level", "debug", "run", "stack.toml", "--include-hazardous", check=None
        )
        sent = " ".join(m["content"] for body in server.bodies for m in body["messages"])
    shown = sealed.call("report", "t", "--json", "--include-hazardous").stdout
    report = json.loads(shown)
    states = dict(sealed.rows("SELECT attack || ' ' || state, count(*) FROM attempts GROUP BY 1"))

    assert all(MARKERS[name] in sent for name in ("opening", "system", "script", "translation"))
    assert states == {"direct done": 4, "twice done": 4, "loud failed": 4}
    assert {a["withheld"] for a in report["attempts"]} == {"sealed panel"}
    assert {a["variant"] for a in report["attempts"]} == {"direct", "twice@eo"}
    assert len(report["attempts"]) == 8
    assert leaks(sealed, done.stdout + done.stderr + shown) == []


def test_no_word_of_hidden_text_is_a_name(sealed):
    """Variant keys, factors, kinds of notes and reasons that a plugin makes of it are not kept."""

    def name_of_model(body):
        said = body["messages"][-1]["content"].split()
        return 200, completion(" ".join(said)) | {"model": " ".join(said), "id": " ".join(said)}, {}

    with Ledger(name_of_model) as server:
        write(sealed, server.url, attacks='["telling"]').run(check=BROKEN)
    shown = sealed.call("report", "t", "--json", "--include-hazardous").stdout
    said = MARKERS["opening"].split() + MARKERS["translation"].split()
    files = [p for p in sealed.path.rglob("*") if p.is_file() and sealed.site not in p.parents]
    attempts = json.loads(shown)["attempts"]

    assert not [(w, p.name) for w in said for p in files if w.encode() in p.read_bytes()]
    assert not [w for w in said if w in shown]
    assert sealed.rows("SELECT count(DISTINCT variant) FROM attempts") == [(2,)]
    assert {"plain"} < {a["variant"] for a in attempts}
    assert {dict(a["factors"])["manner"] for a in attempts if a["variant"] == "plain"} == {"plain"}
    assert {tuple(a["notes"]) for a in attempts} == {("told", "unclear")}
    assert sealed.rows("SELECT DISTINCT kind, by FROM note ORDER BY 1") == [
        ("told", "telling"), ("unclear", "unclear")
    ]  # fmt: skip
    assert sealed.rows("SELECT DISTINCT reason FROM marks WHERE rater = 'word'") == [("unclear",)]
    assert sealed.rows("SELECT DISTINCT model FROM calls") == [("unclear",)]


def test_what_stands_in_the_clear_beside_hidden_text_is_named_in_the_page_of_the_journal(sealed):
    """The words of rubrics are told of without a secret, so that nobody takes them for sealed."""
    with Ledger(echo) as server:
        write(sealed, server.url, attacks='["direct"]').run(check=BROKEN)
    ((body,),) = sealed.rows("SELECT body FROM rater WHERE name = 'quoting'")
    said = sections(ROOT / "docs" / "journal.md")["What is text"]

    assert "RULE7Q" in body
    assert "In the clear are" in said
    assert "the words of rubrics" in said.partition("In the clear are")[2].replace("\n", " ")


def test_a_name_that_quotes_hidden_text_is_refused(sealed):
    """Ids and families are in the clear: one with three words of the text is no name."""
    module = sealed.site / "fable_pack.py"
    module.write_text(
        module.read_text().replace('family=f"f{n}"', 'family="opening7q-éł-heron-" + str(n)')
    )
    with Ledger(echo) as server:
        refused = write(sealed, server.url, attacks='["direct"]').run(check=2).stderr

        assert server.entries == []
    assert "the family of an item that is held-out quotes 3 words of its text" in refused
    assert "heron" not in refused


def test_hidden_text_survives_a_kill_unseen(sealed):
    """A kill -9 in mid-run: write-ahead log and all, then the same command goes on."""
    with Ledger(echo, latency=0.05) as server:
        write(sealed, server.url, attacks='["direct", "twice"]')
        process = sealed.start("--quiet")
        wait_until(process, lambda: len(server.entries) >= 7)
        process.kill()
        process.wait()

        assert leaks(sealed) == []
        assert sealed.rows("SELECT count(*) FROM calls")[0][0] > 0
        sealed.run(check=BROKEN)
        again = len(server.entries) - len({key for _, key, _ in server.entries})

    assert again <= 3 * 2
    assert sealed.rows("SELECT DISTINCT state FROM attempts") == [("done",)]
    assert leaks(sealed) == []


def test_two_secrets_share_no_digest(sealed):
    """One text under two secrets: no id, no digest and no bytes in common."""
    with Ledger(echo) as server:
        write(sealed, server.url, attacks='["direct"]').run(check=BROKEN)
        write(sealed, server.url, name="u", attacks='["direct"]')
        sealed.run(check=BROKEN, PANEL=OTHER)
    digests = "SELECT hex(digest) FROM blob WHERE codec = 'sealed'"
    ids = "SELECT hex(id) FROM attempt UNION SELECT hex(request_digest) FROM call UNION SELECT hex(stimulus) FROM item"
    for sql in (digests, ids, "SELECT hex(bytes) FROM blob WHERE codec = 'sealed'"):
        one, two = sealed.rows(sql), sealed.rows(sql, "u")

        assert len(one) == len(two) > 0
        assert not set(one) & set(two)


def test_hidden_items_without_a_secret_are_refused(sealed):
    """Before any call; so are a secret in the file, a short one and a missing one."""
    with Ledger(echo) as server:
        without = write(sealed, server.url, seal="").run(check=2).stderr
        written = write(sealed, server.url, seal='seal = "plainly-in-the-file"').run(check=2).stderr
        short = write(sealed, server.url).run(check=2, PANEL="short").stderr
        missing = write(sealed, server.url, seal='seal = "${NOBODY}"').run(check=2).stderr

        assert server.entries == []
    assert 'add seal = "${NAME}" to [[categories]]' in without
    assert "a secret is written out" in written
    assert "at least 16" in short
    assert "the environment has no NOBODY" in missing


def test_another_secret_cannot_go_on_with_a_run(sealed):
    """Its ids would be others: the change is named, not run over."""
    with Ledger(echo) as server:
        write(sealed, server.url, attacks='["direct"]').run(check=BROKEN)
        refused = sealed.run(check=2, PANEL=OTHER)

    assert "begun with another design" in refused.stderr
    assert SECRET not in refused.stderr
    assert OTHER not in refused.stderr


def test_sealed_replies_are_rated_only_by_who_holds_the_secret(sealed):
    """Without it they are left unrated, and counted; never unscorable, never safe."""
    with Ledger(echo) as server:
        write(sealed, server.url, attacks='["direct"]').run(check=BROKEN)
    left = sealed.call("score", "t", "--rater", "actionability")
    before = sealed.rows("SELECT count(*) FROM marks WHERE rater = 'actionability'")[0][0]
    rated = sealed.call("score", "t", "--rater", "actionability", "--seal", "fable=PANEL")

    assert "4 attempts were left" in left.stderr
    assert before == 0
    assert "4 attempts rated" in rated.stderr
    assert sealed.rows("SELECT count(*) FROM marks WHERE rater = 'actionability'")[0][0] == 4


def test_a_plugin_that_raises_with_the_prompt_in_its_message(sealed):
    """The message names the plugin and the kind of fault, not what it said."""
    with Ledger(echo) as server:
        done = write(sealed, server.url, attacks='["raises"]').run(check=2)

    told = r"attack 'raises' of fable-pack 1\.0, item 'fable/0', raised ValueError at \S+:\d+"
    assert re.search(told, done.stderr)
    assert leaks(sealed, done.stdout + done.stderr) == []


@pytest.mark.parametrize("error", ["PlanError", "Stopping", "SystemExit"])
def test_a_plugin_that_raises_one_of_our_errors_is_told_by_its_type(sealed, error):
    """Our errors are printed with their words, but not if a plugin made them."""
    module = sealed.site / "fable_pack.py"
    text = module.read_text().replace("ValueError(", f"{error}(")
    text = text.replace(
        "        return Opinion(\n",
        f"        raise {error}(case.reply)\n        return Opinion(\n",
        1,
    )
    module.write_text(text)
    with Ledger(echo) as server:
        loud = write(sealed, server.url, attacks='["loud"]').run(check=3)
        judged = write(sealed, server.url, name="u", attacks='["direct"]').run(check=BROKEN)
        planned = write(sealed, server.url, name="v", attacks='["raises"]').run(check=2)

    said = "".join(done.stdout + done.stderr for done in (loud, judged, planned))
    assert f"attack 'loud' of fable-pack 1.0 raised {error}" in loud.stderr
    assert f"raised {error} at fable_pack:" in planned.stderr
    assert sealed.rows("SELECT DISTINCT state, reason FROM attempts") == [
        ("failed", f"attack:{error}")
    ]
    assert sealed.rows("SELECT DISTINCT reason FROM marks WHERE rater = 'quoting'", "u") == [
        (f"error:{error}",)
    ]
    assert leaks(sealed, said) == []


def test_a_persons_words_about_sealed_text_are_sealed(sealed):
    """A rationale may quote: without the seal it is refused, with it it is encrypted."""
    with Ledger(echo) as server:
        write(sealed, server.url, attacks='["direct"]').run(check=BROKEN)
    journal = sealed.folder() / "journal.sqlite"
    person = declare_person(journal, "ada", (Scale(name="fit", kind=ScaleKind.BOOLEAN),))
    subject = next(ratable(journal)).subject_id
    words = Opinion(
        marks=(Mark(scale="fit", value=True),), rationale=f"It says {MARKERS['opening']}"
    )

    with pytest.raises(VoteRefused, match="give its seal"):
        cast_vote(journal, rater_id=person, subject_id=subject, opinion=words)
    cast_vote(
        journal, rater_id=person, subject_id=subject, opinion=words, seal=make_seal("fable", SECRET)
    )

    assert sealed.rows("SELECT num FROM marks WHERE scale = 'fit'") == [(1.0,)]
    assert leaks(sealed) == []


def test_the_cache_never_sees_a_sealed_answer(sealed):
    """Neither the target's nor a judge's; the same run under another name is asked anew."""
    with Ledger(echo) as server:
        write(sealed, server.url, attacks='["direct"]')
        sealed.run("--cache-days", "7", check=BROKEN)
        first = len(server.bodies)
        sealed.run("--cache-days", "7", "--set", "name=u", check=BROKEN)

    assert len(server.bodies) == 2 * first
    assert list((sealed.path / "kept").iterdir())
    assert leaks(sealed) == []
    assert json.loads(sealed.call("cache", "info", "--json", check=0).stdout)["answers"] == 0
