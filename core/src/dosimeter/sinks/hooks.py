"""Hooks of the core's own sinks."""

from dosimeter.hookspecs import hookimpl
from dosimeter.model.specs import SinkSpec


@hookimpl
def dosimeter_report_sinks() -> list[SinkSpec]:
    """Declare the JSON sink."""
    return [
        SinkSpec(
            id="json",
            summary="The whole report, with the attempts that may be shown, as one JSON file",
            factory="dosimeter.sinks.jsonfile:build",
            suffix=".json",
        )
    ]
