"""A parametrised model whose truth is known. It sees the request and nothing else."""

import asyncio
import random

from dosimeter import (
    Permanent,
    Reply,
    Request,
    Speaker,
    Stop,
    Transient,
    Usage,
    assistant,
    derive_seed,
)
from dosimeter_provider_simulated.options import SimulatedOptions
from dosimeter_provider_simulated.texts import LEVELS, REFUSAL
from dosimeter_provider_simulated.truth import truth

MODELS = ("graded", "echo")


class SimulatedModel:
    """Replies by its truth; all chance comes from the request's seed."""

    def __init__(self, name: str, options: SimulatedOptions) -> None:
        if name not in MODELS:
            msg = f"there is no model simulated/{name}; there are {', '.join(MODELS)}"
            raise Permanent(msg, code="no-model")
        self._name, self._options = name, options
        self._tries: dict[int, int] = {}

    async def generate(self, request: Request) -> Reply:
        """See `dosimeter.ModelProvider`."""
        o = self._options
        said = [m.text for m in request.conversation if m.speaker is Speaker.USER]
        prompt = said[-1] if said else ""
        context = "\n".join(m.text for m in request.conversation[:-1])
        seed = derive_seed(request.seed or 0, prompt)
        n = self._tries[seed] = self._tries.get(seed, 0) + 1
        self._fault(random.Random(derive_seed("fault", seed, n)))
        if o.latency:
            await asyncio.sleep(
                random.Random(derive_seed("latency", seed)).expovariate(1 / o.latency)
            )
        self._tries.pop(seed, None)
        return self._reply(prompt, context, random.Random(seed))

    def _fault(self, rng: random.Random) -> None:
        draw = rng.random()
        if draw < self._options.throttled:
            raise Transient("simulated 429", code="http-429", throttled=True,
                            retry_after=self._options.retry_after)  # fmt: skip
        if draw < self._options.throttled + self._options.broken:
            raise Transient("simulated 503", code="http-503")

    def _reply(self, prompt: str, context: str, rng: random.Random) -> Reply:
        model = f"simulated-{self._name}"
        if self._name == "echo":
            return _said(prompt, Stop.END, model, prompt)
        true = truth(prompt, self._options, context)
        refuses, blocked, cut = (rng.random() < p for p in (true.refuses, true.filtered, true.cut))
        if blocked:
            return Reply(messages=(), stop=Stop.FILTERED, model=model)
        text = REFUSAL if refuses else rng.choices(LEVELS, true.detail)[0]
        return _said(
            text[: len(text) // 2] if cut else text, Stop.LENGTH if cut else Stop.END, model, prompt
        )

    async def aclose(self) -> None:
        """Nothing is held."""


def _said(text: str, stop: Stop, model: str, prompt: str) -> Reply:
    usage = Usage(input=len(prompt) // 4, output=len(text) // 4)
    return Reply(messages=(assistant(text),), stop=stop, model=model, usage=usage)


def build(name: str, options: SimulatedOptions) -> SimulatedModel:
    """Build the model."""
    return SimulatedModel(name, options)
