"""The parts of a stack out of their tables, with the registry at hand."""

import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import attrs
from attrs import define, field, frozen

from dosimeter.errors import DosimeterError, StackError
from dosimeter.ids import digest
from dosimeter.limits import OUTPUT, VARIABLE, got, kind_of, may_be_key, variables
from dosimeter.model.conversation import Sampling
from dosimeter.model.doing import Role
from dosimeter.model.specs import (
    AttackSpec,
    CategorySpec,
    ExecutorSpec,
    ProviderSpec,
    ScorerSpec,
    SinkSpec,
    Spec,
    option_class,
)
from dosimeter.model.stackfile import CategoryChoice, Choice, RaterChoice, SinkChoice
from dosimeter.model.work import Endpoint, Seal
from dosimeter.nearest import closest, nearest
from dosimeter.registry import Registry, quotes
from dosimeter.serialize import to_plain
from dosimeter.stack.checks import check_unique
from dosimeter.stack.faults import Faults, Table
from dosimeter.stack.prepare import prepared, prepared_category
from dosimeter.vault import make_seal

T = TypeVar("T", bound=Spec)

ENDPOINT = ("model", "system", "compose", "replica", "temperature", "top_p", "max_tokens", "stop")
SAMPLING = ("temperature", "top_p", "max_tokens", "stop")
CATEGORY = ("id", "panel", "limit", "attacks", "languages", "seal")
SINK = ("id", "path")
RATER = ("id", "name", "votes", "roles")
OWN = {"system": "system_prompt", "replica": "replica", "compose": "compose"}
FOR_SECRETS = (
    "${...} is for secrets only; it would make the run depend on where it is run; use --set"
)

USUAL = re.compile(r"[A-Z][A-Z0-9_]{0,39}")
"""How variables are named; a key that is written for one has small letters, or is long."""
UNSET_END = " holds, which is not set"
UNSET = f"what {{}}{UNSET_END}"
"""Stands for the value of a variable where nothing is sent; long enough for a seal."""
WRITTEN_OUT = (
    "a secret is written out; write ${NAME} instead, with --set in single quotes, and set NAME in the"
    " environment or in .env"
)


def _without(secrets: Collection[str], words: str) -> str:
    """Give a fault's words without the value of a secret, in whatever quotes it stands.

    Words of a plugin's validator may quote any option: `got` is the rule of those that are hidden.
    """
    if not any(quotes(words, s) for s in secrets):
        return words
    expected = words.partition(", got ")[0]
    if any(quotes(expected, s) for s in secrets):
        return "an option is refused; why is not told, as it quotes what may be a key"
    return f"{expected}, got text (not shown, as it may be a key)"


def _source(variable: str | None) -> str:
    """Say of a fault which variable the value is from, if it does not stand in the file."""
    return f" (from {variable} of the environment)" if variable else ""


@frozen
class Secrets:
    """Secrets of a stack. Shows nothing of itself.

    Attributes:
        values: Secret options by endpoint name, or by ``kind:name`` of another component.
        seals: Seals of panels by category id.
        lacking: Where a variable is not set, and what to do; its name stands for its value.
    """

    values: dict[str, dict[str, str]] = field(factory=dict, repr=False)
    seals: dict[str, Seal] = field(factory=dict, repr=False)
    lacking: tuple[tuple[str, str], ...] = ()

    def of(self, owner: str) -> dict[str, str]:
        """Give the secret options of one endpoint or component."""
        return self.values.get(owner, {})


@define
class Builder:
    """Holds what every part needs while a stack is built.

    Attributes:
        unset: Notes variables that are not set, where that is no fault.
        folder: Of the stack file, where a provider looks for what a model's name stands for.
        declared: Categories as their options make them, by id.
    """

    registry: Registry
    environ: Mapping[str, str]
    faults: Faults
    note: str = ""
    unset: Faults | None = None
    folder: Path = field(factory=Path.cwd)
    secrets: dict[str, dict[str, str]] = field(factory=dict)
    seals: dict[str, Seal] = field(factory=dict)
    declared: dict[str, CategorySpec] = field(factory=dict)

    def keys(self, path: str, raw: Table, known: Iterable[str]) -> None:
        """Tell keys that are not *known*."""
        for key in raw:
            if key not in known:
                self.faults.unknown(path, key, known)

    def spec(self, kind: type[T], path: str, name: object) -> T | None:
        """Look a component up; None, with a fault, if there is none."""
        if not isinstance(name, str):
            self.faults.add(path, f"expected the id of a component, got {got(name)}")
            return None
        try:
            return self.registry.get(kind, name)
        except DosimeterError as exc:
            self.faults.add(path, str(exc))
            return None

    def id(self, kind: type[T], path: str, raw: Table) -> T | None:
        """Look up the component that a table names by its ``id``."""
        if "id" not in raw:
            known = ", ".join(self.registry.ids(kind.kind)) or "none"
            self.faults.add(f"{path}.id", f"is required; there are {known}")
            return None
        return self.spec(kind, f"{path}.id", raw["id"])

    def options(
        self, path: str, cls: type, raw: Table, owner: str, known_too: Iterable[str] = ()
    ) -> tuple[Any, Any]:
        """Sort options into identity and operational pairs; secrets go to *owner*."""
        attrs.resolve_types(cls)
        known = attrs.fields_dict(cls)
        given: Table = {}
        for key, value in raw.items():
            if key not in known:
                self.faults.unknown(path, key, [*known, *known_too])
            else:
                secret = option_class(known[key]) == "secret"
                given[key] = self._filled(f"{path}.{key}", value, secret=secret)
        told = {k for k, v in given.items() if v is None}
        sources = self._from_environment(known, given)
        lent = {name: self.environ[variable] for name, variable in sources.items()}
        given = {k: v for k, v in {**given, **lent}.items() if v is not None}
        before = len(self.faults.told)
        made = self.faults.build(path, given, cls, told)
        if made is None:
            secrets = [
                str(v) for n, entries in given.items()
                for v in (entries if isinstance(entries, list | tuple) else (entries,))
                if option_class(known[n]) == "secret" or may_be_key(v)
            ]  # fmt: skip
            read = {f"{path}.{name}": variable for name, variable in sources.items()}
            self.faults.told[before:] = [
                (where, _without(secrets, words + _source(read.get(where))))
                for where, words in self.faults.told[before:]
            ]
            return (), ()
        own = {n: getattr(made, n) for n, a in known.items() if option_class(a) == "secret"}
        self._keep(path, owner, {name: to_plain(value) for name, value in own.items() if value})
        return self._sorted(made, known)

    def _from_environment(
        self, known: "dict[str, attrs.Attribute[Any]]", given: Table
    ) -> dict[str, str]:
        """Give the options that the stack leaves out and a variable fills, with its name."""
        found = {n: self._variables(a, known, given) for n, a in known.items() if n not in given}
        return {name: variables[0] for name, variables in found.items() if variables}

    def _variables(
        self, a: "attrs.Attribute[Any]", known: "dict[str, attrs.Attribute[Any]]", given: Table
    ) -> list[str]:
        """Name the variables that could fill an option and are set."""
        says = {n: given.get(n, other.default) for n, other in known.items()}
        return [name for name in variables(a, says) if self.environ.get(name)]

    def _sorted(
        self, made: Any, known: "dict[str, attrs.Attribute[Any]]"  # noqa: ANN401
    ) -> tuple[Any, Any]:  # fmt: skip
        sorted_: dict[str, list[tuple[str, str]]] = {"identity": [], "operational": []}
        for name, a in known.items():
            group = option_class(a)
            if group != "secret":
                plain = to_plain(getattr(made, name))
                sorted_[group].append((name, json.dumps(plain, sort_keys=True)))
        return tuple(sorted(sorted_["identity"])), tuple(sorted(sorted_["operational"]))

    def _keep(self, path: str, owner: str, own: dict[str, str]) -> None:
        """Keep the secrets of *owner*, which has one set of them wherever the stack uses it."""
        held = self.secrets.setdefault(owner, own)
        for name in sorted(n for n in {*held, *own} if held.get(n) != own.get(n)):
            if any(UNSET_END in one.get(name, "") for one in (held, own)):
                continue  # two that are not set may be the same
            why = f"{owner} is used elsewhere in this stack with another value; give both the same"
            self.faults.add(f"{path}.{name}", why)

    def _filled(self, path: str, value: Any, *, secret: bool) -> Any:  # noqa: ANN401
        """Put variables of the environment into a secret; None if that cannot be done."""
        names = re.findall(VARIABLE, value) if isinstance(value, str) else []
        if secret and not names:
            self.faults.add(path, WRITTEN_OUT)
            return None
        if names and not secret:
            self.faults.add(path, FOR_SECRETS)
            return None
        lacking = list(filter(None, map(self._lacking, names)))
        for why in lacking:
            (self.unset or self.faults).add(path, why)
        if lacking and self.unset is None:
            return None
        return re.sub(VARIABLE, self._value, value) if secret else value

    def _lacking(self, name: str) -> str:
        """Say that a variable has no value, and what to do; empty if it has one."""
        if self.environ.get(name):
            return ""
        if not USUAL.fullmatch(name):
            return (
                "the environment has no such variable (its name is not shown, as it may be a key):"
                " ${...} holds the name of a variable, not the key"
            )
        if name not in self.environ:
            return f"the environment has no {name}; set it or put it in .env{self.note}"
        return f"{name} of the environment is empty; give it a value"

    def _value(self, found: re.Match[str]) -> str:
        """Give the value of a variable, or what stands for it."""
        return self.environ.get(found.group(1)) or UNSET.format(found.group(1))

    def choice(self, path: str, spec: Any, raw: Table, name: str, skip: Sequence[str]) -> Choice:  # noqa: ANN401
        """Read a component with its options and roles."""
        rest = {k: v for k, v in raw.items() if k not in skip}
        owner = f"{spec.kind}:{name}"
        identity, operational = self.options(path, spec.options, rest, owner, skip)
        declared = [role.value for role in getattr(spec, "roles", ())]
        roles, told = [], set()
        for role, endpoint in self.faults.table(f"{path}.roles", raw.get("roles", {})).items():
            if role not in declared:
                hint = nearest(role, declared, there="it has")
                why = f"{spec.id!r} asks in no role {role!r}; {hint}"
                self.faults.add(f"{path}.roles.{role}", why)
            elif not isinstance(endpoint, str):
                at = f"{path}.roles.{role}"
                self.faults.add(at, f"expected the name of an endpoint, got {got(endpoint)}")
                told.add(role)
            else:
                roles.append((Role(role), endpoint))
        lacking = set(declared) - {r.value for r, _ in roles} - told
        for role in sorted(lacking):
            self.faults.add(f"{path}.roles", f"{spec.id!r} needs an endpoint for role {role!r}")
        return Choice(id=spec.id, name=name, identity=identity, operational=operational,
                      roles=tuple(sorted(roles)))  # fmt: skip

    # -- parts --------------------------------------------------------------------------------

    def endpoint(self, path: str, name: str, raw: Table) -> Endpoint | None:
        """Read one endpoint."""
        before = len(self.faults.told)
        provider, model = self._model(f"{path}.model", raw)
        spec = self._provider(f"{path}.model", provider) if provider else None
        rest = {k: v for k, v in raw.items() if k not in ENDPOINT}
        options = ((), ())
        if spec is not None:
            options = self.options(path, spec.options, rest, name, ENDPOINT)
        sampling = self.faults.build(path, {k: raw[k] for k in SAMPLING if k in raw}, Sampling)
        own = {
            name_: self.faults.value(f"{path}.{key}", raw[key], Endpoint, name_)
            for key, name_ in OWN.items() if key in raw
        }  # fmt: skip
        if sampling is None or len(self.faults.told) > before:
            return None
        made = Endpoint(id="", name=name, provider=provider, model=model, sampling=sampling,
                        identity=options[0], operational=options[1], **own)  # fmt: skip
        if spec is not None and spec.prepare:
            held = self.secrets.get(name, {})
            ready = prepared(self.registry, made, held, self.folder, self.faults, path)
            if ready is None:
                return None
            identity, operational = self._sorted(ready, attrs.fields_dict(spec.options))
            made = attrs.evolve(made, identity=identity, operational=operational)
        ident = (provider, model, made.system_prompt, made.compose, sampling, made.identity,
                 made.replica)  # fmt: skip
        return attrs.evolve(made, id=digest("endpoint", ident))

    def _model(self, path: str, raw: Table) -> tuple[str, str]:
        """Take ``provider/model`` apart; two empty words, with a fault, if it is none.

        ``provider:model`` is the same, where a colon comes first and what is before it is no part of
        a provider's id.
        """
        given = raw.get("model")
        provider, slash, model = given.partition("/") if isinstance(given, str) else ("", "", "")
        if ":" in provider and provider not in self.registry.ids("provider"):
            provider, slash, model = str(given).partition(":")
        if "model" not in raw:
            like = closest("model", raw)
            hint = f"; is {like!r} meant to be it?" if like else ""
            self.faults.add(path, f'is required: "provider/model"{hint}')
        elif not (provider and slash and model):
            self.faults.add(path, f'expected "provider/model", got {got(given)}')
        elif re.search(VARIABLE, model):
            self.faults.add(path, FOR_SECRETS)
        else:
            return provider, model
        return "", ""

    def _provider(self, path: str, name: str) -> ProviderSpec | None:
        """Look a provider up; a fault names it, unless it may be a key."""
        try:
            return self.registry.get(ProviderSpec, name)
        except DosimeterError as exc:
            self.faults.add(path, str(exc).replace(repr(name), got(name)))
            return None

    def endpoints(self, key: str, raw: object) -> tuple[Endpoint, ...]:
        """Read a table of endpoints."""
        made = []
        hint = f"; write [{key}.NAME], with the options below it"
        for name, raw_table in self.faults.table(key, raw, hint).items():
            table = self.faults.table(f"{key}.{name}", raw_table, hint)
            if table is not raw_table:
                continue
            one = self.endpoint(f"{key}.{name}", name, table)
            if one is not None:
                made.append(one)
        return tuple(made)

    def attack(self, path: str, raw: object) -> Choice | None:
        """Read an attack: an id, or a table with one."""
        table: Table = raw if isinstance(raw, dict) else {"id": raw}
        named = table is not raw
        spec = self.spec(AttackSpec, path, raw) if named else self.id(AttackSpec, path, table)
        if spec is None:
            return None
        return self.choice(path, spec, table, spec.id, ("id", "roles"))

    def category(self, path: str, raw: Table) -> CategoryChoice | None:
        """Read one of ``[[categories]]``."""
        before = len(self.faults.told)
        spec = self.id(CategorySpec, path, raw)
        choice = self.choice(path, spec, raw, spec.id, CATEGORY) if spec else None
        if spec and choice and len(self.faults.told) == before:
            spec, choice = self._own(path, spec, choice)
        self._seal(f"{path}.seal", str(raw.get("id")), raw)
        panels = self._panels(f"{path}.panel", spec, raw) if spec else ("",)
        own = {
            key: self.faults.value(f"{path}.{key}", raw[key], CategoryChoice, key)
            for key in ("limit", "languages") if key in raw
        }  # fmt: skip
        spoken = spec.languages if spec else ()
        for language in own.get("languages") or ():
            if spoken and language not in spoken:
                why = f"no items in {language!r}; {nearest(language, spoken)}"
                self.faults.add(f"{path}.languages", why)
        attacks = raw.get("attacks", list(spec.attacks) if spec else [])
        if not isinstance(attacks, list):
            self.faults.add(
                f"{path}.attacks", f"expected a list of attack ids, got {kind_of(attacks)}"
            )
            attacks = []
        elif "attacks" in raw and not attacks:
            usual = ", ".join(spec.attacks) if spec else ""
            without = f", or leave the key out for {usual}" if usual else ""
            why = f"is empty, so nothing would be asked; name one, such as 'direct'{without}"
            self.faults.add(f"{path}.attacks", why)
        made = [self.attack(f"{path}.attacks[{i}]", a) for i, a in enumerate(attacks)]
        if choice is None or len(self.faults.told) > before:
            return None
        attacks_made = tuple(a for a in made if a)
        return CategoryChoice(
            choice=choice, panel=panels[0], beside=panels[1:], attacks=attacks_made,
            **{"limit": None, **own},
        )  # fmt: skip

    def _own(self, path: str, spec: CategorySpec, choice: Choice) -> tuple[CategorySpec, Choice]:
        """Give a category and its options as it completes them; as they were, with faults, if it cannot."""
        if not (spec.prepare or spec.declare):
            return spec, choice
        held = self.secrets.get(f"category:{spec.id}", {})
        ready = prepared_category(self.registry, spec, choice, held, self.folder, self.faults, path)
        if ready is None:
            return spec, choice
        options, self.declared[spec.id] = ready
        identity, operational = self._sorted(options, attrs.fields_dict(spec.options))
        made = attrs.evolve(choice, identity=identity, operational=operational)
        return self.declared[spec.id], made

    def _panels(self, path: str, spec: CategorySpec, raw: Table) -> tuple[str, ...]:
        """Read one panel or a list of them."""
        known = [p.name for p in spec.panels]
        given = raw.get("panel", known[0] if known else "")
        panels = given if isinstance(given, list) else [given]
        for panel in panels:
            if panel not in known:
                hint = nearest(str(panel), known, there="panels:")
                what = repr(panel) if isinstance(panel, str) else got(panel)
                self.faults.add(path, f"{spec.id!r} has no panel {what}; {hint}")
        named = tuple(panel for panel in panels if isinstance(panel, str))
        if not panels:
            self.faults.add(
                path, f"expected a panel or a list of panels; panels: {', '.join(known)}"
            )
        check_unique(self.faults, path, "panel", named)
        return named or ("",)

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
        """Read one of ``[[raters]]``."""
        before = len(self.faults.told)
        spec = self.id(ScorerSpec, path, raw)
        votes = self.faults.value(f"{path}.votes", raw.get("votes", 1), RaterChoice, "votes")
        if spec and not spec.judge and votes is not None and votes > 1:
            self.faults.add(
                f"{path}.votes", f"{spec.id!r} is a rule: it would say the same {votes} times"
            )
        name = self.faults.value(
            f"{path}.name", raw.get("name", spec.id if spec else ""), Choice, "name"
        )
        choice = self.choice(path, spec, raw, name or spec.id, RATER) if spec else None
        if choice is None or len(self.faults.told) > before:
            return None
        return RaterChoice(choice=choice, votes=votes)

    def sink(self, path: str, raw: Table) -> SinkChoice | None:
        """Read one of ``[[sinks]]``."""
        before = len(self.faults.told)
        spec = self.id(SinkSpec, path, raw)
        usual = f"report{spec.suffix}" if spec and spec.suffix else ""
        name = self.faults.value(f"{path}.path", raw.get("path", usual), SinkChoice, "path")
        if "path" in raw and isinstance(name, str) and not re.search(OUTPUT, name):
            self.faults.add(
                f"{path}.path", f"expected a file that is not the journal, got {name!r}"
            )
        choice = self.choice(path, spec, raw, spec.id, SINK) if spec else None
        if choice is None or len(self.faults.told) > before:
            return None
        return SinkChoice(choice=choice, path=name)

    def executor(self, path: str, raw: Table) -> Choice | None:
        """Read ``[executor]``."""
        spec = self.id(ExecutorSpec, path, raw)
        return self.choice(path, spec, raw, spec.id, ("id",)) if spec else None
