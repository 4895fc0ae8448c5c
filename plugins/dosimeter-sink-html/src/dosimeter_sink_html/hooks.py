"""Hooks of dosimeter-sink-html."""

from dosimeter import SinkSpec, hookimpl
from dosimeter_sink_html.options import HtmlOptions


@hookimpl
def dosimeter_report_sinks() -> list[SinkSpec]:
    """Declare the HTML sink."""
    return [
        SinkSpec(
            id="html",
            summary="One offline page: tables, plots, and the attempts that may be shown",
            options=HtmlOptions,
            factory="dosimeter_sink_html.sink:build",
            suffix=".html",
        )
    ]
