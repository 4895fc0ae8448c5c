"""Replies that were recorded elsewhere: in a journal, or in a CSV file."""

import csv
from collections.abc import Iterator
from pathlib import Path

from attrs import frozen

from dosimeter import (
    Conversation,
    ModelProvider,
    Permanent,
    Reply,
    Request,
    Stop,
    Unknown,
    assistant,
    digest,
)
from dosimeter.journal import Reader, Turn
from dosimeter_provider_simulated.options import ReplayOptions

JOURNAL = "journal"
BATCH = 200
GONE = frozenset({"purged", "sealed"})


class CsvReplay:
    """Answers each prompt with what the file holds for it, several in turn by seed."""

    def __init__(self, name: str, options: ReplayOptions) -> None:
        self._name = name
        self._rows: dict[str, list[dict[str, str]]] = {}
        path = _file(options, "a CSV file with columns prompt and reply")
        with path.open(encoding="utf-8", newline="") as file:
            rows = csv.DictReader(file)
            lacking = {"prompt", "reply"} - set(rows.fieldnames or ())
            if lacking:
                msg = f"{path} lacks the columns {sorted(lacking)}; it has {rows.fieldnames}"
                raise Permanent(msg, code="columns")
            for row in rows:
                _check(row, f"{path}, line {rows.line_num}")
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


def _check(row: dict[str, str], where: str) -> None:
    """Refuse a row that no reply can be made of; what stands in it may be hazardous."""
    fault = "" if row["reply"] is not None else " has no reply"
    if (row.get("stop") or Stop.END) not in {*Stop}:
        fault = f": stop must be one of {', '.join(Stop)}"
    if fault:
        raise Permanent(where + fault, code="rows")


@frozen(kw_only=True)
class Recorded:
    """Where one reply is: its attempt and its turn, so that no text is held in memory."""

    attempt: int
    call: int


class JournalReplay:
    """Answers each conversation, the system prompt included, with what the journal holds for it.

    Repeats of one conversation are handed out in their order, one a seed; a seed that comes again
    (another try) gets the same.
    """

    def __init__(self, options: ReplayOptions) -> None:
        path = _file(options, "a run's journal.sqlite")
        self._reader = Reader(path)
        self._found: dict[str, list[Recorded]] = {}
        self._served: dict[str, dict[int, int]] = {}
        for k, turn in _turns(self._reader, _target(self._reader, options.target)):
            one = Recorded(attempt=k, call=turn.call)
            held = self._found.setdefault(_key(turn.sent), [])
            if one not in held:
                held.append(one)

    async def generate(self, request: Request) -> Reply:
        """See `dosimeter.ModelProvider`."""
        key = _key(request.conversation)
        held = self._found.get(key)
        if not held:
            msg = "the journal has no reply to this conversation (its system prompt counts)"
            raise Permanent(msg, code="not-recorded")
        served = self._served.setdefault(key, {})
        n = served.setdefault(request.seed or 0, len(served))
        if n >= len(held):
            msg = (
                f"the journal has {len(held)} replies to this conversation, and more are asked for"
            )
            raise Permanent(msg, code="not-recorded")
        return self._reply(held[n])

    def _reply(self, one: Recorded) -> Reply:
        (transcript,) = self._reader.attempts([one.attempt])
        turn = next(t for path in transcript.paths for t in path if t.call == one.call)
        gone = {p.kind for m in turn.reply for p in m.parts if isinstance(p, Unknown)} & GONE
        if gone:
            msg = f"the text of this reply is not in the journal: {min(gone)}"
            raise Permanent(msg, code=min(gone))
        return Reply(messages=turn.reply, stop=turn.stop, model=turn.model)

    async def aclose(self) -> None:
        """Close the journal."""
        self._reader.close()


def _key(conversation: Conversation) -> str:
    return digest("replayed", conversation)


def _target(reader: Reader, wanted: str) -> str:
    names = [n for (n,) in reader.rows("SELECT DISTINCT target FROM attempts ORDER BY target")]
    if wanted in names or (not wanted and len(names) == 1):
        return wanted or str(names[0])
    told = f"no target {wanted!r}" if wanted else "several targets"
    msg = f"the journal has {told}; give target = one of {', '.join(names)}"
    raise Permanent(msg, code="no-target")


def _turns(reader: Reader, target: str) -> Iterator[tuple[int, Turn]]:
    """Give every turn of the target's finished attempts, repeat by repeat."""
    ks = [
        k for (k,) in reader.rows(
            "SELECT a.k FROM attempt a JOIN arm r ON r.k = a.arm JOIN endpoint t ON t.k = r.target"
            " WHERE a.state = 'done' AND t.name = ? ORDER BY a.repeat, a.k", (target,)
        )
    ]  # fmt: skip
    for start in range(0, len(ks), BATCH):
        for one in reader.attempts(ks[start : start + BATCH]):
            for path in one.paths:
                for turn in path:
                    yield one.k, turn


def _file(options: ReplayOptions, what: str) -> Path:
    path = Path(options.path).expanduser()
    if not path.is_file():
        msg = f"no file at {path}; give path = {what}"
        raise Permanent(msg, code="no-file")
    return path


def build(name: str, options: ReplayOptions) -> ModelProvider:
    """Build the replay: ``replay/journal`` of a journal, any other name of a CSV file."""
    return JournalReplay(options) if name == JOURNAL else CsvReplay(name, options)
