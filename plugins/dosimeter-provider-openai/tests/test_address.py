"""One endpoint is one, however its address is written."""

import pytest

from dosimeter import StackError
from dosimeter.engine.build import build_accounts
from dosimeter_provider_openai.options import OPENAI, OpenAIOptions

ANY_WAY = [
    "http://h/v1",
    "http://h/v1/",
    " http://h/v1// ",
    "http://h/v1/chat/completions",
    "http://h/v1/chat/completions/",
    "HTTP://H/v1",
    "http://h:80/v1",
    "http://h:/v1",
]
OTHERS = ["https://h/v1", "http://h:443/v1", "http://h/V1", "http://h/v2", "http://h"]
SECOND = """
[targets.b]
model = "openai/gpt-4o-mini"
base_url = "{}"
"""


def told(address):
    return OpenAIOptions(base_url=address).base_url


@pytest.mark.parametrize("written", ANY_WAY)
def test_an_address_is_understood_however_it_is_written(written):
    """Copied from any documentation."""
    assert told(written) == "http://h/v1"


@pytest.mark.parametrize("written", OTHERS)
def test_what_may_be_another_endpoint_stays_as_it_is(written):
    """Another scheme, port or path, or a path in other letters."""
    assert told(written) == written


def test_a_port_or_an_address_of_numbers_is_kept():
    """Only the port that goes without saying is left out."""
    assert told("https://H:0443/") == "https://h"
    assert told("http://[::1]:80/v1") == "http://[::1]/v1"
    assert told("http://[::80]/v1") == "http://[::80]/v1"
    assert told(" http://h/@team/v1/chat/completions") == "http://h/@team/v1"
    assert told("http://127.0.0.1:08080/v1/") == "http://127.0.0.1:8080/v1"


@pytest.mark.parametrize("written", ANY_WAY[1:])
def test_two_spellings_share_one_limit(loaded, registry, written):
    """Else ten requests a second to one account would be twenty."""
    more = SECOND.format(written) + "temperature = 0.5\n"
    stack, secrets = loaded('base_url = "http://h/v1"', more)
    limiters = build_accounts(stack, secrets, registry)

    assert len(limiters) == 2
    assert len(set(map(id, limiters.values()))) == 1


@pytest.mark.parametrize("written", ANY_WAY[1:])
def test_two_spellings_are_one_target(loaded, written):
    """They are the same in all that is measured, and refused as that."""
    with pytest.raises(StackError, match=r"the same as targets.a in all that is measured"):
        loaded('base_url = "http://h/v1"', SECOND.format(written))


def test_openais_own_address_has_its_prices_and_no_other_key(loaded):
    """In whatever form it is given."""
    other = f"{OPENAI.replace('api', 'API')}/"
    stack, _ = loaded(f'base_url = "{other}"')

    assert [p.model for p in stack.prices] == ["openai/gpt-4o-mini"]
    with pytest.raises(StackError, match="this service has no address"):
        loaded(f'service = "x"\nbase_url = "{other}"')


@pytest.mark.parametrize(
    ("written", "why"),
    [("H/v1/", r"; https:// is missing in front"),
     ("http://H:x/v1/", r"the host or the port cannot be"),
     ("http://H/v1/?", r"holds a query"),
     ("http://me@H/v1", r"holds a user or password"),
     ("http:///v1/", r"expected http\(s\)://HOST")],
)  # fmt: skip
def test_a_bad_address_is_told_by_what_is_wrong_with_it(loaded, written, why):
    """Not by itself: a key may stand in its place."""
    with pytest.raises(StackError, match=why):
        loaded(f'base_url = "{written}"')
    with pytest.raises(ValueError, match=why):
        OpenAIOptions(base_url=written)
