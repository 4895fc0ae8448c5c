"""Hooks of dosimeter-executor-starter: what is declared. The work is behind the factory."""

from dosimeter import ExecutorSpec, hookimpl
from dosimeter_executor_starter.options import StarterOptions


@hookimpl
def dosimeter_executors() -> list[ExecutorSpec]:
    """Declare the executor."""
    return [
        ExecutorSpec(
            id="starter",
            summary="So many attempts at a time, in this process",
            factory="dosimeter_executor_starter.executor:build",
            options=StarterOptions,
        )
    ]
