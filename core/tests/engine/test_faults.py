"""What failures are told as."""

import json
from contextlib import closing

import pytest

from dosimeter import Endpoint
from dosimeter.engine.faults import NO_PATH, _of_endpoint, filled, plugin_faults, what_to_do
from dosimeter.journal.reader import Reader
from dosimeter.model.work import State, WorkDone


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
    pairs = (("base_url", f'"{url}"'),)
    endpoint = Endpoint(id="i", name="n", provider="p", model="m", identity=pairs)

    assert _of_endpoint("http-404", endpoint) == says
    assert _of_endpoint("http-503", endpoint) is None


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


KEYED = """
@frozen(kw_only=True)
class Options:
    service: str = option(operational=True, default="own")
    url: str = option(identity=True, default="")
    token: str = option(secret=True, default="", env=("{service}_TOKEN", "TOKEN"))

@hookimpl
def dosimeter_model_providers():
    return [ProviderSpec(id="keyed", summary="s", factory="nowhere:x", options=Options)]
"""


@pytest.mark.parametrize(
    ("url", "reason", "says"),
    [
        ("", "http-401", "check its API key: token of the stack, else BIG_CO_TOKEN, else TOKEN"),
        ("", "http-404", "check base_url and the name of the model: there may be no m"),
        ("http://h:1/v1", "http-404", "there may be no m at http://h:1/v1"),
        ("https://me:s3cr3t@h/v1?key=s3cr3t#s3cr3t", "transport:refused",
         "it could not be reached at https://h/v1: check"),
        ("http://[::1", "transport:refused", "it could not be reached: check"),
        ("http://h:1/v1", "transport:ConnectError", "it could not be reached at http://h:1/v1: check"),
        ("http://h:1/v1", "transport:ReadTimeout", "it was reached at http://h:1/v1 and did not answer"),
        ("http://h:1/v1", "transport:DecodingError", "it was reached at http://h:1/v1 and broke off"),
        ("http://h:1/v1", "transport:ReadError", "it was reached at http://h:1/v1 and broke off"),
        ("h", "bug:KeyError:keyed.provider:54", "a defect of the provider, raised at the line named"),
        ("h", "bug:reply:stop-is-no-Stop", "what its generate() returned is no sound Reply"),
        ("h", "malformed", "its answers are no chat completions: check base_url"),
        ("h", "http-500", "it failed on its side: its log or status page may say why"),
        ("h", "http-418", "the README of provider 'keyed' may say what that is"),
    ],
)  # fmt: skip
def test_a_hint_names_the_variable_the_address_and_the_model(registry_of, url, reason, says):
    """By what the provider declares of its options, whatever they are called; no password, no query."""
    pairs = (("service", '"big-co"'), ("url", json.dumps(url)))
    endpoint = Endpoint(id="i", name="n", provider="keyed", model="m", operational=pairs)
    told = what_to_do(registry_of(keyed=KEYED), endpoint, reason)

    assert says in told
    assert "s3cr3t" not in told
    assert "{" not in told
    assert "{" not in what_to_do(registry_of(), endpoint, reason)


def test_a_hint_names_no_variable_after_what_may_be_a_key(registry_of):
    """A key that was put where a service's name belongs is not shown as a variable's."""
    pairs = (("service", '"sk-proj-AbC123"'),)
    endpoint = Endpoint(id="i", name="n", provider="keyed", model="m", operational=pairs)
    told = what_to_do(registry_of(keyed=KEYED), endpoint, "http-401")

    assert told == "check its API key: token of the stack, else TOKEN"


def test_a_hint_names_what_the_stack_says():
    """The path that is wrong, not that there is one; braces of its own stay."""
    pairs = (("path", '"a b.csv"'),)
    endpoint = Endpoint(id="i", name="n", provider="p", model="own/m.gguf", identity=pairs)

    assert filled("no file is at {model}", endpoint) == "no file is at own/m.gguf"
    assert filled('path = "{path}": no file', endpoint) == 'path = "a b.csv": no file'
    assert filled('say api_key = "${NAME}"', endpoint) == 'say api_key = "${NAME}"'
