"""Words on which targets differ, for a summary: by both kinds of refusal together, or else by one number."""

from dosimeter.briefly import cut
from dosimeter.model.answering import Estimate
from dosimeter.model.comparing import Comparison, Joint, Said, Tradeoff
from dosimeter.model.report import Report

UNORDERED = "too few families tell them apart for an order"


def told_apart(report: Report, one: Estimate) -> str:
    """Say which targets are told apart, by both refusals or the main number; empty for one target."""
    if report.compared is None:
        return ""
    at = {k: v for k, v in one.group if k != "target"}
    mine = [c for c in report.compared.comparisons
            if c.measure == one.measure and dict(c.group) == at]  # fmt: skip
    unordered = {t.measure for t in report.compared.ties
                 if t.refused and _without_intent(dict(t.group)) == _without_intent(at)}  # fmt: skip
    if len(mine) != 1:
        told = sum(c.said in {Said.A_LOWER, Said.B_LOWER} for c in mine)
        many = f"Of {len(mine)} pairs of targets {told} differ beyond chance" if mine else ""
        return f"{many}; {UNORDERED}." if many and one.measure in unordered else many and f"{many}."
    both = [t for t in report.compared.tradeoffs
            if one.measure in {t.over, t.under} and dict(t.group).items() <= at.items()
            and not {t.over, t.under} <= unordered]  # fmt: skip
    together = next(filter(None, map(_together, both)), "")
    return together or _alone(mine[0], ordered=one.measure not in unordered)


def _without_intent(group: dict[str, str]) -> dict[str, str]:
    """Give where a number is, for both kinds of refusal, which are of different requests."""
    return {k: v for k, v in group.items() if k != "intent"}


def _together(both: Tradeoff) -> str:
    """Say which is better by both kinds of refusal; empty where that cannot be told."""
    a, b = cut(both.a), cut(both.b)
    return {
        Joint.A_BETTER: f"By both refusals together {a} is better than {b}.",
        Joint.B_BETTER: f"By both refusals together {b} is better than {a}.",
        Joint.TRADE_OFF: f"{a} and {b} are a trade-off: each is worse on one side of refusal.",
        Joint.EQUIVALENT: f"By both refusals together {a} and {b} are alike within the margins.",
        Joint.CANNOT_TELL: "",
    }[both.said]


def _alone(c: Comparison, *, ordered: bool) -> str:
    a, b = cut(c.a), cut(c.b)
    if c.said in {Said.A_LOWER, Said.B_LOWER} and not ordered:
        return f"{a} and {b} differ in the main measure beyond chance; {UNORDERED}."
    if c.said in {Said.A_LOWER, Said.B_LOWER}:
        low, high = (a, b) if c.said is Said.A_LOWER else (b, a)
        return f"By the main measure {low} is lower than {high} beyond chance."
    if c.said is Said.EQUIVALENT:
        return f"By the main measure {a} and {b} are alike within the margin."
    return f"Whether {a} and {b} differ in the main measure cannot be told."
