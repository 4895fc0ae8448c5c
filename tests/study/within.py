"""Differences within families: few families that differ, one way, both ways, and in four cells."""

from attrs import evolve, frozen
from study.bands import coverage
from study.blocks import FRAME, MEAN, RATE, block, marks_of, warned
from study.rates import FEW, seed

from dosimeter.analysis.arms import Arm
from dosimeter.analysis.contrast import Question, difference
from dosimeter.contrasts import contrasts
from dosimeter.model.design import Intent
from dosimeter.model.measures import Contrast, Selection
from dosimeter.model.report import Cell
from dosimeter.stats.cluster import cluster_mean

SECTION = "Differences within families, from arrays"
KNOWN = {"trigger": ("0", "1"), "intent": ("benign", "harmful"), "attack": ("direct",)}
WORD = Contrast(factor="trigger", first="0", second="1")
MEANT = Contrast(factor="intent", first="benign", second="harmful")
BENIGN = Selection(intents=(Intent.BENIGN,))
BOTH = Selection(intents=(Intent.HARMFUL, Intent.BENIGN))
KEYWORD = evolve(RATE, select=BENIGN, contrast=WORD)
KEYWORD_MEAN = evolve(MEAN, select=BENIGN, contrast=WORD)
KEYWORD_BOTH = evolve(RATE, select=BOTH, contrast=evolve(WORD, within=("intent",)))
INTERACTION = evolve(RATE, select=BOTH, contrast=evolve(WORD, between=MEANT))
EVENTS = 0.3
"""Rate of families that are marked alike in all cells."""


@frozen(kw_only=True)
class Few:
    """What few families do.

    Attributes:
        rise: Share of families that have the event with the word only.
        fall: Share that has it without the word only.
        rows: Attempts of each cell.
        often: In which share of those a family that differs does so.
    """

    families: int
    rise: float
    fall: float = 0.0
    rows: int = 1
    often: float = 1.0

    def __str__(self) -> str:
        ways = f"{self.rise:.0%} of families rise" + (
            f", {self.fall:.0%} fall" if self.fall else ""
        )
        repeats = f" x {self.rows}, in {self.often:.0%} of rows" if self.rows > 1 else ""
        return f"{ways}, {self.families} families{repeats}"

    def kinds(self, rng):
        """Draw which families rise, and which fall."""
        u = rng.random(self.families)
        return u < self.rise, u > 1 - self.fall

    def pair(self, rng, rise, fall):
        """Draw the events with and without the word, alike but where families differ."""
        shape = (self.families, self.rows)
        alike = rng.random(shape) < 2 * EVENTS * rng.integers(0, 2, (self.families, 1))
        rise, fall = (one[:, None] & (rng.random(shape) < self.often) for one in (rise, fall))
        return (alike | rise) & ~fall, (alike | fall) & ~rise


def answered(measure, cells):
    """Answer *measure* as a report does, by marks of (intent, level of the word)."""
    (one,) = contrasts(measure, KNOWN)
    arms = []
    for side in one.sides:
        values = cells[side.intent, dict(side.levels)["trigger"]]
        group = evolve(block(values), cell=("t", "c", side.intent, side.attack))
        planned = values.size
        cell = Cell(target="t", category="c", intent=Intent(side.intent), attack=side.attack,
                    families=len(values), planned=planned, done=planned, failed=0, open=0, truncated=0,
                    blocked=0, off_script=0)  # fmt: skip
        arms.append(Arm(group=group, cell=cell, frame=FRAME))
    (found,) = difference(Question(measure=measure, compared=one, at=(), arms=tuple(arms)))
    return found


def covered(what, few, found, true, *, told=""):
    """Count how often the limits of reports held; of few families, which they warn of, 90 % are asked."""
    kind = "hard" if few.families <= FEW else "conservative"
    limits = [(one.lower, one.upper) for one in found]
    return coverage(
        SECTION, f"{few}{told}", f"paired-score-t: {what}", limits, true, kind, warned=warned(found)
    )


def keyword(few, runs, *, rival=None):
    """Cover a difference of two cells; beside it t's limits, *rival* being what is asked of those."""
    rng, found, by_t = seed(few.families, few.rise, few.fall, few.rows, 11), [], []
    for _ in range(runs):
        b1, b0 = few.pair(rng, *few.kinds(rng))
        one = answered(KEYWORD, {("benign", "1"): marks_of(b1), ("benign", "0"): marks_of(b0)})
        t = cluster_mean((b1.mean(axis=1) - b0.mean(axis=1)), None).interval()
        found.append(one)
        by_t.append((one.lower, one.upper) if t.undefined else tuple(t))
    true = few.often * (few.rise - few.fall)
    yield covered("two cells", few, found, true)
    if rival:
        yield coverage(SECTION, str(few), "paired-cr1-t (as no report does)", by_t, true, rival)


def graded(few, levels, runs):
    """Cover a difference of two means, to which few families add *levels* marks."""
    rng, found = seed(few.families, few.rise, levels, 12), []
    for _ in range(runs):
        rise, fall = few.kinds(rng)
        b0 = rng.integers(1, 6 - levels, (few.families, few.rows)).astype(float)
        b1 = b0 + levels * rise[:, None]
        b0 = b0 + levels * fall[:, None]
        found.append(answered(KEYWORD_MEAN, {("benign", "1"): b1, ("benign", "0"): b0}))
    return covered(
        "two means of 1 to 5", few, found, levels * (few.rise - few.fall), told=f" by {levels}"
    )


def four(measure, few, runs):
    """Cover a contrast of four cells: few families differ under each intent, or the one against the other."""
    rng, found, apart = seed(few.families, few.rise, few.fall, 13), [], measure is INTERACTION
    for _ in range(runs):
        rise, fall = few.kinds(rng)
        # Of an interaction half of the families that differ do so for both intents, by 2, the others by 1.
        some = rng.random(few.families) < 0.5
        of_benign = (fall & some, rise & some) if apart else few.kinds(rng)
        h1, h0, b1, b0 = map(marks_of, (*few.pair(rng, rise, fall), *few.pair(rng, *of_benign)))
        cells = {
            ("harmful", "1"): h1,
            ("harmful", "0"): h0,
            ("benign", "1"): b1,
            ("benign", "0"): b0,
        }
        found.append(answered(measure, cells))
    what = "difference of two differences" if apart else "mean of two differences"
    return covered(what, few, found, (1.5 if apart else 1) * (few.rise - few.fall))


def every(size, _):
    yield from keyword(Few(families=100, rise=0.05), size.runs, rival="control")
    yield from keyword(Few(families=200, rise=0.02), size.runs, rival="open")
    for few in (
        Few(families=20, rise=0.1), Few(families=40, rise=0.1), Few(families=100, rise=0.04, fall=0.01),
        Few(families=100, rise=0.05, rows=3, often=0.7), Few(families=40, rise=0.05, fall=0.05),
        Few(families=100, rise=0.03, fall=0.03), Few(families=200, rise=0.3, fall=0.3),
    ):  # fmt: skip
        yield from keyword(few, size.runs)
    for few in (Few(families=100, rise=0.05), Few(families=100, rise=0.03, fall=0.03)):
        yield graded(few, 3, size.runs)
        yield four(KEYWORD_BOTH, few, size.runs)
        yield four(INTERACTION, few, size.runs)
    yield four(INTERACTION, Few(families=200, rise=0.02), size.runs)
