"""A stack file to a `Stack`, checked against the registry."""

import json
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import attrs
from attrs import frozen

from dosimeter.errors import StackError
from dosimeter.ids import canonical, digest
from dosimeter.model.answering import Gate
from dosimeter.model.design import Intent
from dosimeter.model.questions import questions
from dosimeter.model.specs import CategorySpec, ExecutorSpec, ProviderSpec, ScorerSpec
from dosimeter.model.stackfile import (
    CategoryChoice,
    RaterChoice,
    RunConfig,
    SinkChoice,
    Stack,
)
from dosimeter.model.work import Endpoint, Price
from dosimeter.registry import Registry
from dosimeter.stack.checks import (
    check_gates,
    check_measures,
    check_numbers,
    check_prices,
    check_roles,
    check_targets,
    check_unique,
    near,
)
from dosimeter.stack.faults import Faults, Table
from dosimeter.stack.parts import Builder, Secrets
from dosimeter.stack.read import apply_override, read_dotenv, read_tables

TOP = ("name", "extends", "targets", "endpoints", "categories", "raters", "run", "sinks", "gates",
       "prices", "executor")  # fmt: skip


def resolve(
    tables: Table, *, file: str, registry: Registry, environ: Mapping[str, str]
) -> tuple[Stack, Secrets]:
    """Build a stack from its tables.

    Raises:
        StackError: Listing everything that is wrong.
    """
    faults = Faults(file)
    b = Builder(registry, environ, faults)
    b.keys("", tables, TOP)
    targets = b.endpoints("targets", tables.get("targets", {}))
    others = b.endpoints("endpoints", tables.get("endpoints", {}))
    categories = [
        b.category(f"categories[{i}]", t)
        for i, t in enumerate(faults.tables("categories", tables.get("categories", [])))
    ]
    raters = [
        b.rater(f"raters[{i}]", t)
        for i, t in enumerate(faults.tables("raters", tables.get("raters", [])))
    ]
    sinks = [
        b.sink(f"sinks[{i}]", t)
        for i, t in enumerate(faults.tables("sinks", tables.get("sinks", [])))
    ]
    gates = [
        faults.build(f"gates[{i}]", _gate(t), Gate)
        for i, t in enumerate(faults.tables("gates", tables.get("gates", [])))
    ]
    asked = faults.tables("prices", tables.get("prices", []))
    check_unique(faults, "prices", "a price of", (str(t.get("model")) for t in asked))
    prices = [faults.build(f"prices[{i}]", t, Price) for i, t in enumerate(asked)]
    run = faults.build("run", _run(faults, tables), RunConfig)
    executor = None
    if "executor" in tables:
        table = faults.table("executor", tables["executor"])
        spec = b.spec(ExecutorSpec, "executor.id", table.get("id"))
        executor = spec and b.choice("executor", spec, table, spec.id, ("id",))
    for key, parts in (("categories", categories), ("raters", raters)):
        if key not in tables or not parts:
            faults.add(key, f"at least one [[{key}]] with an id is needed")
    name = _name(faults, tables.get("name", Path(file).stem))
    made = _Made(
        targets=targets, endpoints=others, categories=tuple(c for c in categories if c),
        raters=tuple(r for r in raters if r), sinks=tuple(s for s in sinks if s),
        gates=tuple(g for g in gates if g),
        prices=priced([p for p in prices if p], (*targets, *others), registry),
    )  # fmt: skip
    _check(faults, registry, made, run)
    if faults.lines or run is None:
        lines = "\n  ".join(dict.fromkeys(faults.lines))
        msg = f"{file} cannot be run:\n  {lines}"
        raise StackError(msg)
    stack = Stack(name=name, run=run, executor=executor or None,
                  **{a.name: getattr(made, a.name) for a in attrs.fields(_Made)})  # fmt: skip
    text = canonical(stack).decode("ascii")
    return attrs.evolve(stack, text=text, hash=digest("stack", text)), Secrets(b.secrets, b.seals)


def priced(
    own: Sequence[Price], endpoints: Sequence[Endpoint], registry: Registry
) -> tuple[Price, ...]:
    """Add the providers' dated prices of models that the stack prices not itself."""
    found = {p.model: p for p in own}
    for e in endpoints:
        spec = registry.get(ProviderSpec, e.provider)
        name = f"{e.provider}/{e.model}"
        listed = {p.model: p for p in spec.prices}
        price = listed.get(e.model) or listed.get("*")
        if price is not None and name not in found and _default_account(spec, e):
            found[name] = attrs.evolve(price, model=name)
    return tuple(found.values())


def _default_account(spec: ProviderSpec, e: Endpoint) -> bool:
    """Whether *e* is at the provider's own address: others have prices of their own."""
    given = {**dict(e.identity), **dict(e.operational)}
    return all(
        given.get(a.name) == json.dumps(a.default)
        for a in attrs.fields(spec.options)
        if a.metadata.get("account") and a.name in given
    )


@frozen(kw_only=True)
class _Made:
    """The lists of a stack, before it is known to be sound."""

    targets: tuple[Endpoint, ...]
    endpoints: tuple[Endpoint, ...]
    categories: tuple[CategoryChoice, ...]
    raters: tuple[RaterChoice, ...]
    sinks: tuple[SinkChoice, ...]
    gates: tuple[Gate, ...]
    prices: tuple[Price, ...]


def _check(faults: Faults, registry: Registry, made: _Made, run: RunConfig | None) -> None:
    every = (*made.targets, *made.endpoints)
    check_targets(faults, made.targets)
    check_roles(faults, every, made.categories, made.raters)
    check_unique(faults, "categories", "category", (c.choice.id for c in made.categories))
    check_unique(faults, "raters", "rater", (r.choice.name for r in made.raters))
    check_unique(faults, "sinks", "file", (s.path for s in made.sinks if s.path))
    for category in made.categories:
        path = f"categories.{category.choice.id}"
        check_unique(faults, f"{path}.attacks", "attack", (a.id for a in category.attacks))
        spoken = registry.get(CategorySpec, category.choice.id).languages
        for language in category.languages:
            if language not in spoken:
                faults.add(
                    f"{path}.languages", f"no items in {language!r}; {near(language, spoken)}"
                )
    groups = {
        "target": [t.name for t in made.targets],
        "category": [c.choice.id for c in made.categories],
        "intent": [i.value for i in Intent],
        "attack": [a.id for c in made.categories for a in c.attacks],
        "rater": [r.choice.name for r in made.raters],
    }
    specs = [registry.get(CategorySpec, c.choice.id) for c in made.categories]
    raters = [(r.choice.name, registry.get(ScorerSpec, r.choice.id)) for r in made.raters]
    check_measures(faults, specs, raters)
    measures = questions(specs, [spec for _, spec in raters])
    known = {m.id: m for m in measures}
    check_gates(faults, made.gates, known, groups)
    if run is not None:
        check_numbers(faults, run, every)
        check_prices(faults, run, every, made.prices)


def _run(faults: Faults, tables: Table) -> Table:
    raw = dict(faults.table("run", tables.get("run", {})))
    rates = faults.table("run.requests_per_minute", raw.get("requests_per_minute", {}))
    return {**raw, "requests_per_minute": sorted(map(list, rates.items()))}


def _name(faults: Faults, name: object) -> str:
    """A name is that of the run's folder: it leads nowhere else."""
    if isinstance(name, str) and re.fullmatch(r"[^./\\\x00-\x1f][^/\\\x00-\x1f]*", name):
        return name
    faults.add("name", f"expected the name of a folder, got {name!r}")
    return ""


def _gate(table: Table) -> Table:
    where = table.get("where", {})
    pairs = sorted([str(k), str(v)] for k, v in where.items()) if isinstance(where, dict) else where
    return {**table, "where": pairs}


def load_stack(
    path: Path,
    *,
    registry: Registry,
    overrides: Sequence[str] = (),
    environ: Mapping[str, str] = os.environ,
    limit: int | None = None,
) -> tuple[Stack, Secrets]:
    """Read, override and check a stack file.

    Args:
        path: The stack file.
        registry: What its ids are looked up in.
        overrides: ``path=value`` settings, later ones win.
        environ: Variables for secrets; those of ``.env`` beside the file yield to it.
        limit: Most families of every category.

    Raises:
        StackError: Listing everything that is wrong, with file and path.
    """
    tables = read_tables(path)
    for setting in overrides:
        apply_override(tables, setting)
    if limit is not None:
        given = tables.get("categories", [])
        for table in given if isinstance(given, list) else []:
            # What is no table or no number is told by `resolve`, with its path.
            if isinstance(table, dict) and isinstance(table.get("limit", limit), int):
                table["limit"] = min(limit, table.get("limit", limit))
    env = {**read_dotenv(path.resolve().parent / ".env"), **environ}
    return resolve(tables, file=str(path), registry=registry, environ=env)
