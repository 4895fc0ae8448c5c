"""What a provider finds out about a model when a stack is read, put into the endpoint's options."""

from collections.abc import Mapping
from pathlib import Path

import attrs

from dosimeter.errors import DosimeterError, StackError
from dosimeter.model.specs import ProviderSpec
from dosimeter.model.work import Endpoint
from dosimeter.registry import Registry, quotes
from dosimeter.stack.faults import Faults
from dosimeter.workshop import options_of

UNTOLD = "is refused; why is not told, as it quotes a secret"


def prepared(
    registry: Registry,
    endpoint: Endpoint,
    secrets: Mapping[str, str],
    folder: Path,
    faults: Faults,
    path: str,
) -> attrs.AttrsInstance | None:
    """Give the options of *endpoint* as its provider completes them; None, with faults, if it cannot.

    Args:
        registry: Where the provider is found.
        endpoint: As the stack has it.
        secrets: Its secret options.
        folder: Of the stack file.
        faults: Where faults go.
        path: Of the endpoint's table in the stack.
    """
    spec = registry.get(ProviderSpec, endpoint.provider)
    given = options_of(spec.options, endpoint.identity, endpoint.operational, secrets=secrets)
    try:
        made = registry.prepare(endpoint.provider, endpoint, given, folder)
    except StackError as exc:
        for key, why in exc.faults or (("model", str(exc)),):
            shown = not any(quotes(why, secret) for secret in secrets.values())
            faults.add(f"{path}.{key}", why if shown else UNTOLD)
        return None
    except DosimeterError as exc:
        faults.add(f"{path}.model", str(exc))
        return None
    if not isinstance(made, spec.options):
        why = f"provider {endpoint.provider!r} prepared {type(made).__name__}, not its options"
        faults.add(f"{path}.model", why)
        return None
    return made  # type: ignore[return-value]  # a spec's options are an attrs class
