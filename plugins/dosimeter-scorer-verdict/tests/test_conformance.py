"""What this package promises, by the kit."""

from dosimeter.testing import conformance
from dosimeter_scorer_verdict import hooks


@conformance(hooks)
def test_a_promise_is_kept(check):
    """Of the package and what it brings."""
    check()
