"""What this package promises, by the kit."""

from dosimeter import Case, Verdict
from dosimeter.testing import conformance, specimen
from dosimeter_scorer_verdict import hooks

BOTH = tuple(Case(verdict=Verdict(label=str(b), blocked=b)) for b in (True, False))


@conformance(hooks, specimen(hooks, "rater:verdict", cases=BOTH))
def test_a_promise_is_kept(check):
    """Of the package and what it brings."""
    check()
