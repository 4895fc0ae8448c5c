"""Where a stack's files are, and what they were when it was read."""

import hashlib
from pathlib import Path

from attrs import evolve

from dosimeter import StackError
from dosimeter_harm_file.options import FileOptions
from dosimeter_harm_file.policy import read_policy

DIGITS = 16


def items_file(options: FileOptions) -> Path:
    """Give the path of the items."""
    return Path(options.folder) / options.path


def policy_text(options: FileOptions) -> str:
    """Give the policy's text; empty if the stack names none.

    Raises:
        StackError: If it cannot be read.
    """
    return (
        read_policy(Path(options.folder) / options.policy, options.encoding)
        if options.policy
        else ""
    )


def prepare(options: FileOptions, folder: Path) -> FileOptions:
    """Find the files from the stack's folder and hash them, so that a run does not go on with others.

    Raises:
        StackError: If one cannot be read, or is not what the stack says that it is.
    """
    from dosimeter_harm_file.items import load

    ready = evolve(options, folder=options.folder or str(folder))
    whole = hashlib.sha256()
    for path in filter(None, (options.path, options.policy)):
        try:
            data = (Path(ready.folder) / path).read_bytes()
        except OSError as exc:
            key = "path" if path == options.path else "policy"
            why = f"{path} cannot be read: {exc.strerror}; give it from the stack's folder"
            raise StackError(why, ((key, why),)) from None
        whole.update(hashlib.sha256(data).digest())
    found = whole.hexdigest()[:DIGITS]
    if options.source not in {"", found}:
        why = f"the files are {found} now; they were changed, or are others"
        raise StackError(why, (("source", why),))
    ready = evolve(ready, source=found)
    try:
        load(ready)
    except StackError as exc:
        if exc.faults:
            raise
        raise StackError(str(exc), (("path", str(exc)),)) from None
    return ready
