"""Options of the provider."""

from attrs import frozen
from attrs.validators import ge

from dosimeter import option


@frozen(kw_only=True)
class LlamaOptions:
    """How the model is run.

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
