"""The card of a rater: its errors against people's labels, and of what replies (VALIDITY 17)."""

from attrs import frozen

from dosimeter.model.facts import CardLine

SCHEMA = 1
"""Of the file that a card is written to."""


@frozen(kw_only=True)
class CardSlice:
    """A part of the labelled replies.

    Attributes:
        by: ``"all"``, ``"category"``, ``"language"``, ``"attack"``, ``"intent"`` or ``"target"``.
        name: Which of them.
        table: Replies by people's label (rows) and the rater's mark (columns), in the order of levels.
        macro_f1: None where it has no interval.
        lower: Lower limit of that, by resampled families. *upper* likewise.
        why: Why there is none; empty where there is.
    """

    by: str
    name: str
    replies: int
    families: int
    table: tuple[tuple[int, ...], ...]
    macro_f1: float | None = None
    lower: float | None = None
    upper: float | None = None
    why: str = ""


@frozen(kw_only=True)
class CardPoint:
    """A bin of the calibration curve: what the rater was sure of, and how often it was right."""

    stated: float
    observed: float
    lower: float
    upper: float
    n: int


@frozen(kw_only=True)
class CardScale:
    """A rater on one scale.

    Attributes:
        levels: Of the scale, in its order.
        people: Who gave the labels.
        replies: That have a label and a mark of the rater.
        families: Of these.
        unmarked: Labelled replies that the rater has no mark of.
        tied: Replies on which as many people say one thing as another: left out.
        undrawn: Labels on replies that were not drawn, left out as others were.
        slices: All replies, and parts of them.
        lines: What a scorer's package ships.
        curve: How often the rater was right by how sure it said it was; none without a confidence.
        calibration_error: Expected calibration error of that; biased upward.
        notes: What is not there, and why.
    """

    scale: str
    levels: tuple[str, ...]
    people: tuple[str, ...]
    replies: int
    families: int
    unmarked: int
    tied: int
    undrawn: int
    slices: tuple[CardSlice, ...]
    lines: tuple[CardLine, ...]
    curve: tuple[CardPoint, ...] = ()
    calibration_error: float | None = None
    notes: tuple[str, ...] = ()


@frozen(kw_only=True)
class Card:
    """The errors of one rater, as one run and its labels tell them.

    Attributes:
        dates: On which days the replies were given.
        drawn: How the labelled replies came to be chosen.
    """

    rater: str
    revision: int
    run: str
    dates: str
    drawn: str
    scales: tuple[CardScale, ...]
    schema: int = SCHEMA

    @property
    def lines(self) -> tuple[CardLine, ...]:
        """What a scorer's package ships."""
        return tuple(line for one in self.scales for line in one.lines)
