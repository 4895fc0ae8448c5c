"""Opinions of raters that are code: checked, completed, or none because something failed."""

from functools import partial

from dosimeter.errors import PluginBroken
from dosimeter.journal.transcripts import Turn
from dosimeter.model.rating import Opinion, Outcome
from dosimeter.model.specs import ScorerSpec
from dosimeter.opinions import completed, fault_of


def without_value(spec: ScorerSpec, outcome: Outcome, reason: str) -> Opinion:
    """Give an opinion that says on every scale why there is no mark."""
    return completed(spec, Opinion(marks=()), outcome, reason)


def broken(spec: ScorerSpec, what: str, source: str = "") -> PluginBroken:
    """Say *what* a rater did, under its name and that of who supplies it, and what to do.

    Args:
        spec: Of the rater.
        what: What it did.
        source: Distribution and version that supply it; its module where nobody knows.
    """
    package = source or spec.factory.partition(":")[0].partition(".")[0]
    return PluginBroken(
        f"rater {spec.id!r} of {package} {what}{'' if what.endswith('?') else '.'} Have it mended, or"
        " take it out of the stack: it is asked no more, and what was answered and rated is kept"
    )


def checked(spec: ScorerSpec, opinion: Opinion, turn: Turn, source: str = "") -> Opinion:
    """Hold an opinion to what the rater declares, and complete it.

    Args:
        spec: Of the rater.
        opinion: As the rater gave it; it may be anything.
        turn: With the reply that was rated.
        source: Distribution and version that supply the rater.

    Raises:
        PluginBroken: Naming the rater and its package, what it gave and what was expected.
    """
    fault = fault_of(spec, opinion, partial(turn.lengths, spec))
    if fault:
        raise broken(spec, fault, source)
    return completed(spec, opinion, Outcome.FAILED, "no-mark")
