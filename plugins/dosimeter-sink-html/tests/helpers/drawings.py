"""What a report's charts are made of."""

from dosimeter_sink_html.charts.drawn import charts
from dosimeter_sink_html.charts.shapes import Said
from dosimeter_sink_html.questions import questions


def series(made):
    return {t.name: i for i, t in enumerate(made.targets)}


def drawn(made):
    """Give the charts of a report by title."""
    return {c.title: c for c in charts(made, questions(made), series(made))}


def shapes(chart, kind):
    """Give all shapes of a kind, those that say more included."""
    flat = [x for s in chart.shapes for x in (s.shapes if isinstance(s, Said) else (s,))]
    return [s for s in flat if isinstance(s, kind)]


def said(chart):
    return [s.title for s in chart.shapes if isinstance(s, Said)]
