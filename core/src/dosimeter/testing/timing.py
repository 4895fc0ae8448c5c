"""Promises of rules about time, and how rules are called by every check: only where they answer in time."""

import time
from collections.abc import Iterator, Sequence

from dosimeter.bounded import Timeout, within
from dosimeter.model.rating import Case, Opinion
from dosimeter.model.specs import ScorerSpec
from dosimeter.testing import samples
from dosimeter.testing.component import Broken, Specimen, Untried
from dosimeter.testing.kit import checks_in, promise

REPLY_SECONDS = 5.0
"""For a rule to rate one reply; a run gives it `run.rule_timeout`, 120 seconds, for up to 64 of them."""
LONG, TIMES, SLOWER, QUICK = 10_000, 4, 9.0, 0.3
"""Characters of a long text; how many times longer the longer one is; how many times the CPU seconds
that may take; and what is too quick to be compared."""
UNITS = (
    ("one word", "a"),
    ("blanks", " "),
    ("brackets", "("),
    ("numbers", "1. "),
    ("lines", "a\n"),
)
_known: dict[int, tuple[Specimen, str]] = {}
"""What `late` found, by the identity of the specimen, which is held so that no other has it."""


def is_judge(one: Specimen) -> str:
    """Say that a rater is no rule; empty if it is one."""
    return "it is a judge" if one.of(ScorerSpec).judge else ""


def given(one: Specimen) -> tuple[Case, ...]:
    """Give what the rater is tried on: its author's cases, its levels' examples, the kit's plain ones."""
    return one.cases + samples.cases(one.of(ScorerSpec))


def _texts(one: Specimen) -> Iterator[tuple[str, Case]]:
    """Give all that checks show to a rule, but for very long texts, with what it is called."""
    spec = one.of(ScorerSpec)
    yield from (
        (f"case {n} ({len(case.reply or '')} characters)", case)
        for n, case in enumerate(given(one))
    )
    for name, text in (*samples.ODD, *samples.OTHER_LANGUAGES, ("nothing", "")):
        yield name, samples.case(spec, text)


def late(one: Specimen) -> str:
    """Name the first text on which a rule takes too long; empty if there is none.

    Found out once, as each time would take as long.
    """
    if id(one) not in _known:
        _known[id(one)] = (one, _late(one))
    return _known[id(one)][1]


def _late(one: Specimen) -> str:
    scorer = one.build()
    for name, case in _texts(one):
        try:
            with within(REPLY_SECONDS):
                list(scorer.rate([case]))
        except Timeout:
            return name
        except (Exception, SystemExit):  # noqa: S112  another check's to tell
            continue
    return ""


def need_answers(one: Specimen) -> None:
    """Try nothing more of a rule that does not answer in time.

    Raises:
        Untried: If it does not.
    """
    if late(one):
        msg = "mend check_replies_are_rated_in_time first"
        raise Untried(msg)


def batch(one: Specimen, cases: Sequence[Case]) -> list[Opinion]:
    """Rate all *cases* at once, with a rater that is built for it."""
    need_answers(one)
    return list(one.build().rate(cases))


def rated(one: Specimen, cases: Sequence[Case]) -> list[Opinion]:
    """Rate each case alone, so that one fault is no other's."""
    need_answers(one)
    scorer = one.build()
    return [opinion for case in cases for opinion in scorer.rate([case])]


@promise("rater", unless=is_judge)
def check_replies_are_rated_in_time(one: Specimen) -> str:
    """A rule answers in time: within five seconds a reply, whatever stands in it; a run stops what hangs."""
    text = late(one)
    if text:
        raise Broken(
            f"it had not answered after {REPLY_SECONDS:g} seconds on: {text}",
            "look for a regular expression that backtracks, such as (a+)+, and bound what it repeats",
        )
    return f"{sum(1 for _ in _texts(one))} texts"


@promise("rater", unless=is_judge)
def check_time_grows_with_the_text(one: Specimen) -> None:
    """A text four times as long takes about four times the time, not sixteen: replies have no bound."""
    need_answers(one)
    spec = one.of(ScorerSpec)
    for name, unit in UNITS:
        short, long = (
            samples.case(spec, "x" + unit * (n // len(unit)) + "x") for n in (LONG, TIMES * LONG)
        )
        scorer = one.build()
        took = []
        for case in (short, long):
            start = time.thread_time()
            list(scorer.rate([case]))
            took.append(time.thread_time() - start)
        if took[1] > max(QUICK, SLOWER * took[0]):
            more = took[1] / max(took[0], 1e-9)
            raise Broken(
                f"{TIMES} times as long a text ({name}) took {more:.0f} times as long",
                "look for a regular expression that backtracks, or a loop over all pairs",
            )


CHECKS = checks_in(globals())
