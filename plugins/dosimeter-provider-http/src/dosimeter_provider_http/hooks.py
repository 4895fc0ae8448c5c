"""Hooks of dosimeter-provider-http."""

from dosimeter import Capability, ProviderSpec, hookimpl
from dosimeter_provider_http.options import HttpOptions

REDIRECTS = ("http-301", "http-302", "http-303", "http-307", "http-308")
COMPARE = "compare {} with an answer of the endpoint, as `curl` shows it"
HISTORY = (
    "the item or the attack has several turns, and the request only the last: write {{messages}},"
    " {{history}} or {{transcript}} into request, or leave such attacks out"
)
SETTING = (
    "temperature, top_p, max_tokens or stop is set: write its placeholder into request, as in"
    " {{temperature}}, or leave the setting out"
)
FLAG = (
    "failed, filtered, refused, cut and poll_done must be true or false: compare what is there, as in"
    " status == 'done'"
)
HINTS = (
    ("history-has-no-place", HISTORY),
    ("system-has-no-place", "write {{system}}, {{messages}} or {{transcript}} into request"),
    ("setting-has-no-place", SETTING),
    ("no-user-message", "the words put into the model's mouth have no place: use {{messages}}"),
    ("no-reply-at-path", COMPARE.format("reply") + "; an error with status 200 is one for failed"),
    ("reply-not-text", COMPARE.format("reply") + "; join('', PATH) makes one text of several"),
    ("no-verdict-at-path", COMPARE.format("blocked and allowed")),
    ("label-not-text", COMPARE.format("label") + "; to_string(PATH) makes a text"),
    ("score-not-number", COMPARE.format("score") + "; to_number(PATH) makes a number"),
    ("not-true-or-false", FLAG),
    ("answer-failed", "its answers say that they failed, by what failed looks at{at}"),
    ("no-job-at-path", COMPARE.format("poll_id")),
    ("poll-timeout", "its job is not done in poll_most ({poll_most} s), or poll_done never says so"),
    ("html", "it answered with a web page: check url"),
    ("bad-url", "url is no http(s) address"),
    ("malformed", "what comes is no JSON: check url, or say plain_text = true"),
    *((code, "it does not take the request: compare request and headers with its documentation")
      for code in ("http-400", "http-415", "http-422")),
    *((code, "check its key: secret_headers, or secret, of the stack")
      for code in ("http-401", "http-403")),
    *((code, "check url and method{at}") for code in ("http-404", "http-405")),
    *((code, "redirects are not followed: put the final address into url") for code in REDIRECTS),
)  # fmt: skip
"""What a failure most likely means."""


@hookimpl
def dosimeter_model_providers() -> list[ProviderSpec]:
    """Declare the provider of endpoints of any form."""
    return [
        ProviderSpec(
            id="http",
            summary="Any JSON endpoint, by a request template and the paths of its answer",
            options=HttpOptions,
            factory="dosimeter_provider_http.provider:build",
            prepare="dosimeter_provider_http.asking:prepare",
            hints=HINTS,
            capabilities=frozenset({Capability.CHAT, Capability.SEED, Capability.VERDICT_ONLY}),
            connections=8,
        )
    ]
