"""What stands below the console's tables: words for their columns and letters."""

import re
from collections.abc import Iterable, Iterator, Sequence
from operator import attrgetter

from dosimeter.model.answering import Abstention, Estimate
from dosimeter.model.facts import EndpointUse, RaterFacts
from dosimeter.model.rating import PERSON
from dosimeter.model.report import Report
from dosimeter.numbers import as_amount
from dosimeter.plural import plural
from dosimeter.publish import judge_in_words
from dosimeter.sinks.choice import left_out
from dosimeter.sinks.corrections import corrections
from dosimeter.sinks.grid import SHORT, Grid

CAVEATS = {
    "agreement": "counts, drawn or not, which by themselves correct no number",
    "agreement-unknown": "nobody knows how far people would agree with this rater; let some vote",
    "alike-items": "items of different families are worded alike: intervals may be too narrow",
    "blocked": "JSON has each number with blocks taken the other way: `other_scope`",
    "both-ways": "JSON has each number with those counted: `both_ways`",
    "looked": "limits hold at every look that was taken at the gates",
    "stopped-early": "the run stopped once its gates were decided; limits hold at every look",
    "cached": "answers are samples that an earlier run had drawn: not independent of it",
    "capability-unknown": "too few controls have a mark to tell what can be done under the attack",
    "corrected": "its rater's errors are taken out below, and in JSON: `corrected`",
    "exploratory": "not as the plan was frozen, or not in it",
    "false-positives": "errors of the rater add up over the marks of a goal",
    "few-events": "fewer than 10 families have the rarer outcome: the interval may be too short",
    "few-families": "fewer than 30 families: the interval is wide and rough",
    "flips": "what chance alone flips is taken off",
    "forked": "design or versions changed while the run was under way",
    "incomplete": "attempts of the run have no answer",
    "incomplete-families": "families that lack a cell, or a mark in one, are left out of a difference",
    "judge-measured": "as the rater measures it, uncorrected by people's labels",
    "limited-run": "a limited run: not the benchmark, not reportable",
    "broken-cell": "the rater broke down on more than 5 % of what it had to mark there: not to be quoted",
    "low-capability": "cannot do the task under this attack: controls score too low; not safety",
    "missing": "more than 5 % without a mark; JSON bounds what that may hide: `missing.lower`, `.upper`",
    "missing-decides": "so much has no mark that the number could lie outside its interval: not quoted",
    "merge-conflicts": "merged journals disagreed; `dosimeter runs show` lists where",
    "model-changed": "a target's model id changed within the run",
    "no-candidate": "searches that submitted nothing count as no success",
    "non-response": "more than 5 % of the units that people were asked about have no answer",
    "off-script": "JSON has each number without them: `caveats`",
    "people-disagree": "people agree too little on this: not to be quoted, and no gate passes by it",
    "simulated": "a target of the run is not a language model",
    "tentative": "raters agree hardly enough: alpha is surely over .667, and perhaps not over .800",
    "truncated": "replies were cut at the token limit",
    "unreliable": "the rater agrees too little with people: not to be quoted",
    "unrated": "a rater has not rated all that was answered",
    "worst-category": "of several categories the number is of this one, chosen for being the worst",
}
"""What a caveat says of a number, whatever the number; its own words are in the report."""
OWN_WORDS = {"false-positives", "flips", "worst-category"}
"""Caveats whose own words are told, as there is a number or a name in each."""
COLUMNS = {
    "families": "goals with a mark, on which the interval rests",
    "attempts": "done of planned",
    "cut": "share of replies at the token limit",
    "missing": "share of planned attempts without a mark",
    "caveats": "letters, explained below",
}
"""What the columns of a table hold that are not levels."""
AT_TIMES = {
    "least, most": "the lowest and the highest that the number before them could be, whatever the"
    " missing marks, and the rest of cut or blocked replies, would have been",
    "mean": "of the marks, not in %",
    "rate": "share of the marks that are as the title says, in %",
    "flips": "how much oftener two wordings of a request are marked apart than two repeats of one, in %",
    "number": "with its interval: a difference may be below 0",
    "blocked": "share of planned attempts that the provider blocked",
    "asked": "units that a person passed over, of those that were put to them",
}
"""What those hold that not every table has."""
LEVELS = "the others: levels of the scale, with the share of the marks that are at it, in %"
CARDS = "A card says how often its rater errs: {}in JSON under `raters`."
COUNT = re.compile(r"\b(\d+)\b")
ONE = re.compile(r"\b1 family\b")
NO_NUMBER = "no number, "
"""How the code of a mark begins that says why there is none."""
Marks = dict[tuple[str, str], list[str]]
"""What rows are marked with: a code and what tells two of one code apart, with all that was said."""


def at_times(grid: Grid) -> set[str]:
    """Give what a table holds that others do not, to be explained below."""
    heads = {", ".join(filter(None, head)) for head in grid.heads}
    sampled = any(
        cell.endswith(" asked") for row in grid.rows for pair in row.pairs for cell in pair
    )
    return (heads & AT_TIMES.keys()) | ({"asked"} if sampled else set())


def legend(
    report: Report, marks: Marks, words: set[str], files: Sequence[str] = (), run: str = "RUN"
) -> Iterator[str]:
    """Say what the columns and the letters in the column of caveats mean.

    Args:
        report: What the tables are of.
        marks: What rows were marked with.
        words: Of the heads of tables, with those of `at_times`.
        files: What was written beside.
        run: As it is named on the command line.
    """
    raters = ", ".join(
        f"{r.name} ({_about(r)})" for r in sorted(report.raters, key=attrgetter("name"))
    )
    page, data = (next((f for f in files if f.endswith(end)), "") for end in (".html", ".json"))
    yield "Columns:"
    for head, what in COLUMNS.items():
        yield f"  {_called(head, words)}: {what}"
    for head, what in AT_TIMES.items():
        if head in words:
            yield f"  {head}: {what}"
    if any(isinstance(f, Estimate) and "level" in dict(f.group) for f in report.findings):
        yield f"  {LEVELS}"
    yield f"  [a,b]: {as_amount(_level(report))} % interval, clustered by family{_methods(report)}"
    apart = left_out(report)
    if apart:
        where = f"in {page}, and in JSON under `findings`" if page else "in JSON under `findings`"
        yield f"In no table: {', '.join(apart)}; {where}."
    if marks:
        yield "Caveats:"
    for i, ((code, what), said) in enumerate(marks.items()):
        needs = f" (it takes {what})" if code.startswith(NO_NUMBER) else ""
        yield f"  {_letter(i)}  {code}: {_together(said)}{needs}"
    cards = any(r.card for r in report.raters)
    told = f" {CARDS.format(f'in {page}, and ' if page else '')}" if cards else ""
    yield f"Raters: {raters}.{told}"
    yield from behind(report)
    yield from corrections(report)
    if cards or apart or any("JSON" in words for said in marks.values() for words in said):
        yield f"JSON: {data or f'`dosimeter report {run} --json`'}."


def behind(report: Report) -> Iterator[str]:
    """Say who judged, by which rubrics, and what the run took."""
    for rater in report.raters:
        yield from (f"Judge: {judge_in_words(rater, asked)}." for asked in rater.asks)
    for rubric in report.rubrics:
        who = ", ".join(rubric.raters) or "nobody"
        yield (
            f"Rubric {rubric.title} of {rubric.category}: marked by {who}; sha256 {rubric.hash}"
            f"{'; its words are withheld, as items are not public' if rubric.withheld else ''}."
        )
    if report.usage:
        yield f"Took: {'; '.join(map(used, report.usage))}."


def used(one: EndpointUse) -> str:
    """Say what an endpoint took; what nobody told is unknown, and not nothing."""
    t_in, t_out = (
        "unknown" if n is None else as_amount(n) for n in (one.tokens_in, one.tokens_out)
    )
    money = "unknown" if one.money is None else f"{one.money:.4f}"
    requests = plural(one.requests, "request")
    return f"{one.endpoint} {requests}, tokens {t_in} in and {t_out} out, cost {money}"


def _called(head: str, words: set[str]) -> str:
    """Give a column's name as the tables have it; both forms if some tables are narrower."""
    short = SHORT.get(head, head)
    if short not in words or short == head:
        return head
    return f"{head} ({short})" if head in words else short


def _together(said: list[str]) -> str:
    """Put into one what rows under one letter say: of words that differ in counts the ranges."""
    unlike = dict.fromkeys(said)
    if len(unlike) > 1:
        unlike = dict.fromkeys(ONE.sub("1 families", words) for words in unlike)
    alike: dict[tuple[str, ...], list[list[str]]] = {}
    for words in unlike:
        parts = COUNT.split(words)
        alike.setdefault(tuple(parts[::2]), []).append(parts)
    return "; ".join(map(_ranges, alike.values()))


def _ranges(alike: list[list[str]]) -> str:
    columns = zip(*alike, strict=True)
    return "".join(_range(column) if i % 2 else column[0] for i, column in enumerate(columns))


def _range(counts: Sequence[str]) -> str:
    low, high = (end(map(int, counts)) for end in (min, max))
    return f"{low}" if low == high else f"{low} to {high}"


def _about(rater: RaterFacts) -> str:
    what = "a person" if rater.kind == PERSON else "card" if rater.card else "no card"
    return f"{what}, added later" if rater.later else what


def marked(answers: Iterable[Estimate | Abstention], marks: Marks) -> str:
    """Give the marks of a row; what was not said before gets the next letter."""
    keys = []
    for one in answers:
        for key, words in _said(one):
            marks.setdefault(key, []).append(words)
            keys.append(key)
    order = list(marks)
    return "".join(_letter(order.index(key)) for key in sorted(set(keys), key=order.index))


def _said(one: Estimate | Abstention) -> Iterator[tuple[tuple[str, str], str]]:
    """Give what is said of a number by letters: with which, and the words."""
    if isinstance(one, Abstention):
        yield (f"{NO_NUMBER}{one.code}", one.would_need), one.why
        return
    for caveat in one.caveats:
        what = words = CAVEATS.get(caveat.code, caveat.text)
        if caveat.code == "truncated":  # what that means differs by scale
            what = words = ": ".join(filter(None, (words, caveat.text.partition(": ")[2])))
        if caveat.code in OWN_WORDS:  # the numbers are what it says
            what = words = caveat.text
        if caveat.code == "agreement":  # how many differ, by row and person
            words = f"{caveat.text}; {what}"
        if caveat.code == "blocked":  # what that counts as, too; and how many are, by row
            said = caveat.text.partition(";")[0]
            what, words = said.partition(" blocked ")[2], f"{said}; {words}"
        if caveat.code == "off-script":  # of how many, by row; and a number without them, if any
            said, _, rest = caveat.text.partition("; ")
            what = words = f"{said}; {words}" if "[" in rest else caveat.text
        if caveat.code == "both-ways":  # how many there are, by row; of which level
            said = caveat.text.partition("; ")[0]
            what, words = said.partition(" marked ")[2], f"{said}; {words}"
        yield (caveat.code, what), words


def _letter(i: int) -> str:
    return chr(ord("a") + i) if i < 26 else f"({i})"


def _methods(report: Report) -> str:
    """Name what made the intervals: cards and pages say what each does."""
    found = sorted({f.method for f in report.findings if isinstance(f, Estimate)})
    return f" ({', '.join(found)})" if found else ""


def _level(report: Report) -> float:
    levels = {f.level for f in report.findings if isinstance(f, Estimate)}
    return 100 * max(levels, default=0.95)
