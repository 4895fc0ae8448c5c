"""A report in at most 120 words, by rule: what was found, how sure that is, what it cannot say."""

from collections import Counter
from collections.abc import Iterator, Sequence

from attrs import frozen

from dosimeter.briefly import cut, listed
from dosimeter.differing import told_apart
from dosimeter.model.answering import (
    MANY_MISSING,
    Abstention,
    Estimate,
    Finding,
    GateResult,
    GateState,
    Simultaneous,
)
from dosimeter.model.measures import Measure
from dosimeter.model.rating import PERSON, Direction
from dosimeter.model.report import Report
from dosimeter.model.stackfile import Scope
from dosimeter.numbers import as_amount, as_interval, as_number, as_threshold, unit_of, unit_of_gate
from dosimeter.plural import plural
from dosimeter.publish import broken, main_estimate, other_side, what_is_lost

MOST_WORDS = 120
MOST_NAMED = 3
"""Targets whose numbers are given, and names in a list."""
LONGEST_TITLE, LONGEST_WHY = 12, 14
"""Words of what others have named or said, as `LONGEST_NAME` of a name."""
UNKNOWN = "This cannot say how other requests, attacks or settings would come out, or that there is no harm."


@frozen
class Sentence:
    """What may be said.

    Attributes:
        rank: Sentences of the lowest rank are given first, the others as there is room; those of 0 always.
    """

    rank: int
    text: str


def summary_of(report: Report) -> str:
    """Give the summary: sentences without markup, the words of others harmless in a terminal."""
    for named in range(MOST_NAMED, 0, -1):
        every = [s for s in _sentences(report, named) if s.text]
        said = _fitting(every)
        if sum(words_in(s.text) for s in said) <= MOST_WORDS:
            break
    return " ".join(s.text for s in every if s in said)


def _fitting(every: Sequence[Sentence]) -> list[Sentence]:
    """Give those for which there is room, the weightiest first."""
    said: list[Sentence] = []
    room = MOST_WORDS
    for one in sorted(every, key=lambda s: s.rank):
        if not one.rank or words_in(one.text) <= room:
            said.append(one)
            room -= words_in(one.text)
    return said


def words_in(text: str) -> int:
    """Count the words of a summary: a sign of per cent belongs to its number."""
    return sum(word.strip(".,;:()") != "%" for word in text.split())


def _sentences(report: Report, named: int) -> Iterator[Sentence]:
    """Give all that could be said, in the order in which it is: found, how sure, and what is not known."""
    main = main_estimate(report)
    yield Sentence(0, _asked(report, named))
    yield Sentence(0, _no_model(report))
    if main is None:
        yield Sentence(0, _nothing(report))
    else:
        yield Sentence(0, f"{_how(report, main)}, {_result(report, main, named)}")
        beside = next((f for f in other_side(report, main) if isinstance(f, Estimate)), None)
        yield Sentence(
            2, f"Likewise {_result(report, beside, named)}" if beside else _cost(report, main)
        )
        yield Sentence(2, told_apart(report, main))
        yield Sentence(3, _worst(report, main, named))
    yield Sentence(1, _gates(report, named))
    if main is not None:
        shown = [f for f in _alike(report, main, "target") if isinstance(f, Estimate)]
        least = max(shown, key=lambda f: f.missing.share)
        yield Sentence(1, _likely(shown))
        yield Sentence(
            0 if least.missing.share > MANY_MISSING else 4, _lost(report, least, len(shown))
        )
        yield Sentence(0, _marked(report, main))
    yield Sentence(8, _untold(report) if main else "")
    yield Sentence(7, _untested(report))
    yield Sentence(0, UNKNOWN)
    yield Sentence(1, "" if report.reportable else "Not for publishing.")


def _asked(report: Report, named: int) -> str:
    planned, done, blocked, spared = (
        sum(getattr(c, k) for c in report.cells)
        for k in ("planned", "done", "blocked", "not_needed")
    )
    if not planned:
        return "Nothing was asked."
    who = listed([t.name for t in report.targets], named, "targets")
    about = listed(dict.fromkeys(c.category for c in report.cells), named, "categories")
    early = ""
    if spared:
        every = as_amount(planned + spared)
        early = f"; stopped early: of {every} planned, {as_amount(spared)} were not needed"
    if blocked and blocked == done:
        stands = ", which counts as refusal" if report.scope == Scope.SYSTEM else ""
        return f"The provider blocked all {as_amount(done)} replies of {who} about {about}{stands}{early}."
    gone = f"; the provider blocked {as_amount(blocked)}" if blocked else ""
    gone += ", which count as refusals" if blocked and report.scope == Scope.SYSTEM else ""
    return (
        f"{who} answered {as_amount(done - blocked)} of {as_amount(planned)} requests about {about}"
        f"{gone}{early}."
    )


def _no_model(report: Report) -> str:
    """Say which targets are no language models: their numbers are of nothing else."""
    none = [t.name for t in report.targets if not t.language_model]
    if not none:
        return ""
    if len(none) == len(report.targets):
        return "No language model was asked."
    verb = "is" if len(none) == 1 else "are"
    return f"{listed(none, 2, 'targets')} {verb} no language model{'' if len(none) == 1 else 's'}."


def _nothing(report: Report) -> str:
    """Say that there is no number, and the reason that most questions have."""
    why = Counter(f.why for f in report.findings if isinstance(f, Abstention)).most_common(1)
    rest = f": {cut(why[0][0], LONGEST_WHY)}" if why else ""
    return f"No number can be quoted{rest}. That is neither a good nor a bad result."


def _how(report: Report, one: Estimate) -> str:
    """Say of what and how the targets were asked."""
    attack = _at(one, "attack")
    asked = "asked directly" if attack == "direct" else f"under attack {cut(attack)}"
    several = len({c.category for c in report.cells}) > 1
    said = f"in {cut(_at(one, 'category'))}, {asked}" if several else asked
    return said[:1].upper() + said[1:]


def _result(report: Report, one: Estimate, named: int) -> str:
    """Give one question's answers, each with how sure it is."""
    measure = _measure(report, one)
    mine = _alike(report, one, "target")
    said = ", ".join(f"{cut(_at(f, 'target'))} {_number(measure, f)}" for f in mine[:named])
    more = f", and {len(mine) - named} more" if len(mine) > named else ""
    level = f"level {cut(_at(one, 'level'))} of " if _at(one, "level") else ""
    title = level + cut(measure.title, LONGEST_TITLE)
    intent = "" if measure.select.intents else f", {_at(one, 'intent')} requests"
    return f"{title}{intent}: {said}{more}."


def _alike(report: Report, one: Estimate, key: str) -> list[Finding]:
    """Give the findings that differ from *one* by *key* alone, as the report has its targets."""
    rest = {k: v for k, v in one.group if k != key}
    found = [
        f for f in report.findings
        if f.measure == one.measure and {k: v for k, v in f.group if k != key} == rest
    ]  # fmt: skip
    names = [t.name for t in report.targets]
    return sorted(
        found, key=lambda f: names.index(_at(f, key)) if _at(f, key) in names else len(names)
    )


def _number(measure: Measure, one: Finding, limits: Simultaneous | None = None) -> str:
    """Give a number with its limits; none where a rater broke down on too much of it."""
    if not isinstance(one, Estimate) or broken(one):
        return "no number"
    unit, ends = unit_of(measure, one), limits or one
    return f"{as_number(one.value, unit)} (likely {as_interval(ends.lower, ends.upper, unit)})"


def _likely(shown: Sequence[Estimate]) -> str:
    """Say what the intervals of all targets mean."""
    level = as_amount(round(100 * shown[0].level, 2))
    least, most = min(f.families for f in shown), max(f.families for f in shown)
    goals = plural(most, "goal") if least == most else f"{least} to {most} goals"
    few = (
        ", which are few" if any(c.code == "few-families" for f in shown for c in f.caveats) else ""
    )
    return f"'Likely' is a {level} % interval over {goals}{few}."


def _worst(report: Report, one: Estimate, named: int) -> str:
    """Give the way of being asked that came out worst for each target, with limits that hold for all ways."""
    measure = _measure(report, one)
    targets = [f for f in _alike(report, one, "target") if isinstance(f, Estimate)][:named]
    ways = {_at(f, "target"): _ways(report, f) for f in targets}
    by: dict[str, list[str]] = {}
    for f in targets:
        worst = _worst_of(measure, ways[_at(f, "target")])
        if worst is not None and worst.value != f.value:
            number = _number(measure, worst, worst.simultaneous)
            number += (
                ", off script in part" if any(c.code == "off-script" for c in worst.caveats) else ""
            )
            by.setdefault(cut(_at(worst, "attack")), []).append(f"{cut(_at(f, 'target'))} {number}")
    said = "; ".join(
        f"{attack} came out worst: {', '.join(numbers)}" for attack, numbers in by.items()
    )
    return f"Of {max(map(len, ways.values()))} ways of asking {said}." if said else ""


def _ways(report: Report, one: Estimate) -> list[Estimate]:
    """Give the numbers of one target under each attack, with limits that hold for all of them."""
    found = (f for f in _alike(report, one, "attack") if isinstance(f, Estimate))
    return [f for f in found if f.simultaneous and not broken(f)]


def _worst_of(measure: Measure, ways: Sequence[Estimate]) -> Estimate | None:
    if len(ways) < 2 or measure.direction is Direction.NEITHER:
        return None
    pick = min if measure.direction is Direction.LOWER_IS_WORSE else max
    return pick(ways, key=lambda f: f.value)


def _cost(report: Report, one: Estimate) -> str:
    """Say that the other side of refusal is not known: neither is good alone."""
    found = other_side(report, one)
    return "What that costs on the other side of refusal has no number." if found else ""


def _lost(report: Report, one: Estimate, targets: int) -> str:
    """Say what the number of the target that lost most could be for all of it."""
    m = one.missing
    what = what_is_lost(m, counted=True)
    if not what or m.lower is None or m.upper is None:
        return ""
    ends = as_interval(m.lower, m.upper, unit_of(_measure(report, one), one))
    whose = "the number" if targets == 1 else f"that of {cut(_at(one, 'target'))}"
    return f"With {what}, {whose} could be {ends}."


def _marked(report: Report, one: Estimate) -> str:
    """Say who marked; blocks that stand for a mark nobody did."""
    if one.missing.blocked >= one.n:
        return ""
    rater = dict(one.group).get("rater")
    if any(r.name == rater and r.kind == PERSON for r in report.raters):
        return f"{cut(rater or '')} marked drawn replies."
    if any(c.code == "judge-measured" for c in one.caveats):
        others = "other " if one.missing.blocked else ""
        return f"An automatic rater marked the {others}replies, uncorrected."
    if one.corrected and one.corrected.people:
        who = listed(map(cut, one.corrected.people), 2, "people")
        return f"An automatic rater marked the replies; {who} read some."
    return ""


def _gates(report: Report, named: int) -> str:
    """Count gates by what became of them, failures first, and say which of these failed where."""
    words = {
        GateState.FAIL: "failed",
        GateState.INCONCLUSIVE: "undecided",
        GateState.PASS: "passed",
    }
    counts = Counter(g.state for g in report.gates)
    said = [f"{counts[state]} {word}" for state, word in words.items() if counts[state]]
    failed = [_failed(report, g) for g in report.gates if g.state is GateState.FAIL]
    if failed:
        more = ["..."] if len(failed) > named else []
        said[0] += f" ({'; '.join([*failed[:named], *more])})"
    return f"Gates: {', '.join(said)}." if said else ""


def _failed(report: Report, result: GateResult) -> str:
    """Name a gate, and the cell by which it failed."""
    measure = next((m for m in report.measures if m.id == result.gate.measure), None)
    at = dict(result.group)
    where = ", ".join(cut(at[k]) for k in ("target", "attack", "level") if at.get(k))
    bound = f"{cut(result.gate.measure)} {cut(as_threshold(result.gate, unit_of_gate(measure)), LONGEST_WHY)}"
    return f"{bound}: {where}" if where else bound


def _untold(report: Report) -> str:
    """Count the questions that have no number."""
    none = sum(isinstance(f, Abstention) for f in report.findings)
    verb = "has" if none == 1 else "have"
    return f"Of {len(report.findings)} questions {none} {verb} no number." if none else ""


def _untested(report: Report) -> str:
    """Say that targets were not compared, if several stand side by side."""
    if report.compared is not None and report.compared.comparisons:
        return ""
    compared = {m.id for m in report.measures if m.contrast and m.contrast.factor == "target"}
    tested = any(f.measure in compared for f in report.findings if isinstance(f, Estimate))
    return "" if tested or len(report.targets) < 2 else "No difference between targets was tested."


def _measure(report: Report, one: Finding) -> Measure:
    return next(m for m in report.measures if m.id == one.measure)


def _at(one: Finding, key: str) -> str:
    return dict(one.group).get(key, "")
