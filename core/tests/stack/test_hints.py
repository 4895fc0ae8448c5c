"""What a stack's faults say to do: the word, number or form that was meant."""

import pytest

from dosimeter import StackError
from dosimeter.nearest import nearest
from dosimeter.stack import load_stack

STACK = """
[targets.a]
model = "toy/one"
[[categories]]
id = "toys"
[[raters]]
id = "word"
"""


@pytest.fixture
def faults(tmp_path, registry_of, toy_source):
    """Load a stack that is refused; give what is said of it."""

    def go(text, *overrides, **plugins):
        path = tmp_path / "stack.toml"
        path.write_text(text)
        registry = registry_of(toy=toy_source, **plugins)
        with pytest.raises(StackError) as caught:
            load_stack(path, registry=registry, overrides=overrides, environ={})
        return str(caught.value)

    return go


MEASURES = ("actionability-mean", "over-refusal", "under-refusal", "refusal")


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("non-refusal", None), ("not-refusal", None), ("under-refusl", "under-refusal"),
        ("undr-refusal", "under-refusal"), ("ovr-refusal", "over-refusal"), ("refusel", "refusal"),
        ("actionabilty-mean", "actionability-mean"),
    ],
)  # fmt: skip
def test_a_hint_never_names_the_opposite_of_what_was_asked(word, meant):
    """Non-, over- and under- turn a word; a slip in them does not."""
    hint = nearest(word, MEASURES)

    assert hint == (f"did you mean {meant!r}?" if meant else f"there are {', '.join(MEASURES)}")


def test_of_two_opposites_none_is_guessed():
    """Refusal is as much of the one as of the other."""
    assert nearest("refusal", MEASURES[:3]).startswith("there are ")


@pytest.mark.parametrize("scale", ["under-refusal", "refusals"])
def test_a_scale_that_turns_another_is_no_misspelling_of_it(
    tmp_path, registry_of, toy_source, scale
):
    """A stranger's rater on it may stand beside a category whose own scale nobody marks."""
    own = """
@hookimpl
def dosimeter_harm_scorers():
    return [ScorerSpec(id="own", summary="s", factory="nowhere:x",
                       scales=(Scale(name="%s", kind=ScaleKind.BOOLEAN),))]
"""
    path = tmp_path / "stack.toml"
    path.write_text(STACK.replace('"word"', '"own"'))
    registry = registry_of(toy=toy_source, own=own % scale)
    if scale == "under-refusal":
        load_stack(path, registry=registry, environ={})
    else:
        with pytest.raises(StackError, match=r"no scale 'refusal'; did you mean 'refusals'\?"):
            load_stack(path, registry=registry, environ={})


GRADES = """
@hookimpl
def dosimeter_harm_scorers():
    grade = Scale(name="grade", kind=ScaleKind.ORDINAL,
                  levels=tuple(Level(value=i, name="") for i in range(1, 6)))
    return [ScorerSpec(id="grader", summary="s", factory="nowhere:x", scales=(grade,))]
"""


@pytest.mark.parametrize(
    ("gate", "says"),
    [
        ('measure = "grade"\nat_most = 2', "did you mean 'grade-mean'?"),
        ('measure = "grade"\nat_most = 20', "20 % is written 0.2"),
        ('measure = "under"\nat_most = 2', "2 % is written 0.02"),
        ('measure = "under"\nat_most = 200', "give a threshold in between"),
        ('measure = "grade-mean"\nat_most = 20', "give a threshold in between"),
    ],
)
def test_a_threshold_of_another_measure_is_told_with_what_was_meant(faults, gate, says):
    """A share of 2 was a mean of 2, where there is one; a share of 20 was 20 %."""
    assert says in faults(f'{STACK}[[raters]]\nid = "grader"\n[[gates]]\n{gate}', grades=GRADES)


def test_no_attacks_are_told_as_what_they_are(faults):
    """An empty list asks nothing; leaving it out asks as usual."""
    told = faults(STACK.replace('id = "toys"', 'id = "toys"\nattacks = []'))

    assert "categories[0].attacks: is empty, so nothing would be asked; name one" in told


@pytest.mark.parametrize("line", [True, False])
def test_a_secret_that_is_written_out_is_not_said_to_be_in_the_file(faults, line):
    """It may have been set on the command line; it is shown nowhere."""
    text, sets = (
        STACK.replace("[targets.a]", '[targets.a]\nkey = "s3cret"'),
        ["targets.a.key=s3cret"],
    )
    told = faults(STACK if line else text, *(sets if line else []))

    assert "targets.a.key: a secret is written out; write ${NAME}" in told
    assert "stands in the file" not in told
    assert "s3cret" not in told


def test_a_gate_keeps_its_other_faults_beside_its_hint(faults):
    """The measure is known, the target is not."""
    told = faults(f'{STACK}[[gates]]\nmeasure = "under"\nat_most = 20\nwhere = {{ target = "aa" }}')

    assert "20 % is written 0.2" in told
    assert "did you mean 'a'?" in told
