"""Hooks of the core's own sinks."""

from dosimeter.hookspecs import hookimpl
from dosimeter.model.specs import SinkSpec


@hookimpl
def dosimeter_report_sinks() -> list[SinkSpec]:
    """Declare the sinks for files that need no plugin."""
    return [
        SinkSpec(
            id="json",
            summary="The whole report, with the attempts that may be shown, as one JSON file",
            factory="dosimeter.sinks.jsonfile:build",
            suffix=".json",
        ),
        SinkSpec(
            id="csv",
            summary="The attempts that may be shown, a row each",
            factory="dosimeter.sinks.csvfile:build",
            suffix=".csv",
        ),
        SinkSpec(
            id="card",
            summary="A system card: numbers with estimands, methods, raters, limits and hashes, as Markdown",
            factory="dosimeter.sinks.card:build",
            suffix="card.md",
        ),
    ]
