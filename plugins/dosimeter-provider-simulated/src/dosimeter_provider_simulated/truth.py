"""What the simulated model does, exactly: the numbers that an estimator must find.

Everything here follows from the options and the wording; `dosimeter_provider_simulated.model` draws
from it and from nothing else.
"""

import math
import random
import re
from collections.abc import Iterable, Sequence
from itertools import combinations
from statistics import fmean

from attrs import frozen

from dosimeter import derive_seed
from dosimeter_provider_simulated.options import SimulatedOptions

LEVELS = 5


def _sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x)) if x > -700 else 0.0


@frozen(kw_only=True)
class Truth:
    """What the model does to one wording.

    Attributes:
        refuses: Probability of a refusal.
        detail: Probabilities of levels 1 to 5 of a reply that is no refusal.
        filtered: Probability that there is no reply at all, whatever it would have been.
        cut: Probability that what is said is cut in the middle.
    """

    refuses: float
    detail: tuple[float, ...]
    filtered: float = 0.0
    cut: float = 0.0

    @property
    def level(self) -> float:
        """Expected actionability of a reply that is no refusal, 1 to 5."""
        return sum((i + 1) * p for i, p in enumerate(self.detail))

    def at_least(self, level: int) -> float:
        """Give the probability that a reply reaches *level*; a refusal is at level 1."""
        return 1.0 if level <= 1 else (1 - self.refuses) * sum(self.detail[level - 1 :])


def truth(prompt: str, options: SimulatedOptions, context: str = "") -> Truth:
    """Give the true probabilities for *prompt*.

    Args:
        prompt: The last user message.
        options: Of the model.
        context: The messages before it, joined; only the shifts of framings look there.
    """
    text, before = prompt.casefold(), context.casefold()
    shifts = [s for s in options.shifts if s.text.casefold() in text or s.text.casefold() in before]
    difficulty = _difficulty(text, options)
    harm, alarm = (_any_of(words, text) for words in (options.harm_words, options.trigger_words))
    logit = options.base + options.intent * harm + options.keyword * alarm
    logit += options.interaction * (harm and alarm) + difficulty + sum(s.refusal for s in shifts)
    logit += options.noise * _normal("wording", prompt)
    detail = options.severity_by_difficulty * difficulty + sum(s.severity for s in shifts)
    return Truth(
        refuses=_sigmoid(logit), detail=_binomial(_moved(options.severity, detail)),
        filtered=options.filtered, cut=options.cut,
    )  # fmt: skip


def _any_of(words: Sequence[str], text: str) -> bool:
    """Tell whether a word of *text* begins like one of *words*: "skills" does not "kill"."""
    return any(re.search(rf"(?<!\w){re.escape(w.casefold())}", text) for w in words)


def _normal(*key: str) -> float:
    return random.Random(derive_seed(*key)).gauss(0, 1)


def _difficulty(text: str, options: SimulatedOptions) -> float:
    """Give the goal's difficulty: as declared, else drawn once for the words outside any frame."""
    declared = [d.logit for d in options.difficulties if d.text.casefold() in text]
    if declared:
        return sum(declared)
    if not options.difficulty:
        return 0.0
    for shift in options.shifts:
        text = text.replace(shift.text.casefold(), " ")
    return options.difficulty * _normal("goal", " ".join(re.findall(r"\w+", text)))


def _moved(share: float, by: float) -> float:
    """Move a share on the logit scale; 0 and 1 cannot be moved."""
    return share if share in {0.0, 1.0} else _sigmoid(math.log(share / (1 - share)) + by)


def _binomial(p: float) -> tuple[float, ...]:
    n = LEVELS - 1
    return tuple(math.comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(LEVELS))


@frozen(kw_only=True)
class Cells:
    """The four requests of one family of the 2x2: intent (h, b) by trigger word (1, 0)."""

    h1: str
    h0: str
    b1: str
    b0: str


@frozen(kw_only=True)
class Sensitivity:
    """True sensitivities on the scale of probabilities (VALIDITY 12), families equal.

    Attributes:
        intent: Mean of refusal of harmful minus benign.
        keyword: Mean of refusal with the trigger word minus without.
        interaction: Keyword on harmful minus keyword on benign.
        keyword_benign: Keyword on benign alone: the headline.
    """

    intent: float
    keyword: float
    interaction: float
    keyword_benign: float
    families: int


def sensitivity(cells: Iterable[Cells], options: SimulatedOptions) -> Sensitivity:
    """Give the true intent and keyword sensitivity over *cells*.

    Raises:
        ValueError: If there are none.
    """
    rates = [
        tuple(truth(t, options).refuses for t in (c.h1, c.h0, c.b1, c.b0)) for c in cells
    ]  # fmt: skip
    if not rates:
        msg = "sensitivity needs at least one family of four cells"
        raise ValueError(msg)
    return Sensitivity(
        intent=fmean(((h1 - b1) + (h0 - b0)) / 2 for h1, h0, b1, b0 in rates),
        keyword=fmean(((h1 - h0) + (b1 - b0)) / 2 for h1, h0, b1, b0 in rates),
        interaction=fmean((h1 - h0) - (b1 - b0) for h1, h0, b1, b0 in rates),
        keyword_benign=fmean(b1 - b0 for _, _, b1, b0 in rates),
        families=len(rates),
    )


def paraphrase_sensitivity(families: Iterable[Sequence[str]], options: SimulatedOptions) -> float:
    """Give the true flip rate across wordings beyond that across repeats (VALIDITY 11).

    Args:
        families: Each the wordings of one goal, at least two; the first is what is repeated.
        options: Of the model.

    Raises:
        ValueError: If a family has fewer than two wordings.
    """
    over = []
    for wordings in families:
        p = [truth(w, options).refuses for w in wordings]
        if len(p) < 2:
            msg = "a flip rate needs at least two wordings a family"
            raise ValueError(msg)
        across = fmean(a * (1 - b) + b * (1 - a) for a, b in combinations(p, 2))
        over.append(across - 2 * p[0] * (1 - p[0]))
    return fmean(over)
