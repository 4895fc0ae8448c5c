"""The category keeps what every category promises."""

from dosimeter.testing import conformance
from dosimeter_harm_physical import hooks


@conformance(hooks)
def test_the_plugin_keeps_its_promises(check):
    """Each check by name, with nothing waived."""
    check()
