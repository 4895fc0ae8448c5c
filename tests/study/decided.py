"""Gates: wrong passes and failures with alpha split, and runs that stop once they are decided."""

from functools import cache
from itertools import product

import numpy as np
from attrs import evolve
from scipy.stats import beta, binom
from study.bands import ALPHA, Cell, error
from study.blocks import FRAME, RATE, block, events, family_rates, finding, marks_of
from study.rates import seed

from dosimeter.analysis.gates import judge_gates
from dosimeter.analysis.several import Split
from dosimeter.model.answering import Gate, GateState
from dosimeter.stats.sequential import decide

GATES, STOPPED = "Gates", "Runs that stop once their gate is decided"
LOOK = 10
"""Families between two looks."""
OPEN = GateState.INCONCLUSIVE


def states(gates, found):
    """Judge gates as a report of a whole run does, raters accepted."""
    judged = judge_gates(gates, found, accept=True, limited=False, complete=True)
    return [one.state for one in judged]


def at_bound(bounds, families, rows, rho, runs):
    """Judge gates whose bounds are the true rates: whatever is decided is wrong."""
    rng = seed(*bounds, families, rows, rho)
    frame = evolve(FRAME, gates=len(bounds))
    wrong, passed = [], []
    for _ in range(runs):
        said = []
        for p in bounds:
            marks = block(marks_of(events(rng, family_rates(rng, p, rho, families), rows)))
            said += states((Gate(measure="severe", at_most=p),), [finding(RATE, marks, frame)])
        wrong.append(any(s is not OPEN for s in said))
        passed.append(GateState.PASS in said)
    told = (
        f"rates at their gates {', '.join(f'{p:g}' for p in bounds)}; {families} families x {rows}"
    )
    yield error(GATES, told, "any wrong pass or failure", wrong)
    yield error(GATES, told, "any wrong pass", passed, alpha=ALPHA / 2)


def worst_of(p, cells, families, rows, rho, runs):
    """Judge one gate over many cells that are all at its bound: by the worst, and by each limit alone."""
    rng = seed(p, cells, families, rows, rho)
    frame = evolve(FRAME, gates=Split(gates=1, numbers=(cells,)))
    gate, failed, alone = Gate(measure="severe", at_most=p), [], []
    for _ in range(runs):
        found = [
            finding(RATE, block(marks_of(events(rng, family_rates(rng, p, rho, families), rows))), frame)
            for _ in range(cells)
        ]  # fmt: skip
        failed.append(states((gate,), found) == [GateState.FAIL])
        alone.append(any(one.lower > p for one in found))
    told = f"{cells} cells at their gate of {p:g}; {families} families x {rows}"
    note = f"by the limit of each cell alone: {np.mean(alone):.1%}"
    yield evolve(
        error(GATES, told, "wrong failure by the worst", failed, alpha=ALPHA / 2), note=note
    )


def grid(size, _):
    for cells, (families, rows, rho) in product((6, 12), ((60, 1, 0.0), (60, 3, 0.2))):
        yield from worst_of(0.1, cells, families, rows, rho, size.runs)
    for bounds, (families, rows, rho) in product(
        ((0.05,), (0.1,), (0.2,), (0.05, 0.1, 0.2)), ((50, 1, 0.0), (200, 1, 0.0), (100, 3, 0.2))
    ):
        yield from at_bound(bounds, families, rows, rho, size.runs)


def of_pool(pool, target, families):
    """Judge gates at the true rates of a target that the engine asked, alpha split over three."""
    from study.rates import TRUE

    frame = evolve(pool.frame, gates=3)
    gates = {m: Gate(measure=m, at_most=float(TRUE[m](pool.truths[target]))) for m in TRUE}
    wrong = []
    for n in range(pool.runs(families)):
        said = []
        for m, gate in gates.items():
            marks = pool.piece(target, "exact", pool.measure(m).scale, families, n)
            said += states((gate,), [pool.finding(m, marks, frame)])
        wrong.append(any(s is not OPEN for s in said))
    told = f"three gates at the true values of {target}, through the engine; {families} families x {pool.rows}"
    return error(GATES, told, "any wrong pass or failure", wrong)


def through_engine(size, pool):
    for target in sorted(set(pool.arms) & {"a", "c", "d"}):
        yield of_pool(pool, target, 50)


@cache
def fixed_plan(gate, rate, power=0.8):
    """Give the families with which limits at one look decide a gate with *power* if the rate is *rate*."""
    for n in range(10, 3000):
        x = np.arange(n + 1)
        if rate < gate:
            upper = np.where(x < n, beta.ppf(0.975, x + 1, np.maximum(n - x, 1e-9)), 1.0)
            decided = upper <= gate
        else:
            decided = beta.ppf(0.025, np.maximum(x, 1e-9), n - x + 1) > gate
        if binom.pmf(x, n, rate)[decided].sum() >= power:
            return n
    msg = f"no plan of under 3,000 families decides a gate of {gate} at {rate}"
    raise ValueError(msg)


def plan(gate):
    """Give the fixed plan that is compared with: one that decides at half and at twice the gate."""
    return max(fixed_plan(gate, gate / 2), fixed_plan(gate, 2 * gate))


def stops(rng, rate, gate, families, runs):
    """Run to the decision; give of each run what was decided and after how many families."""
    for _ in range(runs):
        one = decide(events(rng, np.full(families, rate), 1)[:, 0], gate, gate="at most")
        at = families if one.look is None else min(families, -(-one.look // LOOK) * LOOK)
        yield one.said, at


def saved(gate, times, runs):
    """Give what a run saves that stops once its gate is decided, against the fixed plan."""
    rate, families = gate * times, plan(gate)
    told = list(stops(seed(gate, times, 31), rate, gate, families, runs))
    right = "pass" if times < 1 else "fail"
    spared = float(np.mean([1 - at / families for _, at in told]))
    knew = fixed_plan(gate, rate)
    mean = np.mean([at for _, at in told])
    decided = np.mean([said == right for said, _ in told])
    note = (
        f"{mean:.0f} of {families} families on average, decided rightly in {decided:.0%};"
        f" a plan that knew the rate: {knew}"
    )
    return Cell(section=STOPPED, truth=f"gate at {gate:.0%}, rate {rate:.3g}", what="families saved, mean",
                runs=runs, share=spared, least=0.5, most=1.0, kind="conservative", note=note)  # fmt: skip


def any_time(gate, families, runs):
    """Count runs at the gate that are ever decided, which is wrong whatever it is."""
    told = list(stops(seed(gate, families), gate, gate, families, runs))
    return error(STOPPED, f"rate at the gate of {gate:.0%}, {families} families", "ever decided wrongly",
                 [said != "undecided" for said, _ in told])  # fmt: skip


def looked_at(rate, gate, families, runs):
    """Decide as the engine does, look by look out of reports; give when, and when `decide` says so."""
    rng, out = seed(rate, gate, families, 5), []
    gates = (Gate(measure="severe", at_most=gate),)
    for _ in range(runs):
        happened = events(rng, np.full(families, rate), 1)
        frame = evolve(FRAME, gates=1, order=np.arange(families))
        seen = (n for n in range(LOOK, families + 1, LOOK)
                if states(gates, [finding(RATE, block(marks_of(happened[:n])), frame)]) != [OPEN])  # fmt: skip
        one = decide(happened[:, 0], gate, gate="at most")
        out.append((next(seen, None), None if one.look is None else -(-one.look // LOOK) * LOOK))
    return out


def sequential(size, _):
    for gate in (0.05, 0.1, 0.2):
        yield any_time(gate, 500, size.runs)
    for gate, times in product((0.05, 0.1, 0.2), (0.25, 3.0)):
        yield saved(gate, times, size.runs)
    agreed = looked_at(0.05, 0.2, 100, size.few) + looked_at(0.5, 0.2, 100, size.few)
    yield Cell(section=STOPPED, truth="gate at 20%, rates .05 and .5", runs=len(agreed), least=1.0, most=1.0,
               what="reports, look by look, decide where the sequence does", kind="conservative",
               share=float(np.mean([a == b for a, b in agreed])))  # fmt: skip
