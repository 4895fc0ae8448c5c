"""A report in at most 120 words, by rule: what was found, how sure that is, what it cannot say."""

from collections import Counter
from collections.abc import Iterable, Iterator

from attrs import frozen

from dosimeter.inert import safe
from dosimeter.model.answering import Abstention, Estimate, Finding, GateState, Simultaneous
from dosimeter.model.measures import Measure
from dosimeter.model.rating import Direction
from dosimeter.model.report import Report
from dosimeter.numbers import as_amount, as_interval, as_number, unit_of
from dosimeter.plural import plural
from dosimeter.publish import broken, main_estimate, other_side, what_is_lost

MOST_WORDS = 120
MOST_NAMED = 3
"""Targets whose numbers are given, and names in a list."""
LONGEST_NAME, LONGEST_TITLE, LONGEST_WHY = 4, 12, 14
"""Words of what others have named or said; more are cut, and the cut is shown."""
CHARACTERS = 12
"""Of a word on average, above which a name is cut too."""
UNKNOWN = "This cannot say how other requests, attacks or settings would come out, or that there is no harm."


@frozen
class Sentence:
    """What may be said.

    Attributes:
        rank: Sentences of the highest rank are left out first; those of 0 never.
    """

    rank: int
    text: str


def summary_of(report: Report) -> str:
    """Give the summary: sentences without markup, the words of others harmless in a terminal."""
    for named in range(MOST_NAMED, 0, -1):
        said = [s for s in _sentences(report, named) if s.text]
        while _words(said) > MOST_WORDS and any(s.rank for s in said):
            most = max(s.rank for s in said)
            said = [s for s in said if s.rank < most]
        if _words(said) <= MOST_WORDS:
            break
    return " ".join(s.text for s in said)


def _words(said: Iterable[Sentence]) -> int:
    return sum(len(s.text.split()) for s in said)


def _sentences(report: Report, named: int) -> Iterator[Sentence]:
    """Give all that could be said, in the order in which it is."""
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
        yield Sentence(4, _worst(report, main))
        yield Sentence(1, _likely(main))
        yield Sentence(3, _lost(report, main))
        yield Sentence(3, _marked(main))
    yield Sentence(2, _gates(report))
    yield Sentence(5, _untold(report) if main else "")
    yield Sentence(6, _untested(report))
    yield Sentence(0, UNKNOWN)
    yield Sentence(1, "" if report.reportable else "Not for publishing.")


def _asked(report: Report, named: int) -> str:
    planned, done = (sum(getattr(c, k) for c in report.cells) for k in ("planned", "done"))
    if not planned:
        return "Nothing was asked."
    who = _listed([t.name for t in report.targets], named, "targets")
    about = _listed(dict.fromkeys(c.category for c in report.cells), named, "categories")
    return f"{who} answered {as_amount(done)} of {as_amount(planned)} requests about {about}."


def _no_model(report: Report) -> str:
    """Say which targets are no language models: their numbers are of nothing else."""
    none = [t.name for t in report.targets if not t.language_model]
    if not none:
        return ""
    if len(none) == len(report.targets):
        return "No language model was asked, so this tells nothing of one."
    verb = "is" if len(none) == 1 else "are"
    return f"{_listed(none, 2, 'targets')} {verb} no language model{'' if len(none) == 1 else 's'}."


def _nothing(report: Report) -> str:
    """Say that there is no number, and the reason that most questions have."""
    why = Counter(f.why for f in report.findings if isinstance(f, Abstention)).most_common(1)
    rest = f": {_cut(why[0][0], LONGEST_WHY)}" if why else ""
    return f"No number can be quoted{rest}. That is neither a good nor a bad result."


def _how(report: Report, one: Estimate) -> str:
    """Say of what and how the targets were asked."""
    attack = _at(one, "attack")
    asked = "asked directly" if attack == "direct" else f"under attack {_cut(attack)}"
    several = len({c.category for c in report.cells}) > 1
    said = f"in {_cut(_at(one, 'category'))}, {asked}" if several else asked
    return said[:1].upper() + said[1:]


def _result(report: Report, one: Estimate, named: int) -> str:
    """Give one question's answers, each with how sure it is."""
    measure = _measure(report, one)
    mine = _alike(report, one, "target")
    said = ", ".join(f"{_cut(_at(f, 'target'))} {_number(measure, f)}" for f in mine[:named])
    more = f", and {len(mine) - named} more" if len(mine) > named else ""
    level = f"level {_cut(_at(one, 'level'))} of " if _at(one, "level") else ""
    title = level + _cut(measure.title, LONGEST_TITLE)
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


def _likely(one: Estimate) -> str:
    """Say what the intervals mean."""
    level = as_amount(round(100 * one.level, 2))
    few = ", which are few" if any(c.code == "few-families" for c in one.caveats) else ""
    return f"'Likely' is a {level} % interval over {plural(one.families, 'goal')}{few}."


def _worst(report: Report, one: Estimate) -> str:
    """Give the worst way of asking the first target, with the interval that holds for all ways."""
    measure = _measure(report, one)
    found = (f for f in _alike(report, one, "attack") if isinstance(f, Estimate))
    ways = [f for f in found if f.simultaneous and not broken(f)]
    if len(ways) < 2 or measure.direction is Direction.NEITHER:
        return ""
    pick = min if measure.direction is Direction.LOWER_IS_WORSE else max
    worst = pick(ways, key=lambda f: f.value)
    if worst.value == one.value:
        return ""
    attack, target = (_cut(_at(worst, k)) for k in ("attack", "target"))
    number = _number(measure, worst, worst.simultaneous)
    return f"Of {len(ways)} attacks {attack} is worst for {target}: {number}."


def _cost(report: Report, one: Estimate) -> str:
    """Say that the other side of refusal is not known: neither is good alone."""
    found = other_side(report, one)
    return "What that costs on the other side of refusal has no number." if found else ""


def _lost(report: Report, one: Estimate) -> str:
    """Say what the first number could be for all that is lost."""
    m = one.missing
    what = what_is_lost(m, counted=True)
    if not what or m.lower is None or m.upper is None:
        return ""
    ends = as_interval(m.lower, m.upper, unit_of(_measure(report, one), one))
    return f"With {what}, the first number could be {ends}."


def _marked(one: Estimate) -> str:
    if any(c.code == "judge-measured" for c in one.caveats):
        return "An automatic rater marked the replies; its errors are not corrected."
    return ""


def _gates(report: Report) -> str:
    """Count gates by what became of them, failures first."""
    words = {
        GateState.FAIL: "failed",
        GateState.INCONCLUSIVE: "undecided",
        GateState.PASS: "passed",
    }
    counts = Counter(g.state for g in report.gates)
    said = [f"{counts[state]} {word}" for state, word in words.items() if counts[state]]
    return f"Gates: {', '.join(said)}." if said else ""


def _untold(report: Report) -> str:
    """Count the questions that have no number."""
    none = sum(isinstance(f, Abstention) for f in report.findings)
    verb = "has" if none == 1 else "have"
    return f"Of {len(report.findings)} questions {none} {verb} no number." if none else ""


def _untested(report: Report) -> str:
    """Say that targets were not compared, if several stand side by side."""
    compared = {m.id for m in report.measures if m.contrast and m.contrast.factor == "target"}
    tested = any(f.measure in compared for f in report.findings if isinstance(f, Estimate))
    return "" if tested or len(report.targets) < 2 else "No difference between targets was tested."


def _measure(report: Report, one: Finding) -> Measure:
    return next(m for m in report.measures if m.id == one.measure)


def _at(one: Finding, key: str) -> str:
    return dict(one.group).get(key, "")


def _cut(text: str, most: int = LONGEST_NAME) -> str:
    """Give the first words of what others said, in one line."""
    words = safe(" ".join(text.split())).split(" ")
    said = " ".join(words[:most])[: most * CHARACTERS]
    return said if said == " ".join(words) else f"{said.rstrip()}..."


def _listed(names: Iterable[str], most: int, what: str) -> str:
    """Name a few, or count them."""
    every = list(names)
    if not every:
        return f"No {what}"
    if len(every) > most:
        return f"{len(every)} {what}"
    return " and ".join(filter(None, (", ".join(map(_cut, every[:-1])), _cut(every[-1]))))
