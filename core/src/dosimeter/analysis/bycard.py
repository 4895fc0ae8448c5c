"""A rater's rate with its errors taken out by its card, where the card holds for this run (VALIDITY 17)."""

from collections.abc import Iterator, Sequence
from functools import cached_property

from attrs import field, frozen

from dosimeter.analysis.bylabels import Found
from dosimeter.analysis.load import Floats, Ints, Place
from dosimeter.analysis.sampled import Batches, Why
from dosimeter.analysis.voted import Said, by_reply, said_of
from dosimeter.journal.design import Design
from dosimeter.journal.reader import ATTEMPTS, Reader
from dosimeter.model.design import ANSWER
from dosimeter.model.facts import CardCounts
from dosimeter.model.rating import PERSON, SubjectKind, Value
from dosimeter.plural import plural
from dosimeter.stats.correction import rogan_gladen_clustered
from dosimeter.stats.rater_error import BinaryConfusion, binary_confusion, transport_check
from dosimeter.stats.result import Limits

REFUSED = {
    "no-calibration": "the card has no replies of one class",
    "no-better-than-chance": "by its card the rater tells the classes apart no better than chance",
    "calibration-inconsistent": "the rater calls fewer replies positive than its card's false positives"
    " alone would make, or more than all: the card does not hold in this run",
    "youden-below-half": "sensitivity and specificity on the card add up to less than 1.5",
    "few-calibration-positives": "the card has fewer than 30 positives, or they are worth fewer",
    "few-calibration-negatives": "the card has fewer than 30 negatives, or they are worth fewer",
}
"""Why a card corrects no rate, by the code of the statistic."""
CONTRADICTED = "card-inconsistent"
FIT = "a card of replies of the same category, intents, attacks, languages and models (`dosimeter calibrate`)"

ENOUGH = "50 labels of both classes on replies of this run, drawn with one probability"


@frozen(kw_only=True)
class Population:
    """What a cell's replies are of, as far as a card can state it."""

    languages: frozenset[str]
    model: str


@frozen(kw_only=True)
class Cards:
    """The cards with counts of a run's raters, and how they hold in the run."""

    _reader: Reader = field(alias="reader")
    _found: Design = field(alias="found")
    _batches: Batches = field(alias="batches")

    def of(self, rater: str, scale: str, positive: frozenset[Value]) -> tuple[CardCounts, ...]:
        """Give the counts of *rater* for the question which replies are at one of the levels *positive*."""
        lines = [
            line for r in self._found.raters if r.label == rater for line in r.spec.card
            if line.counts is not None and line.scale in {"", scale}
        ]  # fmt: skip
        mine = (
            c for line in lines if (c := line.counts) and _levels(c.positive) == _levels(positive)
        )
        return tuple(dict.fromkeys(mine))

    def correct(
        self, counts: CardCounts, rater: str, scale: str, cell: Place, judge: Floats, family: Ints
    ) -> Found | Why:
        """Correct the share of *judge* that is positive; or say why the card does not.

        Args:
            counts: Of the card.
            rater: Its label.
            scale: Of the marks.
            cell: Where they stand.
            judge: 1 where the rater's mark is positive, 0 where it is not; one a reply.
            family: Of each of them.
        """
        stranger = _other(counts, cell, self._populations.get(cell))
        if stranger:
            return "card-of-others", f"the card is not of {stranger}", FIT
        why = self._unlike(counts, rater, scale, cell)
        if why:
            return why
        tp, positives = _effective(counts.tp, counts.positives, counts.design_effects[0])
        tn, negatives = _effective(counts.tn, counts.negatives, counts.design_effects[1])
        got = rogan_gladen_clustered(judge, family, tp, positives, tn, negatives)
        code = next((c for c in (got.undefined, *got.refused, got.interval().undefined) if c), "")
        if code:
            return (
                code,
                REFUSED.get(code, f"no interval: {code}"),
                "a better rater, or a larger card",
            )

        def limits(level: float) -> Limits:
            found = got.interval(level)
            return found.lower, found.upper

        return Found(
            method=got.method, value=got.estimate, limits=limits,
            labels=counts.positives + counts.negatives, families=got.clusters,
        )  # fmt: skip

    def is_about(self, counts: CardCounts, rater: str, scale: str, cell: Place) -> bool:
        """Tell whether a card is of replies like those of a cell, and no labels of this run contradict it."""
        if _other(counts, cell, self._populations.get(cell)):
            return False
        why = self._unlike(counts, rater, scale, cell)
        return why is None or why[0] != CONTRADICTED

    def _unlike(self, counts: CardCounts, rater: str, scale: str, cell: Place) -> Why | None:
        """Hold the card against people's labels of this run's like cells."""
        here = self._run(counts, rater, scale, cell)
        card = binary_confusion(counts.tp, counts.positives - counts.tp,
                                counts.negatives - counts.tn, counts.tn)  # fmt: skip
        got = transport_check(card, here)
        if got.verdict == "consistent":
            return None
        labels = plural(got.labels, "label")
        if got.verdict == "inconsistent":
            why = f"on {labels} of this run {got.reason} from the card's"
            return CONTRADICTED, why, "a card that is made of this run's labels"
        return "card-not-checked", f"{labels} of this run can tell whether the card holds", ENOUGH

    def _run(self, counts: CardCounts, rater: str, scale: str, cell: Place) -> BinaryConfusion:
        """Count the rater's errors on evenly drawn replies of this target that the card is about."""
        positive, table = _levels(counts.positive), [0, 0, 0, 0]
        for said in self._said.values():
            at = said[0].reply.cell
            if at[:2] != cell[:2] or at[2] not in counts.intents or at[3] not in counts.attacks:
                continue
            mine = [s for s in said if s.rater in self._keys(rater) and s.scale == scale]
            votes = [v for s in self._people(said, scale) for v in s.votes]
            if mine and votes:
                true = 2 * sum(_level(v) in positive for v in votes) > len(votes)
                called = _level(mine[0].value) in positive
                table[2 * (not true) + (called is not true)] += 1
        tp, fn, tn, fp = table
        return binary_confusion(tp, fn, fp, tn)

    def _people(self, said: Sequence[Said], scale: str) -> Iterator[Said]:
        kinds = {r.k: r.kind for r in self._found.raters}
        for one in said:
            drawn = one.batch is not None and kinds[one.rater] == PERSON and one.scale == scale
            if drawn and one.batch is not None and self._even(one.batch, one):
                yield one

    def _even(self, batch: int, one: Said) -> bool:
        """Say whether the batch speaks for the cell, and drew each of its replies alike."""
        kind = SubjectKind.PATH.value
        if batch in self._batches.refused(one.reply.cell, kind):
            return False
        return abs(self._batches.drawing(batch, one.reply.cell, kind).least - one.pi) < 1e-9

    def _keys(self, rater: str) -> set[int]:
        return {r.k for r in self._found.raters if r.label == rater}

    @cached_property
    def _said(self) -> dict[int, list[Said]]:
        return dict(by_reply(said_of(self._reader, self._found)))

    @cached_property
    def _populations(self) -> dict[Place, Population]:
        rows = self._reader.rows(
            "SELECT t.name, i.category, i.intent, r.attack, t.model,"
            " group_concat(DISTINCT coalesce((SELECT f.value FROM arm_factor f WHERE f.arm = r.k"
            f" AND f.name = '{ANSWER}'), i.language)) FROM {ATTEMPTS} GROUP BY 1, 2, 3, 4"
        )
        return {
            (t, c, i, a): Population(languages=frozenset(tags.split(",")), model=model)
            for t, c, i, a, model, tags in rows
        }


def _other(counts: CardCounts, cell: Place, there: Population | None) -> str:
    """Say what of a cell the card is not about; empty if it is about all of it."""
    _, category, intent, attack = cell
    if counts.category != category:
        return f"the category {category}"
    if intent not in counts.intents:
        return f"{intent} requests"
    if attack not in counts.attacks:
        return f"the attack {attack}"
    if there is None:
        return "this cell"
    strange = sorted(there.languages - set(counts.languages))
    if strange:
        return f"replies in {', '.join(strange)}"
    known = any(there.model.startswith(name) for name in counts.models if name)
    return "" if known else f"the model {there.model}"


def _effective(hits: int, whole: int, effect: float) -> tuple[int, int]:
    """Bring counts down to what they are worth as independent replies."""
    worth = int(whole / max(effect, 1.0))
    return (round(hits * worth / whole), worth) if whole else (0, 0)


def _level(value: Value) -> str:
    """Write a level as journals and cards alike have it: 1 is no true."""
    return f"{type(value).__name__ if isinstance(value, bool) else ''}{value}"


def _levels(values: Sequence[Value] | frozenset[Value]) -> frozenset[str]:
    return frozenset(map(_level, values))


def positives(judge: Floats) -> Floats:
    """Give 1 where most of the votes on a reply are positive."""
    return (judge > 0.5).astype(float)
