"""A stack to start from, guessed from a file's columns; a person reads it before it is run."""

import json
import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from dosimeter import StackError
from dosimeter.language import language_of
from dosimeter_harm_file.cells import splits, texts_in
from dosimeter_harm_file.decode import encoding_of
from dosimeter_harm_file.headers import USUAL, guessed, headless
from dosimeter_harm_file.intents import intent_lines
from dosimeter_harm_file.meant import of_harmful
from dosimeter_harm_file.read import OTHERWISE, SUFFIXES, read
from dosimeter_harm_file.table import Table
from dosimeter_harm_file.targets import installed, targets
from dosimeter_harm_file.words import form, shown

MOST_PARTS = 8
"""Parts of the file whose language is looked at."""
STACK = """\
# Written from {name}: {rows} rows. Read it, then `dosimeter validate`, `plan` and `run` it.
name = "{run}"

{targets}
[[categories]]
id = "file"
path = {path}
# policy = "policy.md"              # your policy in words: what judges and people hold replies to
{encoding}{columns}{unused}{intent}{language}{factors}attacks = ["direct"]

[[raters]]
id = "refusal"

[run]
seed = 1
# accept_judge_measured = true      # for gates: nothing corrects this rater

[[sinks]]
id = "json"

[[sinks]]
id = "html"

# A gate turns the exit code to 1 (failed) or 4 (the evidence cannot decide).
# [[gates]]
# measure = "over-refusal"
# at_most = 0.2
"""


def start(path: Path, written: str) -> str:
    """Give a stack for the file at *path*; empty if its name is of no kind that requests are kept in.

    Args:
        path: Of the file.
        written: How the stack is to call it.

    Raises:
        StackError: If it cannot be read.
    """
    if path.suffix.lower() not in (*SUFFIXES, *OTHERWISE):
        return ""
    encoding = "utf-8" if path.suffix.lower() == ".parquet" else encoding_of(path.read_bytes())
    table = read(path, encoding)
    found = guessed(table)
    return STACK.format(
        name=path.name if path.name.isprintable() else "a file", rows=len(table.rows), path=_quoted(written),
        run=re.sub(r"[^\w-]+", "-", path.stem).strip("-") or "own", targets=targets(installed()),
        encoding=_encoding(encoding), columns=_asked(table, found) + _columns(found),
        unused=_unused(table, found),
        intent=intent_lines(table, found, USUAL["intent"]), language=_language(table, found),
        factors=_factors(table, found),
    )  # fmt: skip


def _encoding(encoding: str) -> str:
    note = "# it is no UTF-8: are its letters right so?"
    return "" if encoding == "utf-8" else f'encoding = "{encoding}"                 {note}\n'


def _language(table: Table, found: Mapping[str, str]) -> str:
    """Say what most requests are in, where it is not English."""
    texts = [row.cells[found["prompt"]] for row in table.rows if found.get("prompt") in row.cells]
    if "language" in found or not texts:
        return ""
    step = max(len(texts) // MOST_PARTS, 1)
    parts = [" ".join(texts[i : i + step]) for i in range(0, len(texts), step)]
    try:
        (most, _), *_ = Counter(map(language_of, parts)).most_common()
    except StackError:  # the identifier is an extra of the core
        return '# language = "de"                 # of the requests, if not English\n'
    note = "# of the requests, guessed"
    return "" if most == "en" else f"language = {_quoted(most)}                     {note}\n"


def _quoted(text: str) -> str:
    """Write a text as TOML does; JSON's strings are TOML's too."""
    return json.dumps(text, ensure_ascii=False)


def _columns(found: Mapping[str, str]) -> str:
    told = [f"{one} = {_quoted(column)}" for one, column in found.items() if one != column]
    if "prompt" not in found:
        told.insert(0, 'prompt = "?"')
    note = "" if "prompt" in found else '  # which column holds the request? put its name for "?"'
    return f"columns = {{ {', '.join(told)} }}{note}\n" if told else ""


def _asked(table: Table, found: Mapping[str, str]) -> str:
    """Ask about what was found by the look of it, and not by a name."""
    prompt = found.get("prompt", "")
    if not prompt and headless(table):
        return "# the first row seems to be no header: should a row above name the columns?\n"
    if not prompt or form(prompt) in USUAL["prompt"] or of_harmful(prompt):
        return ""
    return f"# column {shown(prompt)} is the only one of texts: is it the request?\n"


def _unused(table: Table, found: Mapping[str, str]) -> str:
    """Ask about columns of texts that nothing is read of: one may be half of the requests."""
    asked: list[str] = []
    if "prompt" not in found and headless(table):
        return ""
    for column in table.columns:
        if column in found.values() or splits(table, column) or not texts_in(table, column):
            continue
        name = shown(column)
        what = (
            "is it a note"
            if "twin_prompt" in found
            else f"is it the benign variant? then add twin_prompt = {name} to columns; or a note"
        )
        asked.append(f"# column {name} holds texts and is used for nothing: {what}?\n")
    return "".join(asked)


def _factors(table: Table, found: Mapping[str, str]) -> str:
    """Name the other columns of few values: what the numbers may be split by."""
    few = [c for c in table.columns if c not in found.values() and splits(table, c)]
    return f"factors = [{', '.join(map(_quoted, few))}]\n" if few else ""
