"""Replies that are meant to harm whoever handles them: no exception, inert everywhere, kept unchanged."""

import csv
import random
import re
from collections import Counter

import headless
import pytest
import samples
from hostile_texts import HUGE, LARGE, MARK, text
from hypothesis import HealthCheck, given, settings, strategies as st
from ledger import Ledger, completion
from project import Project, remote
from test_html import ATTRIBUTES, TAGS, Tags
from test_packed import packs
from test_shell import on_terminal

from dosimeter import Case
from dosimeter.cli.common import installed
from dosimeter.inert import safe
from dosimeter.journal.codec import decode_text, encode_text
from dosimeter.model.specs import NoOptions
from dosimeter.sinks.text import FORMULA, cell

REPEATS = 313
"""Of 32 items: as many replies as make ten thousand."""
HTML = '[[sinks]]\nid = "csv"\n'
OURS = re.compile(r"\x1b\[[\d;]*m|\r\x1b\[2K|\r?\n")
"""What the program itself says to a terminal: colours, a line anew, the next line."""
STEERS = re.compile(r"[^\x20-\x7e\xa0-\ud7ff\ue000-\U0010ffff]")
FOREIGN = f"""[...document.querySelectorAll('*')].filter(e => /{MARK}/i.test(e.tagName) ||
    [...e.attributes].some(a => /{MARK}/i.test(a.name + a.value)) ||
    (/^(script|img|a|iframe|object|base|link|form|input)$/i.test(e.tagName)
        && !e.matches('a[href^="#"], main + script:not([src])'))).map(e => e.tagName)"""
"""But for links within the page, and the one script that unpacks what is packed."""
SCRIPT = re.compile("<script>.*?</script>", re.DOTALL)
RAN = "document.documentElement.dataset.ran ?? 'nothing'"


def replies():
    """Give what the server answers, in order, for ever: huge texts among the others."""
    for seed in range(10**6):
        yield (
            HUGE[seed // 1000] if seed % 1000 == 500 and seed < 4000 else text(random.Random(seed))
        )


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Run 10,016 attempts on a server that answers so, all shown; give project, texts and terminal."""
    project = Project(tmp_path_factory.mktemp("hostile"))
    texts, said = replies(), []

    def answer(_):
        said.append(next(texts))
        return 200, completion(said[-1]), {}

    with Ledger(answer) as server:
        project.write(remote(server.url), '["direct"]', run=f"repeats = {REPEATS}", more=HTML)
        told = on_terminal(
            project, 100, "--log-level", "debug", "run", "stack.toml", "--include-hazardous", tables=True
        )  # fmt: skip
    return project, said, told


def kept(project):
    """Give every reply that the journal has, by the standard library alone."""
    rows = project.rows("SELECT text, hex FROM messages WHERE speaker = 'assistant'")
    return Counter(
        said if said is not None else bytes.fromhex(raw).decode("utf-8", "surrogatepass")
        for said, raw in rows
    )


def test_each_of_10000_replies_is_in_the_journal_unchanged(run):
    """Every attempt ends, each answer was paid once, and nothing is lost, mended or cut."""
    project, said, _ = run

    assert len(said) == 32 * REPEATS > 10_000
    assert sum(len(one) >= LARGE for one in said) == len(HUGE)
    assert sum(bool(re.search("[\ud800-\udfff]", one)) for one in said) > 1000
    assert project.rows("SELECT DISTINCT state FROM attempts") == [("done",)]
    assert project.rows("SELECT count(*) FROM tries") == [(len(said),)]
    assert kept(project) == Counter(filter(None, said))


def test_both_raters_have_an_opinion_of_each(run):
    """A mark, or a word why there is none; a rule that broke down would say `error`."""
    project, said, _ = run
    rows = project.rows("SELECT rater, outcome, reason, count(*) FROM marks GROUP BY 1, 2, 3")

    for rater in ("refusal", "actionability"):
        mine = [row for row in rows if row[0] == rater]
        assert sum(n for *_, n in mine) == len(said)
        assert {outcome for _, outcome, _, _ in mine} == {"scored", "unscorable"}
        assert not [reason for _, _, reason, _ in mine if reason.startswith("error")]


@pytest.fixture(scope="module")
def attempts(run):
    """Give the attempts as the JSON report has them."""
    return run[0].report()["attempts"]


def test_json_has_them_as_they_came(run, attempts):
    """Whole, and in ASCII: no byte of a reply stands in the file as it is."""
    project, said, _ = run
    file = (project.folder() / "report.json").read_bytes()

    assert Counter(a["reply"] for a in attempts if a["reply"]) == Counter(filter(None, said))
    assert not re.search(rb"[^\n\x20-\x7e]", file)


def test_csv_is_one_row_each_and_nothing_to_compute(run, attempts):
    """Read again by Python's own reader; text is there, what steers or computes is told by name."""
    project, said, _ = run
    csv.field_size_limit(10**8)
    with (project.folder() / "report.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    by_id = {row["attempt_id"]: row for row in rows}

    assert len(rows) == len(by_id) == len(said)
    for row in rows:
        assert None not in row
        assert None not in row.values()
        assert not [v for v in row.values() if v.startswith(FORMULA)]
        assert not [v for v in row.values() if STEERS.search(v.replace("\n", ""))]
    for one in attempts:
        row, named = by_id[one["attempt_id"]], safe(one["reply"] or "", "\n")
        assert row["reply"] in {named, f"'{named}"}
        assert row["reply"].startswith("'") is (one["reply"] or "").startswith(("'", *FORMULA))


def test_the_terminal_is_told_nothing_of_them(run):
    """Progress, log, tables and notices: but for our own colours, all is printable and no reply's."""
    told = OURS.sub("\n", run[2])

    assert "10016/10016 attempts" in told
    assert told.replace("\n", "").isprintable()
    assert MARK not in told
    assert "DROP TABLE" not in told


def excerpts(attempts):
    """Give what a sink is shown of replies, as many as fit a page at a time."""
    for n in range(0, len(attempts), 1000):
        yield [
            samples.excerpt(reply=a["reply"] or "", evidence=tuple(a["evidence"] or ()))
            for a in attempts[n : n + 1000]
        ]


def test_html_has_no_element_or_attribute_of_a_reply(run, attempts, tmp_path):
    """The page of the run, and pages of all of them, by a parser: all text is escaped and printable."""
    pages = [(run[0].folder() / "report.html").read_text(encoding="utf-8")]
    pages += [
        samples.page(tmp_path, samples.report(), part, attempts=1000, characters=300)
        for part in excerpts(attempts)
    ]
    assert sum(page.count("<script") for page in pages) == sum(
        "<template>" in page for page in pages
    )
    for part in (one for page in pages for one in (SCRIPT.sub("", page), *packs(page))):
        found = Tags(part)
        assert {tag for tag, _ in found.tags} <= {*TAGS.split(), "template"}
        assert set(found.attributes) <= set(ATTRIBUTES.split())
        assert not found.crossed
        assert not found.open
        assert not STEERS.search(re.sub(r"[\n\t]", "", part))
        assert "61725" not in part
    whole = [one for page in pages for one in (page, *packs(page))]
    assert sum(page.count("<blockquote") for page in whole) > 10_000


def test_a_browser_makes_no_element_of_a_reply(run, attempts, tmp_path):
    """Chromium, if there is one: nothing of a reply is an element, runs, or is fetched."""
    if headless.binary() is None:
        pytest.skip("no chromium found: install it, or name it in DOSIMETER_CHROMIUM")
    browser = headless.Chromium(headless.binary(), tmp_path / "profile")
    page = tmp_path / "report.html"
    samples.page(tmp_path, samples.report(), next(excerpts(attempts)), attempts=1000)
    try:
        for one in (run[0].folder() / "report.html", page):
            browser.open(one.as_uri())
            asked = [e["params"]["request"]["url"] for e in browser.events
                     if e["method"] == "Network.requestWillBeSent"]  # fmt: skip
            assert asked == [one.as_uri()]
            browser.value("document.querySelectorAll('.pack').forEach(fold => fold.open = true)")
            browser.until("!document.querySelector('.pack > p')")
            assert browser.value(FOREIGN) == []
            assert browser.value(RAN) == "nothing"
            assert MARK in browser.value("document.body.textContent")
    finally:
        browser.close()


FIELDS = (
    "content",
    "refusal",
    "reasoning",
    "reasoning_content",
    "finish_reason",
    "model",
    "id",
    "role",
)


def test_any_field_of_an_answer_may_be_hostile(project):
    """Names of models, reasons to stop, tools, thoughts, odd types: each attempt ends, all is inert."""

    def answer(body):
        rng = random.Random(len(server.entries))
        made = completion(text(rng))
        choice = made["choices"][0]
        for name in rng.sample(FIELDS, 3):
            odd = rng.choice(
                (text(rng), [text(rng)], {"text": text(rng)}, None, 7, [{"text": text(rng)}])
            )
            place = (
                made
                if name in {"model", "id"}
                else choice
                if name == "finish_reason"
                else choice["message"]
            )
            place[name] = odd
        if rng.random() < 0.3:
            choice["message"]["tool_calls"] = [
                {"id": text(rng), "function": {"name": text(rng), "arguments": text(rng)}}
            ]
        return 200, made, {}

    with Ledger(answer) as server:
        project.write(
            remote(server.url), '["direct"]', run="repeats = 8\nmax_retries = 0", more=HTML
        )
        done = project.call("--log-level", "debug", "run", "stack.toml", "--include-hazardous")
    told = done.stdout + done.stderr

    assert done.returncode in {0, 3}, told
    assert "defect" not in told
    states = dict(project.rows("SELECT state, count(*) FROM attempts GROUP BY 1"))
    assert states["done"] > 200
    assert set(states) <= {"done", "failed"}
    assert told.replace("\n", "").isprintable()
    assert MARK.lower() not in re.findall(
        r"<(\w+)", (project.folder() / "report.html").read_text().lower()
    )
    assert not STEERS.search((project.folder() / "report.csv").read_text().replace("\n", ""))
    again = project.call("report", "t")
    assert again.returncode == done.returncode
    assert again.stdout.replace("\n", "").isprintable()


ANY = st.text(st.characters(categories=None), max_size=80)
"""Of all characters, lone surrogates and those that nobody has assigned among them."""


@pytest.fixture(scope="module")
def rules():
    """Give both raters as they are installed."""
    registry = installed()
    return [registry.build("rater", name, NoOptions()) for name in ("refusal", "actionability")]


@given(reply=ANY, prompt=ANY)
@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_text_is_rated_kept_and_named(rules, reply, prompt):
    """An opinion whose spans lie in the text; the same bytes back; nothing that steers or computes."""
    for rule in rules:
        (opinion,) = rule.rate([Case(reply=reply, prompt=prompt)])
        assert opinion.marks
        assert all(0 <= span.start <= span.end <= len(reply) for span in opinion.evidence)
    assert decode_text(*encode_text(reply)) == reply
    assert safe(reply).isprintable()
    assert not cell(reply).startswith(FORMULA)
