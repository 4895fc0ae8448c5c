"""What failures are told as."""

import pytest

from dosimeter import Endpoint
from dosimeter.engine.faults import NO_PATH, _of_endpoint
from dosimeter.serialize import to_json


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("http://127.0.0.1:1", NO_PATH),
        ("http://127.0.0.1:1/", NO_PATH),
        ("http://127.0.0.1:1/v1", None),
    ],
)
def test_a_404_asks_for_the_path_where_there_is_none(url, says):
    """Most servers answer under /v1; of other failures the address tells nothing."""
    body = to_json(
        Endpoint(id="i", name="n", provider="p", model="m", identity=(("base_url", f'"{url}"'),))
    )

    assert _of_endpoint("http-404", body) == says
    assert _of_endpoint("http-503", body) is None
