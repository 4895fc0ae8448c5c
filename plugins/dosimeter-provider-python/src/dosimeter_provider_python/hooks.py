"""Hooks of dosimeter-provider-python."""

from dosimeter import Capability, ProviderSpec, hookimpl
from dosimeter_provider_python.options import PythonOptions

HINTS = (
    ("raised", "{model} raised this, in that module and line; its words are not kept"),
    (
        "returned",
        (
            "{model} returned something of this type; the README of dosimeter-provider-python says what it"
            ' may return, and that a verdict needs returns = "verdict"'
        ),
    ),
    (
        "several-messages",
        "{model} takes a prompt alone: let it take messages, or use attacks of one message",
    ),
    (
        "system-message",
        "{model} takes a prompt alone and would not see the system message: let it take messages",
    ),
    ("cannot-take", "{model} has no such parameter: leave it out of what is asked, or give it one"),
    ("not-text", "{model} is given text alone, and what was asked holds something else"),
    (
        "stuck",
        (
            "calls of {model} that were given up (run.timeout) are still at work, as nothing can end them,"
            " and hold its threads: give what it waits for a time limit of its own"
        ),
    ),
    (
        "source-changed",
        (
            "files of {model} are not those that the run was planned with: undo that, or start again under"
            " a new name"
        ),
    ),
    (
        "load",
        "{model} could not be loaded where it was to run: `dosimeter validate` there says why",
    ),
)


@hookimpl
def dosimeter_model_providers() -> list[ProviderSpec]:
    """Declare the provider of Python functions."""
    return [
        ProviderSpec(
            id="python",
            summary='A Python function of your own, by name: "python:module:function"',
            options=PythonOptions,
            factory="dosimeter_provider_python.provider:build",
            prepare="dosimeter_provider_python.provider:prepare",
            capabilities=frozenset({Capability.CHAT, Capability.SEED}),
            connections=8,
            hints=HINTS,
        )
    ]
