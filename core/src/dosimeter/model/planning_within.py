"""What a plan can show within families, and what is not planned at all."""

from attrs import frozen

from dosimeter.model.conversation import Pairs
from dosimeter.model.planning import PilotWithin


@frozen(kw_only=True)
class Varied:
    """What is shown if the differences of families vary so much.

    Attributes:
        discordant: Share of families on which any two cells are taken to differ, of a mean on a scale
            with ends from one end to the other; None by a pilot.
        sd: Standard deviation of a family's difference, if the true one is 0.
        half_width: Half of the interval that the report will give, if the difference comes out as 0.
        smallest: Difference that is shown with the power asked for; None if none is.
        power: At the difference asked about; None without one, or where there cannot be one so large.
        needed: Families that show it with the power asked for; None likewise, or if no number does.
    """

    discordant: float | None
    sd: float
    half_width: float
    smallest: float | None
    power: float | None = None
    needed: int | None = None


@frozen(kw_only=True)
class Within:
    """What one difference within families can show; targets are alike in that.

    Attributes:
        intent: As findings call it: what is compared, or averaged.
        attack: Likewise.
        levels: Likewise, of declared factors.
        share: Whether it is a difference of shares; else of means on a scale.
        cells: That a family's difference is made of; 0 of flips, which are of pairs.
        families: With every cell in the design.
        lacking: Families with some of the cells, which are left out.
        rows: Attempts in a cell of a family; of unlike ones the harmonic mean.
        alpha: Of its test, which is its interval's: it is no comparison of targets.
        none_differ: The difference that is left open, either way, if no family differs; None of means
            on a scale without ends.
        detect: The difference asked about; 2 points of shares, and None of means, without one.
        varied: By the pilot; without one at the least and the greatest disagreement assumed, and none
            on a scale without ends.
        pilot: What it rests on; None for assumptions.
    """

    measure: str
    category: str
    intent: str
    attack: str
    rater: str
    levels: Pairs
    share: bool
    cells: int
    families: int
    lacking: int
    rows: float
    alpha: float
    none_differ: float | None
    detect: float | None
    varied: tuple[Varied, ...]
    pilot: PilotWithin | None = None


@frozen(kw_only=True)
class Unplanned:
    """A measure of which a plan says nothing, and why.

    Attributes:
        category: That asks it; empty of a measure of all.
    """

    measure: str
    category: str
    why: str
