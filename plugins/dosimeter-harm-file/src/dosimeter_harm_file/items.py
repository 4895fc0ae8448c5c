"""Rows as items: what is wrong with any of them is told at once, by row."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from attrs import evolve, frozen

from dosimeter import (
    Conversation,
    Intent,
    Item,
    Provenance,
    StackError,
    assistant,
    digest,
    pairs,
    system,
    user,
)
from dosimeter_harm_file.columns import columns_of
from dosimeter_harm_file.faults import Faults
from dosimeter_harm_file.options import FileOptions
from dosimeter_harm_file.read import read
from dosimeter_harm_file.spec import CATEGORY
from dosimeter_harm_file.table import Row
from dosimeter_harm_file.twins import OTHER, linked, paired
from dosimeter_harm_file.words import folded, plain, shown_id

SAYS = {"user": user, "assistant": assistant, "system": system}
TEXTS = ("prompt", "twin_prompt", "system", "goal")
"""Fields that are asked or read word by word, so that only text will do."""
LONGEST_ID = 100
OF_TWIN = "-twin"
"""What the id of a twin ends in whose text stands beside the request."""


class FileCategory:
    """The items of one file."""

    def __init__(self, options: FileOptions) -> None:
        self._options = options

    def items(self, panel: str) -> Iterator[Item]:
        """See `dosimeter.HarmCategory`."""
        if panel != "all":
            msg = f"a file has one panel, 'all', and no {panel!r}"
            raise StackError(msg)
        yield from load(self._options)


def build(options: FileOptions) -> FileCategory:
    """Build the category."""
    return FileCategory(options)


def load(options: FileOptions) -> tuple[Item, ...]:
    """Read the items, as `loaded` does."""
    return tuple(item for _, item in loaded(options))


def loaded(options: FileOptions) -> tuple[tuple[int, Item], ...]:
    """Read the items, each with the number of its row, which a twin beside a request shares.

    Raises:
        StackError: Telling every row that cannot be one.
    """
    path = Path(options.folder) / options.path
    table = read(path, options.encoding, sure=options.encoding_is_sure)
    rows = Rows(
        columns=columns_of(table, options, path.name),
        options=options,
        source=options.origin or path.name,
        words=options.words.intents(),
        faults=Faults(),
    )
    made = [(row, item) for row in table.rows for item in rows.items(row)]
    alone = rows.alone(made)
    held = {item.id for _, item in alone}
    keys = {rows.key(row) for row in table.rows} - {""}
    told = {key for key in keys if f"{CATEGORY}/{key}" not in held}
    out = paired(alone, rows.columns, rows.faults, told)
    rows.faults.check(path.name, rows.columns, rows.words)
    return tuple((row.number, item) for (row, _), item in zip(alone, out, strict=True))


@frozen(kw_only=True)
class Rows:
    """What every row is read by.

    Attributes:
        columns: By field.
        options: What the stack says.
        source: Who wrote the items.
        words: Intents by word.
        faults: Where faults go.
    """

    columns: Mapping[str, str]
    options: FileOptions
    source: str
    words: Mapping[str, Intent]
    faults: Faults

    def key(self, row: Row) -> str:
        """Give the id that a row says; empty if it says none."""
        return plain(row.cells.get(self.columns.get("id", ""), ""))

    def alone(self, found: Sequence[tuple[Row, Item]]) -> list[tuple[Row, Item]]:
        """Refuse two rows of one id: their answers would be taken for one's. Give the others."""
        first: dict[str, Row] = {}
        told = set[int]()
        for row, item in found:
            before = first.setdefault(item.id, row)
            if before is not row and row.number not in told:
                told.add(row.number)  # its twin beside it is there twice as well
                what = f"id, {shown_id(self.key(row))}," if self.key(row) else "text"
                why = f"the same {what} as row {before.number}; delete one of them, or give each its own id"
                self.faults.add(row, why)
        times = Counter(item.id for _, item in found)
        return [(row, item) for row, item in found if times[item.id] == 1]

    def items(self, row: Row) -> tuple[Item, ...]:
        """Make a row's item, and its twin if the row has its text; none, with a fault, if it cannot be."""
        said = {one: row.cells[c] for one, c in self.columns.items() if c in row.cells}
        sound = self._check(row, said)
        intent = self._intent(row, said)
        before = _before(row, said, self.faults)
        if intent is None or before is None or not sound:
            return ()
        item = self._item(row, said, intent, (*before, user(said["prompt"])))
        if "twin_prompt" not in said:
            return (item,)
        if intent not in OTHER:
            why = f"a request of intent {intent.value} has no twin; leave its text out"
            self.faults.add(row, why)
            return ()
        text = said["twin_prompt"]
        other = evolve(
            item,
            id=item.id + OF_TWIN,
            opening=(*before, user(text)),
            goal=text,
            intent=OTHER[intent],
        )
        return linked(item, other.id), linked(other, item.id)

    def _check(self, row: Row, said: Mapping[str, str]) -> bool:
        """Tell what is lacking, or is no text."""
        wrong = []
        if "prompt" not in said:
            wrong.append("no text to ask")
        for one in TEXTS:
            what = row.no_texts.get(self.columns.get(one, ""))
            if what and one in said:
                wrong.append(f"the {one} is {what}; only text can be asked")
        key = self.key(row)
        if len(key) > LONGEST_ID or not key.isprintable():
            wrong.append(f"an id is at most {LONGEST_ID} characters on one line")
        for why in wrong:
            self.faults.add(row, why)
        return not wrong

    def _intent(self, row: Row, said: Mapping[str, str]) -> Intent | None:
        if "intent" not in said:
            if self.options.intent:
                return Intent(self.options.intent)
            if "intent" not in self.columns:
                return Intent.HARMFUL  # a column of twins is there
            self.faults.add(row, "the intent is blank")
            return None
        word = folded(said["intent"])
        if word not in self.words:
            self.faults.unknown(row, plain(said["intent"]))
        return self.words.get(word)

    def _item(
        self, row: Row, said: Mapping[str, str], intent: Intent, opening: Conversation
    ) -> Item:
        key = self.key(row) or digest("file", opening)[:12]
        options = self.options
        return Item(
            id=f"{CATEGORY}/{key}",
            opening=opening,
            intent=intent,
            family=f"{CATEGORY}/{plain(said.get('family', key))}",
            category=CATEGORY,
            provenance=Provenance(source=self.source, licence=options.licence),
            goal=said.get("goal", said["prompt"]),
            language=said.get("language", options.language).strip(),
            label=options.label,
            factors=pairs((f, plain(row.cells[f])) for f in options.factors if f in row.cells),
        )


def _before(row: Row, said: Mapping[str, str], faults: Faults) -> Conversation | None:
    """Give what was said before the request."""
    first = (system(said["system"]),) if "system" in said else ()
    if "messages" not in said:
        return first
    try:
        given = json.loads(said["messages"])
        said_before = tuple(SAYS[m["role"]](str(m["content"])) for m in given)
    except (ValueError, TypeError, KeyError, RecursionError):
        faults.add(
            row, 'messages are no JSON list of {"role": "user" or "assistant", "content": "..."}'
        )
        return None
    return first + said_before
