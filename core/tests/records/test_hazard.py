"""A scale that tells of hazard can withhold; what cannot be compared withholds, not shows."""

import json

import pytest

from dosimeter import Level, Scale, ScaleKind
from dosimeter.errors import RecordError
from dosimeter.model.design import Intent
from dosimeter.serialize import from_json
from dosimeter.withholding import MarkRow, why_withheld

NUMBERS = tuple(Level(value=n, name=str(n)) for n in (1, 2))


@pytest.mark.parametrize("limit", [float("nan"), float("inf"), float("-inf"), 10**400])
def test_a_limit_of_hazard_is_a_finite_number(limit):
    """Nothing reaches NaN or infinity, so such a scale would never withhold."""
    with pytest.raises(ValueError, match="finite"):
        Scale(name="s", kind=ScaleKind.REAL, hazard=True, withhold_from=limit)


@pytest.mark.parametrize(("kind", "how", "highest"), [
    (ScaleKind.ORDINAL, {"levels": NUMBERS}, 2),
    (ScaleKind.REAL, {"bounds": (0.0, 0.5)}, 0.5),
    (ScaleKind.BOOLEAN, {}, 1),
])  # fmt: skip
def test_a_limit_that_no_mark_reaches_is_refused(kind, how, highest):
    """It would switch withholding off without a word; at the highest mark it withholds that one."""
    assert Scale(name="s", kind=kind, hazard=True, withhold_from=highest, **how)
    with pytest.raises(ValueError, match=f"withhold_from=9 .* highest mark is {highest}; name the"):
        Scale(name="s", kind=kind, hazard=True, withhold_from=9, **how)


def test_any_finite_limit_is_reached_on_a_scale_without_an_end():
    """Nothing says how far its marks go."""
    assert Scale(name="s", kind=ScaleKind.REAL, hazard=True, withhold_from=1e300)


def test_a_nominal_scale_tells_no_hazard():
    """Its marks are names: none is above a limit, and all would be shown."""
    with pytest.raises(ValueError, match="nominal"):
        Scale(name="s", kind=ScaleKind.NOMINAL, hazard=True, withhold_from=1,
              levels=(Level(value="bad", name="bad"),))  # fmt: skip
    body = {"name": "s", "kind": "nominal", "hazard": True, "withhold_from": 1.0,
            "levels": [{"value": "bad", "name": "bad"}]}  # fmt: skip
    with pytest.raises(RecordError):
        from_json(json.dumps(body), Scale)


def test_levels_are_numbers_that_marks_can_hold():
    """Marks are stored as floats; a level beyond them is refused when the scale is made."""
    with pytest.raises(ValueError, match="too large"):
        Scale(name="s", kind=ScaleKind.ORDINAL, levels=(Level(value=10**400, name="x"),))


@pytest.mark.parametrize("value", [10**400, -(10**400), float("nan"), float("inf"), "x", True])
@pytest.mark.parametrize("bounds", [None, (0.0, 1.0)])
def test_a_real_mark_that_no_float_holds_is_a_fault(value, bounds):
    """It is told as a fault of the rater, and neither raises nor reaches the journal."""
    assert Scale(name="s", kind=ScaleKind.REAL, bounds=bounds).fault(value)


@pytest.mark.parametrize("intent", Intent)
@pytest.mark.parametrize("value", [None, float("nan"), "high"])
def test_a_scored_mark_of_hazard_without_a_number_withholds(intent, value):
    """SQLite keeps NaN as NULL; a mark that cannot be compared is not below the limit."""
    scale = Scale(name="s", kind=ScaleKind.ORDINAL, hazard=True, withhold_from=2, levels=NUMBERS)
    mark = MarkRow(rater="r", scale="s", value=value, outcome="scored")

    assert why_withheld(intent, [mark], {"s": scale})
