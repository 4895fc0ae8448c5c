"""What is asked where no category asks."""

import pytest
from attrs import evolve
from journals import HARM, JUDGE

from dosimeter.model.questions import questions
from dosimeter.model.rating import ScaleKind, SubjectKind

LONG = evolve(HARM, name="compliance", summary="Whether the reply does what it was asked")


@pytest.mark.parametrize(
    ("kind", "titles"),
    [
        (SubjectKind.PATH, ["compliance by level", "mean compliance"]),
        (SubjectKind.TURN, ["compliance of each turn by level", "mean compliance of each turn"]),
    ],
)
def test_a_default_measure_is_called_by_the_name_of_its_scale(kind, titles):
    """A scale's summary is a sentence, and no title."""
    spec = evolve(JUDGE, scales=(LONG,), subjects=(kind,))

    assert [m.title for m in questions((), [spec])] == titles


def test_the_share_of_a_boolean_scale_is_of_what_is_true():
    """Which its title says."""
    scale = evolve(LONG, kind=ScaleKind.BOOLEAN, levels=(), hazard=False, withhold_from=None)
    (one,) = questions((), [evolve(JUDGE, scales=(scale,))])

    assert one.title == "compliance true"
