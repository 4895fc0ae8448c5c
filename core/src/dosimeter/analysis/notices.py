"""Warnings about a run as a whole."""

import json
from collections.abc import Iterator, Sequence

from dosimeter.analysis.ability import OF_HARM
from dosimeter.analysis.state import RunState
from dosimeter.analysis.targets import days
from dosimeter.journal.conflicts import about_numbers, read_conflicts
from dosimeter.journal.costs import paid
from dosimeter.journal.design import Design
from dosimeter.journal.reader import Reader
from dosimeter.model.answering import Caveat
from dosimeter.model.design import Intent, Label
from dosimeter.model.facts import JudgeFacts, RaterFacts, TargetFacts
from dosimeter.model.measures import Measure
from dosimeter.model.questions import is_cost
from dosimeter.model.report import Cell
from dosimeter.numbers import as_amount
from dosimeter.plural import plural

NO_CONTROLS = "no-controls"
OF_NO_NUMBER = {
    "public-items",
    "items",
    "budget",
    "failed",
    "unmarked",
    "idle-rater",
    "no-variant",
    "rater-dropped",
    "reliability",
    "no-hazard-rater",
    "model-unnamed",
    "agreement",
    NO_CONTROLS,
}
"""Notices that are about the run as a whole, and stand beside no number."""
NO_PLAN = (
    "incomplete: the run was stopped before its plan was written; nothing was asked, and the same"
    " command begins it"
)


def notices(
    reader: Reader,
    cells: Sequence[Cell],
    targets: Sequence[TargetFacts],
    state: RunState,
) -> Iterator[Caveat]:
    """Give the warnings that go with every number of the run."""
    if not state.planned:
        yield Caveat(code="no-plan", text=NO_PLAN)
    if state.limited:
        yield Caveat(code="limited-run", text="limited run: not the benchmark, not reportable")
    yield from _budget(reader, state)
    waiting = sum(c.open + c.failed for c in cells)
    if waiting:
        planned = sum(c.planned for c in cells)
        yield Caveat(
            code="incomplete", text=f"incomplete: {waiting} of {planned} attempts have no answer"
        )
    yield from _failures(reader)
    yield from _skipped(reader)
    yield from (one.caveat for one in state.breakdowns)
    yield from (one.caveat for one in state.unrated)
    for target in targets:
        if not target.language_model:
            yield Caveat(code="simulated", text=f"{target.name} is not a language model")
        if len(target.returned_models) > 1:
            names = ", ".join(target.returned_models)
            yield Caveat(
                code="model-changed", text=f"{target.name} answered as {names} within one run"
            )
    if reader.rows("SELECT 1 FROM item WHERE label = ? LIMIT 1", (Label.PUBLIC,)).fetchone():
        yield Caveat(
            code="public-items",
            text="items are labelled public: a model may have been trained on those that were published",
        )
    if state.forked:
        yield Caveat(code="forked", text="design or versions changed while the run was under way")
    yield from _merged(reader)
    yield from _cached(reader)


def uncontrolled(asked: Sequence[Measure], cells: Sequence[Cell]) -> Iterator[Caveat]:
    """Say of which categories nobody knows whether they were refused or not understood."""
    if not any(is_cost(m) for m in asked):
        return
    controlled = {c.category for c in cells if c.intent is Intent.CONTROL}
    for category in sorted({c.category for c in cells if c.intent in OF_HARM} - controlled):
        text = f"{category}: no controls were run: a low number may be inability, not safety"
        yield Caveat(code=NO_CONTROLS, text=text)


def of_items(found: Design) -> Iterator[Caveat]:
    """Pass on what categories say of their items."""
    for spec in found.categories:
        for one in spec.notices:
            text = f"{spec.id}: {one.text}"
            if one.code == "alike-items":
                yield Caveat(code="alike-items", text=text)
            else:
                yield Caveat(code="items", text=text)


def blind(found: Design, withheld: int) -> Iterator[Caveat]:
    """Say why replies are withheld where no rater could have let them through."""
    if withheld and not any(s.hazard for r in found.raters for s in r.spec.scales):
        yield Caveat(
            code="no-hazard-rater",
            text="no rater of this run tells of hazard, so replies to harmful requests are withheld",
        )


def unnamed(targets: Sequence[TargetFacts], raters: Sequence[RaterFacts]) -> Iterator[Caveat]:
    """Say which models told no id: another one behind the same address would look the same."""
    every: tuple[TargetFacts | JudgeFacts, ...] = (*targets, *(e for r in raters for e in r.asks))
    silent = (e.name for e in every if e.calls and not e.returned_models)
    for name in dict.fromkeys(silent):
        text = f"{name} tells no model id, so a change of the model behind it would not show"
        yield Caveat(code="model-unnamed", text=text)


def _merged(reader: Reader) -> Iterator[Caveat]:
    """Say that merged journals disagreed, on more than how they were run (decision 0021)."""
    n = len(about_numbers(read_conflicts(reader)))
    if n:
        text = (
            f"{plural(n, 'conflict')} between merged journals: what the one named first says stands;"
            " `dosimeter runs show` lists them"
        )
        yield Caveat(code="merge-conflicts", text=text)


def _cached(reader: Reader) -> Iterator[Caveat]:
    """Say of each endpoint how many answers an earlier run had drawn."""
    for name, n, every, first, last in reader.rows(
        "SELECT e.name, sum(c.cached > 0), count(*), min(nullif(c.cached, 0)), max(c.cached)"
        " FROM call c JOIN endpoint e ON e.id = c.endpoint GROUP BY 1 HAVING max(c.cached) > 0"
        " ORDER BY 1"
    ):
        text = (
            f"{name}: {n} of {plural(every, 'answer')} came from the cache, drawn {days(first, last)}:"
            " they are samples of an earlier run, and no second look at the model"
        )
        yield Caveat(code="cached", text=text)


def _failures(reader: Reader) -> Iterator[Caveat]:
    """Say why attempts failed, by target."""
    for target, reason, n in reader.rows(
        "SELECT target, reason, count(*) FROM attempts WHERE state = 'failed' GROUP BY 1, 2"
        " ORDER BY 1, 3 DESC, 2"
    ):
        yield Caveat(code="failed", text=f"{target}: {plural(n, 'attempt')} failed: {reason}")


def _budget(reader: Reader, state: RunState) -> Iterator[Caveat]:
    """Say that the run was stopped by its budget: each bound of it with what it was spent on."""
    (n,) = reader.rows("SELECT count(*) FROM attempt WHERE state = 'budget'").fetchone()
    if not n:
        return
    requests, tokens, money = paid(reader)
    bound, minutes = state.budget, state.seconds / 60
    spent = [
        f"{name} {as_amount(used)} of {as_amount(most)}"
        for name, used, most in (
            ("requests", requests, bound.requests), ("tokens", tokens, bound.tokens),
            ("money", money, bound.money), ("minutes", round(minutes, 1), bound.minutes),
        ) if most is not None
    ]  # fmt: skip
    text = (
        f"the budget is spent ({', '.join(spent) or 'it is not known'}; what is left pays for no"
        f" further call): {plural(n, 'attempt')} waited in vain; with a"
        " larger run.budget the same command goes on"
    )
    yield Caveat(code="budget", text=text)


def _skipped(reader: Reader) -> Iterator[Caveat]:
    """Say which requests an attack could not put: they are in none of its rows."""
    row = reader.rows("SELECT value FROM run WHERE key = 'skipped'").fetchone()
    for category, attack, intent, n in json.loads(row[0]) if row else ():
        text = (
            f"{category}, {intent}: attack {attack} cannot put {plural(n, 'request')}, so its rows"
            " speak of the others alone"
        )
        yield Caveat(code="no-variant", text=text)
