"""The parts of a stack out of their tables, with the registry at hand."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import attrs
from attrs import define, field

from dosimeter.errors import DosimeterError, StackError
from dosimeter.ids import digest
from dosimeter.limits import OUTPUT, VARIABLE, got, kind_of
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
)
from dosimeter.model.stackfile import CategoryChoice, Choice, RaterChoice, SinkChoice
from dosimeter.model.work import Endpoint, Seal
from dosimeter.nearest import closest, nearest
from dosimeter.registry import Registry
from dosimeter.stack.checks import check_unique
from dosimeter.stack.faults import Faults, Table
from dosimeter.stack.options import FOR_SECRETS, OptionReader
from dosimeter.stack.prepare import prepared, prepared_category
from dosimeter.vault import make_seal

T = TypeVar("T", bound=Spec)

ENDPOINT = ("model", "system", "compose", "replica", "temperature", "top_p", "max_tokens", "stop")
SAMPLING = ("temperature", "top_p", "max_tokens", "stop")
CATEGORY = ("id", "panel", "limit", "attacks", "languages", "seal")
SINK = ("id", "path")
RATER = ("id", "name", "votes", "roles")
OWN = {"system": "system_prompt", "replica": "replica", "compose": "compose"}


@define
class Builder:
    """Holds what every part needs while a stack is built.

    Attributes:
        folder: Of the stack file, where a provider looks for what a model's name stands for.
        declared: Categories as their options make them, by id.
    """

    registry: Registry
    faults: Faults
    options: OptionReader
    folder: Path = field(factory=Path.cwd)
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

    def choice(self, path: str, spec: Any, raw: Table, name: str, skip: Sequence[str]) -> Choice:  # noqa: ANN401
        """Read a component with its options and roles."""
        rest = {k: v for k, v in raw.items() if k not in skip}
        owner = f"{spec.kind}:{name}"
        identity, operational = self.options.read(path, spec.options, rest, owner, skip)
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
            options = self.options.read(path, spec.options, rest, name, ENDPOINT)
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
            held = self.options.secrets.get(name, {})
            ready = prepared(self.registry, made, held, self.folder, self.faults, path)
            if ready is None:
                return None
            identity, operational = self.options.by_class(ready, attrs.fields_dict(spec.options))
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
            self.faults.add(path, f'expected "provider/model", got {got(given)}{self._half(given)}')
        elif re.search(VARIABLE, model):
            self.faults.add(path, FOR_SECRETS)
        else:
            return provider, model
        return "", ""

    def _half(self, given: object) -> str:
        """Say which half of ``provider/model`` a text lacks; without the text, which may be a key."""
        known = self.registry.ids("provider")
        if not isinstance(given, str) or "/" in given or not known:
            return ""
        if given in known:
            return f"; a slash and the model are missing: {given}/MODEL"
        return f"; the provider is missing in front: {', '.join(f'{p}/MODEL' for p in known)}"

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
        attacks = self._attacks(path, spec, raw)
        if choice is None or len(self.faults.told) > before:
            return None
        return CategoryChoice(
            choice=choice, panel=panels[0], beside=panels[1:], attacks=attacks,
            **{"limit": None, **own},
        )  # fmt: skip

    def _attacks(self, path: str, spec: CategorySpec | None, raw: Table) -> tuple[Choice, ...]:
        """Read the attacks of a category, which are the usual ones where the stack names none."""
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
        return tuple(a for a in made if a)

    def _own(self, path: str, spec: CategorySpec, choice: Choice) -> tuple[CategorySpec, Choice]:
        """Give a category and its options as it completes them; as they were, with faults, if it cannot."""
        if not (spec.prepare or spec.declare):
            return spec, choice
        held = self.options.secrets.get(f"category:{spec.id}", {})
        ready = prepared_category(self.registry, spec, choice, held, self.folder, self.faults, path)
        if ready is None:
            return spec, choice
        options, self.declared[spec.id] = ready
        identity, operational = self.options.by_class(options, attrs.fields_dict(spec.options))
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
        secret = self.options.filled(path, raw["seal"], secret=True)
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
        usual = spec.usual if spec else ""
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
