"""What every plugin promises, tried by the kit of dosimeter."""

from attrs import evolve

from dosimeter import Endpoint
from dosimeter.testing import conformance, specimen
from dosimeter_executor_starter import hooks

ECHO = Endpoint(id="echo", name="echo", provider="simulated", model="echo")
DOWN = evolve(ECHO, id="down", name="down", operational=(("broken", "1.0"),))
STARTER = specimen(hooks, "starter", endpoint=ECHO, failing=DOWN)


@conformance(hooks, STARTER)
def test_a_promise_is_kept(check):
    """Of the package and of all that it brings, with models that are simulated."""
    check()
