"""What this package promises, by the kit."""

from dosimeter_harm_lanterns import hooks

from dosimeter.testing import conformance


@conformance(hooks)
def test_a_promise_is_kept(check):
    """Of the package, its category and its scorer."""
    check()
