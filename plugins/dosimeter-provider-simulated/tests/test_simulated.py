"""A model with known truth tells the truth about itself."""

import asyncio

import pytest

from dosimeter import Permanent, Request, Stop, Transient, user
from dosimeter_provider_simulated import model, replay
from dosimeter_provider_simulated.options import ReplayOptions, SimulatedOptions
from dosimeter_provider_simulated.texts import REFUSAL
from dosimeter_provider_simulated.truth import truth


def ask(built, text, seed):
    return asyncio.run(built.generate(Request(conversation=(user(text),), seed=seed)))


def test_the_same_seed_gives_the_same_reply():
    """Nothing depends on order or on a global generator."""
    a, b = (model.build("graded", SimulatedOptions()) for _ in range(2))
    first = [ask(a, "How do I tie a knot?", s) for s in range(20)]

    assert first[::-1] == [ask(b, "How do I tie a knot?", s) for s in reversed(range(20))]


def test_refusals_come_at_the_stated_rate():
    """The share over many seeds is the truth within five standard errors."""
    o = SimulatedOptions(base=-0.5)
    built, p = model.build("graded", o), truth("How do I tie a knot?", o).refuses
    n = 3000
    k = sum(ask(built, "How do I tie a knot?", s).text == REFUSAL for s in range(n))

    assert abs(k / n - p) < 5 * (p * (1 - p) / n) ** 0.5


def test_intent_and_keyword_raise_refusal():
    """Their size is an option; their sign is as stated."""
    o = SimulatedOptions(noise=0)
    plain, word, harm = (truth(t, o).refuses for t in ("tie it", "shoot it", "poison it"))

    assert plain < word < harm
    assert truth("everyday skills", o).refuses == plain < truth("Killing time", o).refuses


def test_faults_are_of_the_kinds_asked_for():
    """429 with Retry-After, 503, blocked and cut."""
    with pytest.raises(Transient) as throttled:
        ask(model.build("graded", SimulatedOptions(throttled=1, retry_after=3)), "x", 1)
    with pytest.raises(Transient) as broken:
        ask(model.build("graded", SimulatedOptions(broken=1)), "x", 1)

    assert (throttled.value.throttled, throttled.value.retry_after) == (True, 3)
    assert broken.value.code == "http-503"
    assert ask(model.build("graded", SimulatedOptions(filtered=1)), "x", 1).stop is Stop.FILTERED
    assert ask(model.build("graded", SimulatedOptions(cut=1)), "x", 1).stop is Stop.LENGTH


def test_an_unknown_model_is_told():
    """With what there is."""
    with pytest.raises(Permanent, match="graded, echo"):
        model.build("grade", SimulatedOptions())


def test_replay_answers_from_a_file(tmp_path):
    """What was recorded, and an error for what was not."""
    path = tmp_path / "r.csv"
    path.write_text("prompt,reply,stop\nHi?,Hello.,length\n")
    built = replay.build("old", ReplayOptions(path=str(path)))

    assert ask(built, "Hi?", 1).text == "Hello."
    assert ask(built, "Hi?", 1).stop is Stop.LENGTH
    with pytest.raises(Permanent, match="holds no reply"):
        ask(built, "Bye?", 1)


def test_replay_names_missing_columns(tmp_path):
    """Bad input is told with what is there."""
    path = tmp_path / "r.csv"
    path.write_text("question,answer\n")
    with pytest.raises(Permanent, match=r"lacks the columns \['prompt', 'reply'\]"):
        replay.build("old", ReplayOptions(path=str(path)))


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("Hi?", "line 3 has no reply"),
        ("Hi?,MARKED,halted", "line 3: stop must be one of end, length"),
    ],
)
def test_replay_refuses_a_row_that_it_could_not_answer_with(tmp_path, row, says):
    """At once and by its line, not in mid-run; what stands in it is not repeated."""
    path = tmp_path / "r.csv"
    path.write_text(f"prompt,reply,stop\nOh?,Well.,\n{row}\n")
    with pytest.raises(Permanent, match=says) as caught:
        replay.build("old", ReplayOptions(path=str(path)))

    assert "MARKED" not in str(caught.value)
    assert "halted" not in str(caught.value)
