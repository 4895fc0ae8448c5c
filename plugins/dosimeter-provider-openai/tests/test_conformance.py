"""The provider keeps what the conformance kit asks of every provider."""

import json

from dosimeter.testing import conformance, specimen
from dosimeter_provider_openai import hooks
from dosimeter_provider_openai.options import OpenAIOptions


def said(text):
    """Give a chat completion."""
    choice = {"finish_reason": "stop", "message": {"role": "assistant", "content": text}}
    used = {"prompt_tokens": 9, "completion_tokens": 5}
    return json.dumps({"id": "ref-1", "model": "m-1", "choices": [choice], "usage": used}).encode()


@conformance(
    hooks,
    specimen(
        hooks,
        "openai",
        model="m",
        served=lambda address: OpenAIOptions(base_url=f"{address}/v1"),
        says=said,
    ),
)
def test_it_keeps_its_promises(check):
    """Each check of the kit is a test."""
    check()
