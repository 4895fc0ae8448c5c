"""Hooks of dosimeter-provider-llamacpp."""

from dosimeter import Capability, CommandSpec, Price, ProviderSpec, hookimpl
from dosimeter_provider_llamacpp.options import LlamaOptions


@hookimpl
def dosimeter_model_providers() -> list[ProviderSpec]:
    """Declare the provider of in-process GGUF models."""
    return [
        ProviderSpec(
            id="llamacpp",
            summary='GGUF models in this process: "llamacpp/bundled" or "llamacpp/path.gguf"',
            options=LlamaOptions,
            factory="dosimeter_provider_llamacpp.provider:build",
            capabilities=frozenset(
                {Capability.CHAT, Capability.LOGPROBS, Capability.SEED, Capability.DETERMINISTIC}
            ),
            hints=(
                ("no-weights", "`dosimeter pull` fetches the bundled weights"),
                ("no-file", "no file is at {model}, as it is looked up from this folder"),
                ("wrong-weights", "the weights' file is damaged: `dosimeter pull` fetches it anew"),
                ("load", "{model} is no GGUF model that this runtime can load"),
                (
                    "unsupported-tools",
                    "leave out what offers tools, or ask a model behind an endpoint",
                ),
                ("unreadable", "a prompt holds a sign that is none, such as half of an emoji"),
                ("context-overflow", "raise the target's context, or lower max_tokens"),
            ),
            prices=(Price(model="*", input=0.0, output=0.0, date=""),),
            connections=8,
        )
    ]


@hookimpl
def dosimeter_commands() -> list[CommandSpec]:
    """Declare ``dosimeter pull``."""
    return [
        CommandSpec(
            id="pull",
            summary="Fetch the bundled model's weights into the user's cache",
            factory="dosimeter_provider_llamacpp.pull:command",
        )
    ]
