"""The parts of a stack out of their tables, with the registry at hand."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, TypeVar

import attrs
from attrs import define, field, frozen

from dosimeter.errors import DosimeterError, StackError
from dosimeter.ids import digest
from dosimeter.model.conversation import Sampling
from dosimeter.model.doing import Role
from dosimeter.model.specs import AttackSpec, CategorySpec, ProviderSpec, ScorerSpec, SinkSpec
from dosimeter.model.stackfile import CategoryChoice, Choice, RaterChoice, SinkChoice
from dosimeter.model.work import Compose, Endpoint, Seal
from dosimeter.registry import KINDS, Registry
from dosimeter.serialize import to_plain
from dosimeter.stack.faults import Faults, Table
from dosimeter.vault import make_seal

T = TypeVar("T")

ENDPOINT = ("model", "system", "compose", "replica", "temperature", "top_p", "max_tokens", "stop")
SAMPLING = ("temperature", "top_p", "max_tokens", "stop")
CATEGORY = ("id", "panel", "limit", "attacks", "languages", "seal")
RATER = ("id", "name", "votes", "roles")
VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


def _without(secrets: Iterable[str], path: str, line: str) -> str:
    """Give a fault's line without the value of a secret, in whatever quotes it stands."""
    forms = {f for s in secrets if s for f in (s, repr(s)[1:-1], json.dumps(s)[1:-1])}
    if not any(f in line for f in forms):
        return line
    expected, at = line.partition(", got ")[0], line.rpartition(" @ ")[2]
    short = f"{expected}, got a secret, which is not shown @ {at}"
    if any(f in expected + at for f in forms):
        return f"{path}: an option is refused; why is not told, as it quotes a secret"
    return short


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
class Builder:
    """Holds what every part needs while a stack is built."""

    registry: Registry
    environ: Mapping[str, str]
    faults: Faults
    secrets: dict[str, dict[str, str]] = field(factory=dict)
    seals: dict[str, Seal] = field(factory=dict)

    def keys(self, path: str, raw: Table, known: Iterable[str]) -> None:
        """Tell keys that are not *known*."""
        for key in raw:
            if key not in known:
                self.faults.unknown(path, key, known)

    def spec(self, kind: type[T], path: str, name: object) -> T | None:
        """Look a component up; None, with a fault, if there is none."""
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
                found = [self.environ[e] for e in a.metadata.get("env", ()) if self.environ.get(e)]
                if found:
                    given[name] = found[0]
        known_faults = len(self.faults.lines)
        made = self.faults.build(path, {k: v for k, v in given.items() if v is not None}, cls)
        if made is None:
            secrets = [str(given[n]) for n in given if known[n].metadata["dosimeter"] == "secret"]
            told = self.faults.lines[known_faults:]
            self.faults.lines[known_faults:] = [_without(secrets, path, line) for line in told]
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
        """Read a component with its options and roles."""
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
        """Read one endpoint."""
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
        if not isinstance(replica, int) or isinstance(replica, bool) or replica < 1:
            self.faults.add(
                f"{path}.replica", f"expected a whole number, 1 or more, got {replica!r}"
            )
            return None
        if not isinstance(compose, str) or compose not in set(Compose):
            self.faults.add(f"{path}.compose", f"expected one of {[c.value for c in Compose]}")
            return None
        if sampling is None:
            return None
        ident = digest("endpoint", (provider, rest, system, compose, sampling, identity, replica))
        return Endpoint(id=ident, name=name, provider=provider, model=rest, system_prompt=system,
                        compose=Compose(compose), sampling=sampling, identity=identity,
                        operational=operational, replica=replica)  # fmt: skip

    def endpoints(self, key: str, raw: object) -> tuple[Endpoint, ...]:
        """Read a table of endpoints."""
        made = []
        for name, table in self.faults.table(key, raw).items():
            path = f"{key}.{name}"
            one = self.endpoint(path, name, self.faults.table(path, table))
            if one is not None:
                made.append(one)
        return tuple(made)

    def attack(self, path: str, raw: object) -> Choice | None:
        """Read an attack: an id, or a table with one."""
        table: Table = {"id": raw} if isinstance(raw, str) else self.faults.table(path, raw)
        spec = self.spec(AttackSpec, path, table.get("id"))
        if spec is None:
            return None
        return self.choice(path, spec, table, spec.id, ("id", "roles"))

    def category(self, path: str, raw: Table) -> CategoryChoice | None:
        """Read one of ``[[categories]]``."""
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
        """Read one of ``[[raters]]``."""
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
        """Read one of ``[[sinks]]``."""
        spec = self.spec(SinkSpec, f"{path}.id", raw.get("id"))
        if spec is None:
            return None
        name = str(raw.get("path", f"report{spec.suffix}" if spec.suffix else ""))
        return SinkChoice(choice=self.choice(path, spec, raw, spec.id, ("id", "path")), path=name)
