"""What a rater says, be it code or a person, held to what it declares."""

from collections.abc import Callable, Mapping
from numbers import Real

from attrs import evolve

from dosimeter.ids import word
from dosimeter.model.rating import Mark, Opinion, Outcome, Scale, Span
from dosimeter.model.specs import ScorerSpec
from dosimeter.nearest import nearest

NUMBER = (int, float)
VALUE = (str, int, float, Real)
MOST = 10**18


def fault_of(
    spec: ScorerSpec, opinion: Opinion, lengths: Callable[[], tuple[int, ...]] | None
) -> str:
    """Say what is wrong with an opinion; empty if nothing is. Called once a reply and rater.

    All that could keep it from being written or shown is found here, where the rater has a name.

    Args:
        spec: Of the rater.
        opinion: As the rater gave it; it may be anything.
        lengths: Characters of the texts that evidence may quote, the reply's first; None looks at no
            evidence. Called if there is some.
    """
    if not isinstance(opinion, Opinion):
        return f"gave {_kind(opinion)}, not an Opinion"
    for name, given, of in (("marks", opinion.marks, Mark), ("evidence", opinion.evidence, Span)):
        if not isinstance(given, tuple) or {type(one) for one in given} - {of}:
            return f"gave {_kind(given)} as {name}: expected a tuple of {of.__name__}"
    if not isinstance(opinion.rationale, str):
        return f"gave {_kind(opinion.rationale)} as rationale: expected a str"
    sure = opinion.confidence
    if sure is not None and not (
        type(sure) is not bool and isinstance(sure, NUMBER) and 0 <= sure <= 1
    ):
        return f"gave {_told(sure)} as confidence: expected None or a number from 0 to 1"
    left = {s.name: s for s in spec.scales}
    for mark in opinion.marks:
        fault = _mark_fault(mark, left, spec)
        if fault:
            return fault
        del left[mark.scale]
    if lengths is None or not opinion.evidence:
        return ""
    known = lengths()
    return next(filter(None, (_span_fault(span, known) for span in opinion.evidence)), "")


def completed(spec: ScorerSpec, opinion: Opinion, outcome: Outcome, reason: str) -> Opinion:
    """Say of each scale that an opinion leaves out why it has no mark."""
    given = {m.scale for m in opinion.marks}
    more = tuple(
        Mark(scale=s.name, outcome=outcome, reason=reason)
        for s in spec.scales
        if s.name not in given
    )
    return evolve(opinion, marks=opinion.marks + more) if more else opinion


def _mark_fault(mark: Mark, left: Mapping[str, Scale], spec: ScorerSpec) -> str:
    """Say what is wrong with a mark.

    Args:
        mark: Of an opinion.
        left: By name the scales that the opinion has no mark on so far.
        spec: Of the rater.
    """
    if not isinstance(mark.scale, str):
        return f"gave a mark on {_kind(mark.scale)}: expected the name of a scale"
    scale, value = left.get(mark.scale), mark.value
    if scale is None:
        known = [s.name for s in spec.scales]
        if mark.scale in known:
            return f"gave several marks on scale {mark.scale!r}: expected one"
        hint = nearest(mark.scale, known, there="it declares")
        return f"marks on scale {word(mark.scale)!r}, which it does not declare; {hint}"
    fault = given = ""
    if not isinstance(mark.outcome, Outcome):
        given, fault = f"{_kind(mark.outcome)} as outcome", "expected an Outcome"
    elif not isinstance(mark.reason, str):
        given, fault = f"{_kind(mark.reason)} as reason", "expected a str"
    elif value is not None:
        legal = isinstance(value, VALUE)
        fault = scale.fault(value) if legal else "expected a number or a str"
        given = _told(value) if fault else ""
    return f"gives {given} on scale {mark.scale!r}: {fault}" if fault else ""


def _span_fault(span: Span, lengths: tuple[int, ...]) -> str:
    part, start, end = span.part, span.start, span.end
    for n in (part, start, end):
        if type(n) is not int:
            return f"gave {_told(n)} in a Span: expected whole numbers"
    if part and not 0 < part < len(lengths):
        return f"quotes part {_told(part)}: expected 0 for the reply, or a message that it sees"
    long = lengths[part]
    if 0 <= start <= end <= long:
        return ""
    return (
        f"quotes from {_told(start)} to {_told(end)}: expected 0 <= start <= end <= {long}, which is"
        " as long as the text is"
    )


def _kind(value: object) -> str:
    name = type(value).__name__
    return f"an {name}" if name[0] in "aeiou" else f"a {name}"


def _told(value: object) -> str:
    """Give a number as it is, and of all else the kind: what a rater said is text."""
    if isinstance(value, str):
        return "a text"
    if not isinstance(value, NUMBER):
        return _kind(value)
    # The digits of an int may be more than Python cares to print.
    return repr(value) if isinstance(value, float) or abs(value) < MOST else "a huge number"
