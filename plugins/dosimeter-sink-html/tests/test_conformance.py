"""The page keeps what every sink promises."""

from dosimeter.testing import conformance
from dosimeter_sink_html import hooks


@conformance(hooks)
def test_the_sink_keeps_its_promises(check):
    """Check by check."""
    check()
