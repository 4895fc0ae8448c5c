"""What a stack's files are when it is read: sound, hashed, and the policy a scale."""

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

from attrs import evolve

from dosimeter import Scale, StackError
from dosimeter_harm_file.items import load
from dosimeter_harm_file.options import FileOptions
from dosimeter_harm_file.policy import policy_scale, read_policy

DIGITS = 16


def scales_of(options: FileOptions) -> tuple[Scale, ...]:
    """Give the scale that the policy makes, if the stack names one.

    Raises:
        StackError: If it cannot be read, or is no rubric.
    """
    if not options.policy:
        return ()
    text = read_policy(Path(options.folder) / options.policy, options.encoding)
    return (policy_scale(text, options.policy),)


def prepare(options: FileOptions, folder: Path) -> FileOptions:
    """Find the files from the stack's folder and hash them, so that a run does not go on with others.

    Raises:
        StackError: If one cannot be read, or is not what the stack says that it is.
    """
    ready = evolve(options, folder=options.folder or str(folder))
    faults = [
        *_faults(ready, "path", "source", load),
        *_faults(ready, "policy", "policy_source", scales_of),
    ]
    if faults:
        raise StackError("\n".join(why for _, why in faults), tuple(faults))
    return evolve(ready, source=_hash(ready, ready.path), policy_source=_hash(ready, ready.policy))


def _faults(
    options: FileOptions, key: str, hashed: str, read: Callable[[FileOptions], object]
) -> Iterator[tuple[str, str]]:
    """Tell what is wrong with the file that option *key* names, whose hash is option *hashed*."""
    path, said = getattr(options, key), getattr(options, hashed)
    try:
        found = _hash(options, path)
        read(options)
    except OSError as exc:
        yield key, f"{path} cannot be read: {exc.strerror}; give it from the stack's folder"
    except StackError as exc:
        yield from exc.faults or ((key, str(exc)),)
    else:
        if said not in {"", found}:
            yield hashed, f"{path} is {found} now; it was changed, or is another"


def _hash(options: FileOptions, path: str) -> str:
    """Give the hash of a file; empty where the stack names none."""
    return (
        hashlib.sha256((Path(options.folder) / path).read_bytes()).hexdigest()[:DIGITS]
        if path
        else ""
    )
