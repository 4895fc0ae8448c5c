"""A provider may say what cannot be asked of an endpoint, before anything is sent."""

import pytest

from dosimeter import StackError
from dosimeter.stack import load_stack

STACK = """
[targets.a]
model = "toy/one"
key = "${K}"
temperature = 0.5
[[categories]]
id = "toys"
[[raters]]
id = "word"
"""
CHECK = """
def check(endpoint, options):
    WORDS
"""


@pytest.fixture
def read(tmp_path, registry_of, toy_source):
    """Load the stack with a provider whose check has this body."""

    def go(body, name="check"):
        spec = 'ProviderSpec(id="toy", summary="Toy", '
        source = toy_source.replace(spec, f'{spec}check=f"{{__name__}}:{name}", ')
        path = tmp_path / "stack.toml"
        path.write_text(STACK)
        registry = registry_of(toy=source + CHECK.replace("WORDS", body))
        return load_stack(path, registry=registry, environ={"K": "MARKED-SECRET"})

    return go


def told(read, *args):
    with pytest.raises(StackError) as caught:
        read(*args)
    assert "MARKED" not in str(caught.value)
    return caught.value.faults


def test_what_a_provider_refuses_is_a_fault_with_its_place(read):
    """It sees the endpoint as the stack has it, and its options."""
    body = """
    if endpoint.sampling.temperature == 0.5 and endpoint.model == "one" and options.key:
        yield "temperature", "has no place"
    """

    assert told(read, body) == (("targets.a.temperature", "has no place"),)


def test_what_it_lets_through_is_valid(read):
    """No pair, no fault."""
    assert read("return []")[0].targets


def test_a_check_tells_no_secret(read):
    """It is handed them, and its words are shown."""
    ((path, words),) = told(read, "return [('key', f'no such {options.key}')]")

    assert path == "targets.a.key"
    assert "not told" in words


@pytest.mark.parametrize(
    ("body", "words"),
    [("raise ValueError(options.key)", "could not check a target: ValueError at "),
     ("return [('key', 3)]", "could not check a target: TypeError"),
     ("return None", "could not check a target: TypeError")],
)  # fmt: skip
def test_a_check_that_breaks_is_told_with_its_plugin(read, body, words):
    """As a fault of the target, beside the others."""
    ((path, said),) = told(read, body)

    assert path == "targets.a"
    assert words in said
    assert "provider 'toy'" in said


def test_a_check_that_is_not_there_is_told_with_its_plugin(read):
    """By the name that the spec has."""
    ((_, said),) = told(read, "return []", "chekc")

    assert ":chekc' cannot be imported" in said
