"""From a checked stack to built parts: where specs become objects."""

import hashlib
from collections.abc import Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

import attrs

from dosimeter.contracts import Executor
from dosimeter.engine.limiter import Limiter
from dosimeter.engine.parts import AttackPart, CategoryPart, RaterPart
from dosimeter.engine.run import Session
from dosimeter.engine.setup import Facts
from dosimeter.errors import StackError
from dosimeter.model.facts import Component
from dosimeter.model.specs import (
    AttackSpec,
    CategorySpec,
    ExecutorSpec,
    ProviderSpec,
    ScorerSpec,
)
from dosimeter.model.stackfile import Choice, RaterChoice, Stack
from dosimeter.model.work import OPEN, Endpoint
from dosimeter.plugins import files_hash
from dosimeter.prereg.lockfile import Lock
from dosimeter.registry import Registry
from dosimeter.stack import Secrets
from dosimeter.workshop import InstalledWorkshop, options_of


def build_categories(
    stack: Stack, registry: Registry, secrets: Secrets
) -> tuple[CategoryPart, ...]:
    """Build the categories with their attacks."""
    ids = {e.name: e.id for e in (*stack.targets, *stack.endpoints)}
    return tuple(
        CategoryPart(
            spec=(spec := _declared(registry, c.choice, secrets)),
            choice=c,
            category=_built(
                registry, "category", spec.options, c.choice, secrets, f"categories[{i}]"
            ),
            attacks=tuple(
                _attack(registry, a, ids, secrets, f"categories[{i}].attacks[{j}]")
                for j, a in enumerate(c.attacks)
            ),
            seal=secrets.seals.get(c.choice.id, OPEN),
        )
        for i, c in enumerate(stack.categories)
    )


def _declared(registry: Registry, choice: Choice, secrets: Secrets) -> CategorySpec:
    spec = registry.get(CategorySpec, choice.id)
    own = secrets.of(f"category:{choice.name}")
    return registry.declared(
        spec, options_of(spec.options, choice.identity, choice.operational, secrets=own)
    )


def _attack(
    registry: Registry, choice: Choice, ids: dict[str, str], secrets: Secrets, path: str
) -> AttackPart:
    spec = registry.get(AttackSpec, choice.id)
    return AttackPart(
        spec=spec,
        choice=choice,
        generator=_built(registry, "attack", spec.options, choice, secrets, path),
        roles=tuple((role.value, ids[name]) for role, name in choice.roles),
        source=str(registry.find("attack", choice.id).source),
    )


def _built(
    registry: Registry, kind: str, options: type, choice: Choice, secrets: Secrets, path: str
) -> Any:  # noqa: ANN401
    """Build a component; what it says against its options is told with its *path* in the stack."""
    try:
        return registry.build(kind, choice.id, _options(kind, options, choice, secrets))
    except StackError as exc:
        msg = f"{path}: {exc}"
        raise StackError(msg, ((path, str(exc)),)) from exc


def _options(kind: str, options: type, choice: Choice, secrets: Secrets) -> attrs.AttrsInstance:
    own = secrets.of(f"{kind}:{choice.name}")
    return options_of(options, choice.identity, choice.operational, secrets=own)


def build_raters(
    raters: Sequence[RaterChoice],
    endpoints: Sequence[Endpoint],
    registry: Registry,
    secrets: Secrets,
) -> tuple[RaterPart, ...]:
    """Build raters."""
    by_name = {e.name: e for e in endpoints}
    out = []
    for i, rater in enumerate(raters):
        spec = registry.get(ScorerSpec, rater.choice.id)
        roles = tuple((role, by_name[name]) for role, name in rater.choice.roles)
        scorer = _built(registry, "rater", spec.options, rater.choice, secrets, f"raters[{i}]")
        made = _options("rater", spec.options, rater.choice, secrets)
        source = str(registry.find("rater", spec.id).source)
        out.append(
            RaterPart(
                spec=spec, choice=rater, scorer=scorer, endpoints=roles, options=made, source=source
            )
        )
    return tuple(out)


def accounts_of(stack: Stack, secrets: Secrets, registry: Registry) -> dict[str, str]:
    """Name the account of each endpoint, by the endpoint's name."""
    out = {}
    for e in (*stack.targets, *stack.endpoints):
        spec = registry.get(ProviderSpec, e.provider)
        names = {a.name for a in attrs.fields(spec.options) if a.metadata.get("account")}
        told = [p for p in (*e.identity, *e.operational) if p[0] in names]
        secret = sorted(secrets.of(e.name).items())
        # Only ever in memory: tells accounts apart without holding their keys.
        out[e.name] = hashlib.blake2b(repr((e.provider, told, secret)).encode()).hexdigest()
    return out


def build_accounts(stack: Stack, secrets: Secrets, registry: Registry) -> dict[str, Limiter]:
    """Give each endpoint its limiter; those of one account share it."""
    rates = dict(stack.run.requests_per_minute)
    named_accounts = accounts_of(stack, secrets, registry)
    accounts: dict[str, list[Endpoint]] = {}
    for e in (*stack.targets, *stack.endpoints):
        accounts.setdefault(named_accounts[e.name], []).append(e)
    out = {}
    for sharers in accounts.values():
        # One key has one rate: the smallest that any of its endpoints names.
        named = [rates[e.name] for e in sharers if e.name in rates]
        spec = registry.get(ProviderSpec, sharers[0].provider)
        most = stack.run.max_connections or spec.connections
        limiter = Limiter(most=most, per_minute=min(named, default=None))
        out.update({e.id: limiter for e in sharers})
    return out


def build_facts(stack: Stack, registry: Registry) -> Facts:
    """Collect provenance of every part that the stack uses."""
    used = {("provider", e.provider) for e in (*stack.targets, *stack.endpoints)}
    used |= {("category", c.choice.id) for c in stack.categories}
    used |= {("attack", a.id) for c in stack.categories for a in c.attacks}
    used |= {("rater", r.choice.id) for r in stack.raters}
    used |= {("sink", s.choice.id) for s in stack.sinks}
    used |= {("executor", stack.executor.id)} if stack.executor else set()
    components = [component(registry, kind, name) for kind, name in sorted(used)]
    providers = {e.provider for e in (*stack.targets, *stack.endpoints)}
    real = frozenset(p for p in providers if registry.get(ProviderSpec, p).language_model)
    return Facts(components=tuple(components), language_models=real, version=version())


def component(registry: Registry, kind: str, name: str) -> Component:
    """Say which distribution supplies a part, and hash its files."""
    one = registry.find(kind, name)
    module = one.spec.factory.partition(":")[0]
    return Component(
        kind=kind, id=name, distribution=one.source.distribution, version=one.source.version,
        files_hash=files_hash(one.source.distribution, module),
    )  # fmt: skip


def version() -> str:
    """Give the version of the installed core."""
    return metadata.version("dosimeter")


def build_session(
    stack: Stack,
    secrets: Secrets,
    registry: Registry,
    journal: Path,
    *,
    fork: bool = False,
    lock: Lock | None = None,
    answers: Path | None = None,
) -> tuple[Session, InstalledWorkshop]:
    """Build all that a session needs."""

    def of_attack(name: str) -> Mapping[str, str]:
        return secrets.of(f"attack:{name}")

    workshop = InstalledWorkshop(registry, lambda endpoint: secrets.of(endpoint.name), of_attack)
    executor: Executor | None = None
    if stack.executor is not None:
        spec = registry.get(ExecutorSpec, stack.executor.id)
        executor = _built(registry, "executor", spec.options, stack.executor, secrets, "executor")
    session = Session(
        stack=stack,
        journal=journal,
        parts=build_categories(stack, registry, secrets),
        raters=build_raters(stack.raters, (*stack.targets, *stack.endpoints), registry, secrets),
        workshop=workshop,
        accounts=build_accounts(stack, secrets, registry),
        facts=build_facts(stack, registry),
        executor=executor,
        secrets=lambda endpoint: secrets.of(endpoint.name),
        attack_secrets=of_attack,
        fork=fork,
        lock=lock,
        answers=answers,
    )
    return session, workshop
