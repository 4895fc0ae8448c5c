"""What failures are told as."""

from contextlib import closing

import pytest

from dosimeter import Endpoint
from dosimeter.engine.faults import NO_PATH, _of_endpoint, filled, plugin_faults
from dosimeter.journal.reader import Reader
from dosimeter.model.work import State, WorkDone
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


def test_a_role_that_an_attack_has_not_declared_is_named(made):
    """Its authors add it to the spec, and the stack then names an endpoint."""
    name = made.plan()
    end = WorkDone(
        attempt_id=name, epoch=1, state=State.FAILED, reason="attack:undeclared-role:steer"
    )
    made.store.work(end)
    with closing(Reader(made.path)) as reader:
        (told,) = plugin_faults(reader)

    assert told == (
        "attack 'direct' asked in role 'steer', which its spec does not declare in `roles`"
        " (1 attempt failed)"
    )


def test_a_hint_names_what_the_stack_says():
    """The path that is wrong, not that there is one; braces of its own stay."""
    body = to_json(
        Endpoint(
            id="i", name="n", provider="p", model="own/m.gguf", identity=(("path", '"a b.csv"'),)
        )
    )

    assert filled("no file is at {model}", body) == "no file is at own/m.gguf"
    assert filled('path = "{path}": no file', body) == 'path = "a b.csv": no file'
    assert filled('say api_key = "${NAME}"', body) == 'say api_key = "${NAME}"'
