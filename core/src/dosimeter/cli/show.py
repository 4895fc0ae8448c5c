"""``dosimeter runs show``."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dosimeter.cli import complete
from dosimeter.cli.common import as_typed, emit, find_journal
from dosimeter.cli.options import PLACE, runs_dir_option
from dosimeter.model.rating import PERSON
from dosimeter.plural import plural

if TYPE_CHECKING:
    from dosimeter.analysis.glance import Glance, TargetGlance

STACK_FILE = "STACK_FILE"
"""Stands for the stack file in a command to be typed: a journal does not know its name."""
WIDTH = 32
PLAIN = ("name", "created", "dosimeter", "stack_hash", "design_hash", "forked", "limited", "complete",
         "reportable", "planned", "seconds")  # fmt: skip
"""Facts that are a line as they stand."""
PANELS, TARGETS, RATERS, PARTS = "panels", "targets", "raters", "parts"


@click.command(name="show")
@click.argument("run", type=PLACE, shell_complete=complete.runs)
@runs_dir_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(run: Path, runs_dir: Path, as_json: bool) -> int:
    """Show what RUN is and how far it is: no texts."""
    from contextlib import closing

    from dosimeter.analysis.glance import glance
    from dosimeter.journal.damage import reading
    from dosimeter.journal.reader import Reader
    from dosimeter.sinks.plain import plain

    journal = find_journal(run, runs_dir)
    with reading(journal), closing(Reader(journal)) as reader:
        facts = plain(_facts(glance(reader), journal))
    emit(facts, as_json=as_json, text="\n".join(_as_lines(facts)))
    return 0


def _facts(one: "Glance", journal: Path) -> dict[str, Any]:
    """Give the keys of ``--json``."""
    run, state = one.design.run, one.state
    return {
        "name": run.get("name"),
        "created": run.get("created"),
        "dosimeter": run.get("dosimeter"),
        "stack_hash": run.get("stack_hash"),
        "design_hash": run.get("design"),
        "forked": state.forked,
        "limited": state.limited,
        "not_language_models": state.not_language_models,
        "complete": state.complete,
        "reportable": state.reportable,
        "plan_hash": one.plan.hash if one.plan else "",
        "plan_date": one.plan.date if one.plan else "",
        "planned": int(run["planned"]) if "planned" in run else None,
        "attempts": {s.value.replace("-", "_"): n for s, n in one.attempts},
        "sealed": one.sealed,
        "withheld": one.withheld,
        "deleted": one.deleted,
        "seconds": state.seconds if "seconds" in run else None,
        "took": one.took,
        "panels": one.panels,
        "targets": [_settings(t) for t in one.targets],
        "raters": one.raters,
        "parts": one.parts,
        "conflicts": one.conflicts,
        "missing": one.missing,
        "go_on": None if state.complete else _go_on(one, journal),
    }


def _settings(target: "TargetGlance") -> dict[str, Any]:
    """Give a target with its settings as values: they are kept as text."""
    import json

    from dosimeter.sinks.plain import number, plain

    facts: dict[str, Any] = plain(target)
    facts["sampling"] = {name: number(text) for name, text in target.sampling}
    facts["identity"] = {name: json.loads(text) for name, text in target.identity}
    return facts


def _go_on(one: "Glance", journal: Path) -> str:
    """Give the command that goes on with a run, but for the name of its stack file."""
    name, folder = one.design.run.get("name", ""), journal.parent
    limits = {c["limit"] for c in _stack(one).get("categories", ()) if c.get("limit")}
    words = ["run", STACK_FILE]
    if len(limits) == 1 and folder.name == f"{name}-limit-{min(limits)}":
        words += ["--limit", str(min(limits))]
    elif folder.name != name:
        words += ["--set", f"name={folder.name}"]
    if folder.parent != Path("runs"):
        words += ["--runs-dir", str(folder.parent)]
    return as_typed(*words)


def _stack(one: "Glance") -> dict[str, Any]:
    import json

    found: dict[str, Any] = json.loads(one.design.run.get("stack", "{}"))
    return found


def _as_lines(facts: dict[str, Any]) -> Iterator[str]:
    """Put the facts into lines, a name and what it is."""
    yield from (_line(*pair) for pair in _pairs(facts))
    for what in facts["missing"]:
        yield _line("missing", what)
    if facts["go_on"]:
        yield f"To go on, {STACK_FILE} being the stack file that it was begun with:"
        yield f"  {facts['go_on']}"


def _line(name: str, value: object) -> str:
    words = {"None": "unknown", "True": "yes", "False": "no"}
    return f"{name:{WIDTH}} {words.get(str(value), value)}"


def _pairs(facts: dict[str, Any]) -> Iterator[tuple[str, object]]:
    for name in PLAIN:
        yield name.replace("_", " "), facts[name]
    date, digits = facts["plan_date"], facts["plan_hash"]
    yield "plan", f"frozen {date}, sha256 {digits}" if digits else "none"
    yield "not language models", ", ".join(facts["not_language_models"]) or "none"
    for state, n in facts["attempts"].items():
        if n:
            yield f"attempts {state.replace('_', ' ')}", n
    for what in ("sealed", "withheld", "deleted"):
        yield f"replies {what}", facts[what]
    yield from _took(facts["took"])
    for what, tell in ((PANELS, _panel), (TARGETS, _target), (RATERS, _rater), (PARTS, _part)):
        yield from map(tell, facts[what])
    yield from (("conflict of merging", one) for one in facts["conflicts"])


def _took(took: dict[str, Any]) -> Iterator[tuple[str, object]]:
    yield "requests", took["requests"]
    tokens = [took["tokens_in"], took["tokens_out"]]
    said = "unknown" if None in tokens else f"{tokens[0]}, {tokens[1]} as far as providers said"
    yield "tokens in, out", said
    yield "money", None if took["money"] is None else f"{took['money']:.4f}"
    yield "asked", f"{took['first']} to {took['last']}" if took["first"] else "nothing yet"


def _panel(p: dict[str, Any]) -> tuple[str, str]:
    how = f"{plural(p['items'], 'item')}, families {p['families']}, items hash {p['items_hash']}"
    return f"panel {p['category']}", f"{p['panel']}, version {p['version']}: {how}"


def _target(t: dict[str, Any]) -> tuple[str, str]:
    names = ", ".join(t["returned_models"]) or "unknown"
    kind = "" if t["language_model"] else ", not a language model"
    prompt = t["system_prompt_hash"]
    drawn = ", ".join(
        f"{n.replace('_', ' ')} {'unknown' if v is None else v}" for n, v in t["sampling"].items()
    )
    return f"target {t['name']}", (
        f"{t['provider']}/{t['model']}{kind}, answered as {names}, {drawn},"
        f" {f'system prompt sha256 {prompt}' if prompt else 'no system prompt'},"
        f" {plural(t['calls'], 'answer')}, id {t['id']}"
    )


def _rater(r: dict[str, Any]) -> tuple[str, str]:
    votes = f", {r['votes']} votes" if r["votes"] > 1 else ""
    waited = "" if r["counts"] or r["kind"] == PERSON else ", no longer in the stack"
    told = f"{r['kind']}, revision {r['revision']}{votes}, {plural(r['ratings'], 'rating')}{waited}"
    return f"rater {r['name']}", f"{told}, id {r['id']}"


def _part(p: dict[str, Any]) -> tuple[str, str]:
    return (
        f"files of {p['kind']} {p['id']}",
        f"{p['distribution']} {p['version']} {p['files_hash']}",
    )
