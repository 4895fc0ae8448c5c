"""What a provider finds out about a model when a stack is read, put into the endpoint's options."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import attrs

from dosimeter.errors import DosimeterError, PluginBroken, StackError
from dosimeter.model.specs import CategorySpec, ProviderSpec
from dosimeter.model.stackfile import Choice
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
    with _told(faults, path, "model", secrets):
        made = registry.prepare(spec, endpoint, given, folder)
        return _of_its_class(spec, made)
    return None


def prepared_category(
    registry: Registry, spec: CategorySpec, choice: Choice, secrets: Mapping[str, str],
    folder: Path, faults: Faults, path: str,
) -> tuple[attrs.AttrsInstance, CategorySpec] | None:  # fmt: skip
    """Give the options of a category as it completes them, and its spec as those make it.

    Returns:
        None, with faults, if it cannot.
    """
    given = options_of(spec.options, choice.identity, choice.operational, secrets=secrets)
    with _told(faults, path, "id", secrets):
        made = given
        if spec.prepare:
            made = _of_its_class(spec, registry.prepare(spec, given, folder))
        return made, registry.declared(spec, made)
    return None


@contextmanager
def _told(faults: Faults, path: str, usual: str, secrets: Mapping[str, str]) -> Iterator[None]:
    """Tell what a plugin refuses, under the keys that it names or else the *usual* one."""
    try:
        yield
    except StackError as exc:
        for key, why in exc.faults or ((usual, str(exc)),):
            shown = not any(quotes(why, secret) for secret in secrets.values())
            faults.add(f"{path}.{key}", why if shown else UNTOLD)
    except DosimeterError as exc:
        faults.add(f"{path}.{usual}", str(exc))


def _of_its_class(spec: ProviderSpec | CategorySpec, made: object) -> attrs.AttrsInstance:
    if not isinstance(made, spec.options):
        msg = f"{spec.kind} {spec.id!r} prepared {type(made).__name__}, not its options"
        raise PluginBroken(msg)
    return made  # type: ignore[return-value]  # a spec's options are an attrs class
