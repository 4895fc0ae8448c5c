"""Options of the provider."""

from attrs import frozen
from attrs.validators import ge

from dosimeter import option


@frozen(kw_only=True)
class LlamaOptions:
    """How the model is run.

    With several slots, or what is left of an earlier prompt, the runtime adds the same numbers in
    another order, and a model on the fence between two words takes the other: at temperature 0 some
    10 of 20 replies of 64 tokens differed between two orders of asking; of one slot without a cache
    none. *reproducible* is that, and takes a quarter longer.

    One thread and several slots is the fastest on a small machine: threads wait for each other
    by spinning, and any busy neighbour stalls them all.
    """

    slots: int = option(
        operational=True, default=8, validator=ge(1), help="replies generated at once"
    )
    context: int = option(
        identity=True, default=1024, validator=ge(1), help="tokens of context of each slot"
    )
    threads: int = option(operational=True, default=1, validator=ge(1), help="threads of the model")
    reproducible: bool = option(
        identity=True,
        default=False,
        help="one reply at a time and nothing kept of earlier prompts, so that a reply does not"
        " depend on what else is asked",
    )
