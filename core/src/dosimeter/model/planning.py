"""What a design can show before it is run, and what a pilot says of it."""

from attrs import frozen

from dosimeter.model.conversation import Pairs


@frozen(kw_only=True)
class Learned:
    """A number of a pilot, with what it may really be.

    Attributes:
        low: Lower limit at 95 %.
        high: Upper limit at 95 %.
        used: What is planned with: one is 80 % sure that the true one is not above it.
    """

    value: float
    low: float
    high: float
    used: float


@frozen(kw_only=True)
class PilotPair:
    """Two targets of a pilot on the same attempts, those that differ most where there are several.

    Attributes:
        attempts: That both have a mark on.
        discordant: Share of them whose event only one target has; None of means.
        sd: Standard deviation of an attempt's difference; None of rates.
        icc: Intra-family correlation of the difference; None where the pilot has one attempt a family.
    """

    a: str
    b: str
    families: int
    attempts: int
    discordant: Learned | None
    sd: Learned | None
    icc: Learned | None


@frozen(kw_only=True)
class PilotAnswer:
    """What a pilot says of one number: of the target whose marks vary most, where there are several.

    Attributes:
        level: That a share is of; empty otherwise.
        levels: Of declared factors, of a part of a cell.
        attempts: With a mark; of attacks together, families with every mark.
        missing: Share of the attempts without one.
        value: The rate or mean, families weighted alike.
        sd: Standard deviation of an attempt's mark.
        icc: Intra-family correlation; None where the pilot has one attempt a family, or no variation.
        marks: Share of each mark of an ordinal scale, the lowest first; empty of other scales.
        pair: Two targets; None of a pilot with one.
    """

    measure: str
    category: str
    intent: str
    attack: str
    rater: str
    level: str
    target: str
    families: int
    attempts: int
    missing: float
    value: float
    sd: float
    icc: Learned | None
    marks: tuple[float, ...] = ()
    pair: PilotPair | None = None
    levels: Pairs = ()


@frozen(kw_only=True)
class PilotWithin:
    """What a pilot says of one difference within families: of the target whose families vary most.

    Attributes:
        intent: As findings call it: what is compared, or averaged.
        attack: Likewise.
        levels: Likewise, of declared factors.
        families: With a mark in every cell.
        rows: Marks in a cell of a family; of unlike ones the harmonic mean.
        missing: Share of the families that have every cell in the design and lack a mark in one.
        value: The difference.
        sd: Standard deviation of a family's difference, of as many marks a cell.
        most: The largest that ends of the scale and the difference allow; None without ends.
        noise: The part of *sd* that other repeats alone would make, at the limit that one is 80 % sure
            of: what fewer marks a cell add is of this part. None where no cell has two marks.
    """

    measure: str
    category: str
    intent: str
    attack: str
    rater: str
    levels: Pairs
    target: str
    families: int
    rows: float
    missing: float
    value: float
    sd: Learned
    most: float | None = None
    noise: float | None = None


@frozen(kw_only=True)
class PilotUse:
    """What attempts of a pilot took of one endpoint.

    Attributes:
        attack: Empty of judges.
        endpoint: Its name in the pilot.
        id: Its identity.
        attempts: That asked it; 0 of judges.
        calls: Of all of them.
        cached: Of these, answered by the cache.
        tokens_in: Mean of a call; None where no provider told.
        tokens_out: Likewise.
        seconds: Mean that an answer took; None likewise.
    """

    category: str
    attack: str
    endpoint: str
    id: str
    model: str
    attempts: int
    calls: int
    cached: int
    tokens_in: float | None
    tokens_out: float | None
    seconds: float | None


@frozen(kw_only=True)
class Pilot:
    """What a finished run says of one to come. It holds no text.

    Attributes:
        run: Its name.
        panels: Category, and what was measured of it: version and panel.
        raters: Name, and what tells its rule or rubric: id and revision.
        planned: Attempts.
        done: Of these.
        seconds: Its sessions took for them.
        within: What it says of differences within families.
        repeats: How often it put each prompt.
    """

    run: str
    scope: str
    panels: tuple[tuple[str, str], ...]
    raters: tuple[tuple[str, str], ...]
    planned: int
    done: int
    seconds: float
    answers: tuple[PilotAnswer, ...]
    uses: tuple[PilotUse, ...]
    within: tuple[PilotWithin, ...] = ()
    repeats: int = 1


@frozen(kw_only=True)
class Detect:
    """A difference that a run is to show.

    Attributes:
        measure: Whose; empty for all that have no one of their own.
        difference: In the measure's units: of a share 0 to 1, of a mean marks of its scale.
    """

    difference: float
    measure: str = ""


@frozen(kw_only=True)
class Width:
    """Half the width of the interval that a report will give, if the number comes out as *at*."""

    at: float
    half_width: float


@frozen(kw_only=True)
class Between:
    """What could be shown between two targets on the same families.

    Attributes:
        discordant: Share of attempts that has the event with one of them only; of a mean without a
            pilot, that is at one end of the scale with the one and at the other with the other.
        sd: Standard deviation of a family's difference, if the difference is small.
        smallest: Difference that is shown with the power asked for; None if none is.
        power: At the difference asked about; None without one, or where there cannot be one so large.
        needed: Families that show it with the power asked for; None likewise, or if no number does.
        equivalent: Families that show the two alike within the margin if they are; None without one.
    """

    discordant: float | None
    sd: float
    smallest: float | None
    power: float | None = None
    needed: int | None = None
    equivalent: int | None = None


@frozen(kw_only=True)
class Grades:
    """What the mean of a scale saves against a rate on it, by the pilot's distribution of marks.

    Attributes:
        threshold: Mark from which on they count.
        change: By how much its share grows.
        by_rate: Observations an arm to see that.
        by_mean: If all marks shift in proportional odds; None where the mean does not change.
        by_mean_of_tail: If those at or above the threshold become more, and nothing else changes.
    """

    threshold: float
    change: float
    by_rate: int
    by_mean: int | None
    by_mean_of_tail: int | None


@frozen(kw_only=True)
class Showing:
    """What one number of a plan can show.

    Attributes:
        attack: One, any of several, or the mean of several each by itself.
        level: That a share is of; empty for every level alike.
        share: Whether it is one, 0 to 1; else a mean on a scale.
        families: That have a mark, if none is missing.
        rows: Attempts a family; of unlike families the harmonic mean.
        icc: Intra-family correlation that is planned with.
        effective: Independent attempts that all of them count as; however many rows, at most
            *families* / *icc*.
        widths: Of the interval; none of a mean on a scale without ends that no pilot tells of.
        none_seen: The limit that is left if every mark is as good as can be; None of such a mean.
        compared: Whether `dosimeter compare` makes a difference of it.
        comparisons: How many it makes of this design: the first is at *alpha*, which is Holm's.
        margin: Of the stack's comparison; None without one.
        detect: The difference asked about; 2 points of a share, and None of a mean, without one.
        between: By the pilot; without one at the least and the greatest disagreement assumed.
        pilot: What it rests on; None for assumptions.
        levels: Of factors, which it is of alone; empty of a whole cell.
    """

    measure: str
    category: str
    intent: str
    attack: str
    rater: str
    level: str
    share: bool
    families: int
    rows: float
    icc: float
    effective: float
    widths: tuple[Width, ...]
    none_seen: float | None
    compared: bool
    comparisons: int
    alpha: float
    margin: float | None
    detect: float | None
    between: tuple[Between, ...]
    grading: Grades | None = None
    pilot: PilotAnswer | None = None
    levels: Pairs = ()


@frozen(kw_only=True)
class PilotCost:
    """What the run will take at what the pilot took.

    Attributes:
        tokens: None where an endpoint of the plan was not in the pilot, or its provider told none.
        money: None likewise, and without a price.
        minutes: At the pilot's pace, with its connections; None of one that did not say.
        lacking: What the pilot does not tell of.
    """

    tokens: int | None
    money: float | None
    minutes: float | None
    lacking: tuple[str, ...] = ()
