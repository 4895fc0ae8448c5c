"""A stack to start from measures something that is installed."""

import tomllib

import pytest

from dosimeter_harm_file.targets import BEGINNING, targets


@pytest.mark.parametrize("name", [name for name, _ in BEGINNING])
def test_the_target_is_one_whose_provider_is_installed(name):
    """The others stand there as comments, to be taken instead."""
    text = targets({name, "sink-html"})
    (one,) = tomllib.loads(text)["targets"].values()
    lines = [line for line in text.splitlines() if "Packages of" not in line]
    bare = "\n".join(line.removeprefix("# ") for line in lines)

    assert one["model"].startswith(name.removeprefix("provider-"))
    assert len(tomllib.loads(bare)["targets"]) == len(BEGINNING)


def test_without_a_provider_it_is_said_how_to_get_one():
    """Nothing is named as a target that could not be asked."""
    text = targets(set())

    assert tomllib.loads(text) == {}
    assert "No provider is installed" in text
    assert "dosimeter-provider-NAME" in text


def test_a_bot_of_ones_own_stands_there_whatever_is_written_out():
    """By the name of its function, as a comment; it is the target where only a simulation is installed beside it."""
    both = targets({"provider-python", "provider-simulated"})

    assert '# model = "python:mybot:answer"' in targets({"provider-python", "provider-http"})
    assert tomllib.loads(both)["targets"]["function"]["model"] == "python:mybot:answer"
