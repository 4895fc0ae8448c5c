"""A stack to start from, guessed from a file's columns; a person reads it before it is run."""

import json
import re
from collections.abc import Mapping
from pathlib import Path

from dosimeter import Intent
from dosimeter_harm_file.options import Words
from dosimeter_harm_file.read import SUFFIXES, Table, read

USUAL: Mapping[str, tuple[str, ...]] = {
    "prompt": ("prompt", "request", "question", "text", "input", "query", "message", "content",
               "user_prompt", "user_input", "instruction", "behavior", "behaviour"),
    "messages": ("messages", "history", "conversation"),
    "system": ("system", "system_prompt", "system_message"),
    "intent": ("intent", "label", "expected", "harmful", "is_harmful", "unsafe", "is_unsafe",
               "violates", "violation", "verdict", "allowed"),
    "family": ("family", "goal_id", "group", "cluster", "group_id", "family_id"),
    "twin": ("twin", "twin_id", "pair", "pair_id", "benign_id"),
    "goal": ("goal", "aim", "objective"),
    "language": ("language", "lang", "locale"),
    "id": ("id", "uid", "key", "item_id", "prompt_id", "row_id"),
}  # fmt: skip
"""What people call such columns; the first that a file has is taken."""
MOST_LEVELS = 30
"""Different values of a column that may be a factor."""
STACK = """\
# Written from {name}: {rows} rows. Read it, then `dosimeter validate`, `plan` and `run` it.
name = "{run}"

[targets.mine]
model = "llamacpp/bundled"          # provider/model; `dosimeter plugins list` has the providers
temperature = 0
max_tokens = 256

# [targets.endpoint]                # any JSON endpoint
# model = "http/support-bot"
# url = "https://bot.example/api/chat"
# request = '{{"message": "{{{{prompt}}}}"}}'
# reply = "answer"
# secret_headers = "X-Api-Key: ${{BOT_KEY}}"

[[categories]]
id = "file"
path = {path}
# policy = "policy.md"              # your policy in words: what judges and people hold replies to
{columns}{intent}{factors}attacks = ["direct"]

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
# max = 0.2
"""


def start(path: Path, written: str) -> str:
    """Give a stack for the file at *path*; empty if its name is not of a kind that is read.

    Args:
        path: Of the file.
        written: How the stack is to call it.

    Raises:
        StackError: If it cannot be read.
    """
    if path.suffix.lower() not in SUFFIXES:
        return ""
    table = read(path, "utf-8")
    found = _guessed(table)
    return STACK.format(
        name=path.name if path.name.isprintable() else "a file", rows=len(table.rows), path=_quoted(written),
        run=re.sub(r"[^\w-]+", "-", path.stem).strip("-") or "own",
        columns=_columns(found), intent=_intent(table, found), factors=_factors(table, found),
    )  # fmt: skip


def _guessed(table: Table) -> dict[str, str]:
    """Give the column of each field, by what people call it, whatever the case."""
    plain = {re.sub(r"[\s-]+", "_", c.strip().casefold()): c for c in reversed(table.columns)}
    return {
        one: plain[name]
        for one, names in USUAL.items()
        if (name := next((n for n in names if n in plain), ""))
    }


def _quoted(text: str) -> str:
    """Write a text as TOML does; JSON's strings are TOML's too."""
    return json.dumps(text, ensure_ascii=False)


def _columns(found: Mapping[str, str]) -> str:
    told = [f"{one} = {_quoted(column)}" for one, column in found.items() if one != column]
    if "prompt" not in found:
        told.insert(0, 'prompt = "?"')
    note = "" if "prompt" in found else '  # which column holds the request? put its name for "?"'
    return f"columns = {{ {', '.join(told)} }}{note}\n" if told else ""


def _intent(table: Table, found: Mapping[str, str]) -> str:
    if "intent" not in found:
        return 'intent = "harmful"                  # of every row, as no column says so: is that right?\n'
    words = _values(table, found["intent"])
    known = Words().intents()
    strange = [w for w in words if w.casefold() not in known]
    if not strange:
        return ""
    told = ", ".join(map(_quoted, words[:MOST_LEVELS]))
    benign = [w for w in words if known.get(w.casefold()) is Intent.BENIGN]
    return (
        f"# which of these are harmful, which benign? {told}\n"
        f"words = {{ harmful = [{', '.join(map(_quoted, strange[:MOST_LEVELS]))}],"
        f" benign = [{', '.join(map(_quoted, benign))}] }}\n"
    )


def _values(table: Table, column: str) -> list[str]:
    """Give the different values of a column, in their order."""
    return list(dict.fromkeys(r.cells[column].strip() for r in table.rows if column in r.cells))


def _factors(table: Table, found: Mapping[str, str]) -> str:
    """Name the other columns of few values: what the numbers may be split by."""
    few = [
        c for c in table.columns
        if c not in found.values() and 1 < len(_values(table, c)) <= MOST_LEVELS
    ]  # fmt: skip
    return f"factors = [{', '.join(map(_quoted, few))}]\n" if few else ""
