"""A batch is drawn from what it says it is drawn from."""

import pytest

from dosimeter import VoteRefused
from dosimeter.journal import draw_batch, ratable


@pytest.mark.parametrize("second", [0.5, 0.9])
def test_a_subject_given_twice_is_refused(made, second):
    """One of two probabilities would be kept, and which one nobody said."""
    made.attempt("hello")
    (one,) = ratable(made.path)
    twice = [(one.subject_id, 0.5), (one.subject_id, second)]

    with pytest.raises(VoteRefused, match=f"subject {one.subject_id} is given twice"):
        draw_batch(made.path, policy="half", seed=1, pi=twice)
    assert draw_batch(made.path, policy="half", seed=1, pi=iter(twice[:1])).frame.size == 1
