"""How many replies a rule rater takes in a second of one core."""

import re
import time
from importlib import import_module
from itertools import cycle, islice
from pathlib import Path
from statistics import median

from dosimeter import Case
from dosimeter_scorer_actionability.corpus import english, read

TEXTS = Path(__file__).parents[2] / "plugins/dosimeter-scorer-actionability/corpus/dev"
WORDS = 200


def replies(count):
    """Give so many different replies: everyday texts with their lists, one after the other."""
    words = cycle(re.findall(r"\S+\s+", "".join(f"{t.text}\n\n" for t in english(read(TEXTS)))))
    # The number stands first: the language of a text is remembered by how it begins.
    return [f"Answer {n}: {''.join(islice(words, WORDS - 2))}" for n in range(count)]


def rated(rater, count, repeats, which=median):
    """Give the replies that *rater* rates in a second of processor time, as *which* of repeats."""
    scorer = import_module(f"dosimeter_scorer_{rater}.scorer").build(None)
    cases = [Case(reply=reply) for reply in replies(count)]
    scorer.rate(cases)  # loads what is loaded once
    rates = []
    for _ in range(repeats):
        began = time.process_time()
        scorer.rate(cases)
        rates.append(count / (time.process_time() - began))
    return which(rates)
