"""How well the rules agree with the levels that authors intended, beside trivial raters.

``python -m dosimeter_scorer_actionability.evaluate corpus/test`` prints a Markdown table. The cuts
of the trivial raters are fitted on ``dev`` and ``trial`` beside the folder, as the rules' weights
are, or on the folders named after it. Intervals are 95 % percentile
intervals of a bootstrap over subjects; differences are paired. Labels are author-intended, not
human judgements, so this is agreement with an intention and no reliability (VALIDITY 10).
"""

import sys
from collections.abc import Sequence
from pathlib import Path

from attrs import frozen

from dosimeter import Case
from dosimeter_scorer_actionability.agreement import (
    DRAWS,
    Interval,
    Statistic,
    Tables,
    exact,
    interval,
    mean_error,
    sides,
    tables,
    weighted_kappa,
    within_one,
)
from dosimeter_scorer_actionability.baselines import BASELINES, fit
from dosimeter_scorer_actionability.corpus import DEVELOPMENT, LEVELS, Text, english, read
from dosimeter_scorer_actionability.scorer import ActionabilityScorer

RULES = "rules"
HEADLINES: tuple[tuple[str, Statistic], ...] = (
    ("weighted kappa", weighted_kappa),
    ("exact", exact),
    ("mean absolute error", mean_error),
)
MORE: tuple[tuple[str, Statistic], ...] = (
    ("within one level", within_one),
    ("right side of 4", sides(4)),
    ("right side of 3", sides(3)),
)


@frozen(kw_only=True)
class Evaluation:
    """Levels given to the English texts of a corpus, by rater.

    Attributes:
        said: Levels by rater, in the order of *texts*; ``rules`` are ours.
        unrated: English texts that the rater wrongly would not rate. They count as the level
            farthest from the intended one.
        foreign: Texts in other languages.
        declined: Of these, how many the rater would not rate, as it should.
    """

    texts: tuple[Text, ...]
    said: dict[str, tuple[int, ...]]
    unrated: int
    foreign: int
    declined: int

    def tables(self, rater: str, crossed: bool | None = None) -> Tables:
        """Count intended by given level for each subject, of all, crossed or ordinary texts."""
        rows = [
            (t.subject, t.level, s)
            for t, s in zip(self.texts, self.said[rater], strict=True)
            if crossed is None or t.crossed == crossed
        ]
        subjects, truth, said = zip(*rows, strict=True)
        return tables(subjects, truth, said)


def rules(texts: Sequence[Text]) -> list[int | None]:
    """Give the level of each text by the shipped rater, or None where it would not rate it."""
    opinions = ActionabilityScorer().rate([Case(reply=t.text) for t in texts])
    return [None if o.marks[0].value is None else int(o.marks[0].value) for o in opinions]


def evaluate(texts: Sequence[Text], fitted_on: Sequence[Text]) -> Evaluation:
    """Rate *texts* with the rules, and with trivial raters cut where *fitted_on* suits them."""
    kept = english(texts)
    foreign = [t for t in texts if not english([t])]
    given = rules(kept)
    said = {
        RULES: tuple(
            _farthest(t.level) if g is None else g for t, g in zip(kept, given, strict=True)
        )
    }
    learnt = english(fitted_on)
    for name, number in BASELINES.items():
        cuts = fit([number(t.text) for t in learnt], [t.level for t in learnt])
        said[name] = tuple(int(lv) for lv in cuts.levels([number(t.text) for t in kept]))
    return Evaluation(
        texts=tuple(kept),
        said=said,
        unrated=given.count(None),
        foreign=len(foreign),
        declined=rules(foreign).count(None),
    )


def _farthest(level: int) -> int:
    return max(LEVELS, key=lambda lv: abs(lv - level))


def lead(
    found: Evaluation, statistic: Statistic, rival: str, crossed: bool | None = None,
    draws: int = DRAWS,
) -> Interval:  # fmt: skip
    """Give the paired difference rules - *rival*."""
    return interval(
        statistic, found.tables(RULES, crossed), found.tables(rival, crossed), draws=draws
    )


def agreement_table(found: Evaluation, draws: int = DRAWS) -> list[str]:
    """Print each rater's agreement, and the rules' lead over each rival, as Markdown rows."""
    out = _head(("", *(name for name, _ in HEADLINES)))
    for rater in found.said:
        cells = [str(interval(s, found.tables(rater), draws=draws)) for _, s in HEADLINES]
        out.append(_row((rater, *cells)))
    for rival in BASELINES:
        cells = [_signed(lead(found, s, rival, draws=draws)) for _, s in HEADLINES]
        out.append(_row((f"rules - {rival}", *cells)))
    return out


def form_table(found: Evaluation, draws: int = DRAWS) -> list[str]:
    """Print weighted kappa where form and content are crossed, and where they are not."""
    parts = [
        (name, crossed)
        for name, crossed in (("crossed", True), ("ordinary", False))
        if any(t.crossed == crossed for t in found.texts)
    ]
    sizes = [sum(t.crossed == crossed for t in found.texts) for _, crossed in parts]
    out = _head(
        ("weighted kappa", *(f"{n} (n = {k})" for (n, _), k in zip(parts, sizes, strict=True)))
    )
    for rater in found.said:
        cells = [
            str(interval(weighted_kappa, found.tables(rater, c), draws=draws)) for _, c in parts
        ]
        out.append(_row((rater, *cells)))
    for rival in BASELINES:
        cells = [_signed(lead(found, weighted_kappa, rival, c, draws)) for _, c in parts]
        out.append(_row((f"rules - {rival}", *cells)))
    return out


def confusion_table(found: Evaluation) -> list[str]:
    """Print how often each intended level was given which level by the rules."""
    counts = found.tables(RULES).sum(0).astype(int)
    out = _head(("intended \\ given", *map(str, LEVELS)))
    return out + [
        _row((str(lv), *map(str, row))) for lv, row in zip(LEVELS, counts.tolist(), strict=True)
    ]


def report(found: Evaluation, draws: int = DRAWS) -> str:
    """Print everything as Markdown."""
    subjects = len({t.subject for t in found.texts})
    more = [f"{name} {interval(s, found.tables(RULES), draws=draws)}" for name, s in MORE]
    first = (
        f"{len(found.texts)} English texts over {subjects} subjects; {found.unrated} of them not"
        f" rated. Other languages: {found.declined} of {found.foreign} declined."
    )
    lines = [
        first,
        "",
        *agreement_table(found, draws),
        "",
        f"Of the rules, also: {', '.join(more)}.",
        "",
        *form_table(found, draws),
        "",
        *confusion_table(found),
    ]
    return "\n".join(lines) + "\n"


def _head(cells: Sequence[str]) -> list[str]:
    return [_row(cells), "|" + "---|" * len(cells)]


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _signed(value: Interval) -> str:
    return f"{value.value:+.2f} [{value.lower:+.2f}, {value.upper:+.2f}]"


def main(arguments: Sequence[str]) -> int:
    """Print the report on the folder named, cuts fitted on the development folders beside it."""
    folder, *others = map(Path, arguments)
    beside = [folder.parent / name for name in DEVELOPMENT if (folder.parent / name).is_dir()]
    learnt = [text for path in others or beside for text in read(path)]
    sys.stdout.write(report(evaluate(read(folder), learnt)))
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
