"""From a checked stack to built parts: where specs become objects."""

import hashlib
import json
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

import attrs

from dosimeter.contracts import Executor, ModelProvider, SearchAttack
from dosimeter.engine.limiter import Limiter
from dosimeter.engine.plan import AttackPart, CategoryPart
from dosimeter.engine.rate import RaterPart
from dosimeter.engine.run import Session
from dosimeter.engine.setup import Facts
from dosimeter.model.answering import Component
from dosimeter.model.conversation import Pairs
from dosimeter.model.specs import (
    AttackSpec,
    CategorySpec,
    ProviderSpec,
    ScorerSpec,
)
from dosimeter.model.stackfile import Choice, RaterChoice, Stack
from dosimeter.model.work import Endpoint, Lease
from dosimeter.plugins import files_hash
from dosimeter.registry import Registry
from dosimeter.serialize import structure
from dosimeter.stack import Secrets


def options_of(cls: type, *groups: Pairs, secrets: dict[str, str] | None = None) -> object:
    """Rebuild an options record from its journalled pairs and its secrets."""
    raw: dict[str, Any] = {n: json.loads(v) for pairs in groups for n, v in pairs}
    given = {k: v for k, v in {**raw, **(secrets or {})}.items() if v is not None}
    return structure(given, cls, where=cls.__name__)


class LocalWorkshop:
    """Providers and search attacks of this process, each built once."""

    def __init__(self, registry: Registry, stack: Stack, secrets: Secrets) -> None:
        self._registry, self._secrets = registry, secrets
        self._providers: dict[str, ModelProvider] = {}
        self._attacks: dict[tuple[str, Pairs], SearchAttack] = {}
        self._search = {
            a.id for c in stack.categories for a in c.attacks
            if registry.get(AttackSpec, a.id).search
        }  # fmt: skip

    def provider(self, endpoint: Endpoint) -> ModelProvider:
        """See `dosimeter.execute.Workshop`."""
        if endpoint.id not in self._providers:
            spec = self._registry.get(ProviderSpec, endpoint.provider)
            options = options_of(
                spec.options, endpoint.identity, endpoint.operational,
                secrets=self._secrets.of(endpoint.name),
            )  # fmt: skip
            made: Any = self._registry.build("provider", endpoint.provider, endpoint.model, options)
            self._providers[endpoint.id] = made
        return self._providers[endpoint.id]

    def search(self, lease: Lease) -> SearchAttack | None:
        """See `dosimeter.execute.Workshop`."""
        if lease.attempt.attack not in self._search:
            return None
        key = (lease.attempt.attack, lease.attack_options)
        if key not in self._attacks:
            spec = self._registry.get(AttackSpec, lease.attempt.attack)
            options = options_of(spec.options, lease.attack_options)
            made: Any = self._registry.build("attack", lease.attempt.attack, options)
            self._attacks[key] = made
        return self._attacks[key]

    async def aclose(self) -> None:
        """Release every provider."""
        for provider in self._providers.values():
            await provider.aclose()


def build_categories(stack: Stack, registry: Registry) -> tuple[CategoryPart, ...]:
    """Build the categories with their attacks."""
    ids = {e.name: e.id for e in (*stack.targets, *stack.endpoints)}
    return tuple(
        CategoryPart(
            spec=(spec := registry.get(CategorySpec, c.choice.id)),
            choice=c,
            category=_built(registry, "category", spec.options, c.choice),
            attacks=tuple(_attack(registry, a, ids) for a in c.attacks),
        )
        for c in stack.categories
    )


def _attack(registry: Registry, choice: Choice, ids: dict[str, str]) -> AttackPart:
    spec = registry.get(AttackSpec, choice.id)
    return AttackPart(
        spec=spec,
        choice=choice,
        generator=_built(registry, "attack", spec.options, choice),
        roles=tuple((role.value, ids[name]) for role, name in choice.roles),
    )


def _built(registry: Registry, kind: str, options: type, choice: Choice) -> Any:  # noqa: ANN401
    return registry.build(kind, choice.id, options_of(options, choice.identity, choice.operational))


def build_raters(
    raters: Sequence[RaterChoice], endpoints: Sequence[Endpoint], registry: Registry
) -> tuple[RaterPart, ...]:
    """Build raters."""
    by_name = {e.name: e for e in endpoints}
    out = []
    for rater in raters:
        spec = registry.get(ScorerSpec, rater.choice.id)
        roles = tuple((role, by_name[name]) for role, name in rater.choice.roles)
        scorer = _built(registry, "rater", spec.options, rater.choice)
        out.append(RaterPart(spec=spec, choice=rater, scorer=scorer, endpoints=roles))
    return tuple(out)


def build_accounts(stack: Stack, secrets: Secrets, registry: Registry) -> dict[str, Limiter]:
    """Give each endpoint its limiter; those of one account share it."""
    limits: dict[str, Limiter] = {}
    rates = dict(stack.run.requests_per_minute)
    out = {}
    for e in (*stack.targets, *stack.endpoints):
        spec = registry.get(ProviderSpec, e.provider)
        names = {a.name for a in attrs.fields(spec.options) if a.metadata.get("account")}
        told = [p for p in (*e.identity, *e.operational) if p[0] in names]
        secret = sorted(secrets.of(e.name).items())
        # Only ever in memory: tells accounts apart without holding their keys.
        account = hashlib.blake2b(repr((e.provider, told, secret)).encode()).hexdigest()
        if account not in limits:
            most = stack.run.max_connections or spec.connections
            limits[account] = Limiter(most=most, per_minute=rates.get(e.name))
        out[e.id] = limits[account]
    return out


def build_facts(stack: Stack, registry: Registry) -> Facts:
    """Collect provenance of every part that the stack uses."""
    used = {("provider", e.provider) for e in (*stack.targets, *stack.endpoints)}
    used |= {("category", c.choice.id) for c in stack.categories}
    used |= {("attack", a.id) for c in stack.categories for a in c.attacks}
    used |= {("rater", r.choice.id) for r in stack.raters}
    used |= {("sink", s.choice.id) for s in stack.sinks}
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
    stack: Stack, secrets: Secrets, registry: Registry, journal: Path, *, fork: bool = False
) -> tuple[Session, LocalWorkshop]:
    """Build all that a session needs."""
    workshop = LocalWorkshop(registry, stack, secrets)
    executor: Executor | None = None
    if stack.executor is not None:
        executor = _built(
            registry, "executor", _executor_options(registry, stack.executor.id), stack.executor
        )
    session = Session(
        stack=stack,
        journal=journal,
        parts=build_categories(stack, registry),
        raters=build_raters(stack.raters, (*stack.targets, *stack.endpoints), registry),
        workshop=workshop,
        accounts=build_accounts(stack, secrets, registry),
        facts=build_facts(stack, registry),
        executor=executor,
        fork=fork,
    )
    return session, workshop


def _executor_options(registry: Registry, name: str) -> type:
    options: type = getattr(registry.find("executor", name).spec, "options")  # noqa: B009
    return options
