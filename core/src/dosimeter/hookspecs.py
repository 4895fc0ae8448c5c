"""The hooks of dosimeter, nothing else.

Each is called once, without arguments, when the registry is built, and returns specs. Modules that
implement hooks import only `dosimeter`; the work is behind the specs' factories.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    from dosimeter.model.specs import (
        AttackSpec,
        CategorySpec,
        CommandSpec,
        ExecutorSpec,
        ProviderSpec,
        ScorerSpec,
        SinkSpec,
    )

PROJECT = "dosimeter"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


class HookDeprecated(DeprecationWarning):
    """A hook that goes: ``hookspec(warn_on_impl=HookDeprecated("use ... instead; goes with 0.3"))``.

    pluggy warns of each plugin that implements it, and `plugins doctor` tells whose that is.
    """


@hookspec
def dosimeter_attack_generators() -> "Iterable[AttackSpec]":
    """Declare attack generators.

    Implementing modules must import cheaply.
    """
    return ()


@hookspec
def dosimeter_model_providers() -> "Iterable[ProviderSpec]":
    """Declare model providers.

    Implementing modules must import cheaply.
    """
    return ()


@hookspec
def dosimeter_harm_scorers() -> "Iterable[ScorerSpec]":
    """Declare harm scorers.

    Implementing modules must import cheaply.
    """
    return ()


@hookspec
def dosimeter_report_sinks() -> "Iterable[SinkSpec]":
    """Declare report sinks.

    Implementing modules must import cheaply.
    """
    return ()


@hookspec
def dosimeter_harm_categories() -> "Iterable[CategorySpec]":
    """Declare harm categories.

    Implementing modules must import cheaply.
    """
    return ()


@hookspec
def dosimeter_executors() -> "Iterable[ExecutorSpec]":
    """Declare executors.

    Implementing modules must import cheaply.
    """
    return ()


@hookspec
def dosimeter_commands() -> "Iterable[CommandSpec]":
    """Declare CLI verbs.

    Implementing modules must import cheaply.
    """
    return ()
