"""``dosimeter init``."""

import os
import re
from pathlib import Path

import click

from dosimeter.cli.common import check_new, tell
from dosimeter.cli.options import PLACE
from dosimeter.inert import safe

PLAIN_NAME = r"\w[\w .-]*"
"""Fit for a folder and for quotes; another file's name does not become the run's."""

STACK = """\
# A dosimeter stack. `dosimeter plan stack.toml` shows what it would do; `dosimeter run stack.toml` does it.
name = "{name}"

[targets.mine]
model = "llamacpp/bundled"          # provider/model; `dosimeter plugins list` has the providers
temperature = 0
max_tokens = 256
# system = "You are a careful assistant."

# [targets.remote]
# model = "openai/gpt-4.1-mini"
# api_key = "${OPENAI_API_KEY}"     # from the environment, or .env beside this file

[[categories]]
id = "physical"
panel = "quickstart"
attacks = ["direct", "role-play"]

[[raters]]
id = "refusal"

[[raters]]
id = "actionability"

[run]
seed = 1
# budget = { tokens = 200000, minutes = 30 }
# accept_judge_measured = true      # for the gate below: nothing corrects these raters

[[sinks]]
id = "json"

[[sinks]]
id = "html"

# A gate turns the exit code to 1 (failed) or 4 (the evidence cannot decide). With the 16 families of this
# panel no result passes a max under 0.21; "full" has 60.
# [[gates]]
# measure = "over-refusal"
# at_most = 0.3
# where = { target = "mine" }
"""


@click.command(name="init")
@click.argument("path", type=PLACE, default="stack.toml")
@click.option(
    "--from",
    "items",
    type=PLACE,
    default=None,
    help="Measure the requests of this file: CSV, JSON lines or Parquet.",
)
@click.option("--force", is_flag=True, help="Write over a file that is there.")
def command(path: Path, items: Path | None, force: bool) -> int:
    """Write a commented stack to PATH."""
    check_new(path, "stack.toml", "give another name, or --force", force=force)
    if items is None:
        name = path.stem if re.fullmatch(PLAIN_NAME, path.stem) else "stack"
        file = path.name if path.name.isprintable() else "stack.toml"  # it stands in comments
        text, following = STACK.replace("{name}", name).replace("stack.toml", file), "plan"
    else:
        text, following = _from(items, path), "validate"
    path.write_text(text, encoding="utf-8")
    lacking = _lacking(path) if items else ""
    click.echo(
        safe(
            f"Wrote {path}. Next: {'mend it, then ' if lacking else ''}dosimeter {following} {path}"
        )
    )
    for asked in _questions(text) if items else ():
        tell(f"! {asked}")
    if lacking:
        tell(f"! {lacking}")
    return 0


def _questions(text: str) -> list[str]:
    """Give the comments of a stack that ask its reader something."""
    comments = (line[1:].strip() for line in text.splitlines() if line.startswith("#"))
    return [said for said in comments if said.endswith("?")]


def _lacking(stack: Path) -> str:
    """Say what could not be guessed, as `validate` would."""
    from dosimeter.cli.common import installed, read_stack
    from dosimeter.errors import DosimeterError

    try:
        read_stack(installed(), stack, (), None, sends=False)
    except DosimeterError as exc:
        return str(exc)
    return ""


def _from(items: Path, stack: Path) -> str:
    """Let the first installed category that can measure *items* write a stack for them.

    Raises:
        UsageError: If none can.
    """
    from dosimeter.cli.common import installed

    if not items.is_file():
        msg = f"there is no file {items}"
        raise click.UsageError(msg)
    written = Path(os.path.relpath(items, stack.parent)).as_posix()
    registry = installed()
    for name in registry.ids("category"):
        text = registry.start(name, items, written)
        if text:
            return text
    msg = f"no installed category measures files such as {items.name}"
    raise click.UsageError(msg)
