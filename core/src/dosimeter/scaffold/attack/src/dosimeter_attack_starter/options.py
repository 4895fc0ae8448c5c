"""Options of the attack."""

from attrs import frozen
from attrs.validators import deep_iterable, in_, min_len

from dosimeter import option

TEMPLATES = ("note", "form", "call")
"""What `templates.toml` has, so that a stack's other words are refused before that is read."""


@frozen(kw_only=True)
class StarterOptions:
    """Which frames are used."""

    templates: tuple[str, ...] = option(
        identity=True, default=("note",), validator=deep_iterable(in_(TEMPLATES), min_len(1)),
        help="frames, one variant each",
    )  # fmt: skip
