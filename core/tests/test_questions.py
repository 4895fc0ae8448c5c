"""What is asked where no category asks."""

import pytest
from attrs import evolve
from journals import HARM, JUDGE

from dosimeter.model.measures import Measure
from dosimeter.model.questions import questions, unaskable
from dosimeter.model.rating import Direction, Level, Scale, ScaleKind, SubjectKind

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


KINDS = Scale(
    name="kinds", kind=ScaleKind.NOMINAL, direction=Direction.NEITHER,
    levels=tuple(Level(value=v, name=v) for v in ("red", "amber", "green")),
)  # fmt: skip
REDS = Measure(
    id="m", title="m", scale="kinds", estimator="rate", threshold="red", both_ways=("amber",)
)


@pytest.mark.parametrize(
    ("measure", "scale", "says"),
    [
        (REDS, KINDS, ""),
        (evolve(REDS, both_ways=("umber",)), KINDS, "both_ways 'umber' on scale 'kinds': "),
        (evolve(REDS, both_ways=("red",)), KINDS, "'red' on scale 'kinds': is the threshold"),
        (evolve(REDS, threshold=3, both_ways=(2,)), HARM, "both_ways is of nominal scales; "),
        (
            evolve(REDS, estimator="shares"),
            KINDS,
            "both_ways is of rates; the estimator is 'shares'",
        ),
    ],
)
def test_levels_counted_both_ways_are_others_of_a_nominal_scale(measure, scale, says):
    """On an ordered scale another threshold asks that; elsewhere it would say nothing."""
    assert says in unaskable(measure, scale)
    assert bool(says) is bool(unaskable(measure, scale))
