"""What a run will attempt, call, take and cost: counted and estimated before anything is spent."""

from collections.abc import Iterator, Mapping, Sequence
from operator import itemgetter

from attrs import define, field, frozen

from dosimeter.engine.census import empty, unrated
from dosimeter.engine.counting import Demands, Judge, count_attempt, count_ratings, turns_of
from dosimeter.engine.gated import GateReach, gates_of
from dosimeter.engine.items import any_limited
from dosimeter.engine.parts import CategoryPart
from dosimeter.engine.piloted import check_pilot, cost_by
from dosimeter.engine.plan import Skipped, plan
from dosimeter.engine.reach import out_of_reach
from dosimeter.engine.showing import NOTHING, POWER, Wanted, showings
from dosimeter.engine.unplanned import unplanned
from dosimeter.engine.within import withins
from dosimeter.model.answering import FEW_FAMILIES
from dosimeter.model.design import Intent
from dosimeter.model.planning import Pilot, PilotCost, Showing
from dosimeter.model.planning_within import Unplanned, Within
from dosimeter.model.specs import ScorerSpec
from dosimeter.model.stackfile import Stack
from dosimeter.plural import plural


@frozen(kw_only=True)
class Row:
    """The plan of one category, attack and target; calls to the attack's own endpoints included.

    Attributes:
        families: Of requests.
        controls: Families of controls, which are cells of their own.
        calls: At most, for searches.
        tokens: Estimated: characters / 4 in, the token limit out.
        money: None if the price table does not know a model.
        minutes: At the requests a minute that the stack allows; None without such a limit.
    """

    category: str
    attack: str
    target: str
    families: int
    controls: int
    attempts: int
    calls: int
    tokens: int
    money: float | None
    minutes: float | None


@frozen(kw_only=True)
class JudgeRow:
    """What one judge asks about all attempts: a question a vote to each of its endpoints.

    Attributes:
        endpoints: By name.
        votes: About each subject.
    """

    rater: str
    endpoints: tuple[str, ...]
    votes: int
    calls: int
    tokens: int
    money: float | None
    minutes: float | None


@frozen(kw_only=True)
class Forecast:
    """The whole plan with what its design cannot show; totals are of attempts and judges.

    Attributes:
        showing: What each rate, share and mean can show.
        within: What each difference within families can show.
        unplanned: Measures of which nothing is said, and why.
        power: Probability with which.
        pilot: What that rests on; None for assumptions.
        by_pilot: What the run takes at the pilot's cost; None without one.
    """

    rows: tuple[Row, ...]
    judges: tuple[JudgeRow, ...]
    attempts: int
    calls: int
    tokens: int
    money: float | None
    minutes: float | None
    warnings: tuple[str, ...]
    gates: tuple[GateReach, ...] = ()
    showing: tuple[Showing, ...] = ()
    within: tuple[Within, ...] = ()
    unplanned: tuple[Unplanned, ...] = ()
    power: float = POWER
    pilot: Pilot | None = None
    by_pilot: PilotCost | None = None


@define
class _Tally:
    families: set[str] = field(factory=set)
    controls: set[str] = field(factory=set)
    attempts: int = 0
    demands: Demands = field(factory=Demands)


@frozen(kw_only=True)
class _Bill:
    calls: int
    tokens: int
    money: float | None
    minutes: float | None


def forecast(
    stack: Stack,
    parts: Sequence[CategoryPart],
    raters: Sequence[ScorerSpec] = (),
    accounts: Mapping[str, str] | None = None,
    wanted: Wanted = NOTHING,
) -> Forecast:
    """Count the plan of *stack*.

    Args:
        stack: What is planned.
        parts: Its categories, built.
        raters: Specs of its raters, in its order: what its gates ask about, and what judges ask.
        accounts: Which account an endpoint is on, by name; those on one share its limit. None
            takes each for one of its own.
        wanted: What it is to show, and a pilot.

    Raises:
        PlanError: For a plan that cannot be, or a pilot of something else.
    """
    endpoints = {e.name: e for e in (*stack.targets, *stack.endpoints)}
    judges = _judges(stack, raters)
    asked = {judge.choice.choice.name: Demands() for judge in judges}
    rubrics = {part.spec.id: part.spec.scales for part in parts}
    tallies: dict[tuple[str, str, str], _Tally] = {}
    counted = empty(parts)
    skipped = Skipped()
    for one in plan(stack, parts, skipped=skipped):
        counted.count(one)
        key = (one.item.category, one.attempt.attack, one.target.name)
        tally = tallies.setdefault(key, _Tally())
        control = one.item.intent is Intent.CONTROL
        (tally.controls if control else tally.families).add(one.item.family)
        tally.attempts += 1
        turns = turns_of(one)
        count_attempt(tally.demands, one, turns, endpoints)
        for judge in judges:
            into = asked[judge.choice.choice.name]
            count_ratings(into, one, turns, judge, rubrics[one.item.category])
    skipped.check(parts)
    accounts = accounts or {name: name for name in endpoints}
    rows = _rows(stack, tallies, accounts)
    judged = [_judged(stack, judge, asked[judge.choice.choice.name], accounts) for judge in judges]
    lost = tuple(out_of_reach(stack, parts, counted, raters))
    pilot = wanted.pilot
    unlike = check_pilot(pilot, stack, parts, raters) if pilot else ()
    whole = _bill(stack, [*(t.demands for t in tallies.values()), *asked.values()], accounts)
    limited = ["limited: not the benchmark, not reportable"] if any_limited(parts) else []
    notices = (f"{p.spec.id}: {n.text}" for p in parts for n in p.spec.notices)
    mute = (f"{rater}: {words}" for rater, words in unrated(counted, raters))
    shown = showings(stack, parts, counted, raters, wanted)
    apart = withins(stack, parts, counted, raters, wanted)
    planned = {*((s.measure, s.category) for s in shown), *((w.measure, w.category) for w in apart)}
    told = (*_few(rows), *_unsure(stack), *limited, *_unput(skipped), *notices, *mute)
    return Forecast(
        rows=tuple(rows), judges=tuple(judged), attempts=sum(r.attempts for r in rows),
        calls=whole.calls, tokens=whole.tokens, money=whole.money, minutes=whole.minutes,
        warnings=(*told, *lost, *unlike), gates=gates_of(stack, parts, counted, raters, lost),
        showing=shown, within=apart, unplanned=unplanned(stack, parts, counted, raters, planned),
        power=wanted.power, pilot=pilot,
        by_pilot=cost_by(pilot, stack, _asked(parts, rows), _of_judges(judged)) if pilot else None,
    )  # fmt: skip


def _asked(parts: Sequence[CategoryPart], rows: Sequence[Row]) -> list[tuple[str, str, str, int]]:
    """Say of each row which endpoints it asks: its target, and what serves the attack."""
    served = {(p.spec.id, a.spec.id): [name for _, name in a.choice.roles]
              for p in parts for a in p.attacks}  # fmt: skip
    return [(r.category, r.attack, name, r.attempts)
            for r in rows for name in (r.target, *served[r.category, r.attack])]  # fmt: skip


def _of_judges(judged: Sequence[JudgeRow]) -> list[tuple[str, str, str, int]]:
    """Say how often each judge asks each of its endpoints."""
    return [("", "", name, j.calls // len(j.endpoints)) for j in judged for name in j.endpoints]


def _rows(
    stack: Stack, tallies: Mapping[tuple[str, str, str], _Tally], accounts: Mapping[str, str]
) -> list[Row]:
    rows = []
    for (category, attack, target), t in tallies.items():
        b = _bill(stack, [t.demands], accounts)
        rows.append(
            Row(
                category=category, attack=attack, target=target, families=len(t.families),
                controls=len(t.controls), attempts=t.attempts, calls=b.calls, tokens=b.tokens,
                money=b.money, minutes=b.minutes,
            )
        )  # fmt: skip
    return rows


def _judged(stack: Stack, judge: Judge, spent: Demands, accounts: Mapping[str, str]) -> JudgeRow:
    b = _bill(stack, [spent], accounts)
    return JudgeRow(
        rater=judge.choice.choice.name, endpoints=tuple(e.name for e in judge.endpoints),
        votes=judge.choice.votes, calls=b.calls, tokens=b.tokens, money=b.money, minutes=b.minutes,
    )  # fmt: skip


def _judges(stack: Stack, raters: Sequence[ScorerSpec]) -> list[Judge]:
    endpoints = {e.name: e for e in (*stack.targets, *stack.endpoints)}
    return [
        Judge(spec=spec, choice=choice,
              endpoints=tuple(endpoints[name] for _, name in choice.choice.roles))
        for choice, spec in zip(stack.raters, raters, strict=False)
        if spec.judge
    ]  # fmt: skip


def _bill(stack: Stack, parts: Sequence[Demands], accounts: Mapping[str, str]) -> _Bill:
    """Add up what is asked, each endpoint at its own price, each account at its own rate."""
    prices = {p.model: p for p in stack.prices}
    models = {e.name: f"{e.provider}/{e.model}" for e in (*stack.targets, *stack.endpoints)}
    rates: dict[str, float] = {}
    for name, rate in stack.run.requests_per_minute:
        rates[accounts[name]] = min(rate, rates.get(accounts[name], rate))
    calls = tokens = 0
    money: float | None = 0.0
    waits: dict[str, float] = {}
    for name, spent in [pair for part in parts for pair in part.by_name.items()]:
        calls += spent.calls
        tokens += spent.t_in + spent.t_out
        price = prices.get(models[name])
        if price is None:
            money = None
        elif money is not None:
            money += (spent.t_in * price.input + spent.t_out * price.output) / 1e6
        account = accounts[name]
        if account in rates:
            waits[account] = waits.get(account, 0.0) + spent.calls / rates[account]
    return _Bill(calls=calls, tokens=tokens, money=money, minutes=max(waits.values(), default=None))


def _unput(skipped: Skipped) -> Iterator[str]:
    for category, attack, intent, n in skipped.counts():
        yield (
            f"{category}, {intent}: attack {attack} has no variant of {plural(n, 'request')}: its rows"
            " will be of the others"
        )


def _few(rows: Sequence[Row]) -> Iterator[str]:
    """Say of each category that it has too few families for any estimate."""
    for category in sorted({r.category for r in rows}):
        asked = {r.attack: r.families or r.controls for r in rows if r.category == category}
        least, families = min(asked.items(), key=itemgetter(1))
        if families < FEW_FAMILIES:
            where = category if len(set(asked.values())) == 1 else f"{category}, attack {least}"
            yield (
                f"{where}: {plural(families, 'family')}; below {FEW_FAMILIES} the report gives no estimate"
            )


def _unsure(stack: Stack) -> Iterator[str]:
    """Say why the cost may be another."""
    every = (*stack.targets, *stack.endpoints)
    unpriced = sorted({f"{e.provider}/{e.model}" for e in every} - {p.model for p in stack.prices})
    if unpriced:
        yield (
            f"no price is known for {', '.join(unpriced)}, so the cost is unknown: add [[prices]] with"
            " model, input and output a million tokens, and date"
        )
    budget = stack.run.budget
    endless = [e.name for e in every if e.sampling.max_tokens is None]
    if endless and (budget.tokens is not None or budget.money is not None):
        yield (
            f"{', '.join(dict.fromkeys(endless))} may answer at any length, so the last calls can go"
            " over the budget: set max_tokens"
        )
    dated = [f"{p.model} ({p.date})" for p in stack.prices if p.date]
    if dated:
        yield f"prices are of the day in brackets and may have changed: {', '.join(dated)}"
