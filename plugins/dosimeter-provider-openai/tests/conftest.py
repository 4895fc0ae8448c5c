"""A stack with one target of this provider, loaded with what is installed."""

import pytest

from dosimeter.plugins import load
from dosimeter.registry import Registry
from dosimeter.stack import load_stack

STACK = """
[targets.a]
model = "openai/gpt-4o-mini"
{}
[[categories]]
id = "physical"
[[raters]]
id = "refusal"
{}
"""


@pytest.fixture(scope="session")
def registry():
    return Registry.of(load())


@pytest.fixture
def loaded(tmp_path, registry):
    """Load a stack whose target, and whose end, have more lines; give it and its secrets."""

    def go(target="", more="", environ=()):
        path = tmp_path / "s.toml"
        path.write_text(STACK.format(target, more))
        return load_stack(path, registry=registry, environ=dict(environ))

    return go
