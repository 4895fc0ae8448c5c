"""Services that speak OpenAI's format are named by the variables that everybody has for them."""

import attrs
import pytest

from dosimeter import StackError
from dosimeter_provider_openai.options import OpenAIOptions

OTHER = {"DEEP_SEEK_API_KEY": "sk-other", "DEEP_SEEK_BASE_URL": "https://other.invalid/v1"}
OPENAI = {"OPENAI_API_KEY": "sk-openai", "OPENAI_BASE_URL": "https://gateway.invalid/v1"}


@pytest.fixture
def found(loaded):
    """Load a target and give address and secrets."""

    def go(target, environ):
        stack, secrets = loaded(target, environ=environ)
        return dict(stack.targets[0].identity)["base_url"].strip('"'), secrets.of("a")

    return go


def test_a_service_has_its_own_variables(found):
    """Neither key nor address of the other is taken."""
    both = OPENAI | OTHER

    assert found("", both) == ("https://gateway.invalid/v1", {"api_key": "sk-openai"})
    assert found('service = "deep-seek"', both) == (
        "https://other.invalid/v1",
        {"api_key": "sk-other"},
    )
    assert found('service = "deep-seek"\nbase_url = "http://x/v1"', OPENAI) == ("http://x/v1", {})


def test_no_key_of_a_service_goes_to_openai(found):
    """Without an address of its own it is refused, by no name: a key may stand where the name does."""
    with pytest.raises(
        StackError, match=r"this service has no address: set base_url, or the variable"
    ):
        found('service = "deep-seek"', {"DEEP_SEEK_API_KEY": "sk-other", **OPENAI})


def test_a_wrong_address_names_the_variable_it_is_from(found):
    """That of the service."""
    with pytest.raises(StackError, match=r"got 'host'.* \(from DEEP_SEEK_BASE_URL"):
        found('service = "deep-seek"', {"DEEP_SEEK_BASE_URL": "host", **OPENAI})


def test_the_key_is_secret_and_the_address_names_the_account():
    """So that a limit is shared by who shares both, and nothing prints the key."""
    fields = attrs.fields_dict(OpenAIOptions)

    assert fields["base_url"].metadata["account"]
    assert fields["api_key"].metadata["dosimeter"] == "secret"
    assert "sk-1" not in repr(OpenAIOptions(api_key="sk-1"))
