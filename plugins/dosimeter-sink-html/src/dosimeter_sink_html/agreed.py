"""How well raters agree, in words: a row a record, with what it allows or what it would take."""

from attrs import evolve, frozen

from dosimeter import Reliability, Report

PEOPLE, UNKNOWN = "people", "not-estimable"
ALLOWS = {
    "full": "enough for all claims",
    "tentative": "enough for tentative claims alone",
    "refused": "too low to rest a number on",
}
Limits = tuple[float | None, float | None, float | None]
"""An estimate, and its interval."""


@frozen(kw_only=True)
class Agreed:
    """How well some raters agree, for people.

    Attributes:
        what: That their marks are of.
        alpha: With its interval; a dash where it is not estimable, as are the other two.
        known: Whether there is a number.
        verdict: In words.
        needs: What would make it estimable; empty if it is.
    """

    what: str
    who: str
    alpha: str
    ac: str
    same: str
    replies: int
    families: int
    rarer: int
    known: bool
    verdict: str
    needs: str


def agreed(report: Report) -> list[Agreed]:
    """Give a row a record, but one for all that nobody marked and that would need the same."""
    made = [row(one) for one in report.reliability]
    unread: dict[tuple[str, str, str], list[str]] = {}
    for one in made:
        if not one.replies:
            unread.setdefault(_said(one), []).append(one.what)
    first = {key: whats[0] for key, whats in unread.items()}
    return [
        one if one.replies else evolve(one, what="; ".join(unread[_said(one)]))
        for one in made if one.replies or one.what == first[_said(one)]
    ]  # fmt: skip


def _said(one: Agreed) -> tuple[str, str, str]:
    return one.who, one.verdict, one.needs


def row(one: Reliability) -> Agreed:
    """Put a record in words."""
    known = one.verdict != UNKNOWN and None not in (one.alpha, one.lower, one.upper)
    name = "AC2" if one.metric == "ordinal" else "AC1"
    ac = _number((one.ac, one.ac_lower, one.ac_upper)) if known else "–"
    return Agreed(
        what=what(one), who=who(one), known=known, needs="" if known else one.would_need,
        alpha=_number((one.alpha, one.lower, one.upper)) if known else "–",
        ac=ac if ac == "–" else f"{name} {ac}",
        same=_number((one.same, one.same_lower, one.same_upper)) if known else "–",
        replies=one.units, families=one.families, rarer=one.minority,
        verdict=ALLOWS.get(one.verdict, one.why) if known else f"not estimable: {one.why}",
    )  # fmt: skip


def what(one: Reliability) -> str:
    """Say of what their marks are."""
    return f"{one.scale} of {one.intent} requests in {one.category}"


def who(one: Reliability) -> str:
    """Say who agrees with whom."""
    if one.kind == PEOPLE:
        return f"people: {' and '.join(one.raters)}" if one.raters else "people"
    return " against ".join(one.raters)


def _number(found: Limits) -> str:
    value, lower, upper = found
    if value is None:
        return "–"
    if lower is None or upper is None:
        return f"{value:.2f}, no interval"
    return f"{value:.2f} [{lower:.2f}, {upper:.2f}]"
