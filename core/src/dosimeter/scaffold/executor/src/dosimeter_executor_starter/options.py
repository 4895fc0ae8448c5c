"""Options of the executor."""

from attrs import frozen
from attrs.validators import ge

from dosimeter import option


@frozen(kw_only=True)
class StarterOptions:
    """How much is done at a time."""

    at_once: int = option(
        operational=True, default=4, validator=ge(1),
        help="attempts under way at the same time; 1 runs one after another",
    )  # fmt: skip
