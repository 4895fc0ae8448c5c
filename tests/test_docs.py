"""What the pages say is what the program does: examples run, tables are complete, links resolve."""

import contextlib
import doctest
import importlib
import io
import json
import re
import shlex
import shutil
import sqlite3
import sys
import tomllib
import warnings
from importlib.util import find_spec
from itertools import product

import attrs
import click
import jsonschema
import pytest
import records
import stackpage
import structlog
from pages import ROOT, anchors, blocks, links, prose, rows, sections, texts
from sybil.evaluators.python import PythonEvaluator

import dosimeter
from dosimeter import (
    AttackSpec,
    Capability,
    CategorySpec,
    Measure,
    Message,
    ProviderSpec,
    Reply,
    Request,
    ScorerSpec,
    Stop,
    Usage,
    Want,
)
from dosimeter.cli.common import installed
from dosimeter.cli.main import cli, main
from dosimeter.contrasts import levels_of, undeclared
from dosimeter.journal.events import Event
from dosimeter.journal.schema import prepare
from dosimeter.model.answering import FEW_FAMILIES
from dosimeter.model.questions import unaskable, unbuilt
from dosimeter.schema import json_schema
from dosimeter.sinks.legend import CAVEATS
from dosimeter.stack import resolve
from dosimeter.stack.read import _merge
from dosimeter.testing import Specimen

DOCS = ROOT / "docs"
PACKAGES = [ROOT / "core", *sorted((ROOT / "plugins").glob("dosimeter-*"))]
FRONT = [ROOT / n for n in ("README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md")]
PAGES = [*FRONT, *sorted(DOCS.rglob("*.md")), *(p / "README.md" for p in PACKAGES)]


def name(path):
    return str(path.relative_to(ROOT))


def squeezed(text):
    return re.sub(r"[ \t]+", " ", text)


@pytest.fixture(scope="module")
def registry():
    return installed()


def dosimeter_cli(arguments):
    """Run the command line in this process; give exit code and all output."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        try:
            main(arguments)
        except SystemExit as end:
            code = end.code
        finally:
            structlog.reset_defaults()
            sys.setswitchinterval(0.005)
    return code or 0, out.getvalue()


@pytest.fixture(autouse=True)
def _forgotten(monkeypatch):
    """Functions of a page's stacks are found where that page has them: a process holds one `mybot`."""
    monkeypatch.setattr(sys, "path", [*sys.path])
    yield
    sys.modules.pop("mybot", None)


@pytest.fixture(scope="module")
def first_run(tmp_path_factory):
    """A folder with the quickstart's small stack, run once."""
    folder = tmp_path_factory.mktemp("first")
    (stack,) = [t for _, t in texts(DOCS / "quickstart.md", "toml") if 'name = "first"' in t]
    (folder / "stack.toml").write_text(stack)
    with contextlib.chdir(folder):
        code, out = dosimeter_cli(["run", "stack.toml", "--quiet"])
    assert code == 0, out
    return folder


@pytest.fixture
def world(first_run, tmp_path, monkeypatch):
    """A copy of that folder, as the working directory."""
    folder = tmp_path / "world"
    shutil.copytree(first_run, folder)
    for example in ("guardrail.toml", "mybot.py", "labels.csv"):
        shutil.copy(DOCS / "examples" / example, folder)
    if PUBLIC.is_dir():
        (folder / "data").symlink_to(PUBLIC)
    monkeypatch.chdir(folder)
    monkeypatch.delenv("DOSIMETER_PLUGINS", raising=False)
    monkeypatch.delenv("COLUMNS", raising=False)
    return folder


def test_the_page_on_records_is_what_they_are():
    """Every field of every public record, made of the classes: run tests/records.py after a change."""
    assert (DOCS / "records.md").read_text(encoding="utf-8") == records.page()


def test_records_of_providers_say_what_each_field_is():
    """Whoever writes one has nothing else to go by."""
    for cls in (Reply, Request, Usage, Message, ProviderSpec, Specimen):
        told = records.described(cls.__doc__)[1]
        assert {f.name for f in attrs.fields(cls)} - {"factory"} <= told.keys(), cls
    for choice in (Stop, Capability, Want):
        assert {one.name for one in choice} == records.described(choice.__doc__)[1].keys()


# -- examples -----------------------------------------------------------------------------------

OF_THE_EXAMPLE = {"plugins.md", "testing.md", "publish.md"}
"""Pages on plugins to be written: tests of their own run them."""
PUBLIC = ROOT.parent / "shared" / "data"
"""Public data sets, which are not in this repository."""
OF_PUBLIC_DATA = {"audit-public.md"}
"""Pages that work on them: where they are not there, their examples are not run."""
RUNNABLE = [p for p in PAGES if p.name not in OF_THE_EXAMPLE and "decisions" not in p.parts]
MARK = re.compile(r"exit \d+|output of: dosimeter .+|no rows|of run \w+|not run: .+|\s*")


def examples(path):
    """Give (language, mark, example) of what a page shows, in its order.

    A plugin's README may show Python that is no whole program.
    """
    python = PythonEvaluator()
    languages = ("sql", "console", "text", *(["python"] if "plugins" not in path.parts else []))
    found = [
        (e.region.start, language, said, e)
        for language in languages
        for e, (said, _) in zip(
            blocks(path, language, python if language == "python" else None),
            texts(path, language),
            strict=True,
        )
    ]
    return [rest for _, *rest in sorted(found, key=lambda one: one[0])]


def runs(language, said, example):
    """Whether an example is one that a test can run: by language, or by its mark."""
    if language in {"python", "sql"}:
        return not said.startswith("not run")
    return said.startswith(("exit ", "output of: "))


@pytest.mark.parametrize(
    "path", [p for p in RUNNABLE if any(runs(*e) for e in examples(p))], ids=name
)
def test_examples_run(path, world):
    """Python, SQL and marked console blocks, in the order of the page, do what the page says."""
    if path.name in OF_PUBLIC_DATA and not PUBLIC.is_dir():
        pytest.skip("needs ../shared/data")
    namespace = {}
    for language, said, example in [e for e in examples(path) if runs(*e)]:
        if language == "python" and "import pandas" in example.parsed and not find_spec("pandas"):
            warnings.warn(f"{path.name}: the example with pandas was skipped", stacklevel=1)
            continue
        match language:
            case "python":
                example.namespace = namespace
                example.evaluate()
            case "sql":
                run = said.removeprefix("of run ") if said.startswith("of run ") else "first"
                assert bool(query(world, example.parsed, run)) is (said != "no rows"), (
                    example.parsed
                )
            case "console":
                commands(example.parsed, int(said.removeprefix("exit ")))
            case "text":
                shown(said.removeprefix("output of: "), example.parsed)


def test_the_session_in_the_page_of_statistics_prints_what_it_says():
    """Every number there is what Python gives."""
    page = (DOCS / "statistics.md").read_text(encoding="utf-8")
    session = "\n".join(re.findall(r"```pycon\n(.*?)```", page, re.DOTALL))
    test = doctest.DocTestParser().get_doctest(session, {}, "statistics.md", None, 0)

    assert doctest.DocTestRunner().run(test) == doctest.TestResults(0, len(test.examples))
    assert len(test.examples) >= 20


def test_measures_that_a_page_declares_can_be_asked(registry):
    """Of a category that has the factors of `physical`, beside the attacks that are installed."""
    namespace = {}
    for language, _, example in examples(DOCS / "measures.md"):
        if language == "python":
            example.namespace = namespace
            example.evaluate()
    category = registry.get(CategorySpec, "physical")
    attacks = [registry.get(AttackSpec, name) for name in registry.ids("attack")]
    raters = [registry.get(ScorerSpec, name) for name in registry.ids("rater")]
    known = levels_of([f for spec in (category, *attacks) for f in spec.factors])
    scales = {s.name: s for spec in (category, *raters) for s in spec.scales}
    shown = [one for one in namespace.values() if isinstance(one, Measure)]

    assert len(shown) >= 10
    for measure in shown:
        assert not unaskable(measure, scales[measure.scale]), measure
        assert not unbuilt(measure), measure
        assert not undeclared(measure, known), measure


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_every_command_shown_is_run(path):
    """A block of our commands has a mark that is known: run with its exit code, or why it is not."""
    for language, said, example in examples(path):
        assert MARK.fullmatch(said), said
        if language == "console" and re.search("^dosimeter ", example.parsed, re.MULTILINE):
            assert said.startswith(("exit ", "not run: ")), example.parsed


def query(world, sql, run):
    db = sqlite3.connect(f"file:{world}/runs/{run}/journal.sqlite?mode=ro", uri=True)
    try:
        return db.execute(sql).fetchall()
    finally:
        db.close()


def commands(text, expected):
    for line in text.strip().splitlines():
        program, *arguments = shlex.split(line)
        assert program == "dosimeter", line
        code, out = dosimeter_cli(arguments)
        assert code == expected, f"{line}\n{out}"


def shown(command, text):
    code, out = dosimeter_cli(shlex.split(command)[1:])
    assert code == 0, out
    assert text.strip()
    for line in text.strip().splitlines():
        assert squeezed(line).strip() in squeezed(out), line


def whole(tables):
    return {"targets", "categories", "raters"} <= tables.keys()


@pytest.mark.parametrize("path", RUNNABLE, ids=name)
def test_stacks_are_valid(path, registry):
    """A whole stack as it stands; a fragment within the page's first whole stack.

    Functions that a page names are those of docs/examples.
    """
    found = [tomllib.loads(text) for _, text in texts(path, "toml")]
    (first,) = [
        tomllib.loads(t) for _, t in texts(DOCS / "quickstart.md", "toml") if '"first"' in t
    ]
    base = next((t for t in found if whole(t)), first)
    environ = dict.fromkeys(re.findall(r"\$\{(\w+)\}", path.read_text()), "x" * 16)
    for tables in found:
        if "project" in tables:
            continue
        tables.pop("extends", None)
        merged = tables if whole(tables) else _merge(base, tables, {}, "")
        stack, _ = resolve(
            merged, file=path.name, registry=registry, environ=environ, folder=DOCS / "examples"
        )
        assert stack.targets


@pytest.mark.parametrize("path", sorted(DOCS.glob("examples/*.toml")), ids=name)
def test_example_stacks_are_valid(path, registry):
    """Each stack in docs/examples validates as a user would validate it, and in an editor."""
    code, out = dosimeter_cli(["validate", str(path)])

    assert code == 0, out
    jsonschema.validate(tomllib.loads(path.read_text(encoding="utf-8")), json_schema(registry))


def test_the_demonstration_is_composed_as_promised():
    """Two targets, one of them guarded by a system prompt, four attacks, 16 families, two raters."""
    path = str(DOCS / "examples" / "quickstart.toml")
    plan, checked = (
        json.loads(dosimeter_cli([c, path, "--json"])[1]) for c in ("plan", "validate")
    )
    stack = checked["stack"]
    cells = [(row["target"], row["attack"]) for row in plan["rows"]]
    attacks = ("direct", "role-play", "translation", "multi-turn")

    assert sorted(cells) == sorted(product(("bare", "guarded"), attacks))
    assert {(row["families"], row["attempts"]) for row in plan["rows"]} == {(16, 32)}
    assert plan["attempts"] == 256
    assert [r["choice"]["id"] for r in stack["raters"]] == ["refusal", "actionability"]
    assert [(t["name"], "system_prompt" in t) for t in stack["targets"]] == [
        ("bare", False),
        ("guarded", True),
    ]


GENERATED = 85
"""Tokens a second of the bundled model, all slots together, on one of two quiet cores."""
PLANNED = 4
"""Planned tokens that take as long as a generated one: most replies end long before max_tokens, and
of a prompt only what no slot has read yet is read, at twice that speed."""


@pytest.mark.parametrize(("limited", "seconds"), [([], 360), (["--limit", "4"], 60)])
def test_the_demonstration_takes_no_longer_than_promised(limited, seconds):
    """Whole within six minutes, the short trial within one; held by what is planned."""
    path = str(DOCS / "examples" / "quickstart.toml")
    plan = json.loads(dosimeter_cli(["plan", path, "--json", *limited])[1])

    assert plan["tokens"] <= seconds * GENERATED * PLANNED


# -- completeness -------------------------------------------------------------------------------


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_a_trial_of_too_few_families_is_said_to_give_no_number(path):
    """In the sentence that recommends it."""
    for sentence in re.split(r"(?<=[.;:])\s", squeezed(prose(path))):
        for limit in re.findall(r"--limit (\d+)", sentence):
            assert int(limit) >= FEW_FAMILIES or "no number" in sentence, sentence


def test_the_tables_of_the_page_on_stacks_are_the_schema():
    """docs/stack.md has each key of the core with type, default and meaning, and no other."""
    written = stackpage.PAGE.read_text(encoding="utf-8")

    assert written == stackpage.page(written), "run: uv run python tests/stackpage.py"


def test_a_page_on_stacks_that_lacks_a_table_or_has_another_is_refused():
    """Whoever renames a heading is told, instead of keys that are nowhere."""
    written = stackpage.PAGE.read_text(encoding="utf-8")

    with pytest.raises(ValueError, match="under 'Costs' that no schema fills"):
        stackpage.page(written.replace("## Prices", "## Costs"))
    with pytest.raises(ValueError, match="under 'Prices' that no schema fills"):
        stackpage.page(written.replace("## Executor", f"{stackpage.HEAD}\n## Executor"))
    with pytest.raises(ValueError, match="no table of keys under Executor"):
        stackpage.page(written[: written.index("## Executor")])


def keys(schema, path=""):
    """Place, name and schema of each key of each table within."""
    inner = schema.items() if isinstance(schema, dict) else enumerate(schema)
    table = isinstance(schema, dict) and schema.get("type") == "object"
    for name, one in schema.get("properties", {}).items() if table else ():
        yield f"{path}/{name}", name, one
    for name, one in inner:
        if isinstance(one, dict | list):
            yield from keys(one, f"{path}/{name}")


def test_an_editor_shows_what_every_key_is(registry):
    """Keys of the core and options of every plugin of this repository have a description."""
    found = list(keys(json_schema(registry)))
    ours = {p.source.distribution for p in registry.provided}
    classes = [getattr(p.spec, "options", None) for p in registry.provided]
    options = {a.name for cls in classes if cls for a in attrs.fields(cls)}

    assert ours >= {p.name for p in PACKAGES[1:]}
    assert {name for _, name, _ in found} > options
    assert [place for place, _, one in found if not one.get("description")] == []


def journal_shape(kind):
    db = sqlite3.connect(":memory:")
    prepare(db)
    names = db.execute("SELECT name FROM sqlite_master WHERE type = ?", (kind,)).fetchall()
    return {n: [row[1] for row in db.execute(f'PRAGMA table_info("{n}")')] for (n,) in names}


@pytest.mark.parametrize(("heading", "kind"), [("Views", "view"), ("Tables", "table")])
def test_the_journal_is_documented(heading, kind):
    """docs/journal.md has every view and table with its columns, and no other."""
    table = rows(sections(DOCS / "journal.md")[heading])

    assert {row[0]: row[1].split(", ") for row in table} == journal_shape(kind)


def test_every_kind_of_event_is_documented():
    """In the row of the table `event`, and no other."""
    (said,) = [r[2] for r in rows(sections(DOCS / "journal.md")["Tables"]) if r[0] == "event"]
    named = re.sub(r" \([^)]*\)", "", said).partition(":")[0]

    assert sorted(named.split(", ")) == sorted(Event)


def walk(command, path):
    yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command, info_name=path)
        for sub in command.list_commands(context):
            yield from walk(command.get_command(context, sub), f"{path} {sub}")


def test_every_flag_is_documented():
    """docs/cli.md has every command with its arguments and flags, and no other."""
    page = sections(DOCS / "cli.md")
    for path, command in walk(cli, "dosimeter"):
        if isinstance(command, click.Group) and path != "dosimeter":
            continue
        flags = {p.opts[0] for p in command.params if isinstance(p, click.Option)}
        assert {row[0] for row in rows(page[path])} == flags, path
        usage = [
            (p.metavar or p.name.upper()) if p.required else f"[{p.name.upper()}]"
            for p in command.params if isinstance(p, click.Argument)
        ]  # fmt: skip
        if path != "dosimeter":
            assert f"`{' '.join([path, *usage])}`" in page[path]


def test_every_environment_variable_is_documented():
    """What the core reads from the environment stands on the page."""
    source = "".join(p.read_text() for p in (ROOT / "core" / "src").rglob("*.py"))
    page = prose(DOCS / "cli.md")

    assert [v for v in set(re.findall(r"\bDOSIMETER_[A-Z_]+", source)) if v not in page] == []


def test_completion_can_be_had():
    """The lines for bash, zsh and fish name what click generates."""
    for shell in ("bash", "zsh", "fish"):
        (_, text), *_ = texts(DOCS / "cli.md", shell)
        assert f"_DOSIMETER_COMPLETE={shell}_source" in text
        assert importlib.import_module("click.shell_completion").get_completion_class(shell)


def test_every_caveat_has_words_on_the_console():
    """What docs/measures.md lists is explained below the console's tables, and nothing else."""
    listed = {row[0] for row in rows(sections(DOCS / "measures.md")["Caveats"])}

    assert listed == set(CAVEATS)


def test_every_caveat_and_notice_is_documented():
    """Each code that the analysis names stands in docs/measures.md, and no other."""
    page = sections(DOCS / "measures.md")
    listed = {row[0] for heading in ("Caveats", "Notices") for row in rows(page[heading])}
    core = ROOT / "core/src/dosimeter"
    there = (*(core / "analysis").glob("*.py"), core / "model" / "answering.py")
    source = "".join(p.read_text() for p in there)
    given = set(re.findall(r'Caveat\(\s*code="([\w-]+)"', source))

    assert given
    assert given - listed == set()
    assert [code for code in listed if f'"{code}"' not in source] == []


def test_records_of_the_walk_exist():
    """Each record that docs/decisions/0001 names is in the public face."""
    page = prose(DOCS / "decisions" / "0001-records-and-flows.md")
    named = set(re.findall(r"`([A-Z][a-z]+(?:[A-Z][a-z]+)*)[.`(]", page))

    assert sorted(named - set(dosimeter.__all__)) == []


# -- links and packages -------------------------------------------------------------------------


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_links_resolve(path):
    """Every relative link leads to a file, and every anchor to a heading."""
    for link in links(path):
        if re.match(r"[a-z]+:", link):
            continue
        file, _, anchor = link.partition("#")
        target = (path.parent / file).resolve() if file else path
        assert target.exists(), link
        if anchor:
            assert anchor in anchors(target), link


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_no_page_names_a_machine(path):
    """No absolute path of somebody's computer."""
    assert re.findall(r"(?<![\w.~])/(?:work|tmp|root|home|Users|mnt)/\S*", path.read_text()) == []


def test_the_index_has_every_page():
    """docs/index.md leads to each page, docs/decisions/index.md to each decision."""
    for folder in (DOCS, DOCS / "decisions"):
        here = {p.name for p in folder.glob("*.md")} - {"index.md"}
        assert here <= set(links(folder / "index.md")), here - set(links(folder / "index.md"))


@pytest.mark.parametrize("package", PACKAGES, ids=lambda p: p.name)
def test_packages_are_complete(package, registry):
    """README that names every option, licence, py.typed and tests."""
    project = tomllib.loads((package / "pyproject.toml").read_text())["project"]
    assert project["license"].split(" AND ")[0] == "Apache-2.0"
    assert list(package.glob("src/*/py.typed"))
    assert list(package.glob("tests/**/test_*.py"))
    assert len((package / "README.md").read_text().splitlines()) >= 10
    readme = (package / "README.md").read_text()
    for one in registry.provided:
        if one.source.distribution == package.name:
            options = getattr(one.spec, "options", None)
            for a in attrs.fields(options) if options else ():
                assert re.search(rf"`{a.name}`|\b{a.name} =", readme), f"{one.spec.id}: {a.name}"
