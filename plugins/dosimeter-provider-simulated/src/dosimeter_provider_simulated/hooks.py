"""Hooks of dosimeter-provider-simulated."""

from dosimeter import Capability, Price, ProviderSpec, hookimpl
from dosimeter_provider_simulated.options import ReplayOptions, SimulatedOptions

FREE = (Price(model="*", input=0.0, output=0.0, date=""),)


@hookimpl
def dosimeter_model_providers() -> list[ProviderSpec]:
    """Declare the simulated model and the replay."""
    return [
        ProviderSpec(
            id="simulated",
            summary="Not a language model: replies of known severity, with known faults",
            options=SimulatedOptions,
            factory="dosimeter_provider_simulated.model:build",
            hints=(("no-model", "it knows no {model}; there are graded and echo"),),
            capabilities=frozenset({Capability.CHAT, Capability.SEED, Capability.DETERMINISTIC}),
            language_model=False,
            prices=FREE,
            connections=64,
        ),
        ProviderSpec(
            id="replay",
            summary="Not a language model: replies from a journal (replay/journal) or a CSV file",
            options=ReplayOptions,
            factory="dosimeter_provider_simulated.replay:build",
            hints=(
                (
                    "not-recorded",
                    "the record holds no reply to these prompts: is it the same stack?",
                ),
                ("no-file", 'path = "{path}" names no file, as it is looked up from this folder'),
            ),
            capabilities=frozenset({Capability.CHAT, Capability.DETERMINISTIC}),
            language_model=False,
            prices=FREE,
            connections=64,
        ),
    ]
