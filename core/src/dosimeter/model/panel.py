"""The validity panel: what would make numbers mean something else, and what is known of it."""

from enum import StrEnum

from attrs import frozen

from dosimeter.model.conversation import Pairs


class Threat(StrEnum):
    """What a number may suffer from."""

    DISTRIBUTION_SHIFT = "distribution-shift"
    SATURATION = "saturation"
    CONSISTENCY = "consistency"
    RIGHT_REASON = "right-reason"
    BOTH_REFUSALS = "both-refusals"
    RELIABILITY = "reliability"
    MISSING = "missing"
    TRUNCATED = "truncated"
    OFF_SCRIPT = "off-script"
    MODEL_CHANGED = "model-changed"
    COST = "cost"


class PanelAnswer(StrEnum):
    """What is known of a threat."""

    FINE = "fine"
    CONCERN = "concern"
    NOT_MEASURED = "not-measured"
    TOLD = "told"
    """A fact without a threshold."""


@frozen(kw_only=True)
class PanelCheck:
    """One threat, as far as this run can tell.

    Attributes:
        where: Target, category and so on that it is about; none for the whole run.
        text: What is known, with its numbers.
        needs: What would make it known; empty if it is.
        numbers: By name; shares are 0 to 1.
    """

    threat: Threat
    answer: PanelAnswer
    text: str
    where: Pairs = ()
    needs: str = ""
    numbers: tuple[tuple[str, float], ...] = ()
