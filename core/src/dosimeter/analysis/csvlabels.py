"""People's labels from a file: each a person's mark of one reply, named as `runs export` names it."""

import csv
import io
import json
import math
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from attrs import frozen

from dosimeter.errors import CardRefused
from dosimeter.model.rating import Scale, ScaleKind, Value
from dosimeter.nearest import nearest

ATTEMPT = ("attempt", "attempt_id")
HASH = "reply_hash"
NEEDED = ("scale", "label")
MOST = 1 << 26
"""Characters of one cell: a file may hold the replies beside the labels."""
NOBODY = "people"
"""Who gave the labels of a file that names nobody."""


@frozen(kw_only=True)
class Label:
    """One line: what a person says of one reply, or of all of one hash, on one scale.

    Attributes:
        line: Of the file, from 1.
        reply: Id of the attempt, or hash of the reply.
        value: None where the person could not tell.
        hashed: Whether *reply* is a hash.
    """

    line: int
    reply: str
    scale: str
    person: str
    value: Value | None
    hashed: bool = False


def read_labels(path: Path, scales: Mapping[str, Scale]) -> tuple[Label, ...]:
    """Read and check the labels of a file.

    Args:
        path: Of a CSV file with the columns ``attempt`` (or ``reply_hash``), ``scale``, ``label``, and
            ``person`` if there are several.
        scales: On which labels may be.

    Raises:
        CardRefused: For a file without these columns or without rows, a label that is not on its
            scale, or a second one by the same person of the same reply; it names the line.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as exc:
        msg = f"{path} is no text in UTF-8; save it as CSV in UTF-8"
        raise CardRefused(msg) from exc
    rows = csv.DictReader(io.StringIO(text, newline=""))
    out: dict[tuple[str, str, str], Label] = {}
    before = csv.field_size_limit(MOST)
    try:
        column = _column(path, rows.fieldnames or ())
        for row in rows:
            one = _label(path, rows.line_num, row, column, scales)
            _once(path, out, one)
    except csv.Error as exc:
        msg = f"{path}, line {rows.line_num}: {exc}"
        raise CardRefused(msg) from exc
    finally:
        csv.field_size_limit(before)
    if not out:
        msg = f"{path} has no rows: give one a label, below the names of the columns"
        raise CardRefused(msg)
    return tuple(out.values())


def _column(path: Path, names: Iterable[str]) -> str:
    """Give the column that names replies."""
    there = list(names)
    found = [n for n in (*ATTEMPT, HASH) if n in there]
    lacking = [n for n in NEEDED if n not in there]
    if not found or lacking:
        need = [*([] if found else [f"{ATTEMPT[0]} or {HASH}"]), *lacking]
        msg = (
            f"{path} lacks the column {' and '.join(need)}; it has {', '.join(there) or 'none'}; give"
            " attempt (or reply_hash), scale and label, separated by commas"
        )
        raise CardRefused(msg)
    return found[0]


def _label(
    path: Path, line: int, row: Mapping[str, str | None], column: str, scales: Mapping[str, Scale]
) -> Label:
    at = f"{path}, line {line}"
    reply, name, given = ((row.get(n) or "").strip() for n in (column, "scale", "label"))
    if not reply or not name:
        msg = f"{at}: {column if not reply else 'scale'} is empty; name the reply and the scale"
        raise CardRefused(msg)
    if name not in scales:
        msg = f"{at}: the rater marks no scale {name!r}; {nearest(name, scales, there='scales:')}"
        raise CardRefused(msg)
    value = parsed(scales[name], given) if given else None
    fault = "" if value is None else scales[name].fault(value)
    if fault:
        told = given if len(given) <= 20 and given.isprintable() else "this"
        msg = f"{at}: label {told!r} is not on scale {name!r}: {fault}; leave it empty where nobody can tell"
        raise CardRefused(msg)
    person = (row.get("person") or "").strip() or NOBODY
    return Label(
        line=line, reply=reply, scale=name, person=person, value=value, hashed=column == HASH
    )


def parsed(scale: Scale, text: str) -> Value:
    """Read a label as marks on *scale* are written; what is none is left as it is."""
    if scale.kind is ScaleKind.NOMINAL:
        numbers = {str(level.value): level.value for level in scale.levels}
        return numbers.get(text, text)
    if scale.kind is ScaleKind.BOOLEAN:
        return {"true": True, "false": False, "1": True, "0": False}.get(text.lower(), text)
    try:
        number = json.loads(text)
    except ValueError:
        return text
    if isinstance(number, float) and math.isfinite(number) and number == int(number):
        return int(number) if scale.kind is ScaleKind.ORDINAL else number
    return number if isinstance(number, int | float) else text


def _once(path: Path, out: dict[tuple[str, str, str], Label], one: Label) -> None:
    """Keep a label, if its person gave none of this reply before."""
    before = out.setdefault((one.reply, one.scale, one.person), one)
    if before is one:
        return
    whose = "" if one.person == NOBODY else f" by {one.person}"
    if before.value == one.value:
        msg = f"{path}, line {one.line} repeats line {before.line}{whose}; remove one of them"
        raise CardRefused(msg)
    msg = (
        f"{path}: lines {before.line} and {one.line}{whose} label one reply on {one.scale!r} as"
        f" {before.value!r} and {one.value!r}; keep the one that is meant"
    )
    raise CardRefused(msg)


def placed(
    path: Path,
    labels: Iterable[Label],
    attempts: Mapping[str, list[int]],
    hashes: Mapping[str, list[int]],
) -> Iterator[tuple[Label, int]]:
    """Find the reply of each label.

    Args:
        path: Of the file.
        labels: Of it.
        attempts: Keys of the replies of each attempt, by its id.
        hashes: Likewise by the hash of the reply.

    Raises:
        CardRefused: For a reply that the run does not have, or an attempt with several.
    """
    for one in labels:
        found = (hashes if one.hashed else attempts).get(one.reply, [])
        if not found:
            msg = (
                f"{path}, line {one.line}: the run has no finished reply {one.reply[:64]!r}; give ids or"
                " hashes as `dosimeter runs export --rows attempts` writes them"
            )
            raise CardRefused(msg)
        if len(found) > 1 and not one.hashed:
            msg = f"{path}, line {one.line}: attempt {one.reply} has several replies; give reply_hash instead"
            raise CardRefused(msg)
        for key in found:
            yield one, key
