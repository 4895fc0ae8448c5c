"""Providers and search attacks out of installed plugins: where an endpoint meets its secrets."""

import asyncio
import json
import os
from collections.abc import Callable, Mapping
from typing import Any

import attrs

from dosimeter.contracts import Host, ModelProvider, SearchAttack
from dosimeter.model.conversation import Pairs
from dosimeter.model.specs import AttackSpec, ProviderSpec, option_class
from dosimeter.model.work import Credentials, Endpoint, Lease
from dosimeter.plugins import load, log_fault, only_from_env
from dosimeter.registry import Registry
from dosimeter.serialize import structure

CLOSE_SECONDS = 10.0
"""After which a provider that is still closing is left to itself."""


def options_of(
    cls: type, *groups: Pairs, secrets: Mapping[str, str] | None = None
) -> attrs.AttrsInstance:
    """Rebuild an options record from its journalled pairs and its secrets.

    Raises:
        StackError: If they are not options of *cls*.
    """
    raw: dict[str, Any] = {n: json.loads(v) for pairs in groups for n, v in pairs}
    given = {k: v for k, v in {**raw, **(secrets or {})}.items() if v is not None}
    made: attrs.AttrsInstance = structure(given, cls, where=cls.__name__)
    return made


class InstalledWorkshop:
    """Providers and search attacks of this process, each built once."""

    def __init__(
        self,
        registry: Registry,
        secrets: Callable[[Endpoint], Mapping[str, str]],
        attack_secrets: Callable[[str], Mapping[str, str]] = lambda _: {},
    ) -> None:
        self._registry, self._secrets, self._attack_secrets = registry, secrets, attack_secrets
        self._providers: dict[str, ModelProvider] = {}
        self._attacks: dict[tuple[str, Pairs, Pairs], SearchAttack | None] = {}
        # Held: asyncio would tell of a task that is dropped before its end.
        self._closing: dict[str, asyncio.Task[BaseException | None]] = {}

    def provider(self, endpoint: Endpoint) -> ModelProvider:
        """See `dosimeter.execute.Workshop`."""
        if endpoint.id not in self._providers:
            spec = self._registry.get(ProviderSpec, endpoint.provider)
            options = options_of(
                spec.options, endpoint.identity, endpoint.operational,
                secrets=self._secrets(endpoint),
            )  # fmt: skip
            made: Any = self._registry.build("provider", endpoint.provider, endpoint.model, options)
            self._providers[endpoint.id] = made
        return self._providers[endpoint.id]

    def search(self, lease: Lease) -> SearchAttack | None:
        """See `dosimeter.execute.Workshop`."""
        name = lease.attempt.attack
        key = (name, lease.attack_options, lease.attack_operational)
        if key not in self._attacks:
            spec = self._registry.get(AttackSpec, name)
            made: Any = None
            if spec.search:
                options = options_of(
                    spec.options, lease.attack_options, lease.attack_operational,
                    secrets=self._attack_secrets(name),
                )  # fmt: skip
                made = self._registry.build("attack", name, options)
            self._attacks[key] = made
        return self._attacks[key]

    async def aclose(self) -> bool:
        """Release every provider; one that fails at it keeps no other from it.

        Returns:
            Whether all are released; after `CLOSE_SECONDS` nobody waits for the others.
        """
        self._closing = {e: asyncio.create_task(_closed(p)) for e, p in self._providers.items()}
        if self._closing:
            await asyncio.wait(self._closing.values(), timeout=CLOSE_SECONDS)
        for endpoint, task in self._closing.items():
            fault: BaseException | None = TimeoutError(f"aclose took {CLOSE_SECONDS:g} seconds")
            if task.done():
                fault = asyncio.CancelledError() if task.cancelled() else task.result()
            if fault is not None:
                log_fault(fault, endpoint)
        left = [task for task in self._closing.values() if not task.done()]
        for task in left:
            task.cancel()
        return not left


async def _closed(provider: ModelProvider) -> BaseException | None:
    """Close a provider; give what it raises, which asyncio would log or end with."""
    try:
        await provider.aclose()
    except BaseException as exc:
        return exc
    return None


async def open_workshop(lease: Lease, host: Host) -> InstalledWorkshop:
    """Make the workshop of a worker from what is installed beside it.

    Secrets are asked of *host* for the endpoints of *lease* and for its search, if that has any;
    they stay in this process's memory.

    Raises:
        DosimeterError: What the host raises.
    """
    secrets: dict[str, Credentials] = {}
    for _, endpoint in lease.endpoints:
        if endpoint.id not in secrets:
            secrets[endpoint.id] = await host.credentials(endpoint.id)
    registry = Registry.of(load(only=only_from_env(os.environ)))
    attack = registry.get(AttackSpec, lease.attempt.attack)
    own = Credentials()
    if attack.search and _has_secrets(attack.options):
        own = await host.credentials(f"attack:{attack.id}")
    return InstalledWorkshop(
        registry,
        lambda endpoint: dict(secrets[endpoint.id].values),
        lambda _: dict(own.values),
    )


def _has_secrets(options: type) -> bool:
    return any(option_class(a) == "secret" for a in attrs.fields(options))
