"""Rows as items: what is wrong with any of them is told at once, by row."""

import json
from collections.abc import Iterator, Mapping, Sequence

from attrs import evolve, field, fields_dict, frozen

from dosimeter import (
    Conversation,
    Intent,
    Item,
    Link,
    Provenance,
    StackError,
    assistant,
    digest,
    pairs,
    system,
    user,
)
from dosimeter_harm_file.files import items_file
from dosimeter_harm_file.nearest import nearest
from dosimeter_harm_file.options import Columns, FileOptions
from dosimeter_harm_file.read import Row, Table, read

CATEGORY = "file"
SAYS = {"user": user, "assistant": assistant, "system": system}
MOST_TOLD = 10
LONGEST_ID = 100


@frozen
class Faults:
    """What is wrong, row by row."""

    told: list[str] = field(factory=list)

    def add(self, row: Row, why: str) -> None:
        """Note a fault."""
        self.told.append(f"row {row.number}: {why}")

    def check(self, name: str) -> None:
        """Raise what was told.

        Raises:
            StackError: With the first faults, and how many more there are.
        """
        if self.told:
            more = len(self.told) - MOST_TOLD
            lines = [*self.told[:MOST_TOLD], *([f"and {more} more"] if more > 0 else [])]
            msg = f"{name}, " + f"\n  {name}, ".join(lines)
            raise StackError(msg)


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
    """Read the items.

    Raises:
        StackError: Telling every row that cannot be one.
    """
    path = items_file(options)
    table = read(path, options.encoding)
    columns = _columns(table, options, path.name)
    faults = Faults()
    made = [_item(row, columns, options, path.name, faults) for row in table.rows]
    found = [(row, one) for row, one in zip(table.rows, made, strict=True) if one is not None]
    _check_ids(found, faults)
    out = _paired(found, columns, faults)
    faults.check(path.name)
    return out


def _columns(table: Table, options: FileOptions, name: str) -> dict[str, str]:
    """Give the column of each field that has one.

    Raises:
        StackError: If one that the stack names is not there, or none says what is asked.
    """
    found = {}
    for one in fields_dict(Columns):
        column = getattr(options.columns, one)
        if column and column not in table.columns:
            msg = f"{name} has no column {column!r}; {nearest(column, table.columns)}"
            raise StackError(msg, ((f"columns.{one}", msg),))
        if column or one in table.columns:
            found[one] = column or one
    for column in options.factors:
        if column not in table.columns:
            msg = f"{name} has no column {column!r}; {nearest(column, table.columns)}"
            raise StackError(msg, (("factors", msg),))
    if "prompt" not in found:
        msg = (
            f"no column of {name} is called 'prompt'; say which one it is, such as"
            f' columns = {{ prompt = "{table.columns[0] if table.columns else "text"}" }}'
        )
        raise StackError(msg, (("columns.prompt", msg),))
    if "intent" not in found and not options.intent:
        msg = (
            "no column says whether a request is harmful or benign; name it in columns, or give"
            ' intent = "harmful" for all'
        )
        raise StackError(msg, (("intent", msg),))
    return found


def _item(
    row: Row, columns: Mapping[str, str], options: FileOptions, name: str, faults: Faults
) -> Item | None:
    """Make one item; None, with a fault, if the row cannot be one."""
    said = {one: row.cells[column] for one, column in columns.items() if column in row.cells}
    intent = _intent(row, said, options, faults)
    before = _before(row, said, faults)
    if "prompt" not in said:
        faults.add(row, "no text to ask")
    key = said.get("id", "").strip()
    if len(key) > LONGEST_ID or not key.isprintable():
        faults.add(row, f"an id is at most {LONGEST_ID} characters on one line")
    if intent is None or before is None or "prompt" not in said:
        return None
    opening = (*before, user(said["prompt"]))
    key = key or digest("file", opening)[:12]
    return Item(
        id=f"{CATEGORY}/{key}",
        opening=opening,
        intent=intent,
        family=f"{CATEGORY}/{said.get('family', key).strip()}",
        category=CATEGORY,
        provenance=Provenance(source=options.origin or name, licence=options.licence),
        goal=said.get("goal", said["prompt"]),
        language=said.get("language", options.language).strip(),
        label=options.label,
        factors=pairs((f, row.cells[f].strip()) for f in options.factors if f in row.cells),
    )


def _intent(
    row: Row, said: Mapping[str, str], options: FileOptions, faults: Faults
) -> Intent | None:
    if "intent" not in said:
        if options.intent:
            return Intent(options.intent)
        faults.add(row, "the intent is blank")
        return None
    known = options.words.intents()
    word = said["intent"].strip().casefold()
    if word not in known:
        what = repr(word) if len(word) <= 40 else f"a text of {len(word)} characters"
        faults.add(
            row, f"intent {what} is none of {', '.join(known)}; name your own words: words ="
            ' { harmful = ["..."], benign = ["..."] }'
        )  # fmt: skip
        return None
    return known[word]


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


def _check_ids(found: Sequence[tuple[Row, Item]], faults: Faults) -> None:
    """Refuse two rows of one id: their answers would be taken for one's."""
    first: dict[str, Row] = {}
    for row, item in found:
        before = first.setdefault(item.id, row)
        if before is not row:
            faults.add(row, f"the same id, or the same text without one, as row {before.number}")


def _paired(
    found: Sequence[tuple[Row, Item]], columns: Mapping[str, str], faults: Faults
) -> tuple[Item, ...]:
    """Link twins, both ways, and put two of them into one family where no column says so."""
    if "twin" not in columns:
        return tuple(item for _, item in found)
    by_id = {item.id: item for _, item in found}
    twin: dict[str, str] = {}
    for row, item in found:
        name = row.cells.get(columns["twin"], "").strip()
        if not name:
            continue
        other = by_id.get(f"{CATEGORY}/{name}")
        why = _no_twin(item, other, twin, same_family="family" in columns)
        if why or other is None:
            faults.add(row, f"twin {name[:LONGEST_ID]!r} {why}")
        else:
            twin |= {item.id: other.id, other.id: item.id}
    linked = (_linked(item, twin, own="family" in columns) for _, item in found)
    return tuple(linked)


def _no_twin(item: Item, other: Item | None, twin: Mapping[str, str], *, same_family: bool) -> str:
    """Say why *other* is no twin of *item*; empty if it is."""
    if other is None:
        return "is the id of no row"
    if {item.intent, other.intent} != {Intent.HARMFUL, Intent.BENIGN}:
        return "is not benign where this is harmful, or the other way round"
    if same_family and item.family != other.family:
        return "is of another family"
    taken = twin.get(other.id, item.id) != item.id or twin.get(item.id, other.id) != other.id
    return "is another row's already" if taken else ""


def _linked(item: Item, twin: Mapping[str, str], *, own: bool) -> Item:
    if item.id not in twin:
        return item
    other = twin[item.id]
    made = evolve(item, links=(Link(kind="twin-of", item_id=other),))
    return made if own else evolve(made, family=min(item.id, other))
