"""What of a stack is not as it was when its run was begun."""

import json
from collections.abc import Iterator, Mapping

import attrs
from attrs import frozen

from dosimeter.model.stackfile import RunConfig
from dosimeter.model.work import Endpoint

IDENTITY = ".identity."
"""Where a stack holds options as JSON; in the file they stand without it."""
WRITTEN = {IDENTITY: ".", ".sampling.": ".", ".system_prompt": ".system"}
"""What is called otherwise in a stack than in its record."""
DESIGN = ("targets", "endpoints", "categories", "run.seed", "run.repeats", "run.stop", "run.look")


@frozen(kw_only=True)
class Hashed:
    """A file that an option is the hash of.

    Attributes:
        key: Of the option that names it, as a stack has it.
        file: Its name.
    """

    key: str
    file: str

    def told(self, then: object, now: object) -> str:
        """Say what became of it."""
        if then and now:
            return f"{self.key}: the content of {self.file} changed"
        return f"{self.key}: {'no file then, ' + self.file + ' now' if now else 'a file then, none now'}"


def differences(old: str, new: str, hashed: Mapping[str, Hashed]) -> list[str]:
    """Name the stack keys that decide what is measured and differ, without printing texts.

    Args:
        old: The stack's text when the run was begun.
        new: As it is now.
        hashed: Files, by the keys of the options that are their hashes.
    """
    a, b = _flat(json.loads(old)), _flat(json.loads(new))
    out = {}
    for key in sorted(a.keys() | b.keys()):
        if a.get(key) == b.get(key) or not key.startswith(DESIGN) or ".operational" in key:
            continue
        for part in _parts(key):
            held = [any(k.startswith(f"{part}.") for k in side) for side in (a, b)]
            if not all(held):
                out[part] = f"{part}: {'then, not now' if held[0] else 'now, not then'}"
                break
        else:
            then, now = (_option(key, side.get(key, _default(key))) for side in (a, b))
            if key in hashed:
                out[key] = hashed[key].told(then, now)
            elif not key.endswith("."):  # else the name of a record, which a stack does not have
                out[key] = f"{_as_written(key)}: {_short(then)} then, {_short(now)} now"
    return list(out.values())


def _parts(key: str) -> Iterator[str]:
    """Give what of a stack may be there or not as a whole: a target or category, an attack of one."""
    names = key.split(".")
    if len(names) > 2:
        yield ".".join(names[:2])
    if len(names) > 4 and names[2] == "attacks":
        yield ".".join(names[:4])


def _as_written(key: str) -> str:
    """Spell a key as a stack has it."""
    for held, written in WRITTEN.items():
        key = key.replace(held, written)
    return key


def _default(key: str) -> object:
    """Give what stands for a key that a stack leaves out; None if nothing does."""
    head, *rest = key.split(".")
    kind, depth = {"run": (RunConfig, 1)}.get(head, (Endpoint, 2))
    fields = attrs.fields_dict(kind)
    if head == "categories" or len(rest) != depth or rest[-1] not in fields:
        return None
    default = fields[rest[-1]].default
    return default if isinstance(default, str | int | float) else None


def _option(key: str, value: object) -> object:
    """Give an option's value; a stack holds it as JSON."""
    return json.loads(value) if IDENTITY in key and isinstance(value, str) else value


def _short(value: object) -> str:
    text = "absent" if value is None else json.dumps(value)
    return text if len(text) <= 40 else f"{text[:37]}..."


def _name(entry: object) -> str:
    """Give what an entry of a list is called: a pair by its first, a table by its name or id."""
    if isinstance(entry, list) and len(entry) == 2 and isinstance(entry[0], str):
        return entry[0]
    if isinstance(entry, dict):
        return str(entry.get("name") or entry.get("id") or "")
    return ""


def _inner(entry: object) -> object:
    if isinstance(entry, dict):
        # An id is a hash of the rest: telling that it changed tells nothing.
        return {k: v for k, v in entry.items() if k != "id" or "name" not in entry}
    return entry[1] if isinstance(entry, list) else entry


def _flat(value: object, path: str = "") -> dict[str, object]:
    if isinstance(value, dict):
        return {k: v for n, x in value.items() for k, v in _flat(x, f"{path}.{n}").items()}
    if isinstance(value, list):
        named = {_name(x): x for x in value}
        if len(named) == len(value) and "" not in named:
            return {
                k: v for n, x in named.items() for k, v in _flat(_inner(x), f"{path}.{n}").items()
            }
        return {k: v for n, x in enumerate(value) for k, v in _flat(x, f"{path}.{n}").items()}
    return {path.lstrip("."): value}
