"""Hooks of stranger-executor-pipe."""

from dosimeter import ExecutorSpec, hookimpl
from stranger_executor_pipe.options import PipeOptions


@hookimpl
def dosimeter_executors():
    """Declare the executor."""
    return [
        ExecutorSpec(
            id="pipe",
            summary="A process a lease, at the end of a pipe",
            factory="stranger_executor_pipe.driver:build",
            options=PipeOptions,
        )
    ]
