"""Hooks of stranger-sink-walker."""

from dosimeter import SinkSpec, hookimpl


@hookimpl
def dosimeter_report_sinks() -> list[SinkSpec]:
    """Declare the sink."""
    return [
        SinkSpec(
            id="walker",
            summary="All text that can be reached from what a sink is handed",
            factory="stranger_sink_walker.sink:build",
            suffix=".loot",
        )
    ]
