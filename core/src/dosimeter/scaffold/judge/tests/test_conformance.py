"""What every plugin promises, tried by the kit of dosimeter."""

from dosimeter.testing import conformance
from dosimeter_kind_starter import hooks


@conformance(hooks)
def test_a_promise_is_kept(check):
    """Of the package and of all that it brings."""
    check()
