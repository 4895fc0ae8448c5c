"""``dosimeter cache``."""

import os
import time
from typing import TYPE_CHECKING

import click

from dosimeter.cli.common import emit
from dosimeter.cli.options import Days

if TYPE_CHECKING:
    from dosimeter.engine.cache import OfModel


@click.group(name="cache")
def command() -> None:
    """See or clear the answers kept across runs."""


@command.command(name="info")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def info(as_json: bool) -> int:
    """Say where answers are kept, how many, of which models, and since when."""
    from dosimeter.engine.cache import MOST_BYTES, cache_file, contents

    path = cache_file(os.environ)
    found = contents(path)
    facts = {
        "file": str(path),
        "bytes": path.stat().st_size if path.exists() else 0,
        "most_bytes": MOST_BYTES,
        "answers": sum(one.answers for one in found),
        "oldest": min((_day(one.oldest) for one in found), default=None),
        "models": [_facts(one) for one in found],
    }
    head = f"{path}: {facts['answers']} answers, {_mb(facts['bytes'])} of at most {_mb(MOST_BYTES)}"
    lines = [f"  {one.model}: {one.answers}, the oldest of {_day(one.oldest)}" for one in found]
    emit(facts, as_json=as_json, text="\n".join([head, *lines]))
    return 0


def _facts(one: "OfModel") -> dict[str, object]:
    return {
        "model": one.model,
        "answers": one.answers,
        "bytes": one.bytes,
        "oldest": _day(one.oldest),
    }


def _day(at: float) -> str:
    return time.strftime("%Y-%m-%d", time.gmtime(at))


def _mb(n: object) -> str:
    return f"{n / 1e6:.1f} MB" if isinstance(n, int) else "unknown"


@command.command(name="clear")
@click.option(
    "--older-than", type=Days(), metavar="DAYS", help="Only answers drawn earlier: 30, or 30d."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def clear(older_than: float | None, as_json: bool) -> int:
    """Delete kept answers; journals keep theirs."""
    from dosimeter.engine.cache import DAY, cache_file, clear as clear_cache
    from dosimeter.plural import plural

    path = cache_file(os.environ)
    before = None if older_than is None else time.time() - older_than * DAY
    gone = clear_cache(path, drawn_before=before)
    emit(
        {"file": str(path), "cleared": gone},
        as_json=as_json,
        text=f"Deleted: {plural(gone, 'answer')}.",
    )
    return 0
