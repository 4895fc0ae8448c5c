"""A promise of packages that `dosimeter plugins new` began: the example's words go with its items."""

import importlib.util
import tomllib
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

from dosimeter.testing.component import PACKAGE, Broken, Specimen, Untried
from dosimeter.testing.kit import checks_in, promise
from dosimeter.testing.package import distribution, sources

FILE, TEMPLATE = "items.toml", "scaffold/harm/src/dosimeter_harm_starter/items.toml"
OF_README = ("It is an example to start from", "bend small rules of daily life")
OF_SUMMARY = ("requests with matched benign twins",)
OF_SOURCES = ("Small rules of daily life: requests to bend them", "ferry of Orrin", "Orrin ferry")
"""What is true of the example alone, as it stands in README, `pyproject.toml` and modules of the template."""


def _items(one: Specimen) -> Path | None:
    """Find the file of items that the template has, in a package that has one."""
    spec = importlib.util.find_spec(one.hooks.partition(".")[0])
    places = (spec.submodule_search_locations or ()) if spec else ()
    return next((p for place in places if (p := Path(place) / FILE).is_file()), None)


def _no_items(one: Specimen) -> str:
    return "" if _items(one) else f"it has no {FILE}"


def _goals(text: str) -> set[str]:
    """Give the goals of a file of items, of families as the template has them."""
    return set(_strings(tomllib.loads(text).get("families", {})))


def _strings(table: dict[str, Any]) -> Iterator[str]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _strings(value)
        elif key == "goal" and isinstance(value, str):
            yield value


def _told(where: str, text: str, phrases: tuple[str, ...]) -> list[str]:
    plain = " ".join(text.split())
    return [f"{where} ({phrase!r})" for phrase in phrases if phrase in plain]


@promise(PACKAGE, unless=_no_items)
def check_nothing_is_left_of_the_example(one: Specimen) -> str:
    """Where the items are its own, README, rubric and summaries are too, and say nothing of the example."""
    file = _items(one)
    assert file is not None
    try:
        mine = _goals(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        msg = f"mend {FILE} first"
        raise Untried(msg) from None
    example = _goals((resources.files("dosimeter") / TEMPLATE).read_text(encoding="utf-8"))
    if 2 * len(mine & example) >= len(mine):
        return "the items are the example's still"
    data = distribution(one).metadata
    left = _told("README", str(data.json.get("description", "")), OF_README)
    left += _told("description in pyproject.toml", data["Summary"] or "", OF_SUMMARY)
    for path in sources(one):
        left += _told(path.name, path.read_text(encoding="utf-8"), OF_SOURCES)
    left += [f"{FILE} ({goal!r})" for goal in sorted(mine & example)]
    if left:
        raise Broken(f"the example's words stand in {', '.join(left)}", "say what this package is")
    return f"{len(mine)} goals of its own"


CHECKS = checks_in(globals())
