"""Which models answered under one name, in a run and in those beside it."""

import pytest
from journals import Made

from dosimeter.journal.aliases import changed
from dosimeter.model.design import Label
from dosimeter.model.work import OPEN
from dosimeter.vault import make_seal

SEAL = make_seal("c", "a-secret-of-some-length")
ID = "vendor model 7 (fast)"
"""An id that is no word: beside sealed text it is kept as ``unclear``."""


def told(tmp_path, here, there, *, sealed):
    """Write two runs that were answered under these ids, one *sealed*; say what the other is told."""
    for name, models, owner in (("a", here, OPEN), ("b", there, SEAL if sealed else OPEN)):
        made = Made(tmp_path / "runs" / name / "journal.sqlite")
        label = Label.HELD_OUT if owner.key else Label.PUBLIC
        for model in models:
            made.attempt("x", model=model, owner=owner, label=label)
        made.store.close()
    return [[*changed(tmp_path / "runs" / name / "journal.sqlite")] for name in ("a", "b")]


@pytest.mark.parametrize(
    ("here", "there", "sealed", "alarms"),
    [
        ([ID], [ID], False, 0),
        ([ID], [ID], True, 0),
        (["m-1", ID], ["m-1", ID], True, 0),
        (["m-1"], ["m-1", ID], True, 0),
        (["m-1"], ["m-2", ID], True, 1),
        (["m-1"], ["m-2"], True, 1),
        (["m-1"], ["m-1", "m-2"], False, 1),
    ],
)
def test_a_model_has_changed_where_an_id_stands_that_the_other_run_surely_lacks(
    tmp_path, here, there, sealed, alarms
):
    """What was replaced beside sealed text may be any id, so it tells of no change."""
    assert [len(found) for found in told(tmp_path, here, there, sealed=sealed)] == [alarms, alarms]
