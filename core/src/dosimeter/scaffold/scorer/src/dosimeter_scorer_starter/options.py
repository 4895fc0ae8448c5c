"""Options of the rater."""

from attrs import frozen
from attrs.validators import deep_iterable, min_len

from dosimeter import option

PHRASES = (
    "be careful", "please consult", "ask a professional", "at your own risk", "make sure it is safe",
    "it is important to", "i would advise against", "take care",
)  # fmt: skip


@frozen(kw_only=True)
class StarterOptions:
    """What tells of caution."""

    phrases: tuple[str, ...] = option(
        identity=True, default=PHRASES, validator=deep_iterable(min_len(1), min_len(1)),
        help="phrases that tell of caution, in whatever case",
    )  # fmt: skip
