"""A stack file to a `Stack`, checked against the registry."""

import os
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import attrs

from dosimeter.errors import StackError
from dosimeter.ids import canonical, digest
from dosimeter.limits import RUN_NAME, SURROGATE, kind_of
from dosimeter.model.answering import Gate
from dosimeter.model.comparing import Declared
from dosimeter.model.stackfile import (
    RaterChoice,
    RunConfig,
    Stack,
)
from dosimeter.model.work import Price
from dosimeter.registry import Registry
from dosimeter.stack.faults import Faults, Places, Table
from dosimeter.stack.options import OptionReader, Secrets
from dosimeter.stack.parts import Builder
from dosimeter.stack.prices import priced
from dosimeter.stack.read import apply_override, read_dotenv, read_tables
from dosimeter.stack.whole import Parts, check_whole, sound

TOP = ("name", "extends", "targets", "endpoints", "categories", "raters", "run", "sinks", "gates",
       "comparisons", "prices", "executor")  # fmt: skip
LISTS = ("categories", "raters", "sinks", "gates", "comparisons", "prices")
NEEDED = ("categories", "raters")
T = TypeVar("T")


def resolve(
    tables: Table,
    *,
    file: str,
    registry: Registry,
    environ: Mapping[str, str],
    note: str = "",
    places: Places | None = None,
    wrong: Sequence[str] = (),
    sends: bool = True,
    folder: Path | None = None,
) -> tuple[Stack, Secrets]:
    """Build a stack from its tables.

    Args:
        tables: What the file holds, with what it extends and settings.
        file: Its name, for messages.
        registry: What its ids are looked up in.
        environ: Variables for secrets.
        note: Why a variable may be lacking, for the message that says so.
        places: Which of them says what.
        wrong: Faults of settings that are in no table.
        sends: Whether secrets will be used: else one that is lacking is no fault, unless there are
            others.
        folder: Of the file, if it is not the present one.

    Raises:
        StackError: Listing everything that is wrong.
    """
    faults = Faults(file, places or {}, [("", line) for line in wrong])
    unset = Faults(file, faults.places)
    at = folder or Path.cwd()
    options = OptionReader(environ, faults, note=note, unset=None if sends else unset)
    b = Builder(registry, faults, options, at)
    b.keys("", tables, TOP)
    lists = {key: _tables(faults, tables, key) for key in LISTS}
    rates = faults.table("run.requests_per_minute", _run(tables).get("requests_per_minute", {}))
    parts = Parts(
        targets=b.endpoints("targets", tables.get("targets", {})),
        endpoints=b.endpoints("endpoints", tables.get("endpoints", {})),
        categories=_each(b.category, "categories", lists),
        raters=_each(b.rater, "raters", lists),
        sinks=_each(b.sink, "sinks", lists),
        gates=_each(lambda path, t: faults.build(path, _placed(faults, path, t), Gate), "gates", lists),
        comparisons=_each(
            lambda path, t: faults.build(path, _placed(faults, path, t), Declared), "comparisons", lists
        ),
        prices=_each(lambda path, t: faults.build(path, t, Price), "prices", lists),
    )  # fmt: skip
    raw_run = {**faults.table("run", tables.get("run", {})), "requests_per_minute": ()}
    run = faults.build("run", raw_run, RunConfig)
    executor = None
    if "executor" in tables:
        executor = b.executor("executor", faults.table("executor", tables["executor"]))
    name = _name(faults, tables.get("name", Path(file).stem))
    check_whole(faults, registry, parts, b.declared, run, tables, lists, rates)
    if faults.told or run is None:
        faults.told += unset.told
        raise faults.error(f"{file} cannot be run:")
    run = attrs.evolve(
        run, requests_per_minute=tuple(sorted((k, float(v)) for k, v in rates.items()))
    )
    made: dict[str, Any] = {a.name: sound(getattr(parts, a.name)) for a in attrs.fields(Parts)}
    own: tuple[Price, ...] = made.pop("prices")
    prices = priced(own, (*parts.targets, *parts.endpoints), registry)
    stack = Stack(name=name, run=run, executor=executor, prices=prices, **made)
    text = canonical(stack).decode("ascii")
    secrets = Secrets(options.secrets, b.seals, unset.error("").faults)
    return attrs.evolve(stack, text=text, hash=digest("stack", text)), secrets


def _tables(faults: Faults, tables: Table, key: str) -> list[Table]:
    raw = tables.get(key, [])
    if raw == [] and key in NEEDED:
        faults.add(key, f"at least one [[{key}]] with an id is needed")
    return faults.tables(key, raw)


def _each(
    read: Callable[[str, Table], T | None], key: str, lists: Mapping[str, list[Table]]
) -> tuple[T | None, ...]:
    return tuple(read(f"{key}[{i}]", table) for i, table in enumerate(lists[key]))


def usual_raters(
    names: Sequence[str], registry: Registry, environ: Mapping[str, str]
) -> tuple[tuple[RaterChoice, ...], Secrets]:
    """Give raters as a stack has them that says no more than their ids.

    Raises:
        StackError: Listing the options that must be given.
    """
    faults = Faults("--rater")
    options = OptionReader(environ, faults)
    b = Builder(registry, faults, options)
    made = [b.rater(name, {"id": name}) for name in names]
    if faults.told:
        raise faults.error("a stack must say more of these raters:")
    return sound(made), Secrets(options.secrets)


def _run(tables: Table) -> Table:
    raw = tables.get("run", {})
    return raw if isinstance(raw, dict) else {}


def _name(faults: Faults, name: object) -> str:
    if isinstance(name, str) and re.fullmatch(RUN_NAME, name) and not re.search(SURROGATE, name):
        return name
    what = repr(name) if isinstance(name, str) else kind_of(name)
    why = f"expected the name of a folder, without a slash or a dot in front, got {what}"
    faults.add("name", why)
    return ""


def _placed(faults: Faults, path: str, table: Table) -> Table:
    """Give a table with its `where` as pairs."""
    pairs = []
    for key, value in faults.table(f"{path}.where", table.get("where", {})).items():
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            faults.add(f"{path}.where.{key}", f"expected a name, got {kind_of(value)}")
        else:
            pairs.append((key, str(value)))
    return {**table, "where": sorted(pairs)}


def load_stack(
    path: Path,
    *,
    registry: Registry,
    overrides: Sequence[str] = (),
    environ: Mapping[str, str] = os.environ,
    limit: int | None = None,
    sends: bool = True,
) -> tuple[Stack, Secrets]:
    """Read, override and check a stack file.

    Args:
        path: The stack file.
        registry: What its ids are looked up in.
        overrides: ``path=value`` settings, later ones win.
        environ: Variables for secrets; those of ``.env`` beside the file yield to it.
        limit: Most families of every category.
        sends: Whether secrets will be used; else one that is lacking is told beside the stack.

    Raises:
        StackError: Listing everything that is wrong, with file and path.
    """
    tables, places = read_tables(path)
    wrong = []
    for setting in overrides:
        try:
            apply_override(tables, setting, places)
        except StackError as exc:
            wrong.append(str(exc))
    if limit is not None:
        _cut(tables, limit)
    from_file, strange = read_dotenv(path.resolve().parent / ".env")
    env = {**from_file, **environ}
    note = f"; .env, line {strange[0]}, cannot be understood: is a quote open?" if strange else ""
    return resolve(
        tables,
        file=str(path),
        registry=registry,
        environ=env,
        note=note,
        places=places,
        wrong=wrong,
        sends=sends,
        folder=path.resolve().parent,
    )


def _cut(tables: Table, limit: int) -> None:
    """Lower the limit of every category; what is no table or no number `resolve` tells, with its path."""
    given = tables.get("categories", [])
    for table in given if isinstance(given, list) else []:
        if isinstance(table, dict) and isinstance(table.get("limit", limit), int):
            table["limit"] = min(limit, table.get("limit", limit))
