"""Tables of the page on stacks, made of the schema: `uv run python tests/stackpage.py` writes them anew.

The prose of docs/stack.md is written by hand; what is between it, under each heading of `schemas`, is not.
"""

import json
import re
from pathlib import Path

from records import bounds, parted

from dosimeter import AttackSpec, CategorySpec, ExecutorSpec, ProviderSpec, ScorerSpec, SinkSpec
from dosimeter.plugins import Source
from dosimeter.registry import Provided, Registry
from dosimeter.schema import json_schema

PAGE = Path(__file__).parents[1] / "docs" / "stack.md"
HEAD = "| key | type | default | meaning |\n|---|---|---|---|\n"
TABLE = re.compile(re.escape(HEAD) + r"(?:\|.*\n)*")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
TYPES = {"string": "text", "integer": "whole number", "number": "number", "array": "list",
         "boolean": "true or false", "object": "table"}  # fmt: skip
NOTHING_OF_THEIR_OWN = {
    ProviderSpec: {},
    AttackSpec: {},
    CategorySpec: {"version": "1", "panels": (), "languages": ()},
    ScorerSpec: {"scales": (), "judge": True},
    SinkSpec: {},
    ExecutorSpec: {},
}


def core():
    """A registry with one of each kind that has no key of its own: what is left is the core's."""
    source = Source(distribution="dosimeter", version="0")
    specs = [
        cls(id=cls.kind, summary=f"of an installed {cls.kind}", factory="none:none", **more)
        for cls, more in NOTHING_OF_THEIR_OWN.items()
    ]
    return Registry(
        provided=tuple(Provided(kind=s.kind, spec=s, plugin="", source=source) for s in specs)
    )


def schemas():
    """The schema of each table of the page, by heading."""
    whole = json_schema(core())
    top, asked = whole["properties"], whole["then"]
    (target,) = top["targets"]["additionalProperties"]["anyOf"]
    (category,) = top["categories"]["items"]["anyOf"]
    (attack,) = category["properties"]["attacks"]["items"]["anyOf"][1]["anyOf"]
    (rater,) = top["raters"]["items"]["anyOf"]
    (sink,) = top["sinks"]["items"]["anyOf"]
    (executor,) = top["executor"]["anyOf"]
    run = top["run"]
    filled = {key: one | asked["properties"].get(key, {}) for key, one in top.items()}
    return {
        "Top level": asked | {"properties": filled},
        "Targets and endpoints": target | asked["properties"]["targets"]["additionalProperties"],
        "Categories": category,
        "Attacks": attack,
        "Raters": rater,
        "Run": run,
        "Budget": run["properties"]["budget"],
        "Sinks": sink,
        "Gates": top["gates"]["items"],
        "Comparisons": top["comparisons"]["items"],
        "Prices": top["prices"]["items"],
        "Executor": executor,
    }


def kind(schema):
    """A key's type in words, with the bounds that the schema has."""
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(map(kind, schema["anyOf"])))
    if schema.get("enum"):
        return ", ".join(f"`{one}`" for one in schema["enum"])
    least = schema.get("minItems") or schema.get("minProperties")
    filled = f"{TYPES[schema.get('type', 'string')]}{f' of {least} or more' if least else ''}"
    return ", ".join(filter(None, (filled, bounds(schema))))


def default(schema, otherwise):
    """What holds where a key is left out: in the key's own words, or the value that it has then."""
    value = schema.get("default", "")
    if otherwise or value == "":
        return otherwise
    return f"`{value}`" if isinstance(value, str) else json.dumps(value)


def table(schema):
    """The table of a table's keys."""
    yield HEAD
    for key, one in schema["properties"].items():
        meaning, otherwise = parted(one["description"])
        left = "required" if key in schema.get("required", ()) else default(one, otherwise)
        cells = (f"`{key}`", kind(one), left, meaning.replace("|", "\\|"))
        yield f"|{'|'.join(f' {cell} ' if cell else ' ' for cell in cells)}|\n"


def page(written):
    """The page, with its tables as the schema has them.

    Raises:
        ValueError: If the page has a table under another heading, or a second one, or lacks one.
    """
    made = {heading: "".join(table(schema)) for heading, schema in schemas().items()}

    def anew(found):
        heading = HEADING.findall(written[: found.start()])[-1]
        if heading not in made:
            msg = f"{PAGE.name} has a table of keys under {heading!r} that no schema fills"
            raise ValueError(msg)
        return made.pop(heading)

    out = TABLE.sub(anew, written)
    if made:
        msg = f"{PAGE.name} has no table of keys under {', '.join(made)}"
        raise ValueError(msg)
    return out


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
