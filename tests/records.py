"""The page on records, made of the classes: `uv run python tests/records.py` writes docs/records.md anew."""

import enum
import inspect
import json
import re
from pathlib import Path

import attrs

import dosimeter
from dosimeter import errors, http, testing
from dosimeter.http import chat, stream
from dosimeter.limits import KEYWORDS, WORDS, keywords

PAGE = Path(__file__).parents[1] / "docs" / "records.md"
HEAD = """# Records

What plugins are handed and hand over, field by field: made of the classes, so it is what they are.
All are imported from `dosimeter`, but for those at the end; all are frozen and take keywords only.
How they are used is on the pages [plugins](plugins.md) and [testing](testing.md).
"""
ROOMS = {
    "conversation": "What is said",
    "design": "Items and variants",
    "doing": "Searches and judges at work",
    "rating": "Rating",
    "specs": "What plugins declare",
    "work": "Executors",
    "measures": "Measures",
    "answering": "Findings and gates",
    "facts": "What stands behind numbers",
    "report": "Reports",
}


def described(doc):
    """Summary of a docstring, and what its Attributes or Args say, by name."""
    doc = inspect.cleandoc(doc or "").replace("``", "`")
    head, _, rest = doc.partition("\n\n")
    told = re.search(r"^(?:Attributes|Args):\n(.*?)(?=^\S|\Z)", rest, re.DOTALL | re.MULTILINE)
    found = re.findall(r"^ {4}(\w+): (.*?)(?=^ {4}\w+: |\Z)", told.group(1) if told else "",
                       re.DOTALL | re.MULTILINE)  # fmt: skip
    return " ".join(head.split()), {name: " ".join(text.split()) for name, text in found}


def shown(kind):
    """A type as people write it."""
    text = kind if isinstance(kind, str) else inspect.formatannotation(kind)
    text = re.sub(r"\b(?:[a-z_]+\.)+(?=\w)", "", text.replace("'", ""))
    text = re.sub(r"ForwardRef\((\w+)\)", r"\1", text)
    # What stands for the parts of a message is told by its name.
    parts = " | ".join(one.__name__ for one in dosimeter.Part.__args__)
    return text.replace(parts, "Part").replace("|", "\\|")


def bounds(schema):
    """What a number or text may be, in the words of faults, of its keywords in JSON Schema."""
    said = [WORDS[op].format(schema[key]) for op, key in KEYWORDS.items() if key in schema]
    return " and ".join(said)


def parted(words):
    """What a key of a stack is, and what holds where it is left out and is no value."""
    told, _, otherwise = words.partition("; default: ")
    return told, otherwise


def default(field):
    """What stands in a field that is not given."""
    if field.default is attrs.NOTHING:
        return "needed"
    if isinstance(field.default, attrs.Factory):
        return "empty"
    if isinstance(field.default, enum.Enum):
        return f"`{field.default.name}`"
    if isinstance(field.default, frozenset):
        return ", ".join(f"`{one.name}`" for one in sorted(field.default)) or "none"
    if attrs.has(type(field.default)):
        return f"`{type(field.default).__name__}()`"
    if isinstance(field.default, type):
        return f"`{field.default.__name__}`"
    if isinstance(field.default, tuple):
        return ", ".join(f"`{getattr(one, 'name', one)}`" for one in field.default) or "none"
    return (
        f"`{json.dumps(field.default)}`" if isinstance(field.default, str) else f"`{field.default}`"
    )


def key(field):
    """What a field is that is a key of a stack, as a sentence."""
    told, _ = parted(field.metadata.get("help", ""))
    return f"{told[:1].upper()}{told[1:]}." if told else ""


def record(cls):
    """A record's table."""
    head, told = described(cls.__doc__)
    yield f"### {cls.__name__}\n\n{head}\n"
    if attrs.fields(cls):
        yield "| field | type | default | what it is |\n|---|---|---|---|"
        for one in attrs.fields(cls):
            text = (told.get(one.name) or key(one)).replace("|", "\\|")
            kind = ", ".join(filter(None, (f"`{shown(one.type)}`", bounds(keywords(one)))))
            yield f"| `{one.name}` | {kind} | {default(one)} | {text} |"
        yield ""


def choice(cls):
    """A table of what an enumeration holds."""
    head, told = described(cls.__doc__)
    yield f"### {cls.__name__}\n\n{head}\n\n| member | value | what it is |\n|---|---|---|"
    yield from (f"| `{one.name}` | `{one.value}` | {told.get(one.name, '')} |" for one in cls)
    yield ""


def call(name, act):
    """A function's signature, and what it does."""
    head, told = described(act.__doc__)
    taken = inspect.signature(act).parameters.values()
    yield f"### {name}({', '.join(f'{p.name}=' if p.default is not p.empty else p.name for p in taken)})\n\n{head}\n"
    if told:
        yield "| argument | what it is |\n|---|---|"
        yield from (f"| `{key}` | {text} |" for key, text in told.items())
        yield ""


def raised(cls):
    """What a provider raises."""
    head, told = described(cls.__doc__)
    yield f"### {cls.__name__}\n\n{head}\n"
    if told:
        yield "| field | what it is |\n|---|---|"
        yield from (f"| `{key}` | {text} |" for key, text in told.items())
        yield ""


def written():
    """The whole page."""
    public = [getattr(dosimeter, name) for name in dosimeter.__all__]
    classes = [c for c in public if isinstance(c, type)]
    yield HEAD
    for room, title in ROOMS.items():
        here = [c for c in classes if c.__module__ == f"dosimeter.model.{room}"]
        yield f"## {title}\n"
        for cls in sorted(here, key=lambda c: inspect.getsourcelines(c)[1]):
            if attrs.has(cls):
                yield from record(cls)
            elif issubclass(cls, enum.Enum):
                yield from choice(cls)
    yield "## What a provider raises\n"
    for cls in (errors.ProviderError, errors.Transient, errors.Permanent, errors.AuthFailed):
        yield from raised(cls)
    yield "## dosimeter.http\n"
    for name in http.__all__:
        yield from call(name, getattr(http, name))
    yield from call("stream.streamed", stream.streamed)
    for name in chat.__all__:
        yield from call(f"chat.{name}", getattr(chat, name))
    yield "## dosimeter.testing\n"
    yield from record(testing.Specimen)
    yield from record(testing.Result)
    yield from choice(testing.CheckState)


def page():
    """Its text."""
    return "\n".join(written()).rstrip() + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
