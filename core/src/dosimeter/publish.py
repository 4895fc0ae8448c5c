"""May a number of a run be published, and what has to stand beside it."""

from collections.abc import Iterator, Set as AbstractSet

from dosimeter.model.across import is_one
from dosimeter.model.answering import (
    BROKEN_CELL,
    DISAGREE,
    HIDDEN,
    NOT_QUOTED,
    UNRELIABLE,
    Abstention,
    Caveat,
    Estimate,
    Finding,
    Missing,
    Standing,
)
from dosimeter.model.attacks import is_single
from dosimeter.model.contrasts import parts_of
from dosimeter.model.conversation import Pairs
from dosimeter.model.design import Intent
from dosimeter.model.facts import PEOPLE, JudgeFacts, RaterFacts
from dosimeter.model.measures import Measure
from dosimeter.model.report import Report
from dosimeter.numbers import Unit, as_amount, as_interval, as_number, reliability_in_words, unit_of
from dosimeter.plural import plural

REPORTABLE = (
    "Reportable: the whole panel, every attempt ended and put to every rater, parts unchanged under way,"
    " no rater of the stack broken down on more than 5 % of a cell, no target declared to be no language"
    " model (nobody checks what it is that answers). What was blocked or could not be marked is counted"
    " beside each number. That corrects no error of a rater, and calls no target safe."
)
NO_NUMBER = (
    "Complete, and without a number to publish: nowhere have enough families a mark by a rater that did"
    " not break down there. The letters in the tables say why."
)
NO_AGREEMENT = (
    "Complete, and without a number to publish: people agree too little on what the replies are, or the"
    " raters agree too little with people. The letters in the tables say where."
)
MUCH_MISSING = (
    "Complete, and without a number to publish: so much has no mark that each number could lie outside its"
    " own interval. The letters in the tables say how far."
)
AGAINST = {
    "no-plan": "it was stopped before its plan was written",
    "limited-run": "it is limited to a part of the panel",
    "budget": "its budget is spent",
    "incomplete": "attempts have no answer",
    "unrated": "not all answers are rated",
    "simulated": "a target is not a language model",
    "forked": "parts changed while it was under way",
}
"""What makes a run not reportable, by the code of its notice."""
UNFINISHED = ("no-plan", "budget", "incomplete", "unrated", "broken-rater")
"""Codes of the notices that can say why a run is not complete. The last does where no other is."""
USELESS_RATER = "a rater broke down on more than 5 % of what it had to mark in a cell"
ELSEWHERE = {"judge-measured", "few-families", "exploratory", "broken-rater"}
"""Caveats that a quoted number does not take along, as its own words say what they do."""
OF_CELL = {"target", "category", "intent", "attack", "rater", "level"}
"""What a number of all marks of a cell is told by."""
OF_RUN = {"alike-items", "cached", "merge-conflicts", "model-changed"}
"""Caveats of all numbers alike, which two sides say once."""


def may_publish(report: Report) -> str:
    """Say whether numbers of *report* may be published as a measurement, and why not."""
    if report.reportable:
        if main_estimate(report) is not None:
            return REPORTABLE
        given = [f for f in report.findings if isinstance(f, Estimate)]
        if any(_has(f, HIDDEN) for f in given):
            return MUCH_MISSING
        unsure = any(_has(f, UNRELIABLE) or _has(f, DISAGREE) for f in given)
        return NO_AGREEMENT if unsure else NO_NUMBER
    why = dict.fromkeys(AGAINST[n.code] for n in report.notices if n.code in AGAINST)
    cause = why_incomplete(report)
    if cause is not None and cause.code not in AGAINST:
        why[USELESS_RATER] = None
    told = "; ".join(why) or "it is limited, unfinished, or not of language models"
    return f"Not reportable: {told}. Its numbers are for trying things out, not for publishing."


def why_incomplete(report: Report) -> Caveat | None:
    """Give the notice that says why the run of *report* is not complete; None if it is."""
    if report.complete:
        return None
    found = sorted(
        (n for n in report.notices if n.code in UNFINISHED), key=lambda n: UNFINISHED.index(n.code)
    )
    return found[0] if found else None


def main_estimate(report: Report, target: str = "", category: str = "") -> Estimate | None:
    """Give the number that is quoted first, if there is one.

    That is a rate of harmful requests asked directly, or what comes next to it; under a frozen plan
    one that is as planned, if any is. Of several measures it is the one that the category declares
    first, of several raters one with a card, then the one that the journal had first, of several
    identities of a rater the newest. None is by a rater that broke down on too much of its cell, or
    that is known to agree too little with people, or of people who agree too little with one another.

    Args:
        report: Of a run.
        target: The only one whose numbers are looked at; empty for all.
        category: Likewise.
    """
    by_id = {m.id: m for m in report.measures if m.contrast is None}
    raters = {r.name: (not r.card, place) for place, r in enumerate(report.raters)}
    nobody = (True, len(raters))

    def weight(one: Estimate) -> tuple[bool | int, ...]:
        group = dict(one.group)
        harmful = group.get("intent") == Intent.HARMFUL
        rate = by_id[one.measure].estimator == "rate"
        later = one.standing is Standing.EXPLORATORY
        return (
            later, not rate, not harmful, group.get("attack") != "direct", _declared(report, one),
            *raters.get(group.get("rater", ""), nobody),
        )  # fmt: skip

    wanted = {k: v for k, v in (("target", target), ("category", category)) if v}.items()
    found = [
        f for f in report.findings
        if isinstance(f, Estimate) and f.measure in by_id and wanted <= dict(f.group).items()
        and of_a_cell(f) and not broken(f)
    ]  # fmt: skip
    return min(found, key=weight, default=None)


def of_a_cell(one: Finding) -> bool:
    """Tell what is of all marks of one cell from what is of a part of it, of several, or compares some."""
    group = dict(one.group)
    names = [group.get(key, "") for key in ("intent", "attack")]
    alone = all(len(parts_of(name)) == 1 and is_single(name) for name in names)
    return alone and is_one(group.get("category", "")) and group.keys() <= OF_CELL


def broken(one: Estimate) -> str:
    """Say why *one* is not quoted: its rater broke down, or raters agree too little; empty if it may be."""
    return "; ".join(c.text for c in one.caveats if c.code in NOT_QUOTED)


def _has(one: Estimate, code: str) -> bool:
    return any(c.code == code for c in one.caveats)


def _declared(report: Report, one: Finding) -> int:
    """Give the place of its measure among those that its category declares; default ones come last."""
    category = dict(one.group).get("category")
    own = next((c.measures for c in report.categories if c.name == category), ())
    return own.index(one.measure) if one.measure in own else len(own)


def quotations(report: Report) -> tuple[str, ...]:
    """Give for each target and category a number with all that must stand beside it, if it has any.

    That is interval, families and rater, what the missing marks could make of it, and of what it is:
    the estimand names category, version, panel, target and days. A rate of harmful requests has that
    of benign ones beside it, and the other way round.
    Who judged, and by which rubric, stands at the end.
    """
    found = (dict(f.group) for f in report.findings if isinstance(f, Estimate))
    places = dict.fromkeys((g.get("target", ""), g.get("category", "")) for g in found)
    mains = (main_estimate(report, *place) for place in places)
    return tuple(_quotation(report, one) for one in mains if one is not None)


def _quotation(report: Report, one: Estimate) -> str:
    by_id = {m.id: m for m in report.measures}
    level = dict(one.group).get("level")
    of = f"level {level} of " if level else ""
    said = f"{_numbered(report, one)}: {of}{one.estimand or by_id[one.measure].title}"
    likewise = (_likewise(report, by_id[o.measure], o) for o in other_side(report, one))
    beside = (*judged_by(report, one), *_reliable(report, one))
    return said + "".join(likewise) + "".join(f" {words}" for words in beside)


def _reliable(report: Report, one: Estimate) -> Iterator[str]:
    """Say beside a headline how well people agree on what it rests on (VALIDITY 18)."""
    group = dict(one.group)
    scale = next(m.scale for m in report.measures if m.id == one.measure)
    for found in report.reliability:
        here = (found.category, found.scale, found.intent)
        if found.kind == PEOPLE and here == (group.get("category"), scale, group.get("intent")):
            said = reliability_in_words(found)
            yield f"{said[0].upper()}{said[1:]}."


def _likewise(report: Report, measure: Measure, one: Finding) -> str:
    """Say what the other side is, or why nobody knows: neither is quoted without it (VALIDITY 13)."""
    title = _titled(measure, one)
    if isinstance(one, Estimate):
        return f" Likewise {_numbered(report, one, apart=OF_RUN)}: {title}."
    reasons = ", ".join(f"{n} {why}" for why, n in one.missing.reasons)
    why = f"{one.why} ({reasons})" if reasons else one.why
    return f" No number beside it of {title}: {why}; would need {one.would_need}."


def judged_by(report: Report, one: Estimate) -> Iterator[str]:
    """Say of a number who judged, if a judge did, and by which rubric."""
    group, by_id = dict(one.group), {m.id: m for m in report.measures}
    for rater in (r for r in report.raters if r.name == group.get("rater")):
        yield from (f"{judge_in_words(rater, asked)}." for asked in rater.asks)
    for rubric in report.rubrics:
        if (rubric.category, rubric.title) == (group.get("category"), by_id[one.measure].scale):
            yield f"Rubric: {rubric.title} of {rubric.category}, sha256 {rubric.hash}."


def judge_in_words(rater: RaterFacts, asked: JudgeFacts) -> str:
    """Say whom a rater asked, how it was set, and whose words the questions are."""
    names = " and ".join(asked.returned_models) or "unknown"
    kind = "" if asked.language_model else ", not a language model"
    return (
        f"{rater.name} asks {asked.name}, which is {asked.provider}/{asked.model}{kind}, returned as"
        f" {names}, {settings(asked.system_prompt_hash, asked.sampling)};"
        f" {plural(asked.calls, 'answer')}; questions of {rater.source or 'unknown'}, files"
        f" {rater.files_hash or 'unknown'}"
    )


def settings(prompt_hash: str, sampling: Pairs) -> str:
    """Say how an endpoint is configured."""
    drawn = ", ".join(f"{n.replace('_', ' ')} {v}" for n, v in sampling)
    return (
        f"{f'system prompt sha256 {prompt_hash}' if prompt_hash else 'no system prompt'}, {drawn}"
    )


def _titled(measure: Measure, one: Finding) -> str:
    """Give a measure's title; with the intent of the requests, where it is asked about all."""
    intent = dict(one.group).get("intent", "")
    return measure.title if measure.select.intents else f"{measure.title}, {intent} requests"


def other_side(report: Report, one: Estimate) -> tuple[Finding, ...]:
    """Give the rates of benign requests on the scale of *one*; of a rate of those, of harmful ones.

    They are of the same target, asked in the same way, by the same rater; in the order in which the
    category declares them. An abstention stands for one that there is not, or that is not quoted.
    """
    rates = {m.id: m for m in report.measures if m.contrast is None and m.estimator == "rate"}
    mine, group = rates.get(one.measure), dict(one.group)
    if mine is None:
        return ()
    benign = group.get("intent") == Intent.BENIGN
    at = {**group, "intent": (Intent.HARMFUL if benign else Intent.BENIGN).value}
    same = {m.id for m in rates.values() if _of_same(m) == _of_same(mine)}
    found = [
        _quotable(f) for f in report.findings if f.measure in same and dict(f.group) == at
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda f: _declared(report, f)))


def _quotable(one: Finding) -> Finding:
    """Put an abstention in place of a number whose rater broke down."""
    if not isinstance(one, Estimate) or not broken(one):
        return one
    code = next(c for c in NOT_QUOTED if _has(one, c))
    need = {
        BROKEN_CELL: "a rater that marks them",
        UNRELIABLE: "a rater that agrees with people",
        DISAGREE: "a rubric on which people agree",
        HIDDEN: "marks of what has none",
    }
    return Abstention(
        measure=one.measure, group=one.group, code=code, why=broken(one), would_need=need[code],
        families=one.families, missing=one.missing,
    )  # fmt: skip


def _of_same(measure: Measure) -> tuple[str, str]:
    """Give what two sides have in common."""
    return measure.scale, measure.select.kind.value


def _numbered(report: Report, one: Estimate, apart: AbstractSet[str] = frozenset()) -> str:
    """Give a number with what stands beside it, *apart* from caveats of these codes."""
    measure = next(m for m in report.measures if m.id == one.measure)
    corrected = not any(c.code == "judge-measured" for c in one.caveats)
    how = f"as {dict(one.group).get('rater', '')} marks it"
    how += "" if corrected else ", uncorrected by people's labels"
    if one.standing is not Standing.UNREGISTERED:
        how += f"; {one.standing.value}"
    beside = "".join(f"; {c.text}" for c in one.caveats if c.code not in ELSEWHERE | apart)
    unit = unit_of(measure, one)
    beside += _bounds(one, unit)
    number, ends = as_number(one.value, unit), as_interval(one.lower, one.upper, unit)
    sure = f"{as_amount(100 * one.level)} % interval {ends}, {one.method}"
    size = f"{plural(one.n, 'mark')} of {plural(one.families, 'family')}"
    return f"{number} ({sure}; {size}; {how}{beside})"


def what_is_lost(missing: Missing, *, counted: bool = False) -> str:
    """Say what the bounds of a number leave open, such as ``missing marks``; empty if nothing.

    Args:
        missing: What the number leaves out.
        counted: Say how many of each.
    """
    found = (
        ("", missing.lost + missing.unanswered, "missing mark"),
        ("the rest of ", missing.at_least, "cut reply"),
        ("the rest of ", missing.shown, "blocked reply"),
    )
    return " and ".join(
        rest + (plural(n, what) if counted else plural(2, what).partition(" ")[2])
        for rest, n, what in found if n
    )  # fmt: skip


def _bounds(one: Estimate, unit: Unit) -> str:
    """Say what a number could be for all that it lacks: an interval is of what has a mark."""
    m = one.missing
    what = what_is_lost(m, counted=True)
    if not what:
        return ""
    if m.lower is None or m.upper is None:
        return f"; no bounds are known for {what}"
    return f"; bounds {as_interval(m.lower, m.upper, unit)}, whatever {what} would have been"
