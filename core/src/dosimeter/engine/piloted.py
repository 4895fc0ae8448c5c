"""A plan beside a pilot: whether the pilot is about it at all, and what the run takes at its cost."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from attrs import define, field

from dosimeter.engine.parts import CategoryPart
from dosimeter.errors import PlanError
from dosimeter.model.answering import FEW_FAMILIES, MANY_MISSING
from dosimeter.model.attacks import is_any, members
from dosimeter.model.planning import Pilot, PilotCost, PilotUse
from dosimeter.model.specs import ScorerSpec
from dosimeter.model.stackfile import Stack
from dosimeter.model.work import Endpoint
from dosimeter.numbers import percent
from dosimeter.plural import plural

Asks = Sequence[tuple[str, str, str, int]]
"""Category, attack, name of an endpoint, and how many attempts of the plan ask it; judges: calls."""


def check_pilot(
    pilot: Pilot, stack: Stack, parts: Sequence[CategoryPart], raters: Sequence[ScorerSpec]
) -> tuple[str, ...]:
    """Say where *pilot* is not of this plan.

    Args:
        pilot: What was learned.
        stack: What is planned.
        parts: Its categories.
        raters: Specs of its raters, in its order.

    Raises:
        PlanError: If it is of none of the categories, was marked by none of the raters, or has no mark.
    """
    named = dict(zip((r.choice.name for r in stack.raters), raters, strict=False))
    known, marked = dict(pilot.panels), dict(pilot.raters)
    _check_any("category", "it measured", known, [p.spec.id for p in parts], pilot)
    _check_any("rater", "it was rated by", marked, list(named), pilot)
    if not pilot.answers:
        msg = (
            f"the pilot {pilot.run} has no mark that a measure of this stack asks about: let it finish,"
            " name another run, or leave --pilot out"
        )
        raise PlanError(msg)
    return tuple(f"pilot {pilot.run}: {words}" for words in _unlike(pilot, stack, parts, named))


def _check_any(
    what: str, did: str, known: Mapping[str, str], planned: Sequence[str], pilot: Pilot
) -> None:
    if not set(known) & set(planned):
        msg = (
            f"the pilot {pilot.run} is of another {what}: {did} {', '.join(known) or 'none'}, and this"
            f" stack has {', '.join(planned) or 'none'}; name a run that shares one, or leave --pilot out"
        )
        raise PlanError(msg)


def _unlike(
    pilot: Pilot, stack: Stack, parts: Sequence[CategoryPart], named: Mapping[str, ScorerSpec]
) -> Iterator[str]:
    known, marked = dict(pilot.panels), dict(pilot.raters)
    for part in parts:
        spec, ours = part.spec, " and ".join(part.choice.panels)
        told = f"version {spec.named or spec.version}, panel {ours}"
        if spec.id not in known:
            yield f"it has no {spec.id}, so what that can show rests on assumptions"
        elif known[spec.id] != told:
            yield f"it measured {spec.id}, {known[spec.id]}; this plan is of {told}"
    for name, rater in named.items():
        ours = f"{rater.id}, revision {rater.revision}"
        if name not in marked:
            yield f"{name} did not rate it, so what {name} can show rests on assumptions"
        elif marked[name] != ours:
            yield f"{name} was {marked[name]} there, and is {ours} here"
    if pilot.scope != stack.run.scope.value:
        yield f'its scope is "{pilot.scope}", here "{stack.run.scope.value}": blocks count otherwise'
    put = stack.run.repeats
    for attack in _together(pilot, parts) if pilot.repeats != put else ():
        less = "fewer" if pilot.repeats > put else "more"
        yield (
            f"what it says of {attack} is of {plural(pilot.repeats, 'repeat')}, and this plan has {put}:"
            f" {less} families will have one that succeeds"
        )
    if pilot.done < pilot.planned:
        yield f"{pilot.done} of {plural(pilot.planned, 'attempt')} are done"
    few = min(one.families for one in pilot.answers)
    if few < FEW_FAMILIES:
        yield (
            f"a number of it rests on {plural(few, 'family')}; below {FEW_FAMILIES} hardly anything is"
            " known of correlation"
        )
    worst = max(one.missing for one in pilot.answers)
    if worst > MANY_MISSING:
        yield f"up to {percent(worst)} of marks are missing: the run will show less than is said here"


def _together(pilot: Pilot, parts: Sequence[CategoryPart]) -> Iterable[str]:
    """Name the sets of attacks of which any may succeed that the pilot has a number of, and the plan."""
    planned = {part.spec.id: {a.spec.id for a in part.attacks} for part in parts}
    return dict.fromkeys(
        a.attack for a in pilot.answers
        if is_any(a.attack) and set(members(a.attack)) <= planned.get(a.category, set())
    )  # fmt: skip


@define
class _Sum:
    """What is added up, with what is lacking."""

    t_in: float = 0.0
    t_out: float = 0.0
    money: float | None = 0.0
    calls: float = 0.0
    tokens_known: bool = True
    lacking: dict[str, None] = field(factory=dict)


def cost_by(pilot: Pilot, stack: Stack, attempts: Asks, judged: Asks) -> PilotCost:
    """Say what a plan takes if each call takes what one took in the pilot.

    Args:
        pilot: What was measured.
        stack: With the endpoints and prices.
        attempts: How many attempts ask which endpoint.
        judged: How many calls judges make, category and attack empty.
    """
    endpoints = {e.name: e for e in (*stack.targets, *stack.endpoints)}
    prices = {p.model: p for p in stack.prices}
    total = _Sum()
    for category, attack, name, n in (*attempts, *judged):
        e = endpoints[name]
        use = _use(pilot, category, attack, e, total)
        if use is None:
            total.tokens_known = False
            continue
        calls = n * use.calls / use.attempts if use.attempts else float(n)
        total.calls += calls
        if use.tokens_in is None or use.tokens_out is None:
            total.tokens_known = False
            total.lacking[f"the provider of {name} told no tokens"] = None
            continue
        t_in, t_out = calls * use.tokens_in, calls * use.tokens_out
        total.t_in, total.t_out = total.t_in + t_in, total.t_out + t_out
        price = prices.get(f"{e.provider}/{e.model}")
        if price is None:
            total.money = None
        elif total.money is not None:
            total.money += (t_in * price.input + t_out * price.output) / 1e6
    return PilotCost(
        tokens=round(total.t_in + total.t_out) if total.tokens_known else None,
        money=total.money if total.tokens_known else None,
        minutes=_minutes(pilot, total), lacking=tuple(total.lacking),
    )  # fmt: skip


def _use(pilot: Pilot, category: str, attack: str, e: Endpoint, into: _Sum) -> PilotUse | None:
    """Find what an endpoint took there; one of the same model stands for one that is set up otherwise."""
    here = [u for u in pilot.uses if (u.category, u.attack) == (category, attack)]
    model = f"{e.provider}/{e.model}"
    alike = [u for u in here if u.id == e.id] or [u for u in here if u.model == model]
    where = f" under {attack}" if attack else ""
    if not alike:
        into.lacking[f"{e.name} was not asked{where}"] = None
        return None
    if alike[0].id != e.id:
        into.lacking[
            f"{e.name} is set up otherwise than {alike[0].endpoint} was, of the same model"
        ] = None
    return alike[0]


def _minutes(pilot: Pilot, total: _Sum) -> float | None:
    """Give the time at the pilot's pace, all its calls and connections together."""
    made = sum(u.calls for u in pilot.uses)
    if any(u.cached for u in pilot.uses):
        total.lacking[
            "answers of the pilot came out of the cache, so its time is none of calls"
        ] = None
        return None
    whole = not any("was not asked" in words for words in total.lacking)
    return pilot.seconds / made * total.calls / 60 if made and pilot.seconds and whole else None
