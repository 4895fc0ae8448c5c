"""Hooks of dosimeter-sink-starter: what is declared. The work is behind the factory."""

from dosimeter import SinkSpec, hookimpl
from dosimeter_sink_starter.options import StarterOptions


@hookimpl
def dosimeter_report_sinks() -> list[SinkSpec]:
    """Declare the sink."""
    return [
        SinkSpec(
            id="starter",
            summary="The report as a page of Markdown",
            factory="dosimeter_sink_starter.sink:build",
            options=StarterOptions,
            suffix=".md",
        )
    ]
