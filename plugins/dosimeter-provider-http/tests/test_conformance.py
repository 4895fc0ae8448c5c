"""The provider keeps what the conformance kit asks of every provider, whatever form its endpoint has."""

import json

from dosimeter.testing import SECRET, conformance, specimen
from dosimeter_provider_http import hooks
from dosimeter_provider_http.options import HttpOptions

WHOLE = json.dumps(
    {"m": "{{messages}}", "model": "{{model}}", "t": "{{temperature}}", "p": "{{top_p}}",
     "n": "{{max_tokens}}", "end": "{{stop}}", "seed": "{{seed}}", "key": "{{secret}}"}
)  # fmt: skip
BARE = '{"q": "{{prompt}}", "seed": "{{seed}}"}'


def made(request, **reading):
    """Give what makes options for the address of a server."""
    key = f"X-Api-Key: {SECRET}"
    return lambda address: HttpOptions(
        url=f"{address}/ask", secret_headers=key, request=request, **reading
    )


CHAT = specimen(
    hooks,
    "http",
    model="bot",
    served=made(WHOLE, secret=SECRET, reply="out.text"),
    says=lambda text: json.dumps({"out": {"text": text}}).encode(),
)
TEXT = specimen(
    hooks, "http", model="bot", served=made(BARE, plain_text=True), says=lambda text: text.encode()
)
GUARD = specimen(
    hooks,
    "http",
    model="guard",
    served=made(BARE, blocked="flagged", label="kind"),
    says=lambda text: json.dumps({"flagged": "step" in text, "kind": "steps"}).encode(),
)


@conformance(hooks, CHAT)
def test_a_chat_keeps_its_promises(check):
    """With a place for everything in its template."""
    check()


@conformance(hooks, TEXT)
def test_plain_text_keeps_its_promises(check):
    """Whose template has no place for settings or earlier turns."""
    check()


@conformance(hooks, GUARD)
def test_a_guardrail_keeps_its_promises(check):
    """Which gives verdicts and no text."""
    check()
