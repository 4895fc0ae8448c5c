"""Providers and search attacks out of installed plugins: where an endpoint meets its secrets."""

import asyncio
import json
import os
from collections.abc import Callable, Mapping
from typing import Any

import attrs
from attrs import field, frozen

from dosimeter.contracts import Host, ModelProvider, SearchAttack
from dosimeter.errors import ProviderError
from dosimeter.faultlog import log_fault
from dosimeter.ids import UNCLEAR
from dosimeter.model.conversation import Pairs, Reply, Request
from dosimeter.model.specs import AttackSpec, ProviderSpec, option_class
from dosimeter.model.work import Credentials, Endpoint, Lease
from dosimeter.plugins import load, only_from_env
from dosimeter.registry import Registry, quotes
from dosimeter.serialize import structure

LEAST_KEY = 8
"""Letters of a secret that is looked for in what comes back: shorter ones stand in anything."""
CLOSE_SECONDS = 10.0
"""After which a provider that is still closing is left to itself."""


@frozen(kw_only=True)
class Discreet:
    """A provider whose codes and names repeat no key: an endpoint may echo what it was sent.

    Both would stand in journal, log and report. The text of a reply is what it is.
    """

    provider: ModelProvider
    keys: tuple[str, ...] = field(repr=False)

    async def generate(self, request: Request) -> Reply:
        """See `dosimeter.ModelProvider`."""
        try:
            reply = await self.provider.generate(request)
        except ProviderError as exc:
            if self._told(exc.code):
                exc.code = UNCLEAR
            raise
        if not isinstance(reply, Reply) or not self._told(f"{reply.model} {reply.provider_ref}"):
            return reply
        return attrs.evolve(reply, model=None, provider_ref=None)

    def _told(self, text: str) -> bool:
        return any(quotes(text, key) for key in self.keys)

    async def aclose(self) -> None:
        """See `dosimeter.ModelProvider`."""
        await self.provider.aclose()


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
            secrets = self._secrets(endpoint)
            options = options_of(
                spec.options, endpoint.identity, endpoint.operational, secrets=secrets
            )
            made: Any = self._registry.build("provider", endpoint.provider, endpoint.model, options)
            keys = tuple(one for one in secrets.values() if len(one) >= LEAST_KEY)
            self._providers[endpoint.id] = Discreet(provider=made, keys=keys) if keys else made
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
