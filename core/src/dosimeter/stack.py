"""A stack file to a `Stack`, checked against the registry; every fault is told at once."""

import json
import os
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

import attrs
from attrs import define, field, frozen

from dosimeter.errors import DosimeterError, StackError
from dosimeter.ids import canonical, digest
from dosimeter.model.answering import Gate
from dosimeter.model.conversation import Sampling
from dosimeter.model.doing import Role
from dosimeter.model.questions import questions
from dosimeter.model.specs import (
    AttackSpec,
    CategorySpec,
    ExecutorSpec,
    ProviderSpec,
    ScorerSpec,
    SinkSpec,
)
from dosimeter.model.stackfile import (
    CategoryChoice,
    Choice,
    Price,
    RaterChoice,
    RunConfig,
    SinkChoice,
    Stack,
)
from dosimeter.model.work import Compose, Endpoint, Seal
from dosimeter.registry import KINDS, Registry
from dosimeter.serialize import structure, to_plain
from dosimeter.vault import make_seal

Table = dict[str, Any]
T = TypeVar("T")

TOP = ("name", "extends", "targets", "endpoints", "categories", "raters", "run", "sinks", "gates",
       "prices", "executor")  # fmt: skip
ENDPOINT = ("model", "system", "compose", "replica", "temperature", "top_p", "max_tokens", "stop")
SAMPLING = ("temperature", "top_p", "max_tokens", "stop")
CATEGORY = ("id", "panel", "limit", "attacks", "languages", "seal")
RATER = ("id", "name", "votes", "roles")
VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


@frozen
class Secrets:
    """Secrets of a stack. Shows nothing of itself.

    Attributes:
        values: Secret options by endpoint name, or by ``kind:name`` of another component.
        seals: Seals of panels by category id.
    """

    values: dict[str, dict[str, str]] = field(factory=dict, repr=False)
    seals: dict[str, Seal] = field(factory=dict, repr=False)

    def of(self, owner: str) -> dict[str, str]:
        """Give the secret options of one endpoint or component."""
        return self.values.get(owner, {})


@define
class _Faults:
    """What is wrong with a file, gathered so that all of it is told."""

    file: str
    lines: list[str] = field(factory=list)

    def add(self, path: str, text: str) -> None:
        self.lines.append(f"{path}: {text}" if path else text)

    def unknown(self, path: str, key: str, known: Iterable[str]) -> None:
        known = list(known)
        near = get_close_matches(key, known, 1, 0.5)
        hint = f"did you mean {near[0]!r}?" if near else f"known keys: {', '.join(known)}"
        self.add(f"{path}.{key}".lstrip("."), f"unknown key; {hint}")

    def table(self, path: str, raw: object) -> Table:
        if isinstance(raw, dict):
            return raw
        self.add(path, f"expected a table, got {raw!r}")
        return {}

    def tables(self, path: str, raw: object) -> list[Table]:
        if isinstance(raw, list) and all(isinstance(x, dict) for x in raw):
            return raw
        self.add(path, f"expected [[{path}]] tables, got {type(raw).__name__}")
        return []

    def build(self, path: str, raw: Table, kind: type[T]) -> T | None:
        try:
            return structure(raw, kind, where=path)
        except StackError as exc:
            self.lines += [line.strip() for line in str(exc).splitlines()[1:]]
            return None


# -- reading ------------------------------------------------------------------------------------


def read_tables(path: Path, seen: tuple[Path, ...] = ()) -> Table:
    """Read a file and those that it extends; tables merge, lists are replaced.

    Raises:
        StackError: If a file is missing, is no TOML, or extends itself.
    """
    path = path.resolve()
    if path in seen:
        msg = f"{path}: extends itself through {' -> '.join(p.name for p in seen)}"
        raise StackError(msg)
    try:
        own = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as exc:
        near = get_close_matches(path.name, [p.name for p in path.parent.glob("*.toml")], 1)
        hint = f"; did you mean {near[0]}?" if near else "; `dosimeter init` writes one"
        msg = f"no stack file at {path}{hint}"
        raise StackError(msg) from exc
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, IsADirectoryError) as exc:
        msg = f"{path} is not a TOML file: {exc}"
        raise StackError(msg) from exc
    base = own.pop("extends", None)
    if base is None:
        return own
    if not isinstance(base, str):
        msg = f"{path}: extends: expected a file name, got {base!r}"
        raise StackError(msg)
    return _merge(read_tables(path.parent / base, (*seen, path)), own)


def _merge(base: Table, over: Table) -> Table:
    out = dict(base)
    for key, value in over.items():
        both = isinstance(value, dict) and isinstance(out.get(key), dict)
        out[key] = _merge(out[key], value) if both else value
    return out


def apply_override(tables: Table, setting: str) -> None:
    """Apply one ``--set path=value``; a value that is no TOML is taken as text.

    Raises:
        StackError: If there is no ``=`` or the path leads nowhere.
    """
    path, eq, raw = setting.partition("=")
    keys = path.strip().split(".")
    if not eq or not all(keys):
        msg = f"--set {setting}: expected path=value, such as run.seed=7"
        raise StackError(msg)
    try:
        value = tomllib.loads(f"v = {raw.strip()}")["v"]
    except tomllib.TOMLDecodeError:
        value = raw.strip()
    at: Any = tables
    try:
        for key in keys[:-1]:
            at = at[int(key)] if isinstance(at, list) else at.setdefault(key, {})
        if isinstance(at, list):
            at[int(keys[-1])] = value
        else:
            at[keys[-1]] = value
    except (ValueError, IndexError, AttributeError, TypeError) as exc:
        msg = f"--set {setting}: {path} leads nowhere in this stack"
        raise StackError(msg) from exc


def read_dotenv(path: Path) -> dict[str, str]:
    """Read ``KEY=VALUE`` lines; quotes around a value are dropped, ``#`` lines skipped."""
    if not path.is_file():
        return {}
    found = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        key, eq, value = line.strip().removeprefix("export ").partition("=")
        if eq and not key.startswith("#"):
            found[key.strip()] = value.strip().strip("\"'")
    return found


# -- building -----------------------------------------------------------------------------------


@define
class _Builder:
    """Holds what every part needs while a stack is built."""

    registry: Registry
    environ: Mapping[str, str]
    faults: _Faults
    secrets: dict[str, dict[str, str]] = field(factory=dict)
    seals: dict[str, Seal] = field(factory=dict)

    def keys(self, path: str, raw: Table, known: Iterable[str]) -> None:
        for key in raw:
            if key not in known:
                self.faults.unknown(path, key, known)

    def spec(self, kind: type[T], path: str, name: object) -> T | None:
        if not isinstance(name, str):
            self.faults.add(path, f"expected the id of a component, got {name!r}")
            return None
        try:
            return self.registry.get(kind, name)  # type: ignore[type-var]
        except DosimeterError as exc:
            self.faults.add(path, str(exc))
            return None

    def options(
        self, path: str, cls: type, raw: Table, owner: str, known_too: Iterable[str] = ()
    ) -> tuple[Any, Any]:
        """Sort options into identity and operational pairs; secrets go to *owner*."""
        known = {a.name: a for a in attrs.fields(cls)}
        given: Table = {}
        for key, value in raw.items():
            if key not in known:
                self.faults.unknown(path, key, [*known, *known_too])
            else:
                given[key] = self._value(f"{path}.{key}", known[key], value)
        for name, a in known.items():
            if name not in given:
                found = [self.environ[e] for e in a.metadata["env"] if self.environ.get(e)]
                if found:
                    given[name] = found[0]
        made = self.faults.build(path, {k: v for k, v in given.items() if v is not None}, cls)
        if made is None:
            return (), ()
        sorted_: dict[str, list[tuple[str, str]]] = {"identity": [], "operational": []}
        plain = {a: to_plain(getattr(made, a)) for a in known}
        for name, a in known.items():
            group = a.metadata["dosimeter"]
            if group == "secret":
                if plain[name]:
                    self.secrets.setdefault(owner, {})[name] = plain[name]
            else:
                sorted_[group].append((name, json.dumps(plain[name], sort_keys=True)))
        return tuple(sorted(sorted_["identity"])), tuple(sorted(sorted_["operational"]))

    def _value(self, path: str, a: "attrs.Attribute[Any]", value: Any) -> Any:  # noqa: ANN401
        return self._filled(path, value, secret=a.metadata["dosimeter"] == "secret")

    def _filled(self, path: str, value: Any, *, secret: bool) -> Any:  # noqa: ANN401
        """Put variables of the environment into a secret; None if that cannot be done."""
        names = VARIABLE.findall(value) if isinstance(value, str) else []
        if secret and not names:
            self.faults.add(path, "a secret stands in the file; write ${NAME} and set it outside")
            return None
        if names and not secret:
            self.faults.add(path, "${...} is for secrets only; it would make the run depend on"
                            " where it is run; use --set")  # fmt: skip
            return None
        for name in names:
            if name not in self.environ:
                self.faults.add(path, f"the environment has no {name}; set it or put it in .env")
                return None
        if not secret:
            return value
        return VARIABLE.sub(lambda m: self.environ[m.group(1)], value)

    def choice(self, path: str, spec: Any, raw: Table, name: str, skip: Sequence[str]) -> Choice:  # noqa: ANN401
        rest = {k: v for k, v in raw.items() if k not in skip}
        owner = f"{KINDS[type(spec)]}:{name}"
        identity, operational = self.options(path, spec.options, rest, owner, skip)
        roles = []
        for role, endpoint in self.faults.table(f"{path}.roles", raw.get("roles", {})).items():
            if role in set(Role):
                roles.append((Role(role), str(endpoint)))
            else:
                self.faults.unknown(f"{path}.roles", role, [r.value for r in Role])
        lacking = {r.value for r in getattr(spec, "roles", ())} - {r.value for r, _ in roles}
        for role in sorted(lacking):
            self.faults.add(f"{path}.roles", f"{spec.id!r} needs an endpoint for role {role!r}")
        return Choice(id=spec.id, name=name, identity=identity, operational=operational,
                      roles=tuple(sorted(roles)))  # fmt: skip

    # -- parts --------------------------------------------------------------------------------

    def endpoint(self, path: str, name: str, raw: Table) -> Endpoint | None:
        model = raw.get("model")
        if not isinstance(model, str) or "/" not in model:
            self.faults.add(f"{path}.model", f'expected "provider/model", got {model!r}')
            return None
        provider, _, rest = model.partition("/")
        spec = self.spec(ProviderSpec, f"{path}.model", provider)
        if spec is None:
            return None
        identity, operational = self.options(
            path, spec.options, {k: v for k, v in raw.items() if k not in ENDPOINT}, name, ENDPOINT
        )
        sampling_raw = {k: raw[k] for k in SAMPLING if k in raw}
        sampling = self.faults.build(path, sampling_raw, Sampling)
        system = raw.get("system", "")
        replica = raw.get("replica", 1)
        compose = raw.get("compose", "append")
        if not isinstance(system, str):
            self.faults.add(f"{path}.system", f"expected text, got {system!r}")
            return None
        if not isinstance(replica, int) or isinstance(replica, bool):
            self.faults.add(f"{path}.replica", f"expected a whole number, got {replica!r}")
            return None
        if compose not in set(Compose):
            self.faults.add(f"{path}.compose", f"expected one of {[c.value for c in Compose]}")
            return None
        if sampling is None:
            return None
        ident = digest("endpoint", (provider, rest, system, compose, sampling, identity, replica))
        return Endpoint(id=ident, name=name, provider=provider, model=rest, system_prompt=system,
                        compose=Compose(compose), sampling=sampling, identity=identity,
                        operational=operational, replica=replica)  # fmt: skip

    def endpoints(self, key: str, raw: object) -> tuple[Endpoint, ...]:
        made = []
        for name, table in self.faults.table(key, raw).items():
            path = f"{key}.{name}"
            one = self.endpoint(path, name, self.faults.table(path, table))
            if one is not None:
                made.append(one)
        return tuple(made)

    def attack(self, path: str, raw: object) -> Choice | None:
        table: Table = {"id": raw} if isinstance(raw, str) else self.faults.table(path, raw)
        spec = self.spec(AttackSpec, path, table.get("id"))
        if spec is None:
            return None
        return self.choice(path, spec, table, spec.id, ("id", "roles"))

    def category(self, path: str, raw: Table) -> CategoryChoice | None:
        spec = self.spec(CategorySpec, f"{path}.id", raw.get("id"))
        if spec is None:
            return None
        choice = self.choice(path, spec, raw, spec.id, CATEGORY)
        self._seal(f"{path}.seal", spec.id, raw)
        panels = [p.name for p in spec.panels]
        panel = raw.get("panel", panels[0] if panels else "")
        if panel not in panels:
            near = get_close_matches(str(panel), panels, 1)
            hint = f"; did you mean {near[0]!r}?" if near else f"; panels: {', '.join(panels)}"
            self.faults.add(f"{path}.panel", f"{spec.id!r} has no panel {panel!r}{hint}")
        limit = raw.get("limit")
        if limit is not None and (
            not isinstance(limit, int) or isinstance(limit, bool) or limit < 1
        ):
            self.faults.add(
                f"{path}.limit", f"expected a number of families, 1 or more, got {limit!r}"
            )
            limit = None
        attacks = raw.get("attacks", list(spec.attacks))
        if not isinstance(attacks, list) or not attacks:
            self.faults.add(f"{path}.attacks", "expected a list of attack ids")
            attacks = []
        made = [self.attack(f"{path}.attacks[{i}]", a) for i, a in enumerate(attacks)]
        languages = raw.get("languages", [])
        if not isinstance(languages, list) or not all(isinstance(x, str) for x in languages):
            self.faults.add(f"{path}.languages", "expected a list of language tags")
            languages = []
        return CategoryChoice(choice=choice, panel=str(panel), limit=limit,
                              attacks=tuple(a for a in made if a), languages=tuple(languages))  # fmt: skip

    def _seal(self, path: str, category: str, raw: Table) -> None:
        """Derive the seal of a category's panel from its secret."""
        if "seal" not in raw:
            return
        secret = self._filled(path, raw["seal"], secret=True)
        if not isinstance(secret, str):
            return
        try:
            self.seals[category] = make_seal(category, secret)
        except StackError as exc:
            self.faults.add(path, str(exc))

    def rater(self, path: str, raw: Table) -> RaterChoice | None:
        spec = self.spec(ScorerSpec, f"{path}.id", raw.get("id"))
        if spec is None:
            return None
        votes = raw.get("votes", 1)
        if not isinstance(votes, int) or isinstance(votes, bool) or votes < 1:
            self.faults.add(f"{path}.votes", f"expected a whole number, 1 or more, got {votes!r}")
            votes = 1
        if votes > 1 and not spec.judge:
            self.faults.add(
                f"{path}.votes", f"{spec.id!r} is a rule: it would say the same {votes} times"
            )
        name = raw.get("name", spec.id)
        return RaterChoice(choice=self.choice(path, spec, raw, str(name), RATER), votes=votes)

    def sink(self, path: str, raw: Table) -> SinkChoice | None:
        spec = self.spec(SinkSpec, f"{path}.id", raw.get("id"))
        if spec is None:
            return None
        name = str(raw.get("path", f"report{spec.suffix}" if spec.suffix else ""))
        return SinkChoice(choice=self.choice(path, spec, raw, spec.id, ("id", "path")), path=name)


def _check_gates(
    faults: _Faults, gates: Sequence[Gate], categories: Sequence[CategorySpec],
    raters: Sequence[ScorerSpec],
) -> None:  # fmt: skip
    known = [m.id for m in questions(categories, raters)]
    for i, gate in enumerate(gates):
        path = f"gates[{i}]"
        if gate.measure not in known:
            near = get_close_matches(gate.measure, known, 1)
            hint = f"did you mean {near[0]!r}?" if near else f"measures: {', '.join(known)}"
            faults.add(f"{path}.measure", f"no measure {gate.measure!r}; {hint}")
        if (gate.max is None) is (gate.min is None):
            faults.add(path, "give either max or min")


def _check_targets(faults: _Faults, targets: Sequence[Endpoint]) -> None:
    seen: dict[str, str] = {}
    for one in targets:
        if one.id in seen:
            faults.add(f"targets.{one.name}", f"the same as targets.{seen[one.id]} in all that is"
                       " measured; say replica = 2 if that is meant")  # fmt: skip
        seen.setdefault(one.id, one.name)
    if not targets:
        faults.add(
            "targets", 'at least one is needed: [targets.<name>] with model = "provider/model"'
        )


def resolve(
    tables: Table, *, file: str, registry: Registry, environ: Mapping[str, str]
) -> tuple[Stack, Secrets]:
    """Build a stack from its tables.

    Raises:
        StackError: Listing everything that is wrong.
    """
    faults = _Faults(file)
    b = _Builder(registry, environ, faults)
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
    prices = [
        faults.build(f"prices[{i}]", t, Price)
        for i, t in enumerate(faults.tables("prices", tables.get("prices", [])))
    ]
    run_raw = dict(faults.table("run", tables.get("run", {})))
    rpm = run_raw.pop("requests_per_minute", {})
    run_raw["requests_per_minute"] = sorted(map(list, faults.table("run", rpm).items()))
    run = faults.build("run", run_raw, RunConfig)
    executor = None
    if "executor" in tables:
        table = faults.table("executor", tables["executor"])
        spec = b.spec(ExecutorSpec, "executor.id", table.get("id"))
        executor = spec and b.choice("executor", spec, table, spec.id, ("id",))
    _check_targets(faults, targets)
    for key, made in (("categories", categories), ("raters", raters)):
        if key not in tables or not made:
            faults.add(key, f"at least one [[{key}]] with an id is needed")
    _check_roles(faults, (*targets, *others), categories, raters)
    _check_gates(
        faults, [g for g in gates if g],
        [registry.get(CategorySpec, c.choice.id) for c in categories if c],
        [registry.get(ScorerSpec, r.choice.id) for r in raters if r],
    )  # fmt: skip
    if faults.lines or run is None:
        lines = "\n  ".join(dict.fromkeys(faults.lines))
        msg = f"{file} cannot be run:\n  {lines}"
        raise StackError(msg)
    stack = Stack(
        name=str(tables.get("name", Path(file).stem)),
        targets=targets,
        endpoints=others,
        categories=tuple(c for c in categories if c),
        raters=tuple(r for r in raters if r),
        sinks=tuple(s for s in sinks if s),
        gates=tuple(g for g in gates if g),
        run=run,
        prices=tuple(p for p in prices if p),
        executor=executor or None,
    )
    text = canonical(stack).decode("ascii")
    return attrs.evolve(stack, text=text, hash=digest("stack", text)), Secrets(b.secrets, b.seals)


def _gate(table: Table) -> Table:
    where = table.get("where", {})
    pairs = sorted([str(k), str(v)] for k, v in where.items()) if isinstance(where, dict) else where
    return {**table, "where": pairs}


def _check_roles(
    faults: _Faults,
    endpoints: Sequence[Endpoint],
    categories: Sequence[CategoryChoice | None],
    raters: Sequence[RaterChoice | None],
) -> None:
    names = [e.name for e in endpoints]
    if len(set(names)) < len(names):
        faults.add("endpoints", "a name is used by a target and an endpoint; names are unique")
    used = [(f"attack {a.id!r}", a) for c in categories if c for a in c.attacks]
    used += [(f"rater {r.choice.id!r}", r.choice) for r in raters if r]
    for who, choice in used:
        for role, name in choice.roles:
            if name not in names:
                near = get_close_matches(name, names, 1)
                hint = f"; did you mean {near[0]!r}?" if near else ""
                faults.add("", f"{who}: role {role}: no endpoint {name!r}{hint}")


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
        for table in tables.get("categories", []):
            table["limit"] = min(limit, table.get("limit", limit))
    env = {**read_dotenv(path.resolve().parent / ".env"), **environ}
    return resolve(tables, file=str(path), registry=registry, environ=env)
