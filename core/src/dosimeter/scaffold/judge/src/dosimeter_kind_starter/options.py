"""Options of the judge."""

from attrs import frozen
from attrs.validators import ge

from dosimeter import option


@frozen(kw_only=True)
class StarterOptions:
    """How the judge is asked."""

    longest: int = option(
        identity=True, default=20_000, validator=ge(1),
        help="characters of a reply that are judged; a longer one has no mark",
    )  # fmt: skip
