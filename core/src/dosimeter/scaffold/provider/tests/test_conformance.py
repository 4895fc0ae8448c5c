"""What every plugin promises, tried by the kit of dosimeter."""

from dosimeter.testing import conformance, specimen
from dosimeter_provider_starter import hooks
from dosimeter_provider_starter.options import StarterOptions


def served(address):
    """Give the options for an endpoint that is somewhere."""
    return StarterOptions(base_url=address)


STARTER = specimen(hooks, "starter", model="m", served=served)


@conformance(hooks, STARTER)
def test_a_promise_is_kept(check):
    """Of the package and of all that it brings."""
    check()
