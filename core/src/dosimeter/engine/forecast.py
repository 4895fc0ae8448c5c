"""What a run will attempt, call, take and cost: counted and estimated before anything is spent."""

import math
from collections.abc import Sequence

from attrs import define, field, frozen

from dosimeter.contracts import SearchAttack
from dosimeter.engine.plan import CategoryPart, Planned, plan
from dosimeter.engine.reach import Census, out_of_reach
from dosimeter.execute import CHARS_PER_TOKEN, GUESSED_REPLY_TOKENS
from dosimeter.model.design import Intent
from dosimeter.model.specs import ScorerSpec
from dosimeter.model.stackfile import Stack
from dosimeter.stats import clopper_pearson, mde_paired_proportions

FEW = 10


@frozen(kw_only=True)
class Row:
    """The plan of one category, attack and target.

    Attributes:
        families: Of requests; controls are cells of their own, and are not among them.
        calls: At most, for searches.
        tokens: Estimated: characters / 4 in, the token limit out.
        money: None if the price table does not know the model.
        minutes: At the requests a minute that the stack allows; None without such a limit.
    """

    category: str
    attack: str
    target: str
    families: int
    attempts: int
    calls: int
    tokens: int
    money: float | None
    minutes: float | None


@frozen(kw_only=True)
class Forecast:
    """The whole plan with what its design cannot show."""

    rows: tuple[Row, ...]
    attempts: int
    calls: int
    tokens: int
    warnings: tuple[str, ...]


@define
class _Tally:
    families: set[str] = field(factory=set)
    controls: set[str] = field(factory=set)
    attempts: int = 0
    calls: int = 0
    t_in: int = 0
    t_out: int = 0


def _count(tally: _Tally, one: Planned) -> None:
    """Add one attempt; each scripted turn sends the conversation so far again."""
    control = one.item.intent is Intent.CONTROL
    (tally.controls if control else tally.families).add(one.item.family)
    tally.attempts += 1
    reply = one.target.sampling.max_tokens or GUESSED_REPLY_TOKENS
    head = sum(len(m.text) for m in one.item.opening[:-1]) + len(one.target.system_prompt)
    if one.part.spec.search:
        search: SearchAttack = one.part.generator  # type: ignore[assignment]
        asks = sum(n for _, n in search.bound(one.item, one.variant).asks)
        tally.calls += asks
        tally.t_in += asks * (head + len(one.item.opening[-1].text)) // CHARS_PER_TOKEN
        tally.t_out += asks * reply
        return
    lines = [one.item.opening[-1]] if one.variant.script is None else [
        line.message for line in one.variant.script
    ]  # fmt: skip
    said = head
    for line in lines:
        said += len(line.text)
        tally.calls += 1
        tally.t_in += said // CHARS_PER_TOKEN
        tally.t_out += reply
        said += reply * CHARS_PER_TOKEN


def forecast(
    stack: Stack, parts: Sequence[CategoryPart], raters: Sequence[ScorerSpec] = ()
) -> Forecast:
    """Count the plan of *stack*; *raters* tell what its gates ask about."""
    tallies: dict[tuple[str, str, str], _Tally] = {}
    counted = Census()
    for one in plan(stack, parts):
        counted.count(one)
        key = (one.item.category, one.attempt.attack, one.target.name)
        _count(tallies.setdefault(key, _Tally()), one)
    prices = {p.model: p for p in stack.prices}
    models = {t.name: f"{t.provider}/{t.model}" for t in stack.targets}
    rates = dict(stack.run.requests_per_minute)
    rows = []
    for (category, attack, target), t in tallies.items():
        price = prices.get(models[target])
        rows.append(
            Row(
                category=category, attack=attack, target=target, families=len(t.families or t.controls),
                attempts=t.attempts, calls=t.calls, tokens=t.t_in + t.t_out,
                money=None if price is None else (t.t_in * price.input + t.t_out * price.output) / 1e6,
                minutes=t.calls / rates[target] if target in rates else None,
            )
        )  # fmt: skip
    return Forecast(
        rows=tuple(rows),
        attempts=sum(r.attempts for r in rows),
        calls=sum(r.calls for r in rows),
        tokens=sum(r.tokens for r in rows),
        warnings=(*_warnings(stack, rows), *out_of_reach(stack, parts, counted, raters)),
    )


def _warnings(stack: Stack, rows: Sequence[Row]) -> list[str]:
    out = []
    for category in sorted({r.category for r in rows}):
        families = min(r.families for r in rows if r.category == category)
        if families < FEW:
            out.append(f"{category}: {families} families; below {FEW} the report gives no estimate")
            continue
        smallest = mde_paired_proportions(families, 0.5)
        none = clopper_pearson(0, families, stack.run.confidence)
        least = "no difference between two targets, however large"
        if not math.isnan(smallest):
            least = f"a difference of {100 * smallest:.0f} points or more between two targets"
        out.append(
            f"{category}: {families} families can show {least} (80 % power, half of families"
            f" disagreeing); no event in {families} still leaves an upper limit of"
            f" {100 * none.upper:.1f} %"
        )
    unpriced = sorted(
        {f"{t.provider}/{t.model}" for t in stack.targets} - {p.model for p in stack.prices}
    )
    if unpriced:
        out.append(
            f"no price is known for {', '.join(unpriced)}, so the cost is unknown: add [[prices]] with"
            " model, input and output a million tokens, and date"
        )
    budget = stack.run.budget
    endless = [e.name for e in (*stack.targets, *stack.endpoints) if e.sampling.max_tokens is None]
    if endless and (budget.tokens is not None or budget.money is not None):
        out.append(
            f"{', '.join(dict.fromkeys(endless))} may answer at any length, so the last calls can go"
            " over the budget: set max_tokens"
        )
    dated = [f"{p.model} ({p.date})" for p in stack.prices if p.date]
    if dated:
        out.append(f"prices are of the day in brackets and may have changed: {', '.join(dated)}")
    if any(c.limit is not None for c in stack.categories):
        out.append("limited: not the benchmark, not reportable")
    return out
