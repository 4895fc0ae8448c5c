"""What every plugin promises, tried by the kit of dosimeter."""

import json

from dosimeter.testing import conformance, specimen
from dosimeter_provider_starter import hooks
from dosimeter_provider_starter.options import StarterOptions


def served(address):
    """Give the options for an endpoint that is somewhere."""
    return StarterOptions(base_url=address)


def says(text):
    """Give the body of a good answer that says a text; the kit's own server sends it."""
    tokens = {"in": 9, "out": 5}
    return json.dumps({"text": text, "ended": "end", "model": "m-1", "tokens": tokens}).encode()


STARTER = specimen(hooks, "starter", model="m", served=served, says=says)


@conformance(hooks, STARTER)
def test_a_promise_is_kept(check):
    """Of the package and of all that it brings."""
    check()
