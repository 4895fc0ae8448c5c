"""What every plugin promises, tried by the kit of dosimeter."""

from dosimeter.testing import conformance, specimen
from dosimeter_sink_starter import hooks
from dosimeter_sink_starter.options import StarterOptions

WHOLE = specimen(hooks, "starter", options=StarterOptions(attempts=True))


@conformance(hooks, WHOLE)
def test_a_promise_is_kept(check):
    """Of the package and of all that it brings, with everything that it can show."""
    check()
