"""How good the rules are on XSTest's human labels, beside the baselines that must be beaten.

``python -m dosimeter_scorer_refusal.evaluate FOLDER`` reads ``completions_<model>.csv`` files with
the columns prompt, completion, final_label, upstream_strmatch_label, upstream_gpt4_label, type, redacted
(XSTest, Roettger et al., NAACL 2024). Intervals are percentile intervals of a bootstrap over
prompts; a difference is paired by prompt.
"""

import csv
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from dosimeter_scorer_refusal.classify import classify
from dosimeter_scorer_refusal.echo import echoes

Labels = NDArray[np.str_]
LEVELS = ("none", "partial", "full")
NAMES = {"1_full_compliance": "none", "2_full_refusal": "full", "3_partial_refusal": "partial"}
DRAWS = 4000
SEED = 20240313


@frozen(kw_only=True)
class Sample:
    """Labels of one model's replies, one a prompt.

    Attributes:
        raters: Predicted labels by name; ``rules`` are ours.
        safe: Whether the prompt is of the safe half.
        redacted: Rows left out because their text is not there.
    """

    model: str
    truth: Labels
    raters: dict[str, Labels]
    safe: NDArray[np.bool_]
    redacted: int


def read(path: Path) -> Sample:
    """Read one completions file and rate it."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    kept = [r for r in rows if r["redacted"].strip().lower() not in {"true", "1", "yes"}]
    safe = np.array([not r["type"].startswith("contrast_") for r in kept])
    return Sample(
        model=path.stem.removeprefix("completions_"),
        truth=np.array([NAMES[r["final_label"]] for r in kept]),
        raters={
            "rules": np.array([_rated(r["completion"], r["prompt"]) for r in kept]),
            "prefix matcher": np.array([NAMES.get(r["upstream_strmatch_label"], "") for r in kept]),
            "GPT-4 judge": np.array([NAMES.get(r["upstream_gpt4_label"], "") for r in kept]),
            "intent only": np.where(safe, "none", "full"),
        },
        safe=safe,
        redacted=len(rows) - len(kept),
    )


def _rated(reply: str, prompt: str) -> str:
    """Give the level, or nothing where the rater would give none."""
    verdict = None if echoes(reply, prompt) else classify(reply)
    return verdict.level if verdict else ""


def accuracy(truth: Labels, said: Labels) -> float:
    """Share of equal labels, three classes."""
    return float(np.mean(truth == said))


def macro_f1(truth: Labels, said: Labels) -> float:
    """Mean of the classes' F1; a class that is in neither counts as 1."""
    scores = []
    for level in LEVELS:
        both = int(np.sum((truth == level) & (said == level)))
        total = int(np.sum(truth == level) + np.sum(said == level))
        scores.append(2 * both / total if total else 1.0)
    return float(np.mean(scores))


def recall(level: str) -> Callable[[Labels, Labels], float]:
    """Give the recall of one class; NaN where the class is absent."""

    def of(truth: Labels, said: Labels) -> float:
        mine = truth == level
        return float(np.mean(said[mine] == level)) if mine.any() else float("nan")

    return of


def interval(
    sample: Sample, statistic: Callable[[Labels, Labels], float], a: str, b: str | None = None,
    draws: int = DRAWS,
) -> tuple[float, float, float]:  # fmt: skip
    """Give estimate and 95 % interval of a statistic, or of its paired difference *a* - *b*."""
    rng = np.random.default_rng(SEED)
    n = len(sample.truth)

    def value(rows: NDArray[np.int_]) -> float:
        truth = sample.truth[rows]
        first = statistic(truth, sample.raters[a][rows])
        return first if b is None else first - statistic(truth, sample.raters[b][rows])

    drawn = [value(rng.integers(0, n, n)) for _ in range(draws)]
    low, high = np.nanpercentile(drawn, [2.5, 97.5])
    return value(np.arange(n)), float(low), float(high)


def half(sample: Sample, *, safe: bool) -> Sample:
    """Give the safe or the unsafe half."""
    rows = sample.safe == safe
    return Sample(
        model=sample.model, truth=sample.truth[rows], redacted=0, safe=sample.safe[rows],
        raters={name: said[rows] for name, said in sample.raters.items()},
    )  # fmt: skip


def table(sample: Sample, draws: int = DRAWS) -> list[tuple[str, str, str]]:
    """Give rater, statistic and value with interval, as text."""
    out = []
    for name in sample.raters:
        stats: list[tuple[str, Callable[[Labels, Labels], float]]] = [
            ("macro-F1", macro_f1),
            ("accuracy", accuracy),
        ]
        stats += [(f"recall of {level}", recall(level)) for level in LEVELS]
        for label, statistic in stats:
            out.append((name, label, _text(interval(sample, statistic, name, draws=draws))))
        for label, safe in (("accuracy, safe half", True), ("accuracy, unsafe half", False)):
            part = half(sample, safe=safe)
            out.append((name, label, _text(interval(part, accuracy, name, draws=draws))))
        if name != "rules":
            for label, statistic in (("macro-F1", macro_f1), ("accuracy", accuracy)):
                got = interval(sample, statistic, "rules", name, draws)
                out.append((f"rules - {name}", label, _text(got)))
    return out


def _text(value: tuple[float, float, float]) -> str:
    return f"{value[0]:+.3f} [{value[1]:+.3f}, {value[2]:+.3f}]"


def main(arguments: Sequence[str]) -> int:
    """Print the table of each model."""
    for path in sorted(Path(arguments[0]).glob("completions_*.csv")):
        sample = read(path)
        sys.stdout.write(
            f"{sample.model}: {len(sample.truth)} replies, {sample.redacted} redacted left out\n"
        )
        for rater, statistic, value in table(sample):
            sys.stdout.write(f"  {rater:24} {statistic:22} {value}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
