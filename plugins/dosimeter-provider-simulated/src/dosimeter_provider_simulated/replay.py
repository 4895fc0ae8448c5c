"""Replies that were recorded elsewhere, from a CSV file."""

import csv
from pathlib import Path

from dosimeter import Permanent, Reply, Request, Stop, assistant
from dosimeter_provider_simulated.options import ReplayOptions


class Replay:
    """Answers each prompt with what the file holds for it, several in turn by seed."""

    def __init__(self, name: str, options: ReplayOptions) -> None:
        self._name = name
        self._rows: dict[str, list[dict[str, str]]] = {}
        path = Path(options.path)
        if not path.is_file():
            msg = f"no file at {path}; give path = a CSV file with columns prompt and reply"
            raise Permanent(msg, code="no-file")
        with path.open(encoding="utf-8", newline="") as file:
            rows = csv.DictReader(file)
            lacking = {"prompt", "reply"} - set(rows.fieldnames or ())
            if lacking:
                msg = f"{path} lacks the columns {sorted(lacking)}; it has {rows.fieldnames}"
                raise Permanent(msg, code="columns")
            for row in rows:
                self._rows.setdefault(row["prompt"], []).append(row)

    async def generate(self, request: Request) -> Reply:
        """See `dosimeter.ModelProvider`."""
        found = self._rows.get(request.conversation[-1].text)
        if not found:
            msg = "the file holds no reply to this prompt"
            raise Permanent(msg, code="not-recorded")
        row = found[(request.seed or 0) % len(found)]
        return Reply(
            messages=(assistant(row["reply"]),),
            stop=Stop(row.get("stop") or "end"),
            model=row.get("model") or self._name,
        )

    async def aclose(self) -> None:
        """Nothing is held."""


def build(name: str, options: ReplayOptions) -> Replay:
    """Build the replay."""
    return Replay(name, options)
