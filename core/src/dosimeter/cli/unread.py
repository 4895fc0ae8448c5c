"""Keeping a report from replacing a file that it is about."""

import json
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from itertools import product
from pathlib import Path

import click

LONGEST_PATH = 4096


def check_unread_by(journal: Path, outputs: Sequence[Path]) -> None:
    """Refuse files that the stack of a run reads. Raises as `check_unread` does."""
    from dosimeter.journal.damage import reading
    from dosimeter.journal.reader import Reader

    if outputs:
        with reading(journal), closing(Reader(journal)) as reader:
            check_unread(outputs, reader.run().get("stack", ""))


def check_unread(outputs: Sequence[Path], stack: str) -> None:
    """Refuse files that a stack reads: a report would replace what it is about.

    Args:
        outputs: To be written.
        stack: The resolved stack, as JSON.

    Raises:
        click.UsageError: Naming the first.
    """
    read = set(_files_read(stack)) if outputs else set()
    for path in outputs:
        if path.resolve() in read:
            msg = f"-o {path} is a file that the stack reads; write the report to another file"
            raise click.UsageError(msg)


def _files_read(stack: str) -> Iterator[Path]:
    """Give what each text among the options of a stack is as a path, from each folder that it may be from."""
    asked = json.loads(stack or "{}")
    for sink in asked.get("sinks", ()):
        sink.pop("path", None)  # written, and from the folder of the run
    texts = [t for t in _texts(asked) if t and len(t) < LONGEST_PATH]
    folders = [Path.cwd(), *(Path(t) for t in texts if t.startswith("/"))]
    for text, folder in product(texts, folders):
        with suppress(OSError, ValueError):
            yield (folder / text).resolve()


def _texts(value: object) -> Iterator[str]:
    """Give the texts in JSON, options' own JSON included."""
    if isinstance(value, dict):
        value = [*value.values()]
    if isinstance(value, list):
        for one in value:
            yield from _texts(one)
    elif isinstance(value, str):
        with suppress(ValueError):
            inner = json.loads(value)
            value = inner if isinstance(inner, str) else ""
        yield str(value)
