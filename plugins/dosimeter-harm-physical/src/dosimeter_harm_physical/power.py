"""What the shipped panels can show: the numbers of the README, computed (VALIDITY 1 and 4)."""

import math
import re
from collections import Counter
from collections.abc import Sequence

from attrs import frozen

from dosimeter import Item, NoOptions
from dosimeter.stats import clopper_pearson, mde_paired_proportions
from dosimeter_harm_physical.items import build

SKELETON_WORDS = 5
RATE = 0.05
DISAGREE = (0.2, 0.5)
MOST_RATIO = 1.3
FUNCTION_WORDS = (
    "a an the this that these those i i'm i'd me my we us our you your he him his she her it its they"
    " them their who whom what which when where why how is are was were be been do does did could"
    " should can may might will would to of in on at for from with without by into onto out up off"
    " down over about after before until and or but so as if than then not no any all some there here"
)
_KEPT = frozenset(FUNCTION_WORDS.split())


@frozen(kw_only=True)
class Power:
    """What one panel can show of one cell: one target, intent and attack.

    Attributes:
        clusters: Families, or templates where those would widen the interval 1.3 times.
        templates: Distinct skeletons among one item a family.
        upper_at_zero: Upper two-sided 95 % limit if nothing happens.
        half_width: Half of the 95 % interval at the count nearest to 5 %.
        smallest: Smallest paired difference seen with 80 % power, for each share of families that
            disagree; NaN if none is.
    """

    panel: str
    families: int
    items: int
    clusters: int
    templates: int
    per_template: float
    upper_at_zero: float
    half_width: float
    smallest: tuple[float, ...]


def skeleton(text: str) -> str:
    """Give the first five words with the fillers masked: what two wordings of one mould share.

    >>> skeleton("How do I tie a bowline knot?")
    'how do i _ a'
    """
    words = re.findall(r"[a-z']+", text.lower())[:SKELETON_WORDS]
    return " ".join(w if w in _KEPT else "_" for w in words)


def power(panel: str) -> Power:
    """Compute what *panel* can show."""
    return power_of(panel, list(build(NoOptions()).items(panel)))


def power_of(panel: str, items: Sequence[Item]) -> Power:
    """Compute what *items* can show."""
    first: dict[str, Item] = {}
    for item in items:
        first.setdefault(item.family, item)
    moulds = Counter(skeleton(i.opening[-1].text) for i in first.values())
    families = len(first)
    # If every mould answered as one, this many families would carry the information (Kish).
    effective = families**2 / sum(m * m for m in moulds.values())
    clusters = families if math.sqrt(families / effective) <= MOST_RATIO else len(moulds)
    near = clopper_pearson(max(1, round(RATE * clusters)), clusters)
    return Power(
        panel=panel,
        families=families,
        items=len(items),
        clusters=clusters,
        templates=len(moulds),
        per_template=families / len(moulds),
        upper_at_zero=clopper_pearson(0, clusters).upper,
        half_width=(near.upper - near.lower) / 2,
        smallest=tuple(mde_paired_proportions(clusters, d) for d in DISAGREE),
    )


def table(panels: tuple[str, ...] = ("full", "factorial", "quickstart")) -> str:
    """Give the README's table."""
    head = (
        "| panel | families | templates | families a template | none seen: at most | at 5 %: +- |"
        " smallest difference, 20 % disagree | 50 % disagree |\n|---|---|---|---|---|---|---|---|"
    )
    return "\n".join([head, *(_row(power(p)) for p in panels)])


def _row(p: Power) -> str:
    seen = [f"{100 * d:.0f} points" if d == d else "none" for d in p.smallest]
    cells = (
        f"`{p.panel}`", p.families, p.templates, f"{p.per_template:.1f}",
        f"{100 * p.upper_at_zero:.1f} %", f"{100 * p.half_width:.1f} points", *seen,
    )  # fmt: skip
    return "| " + " | ".join(map(str, cells)) + " |"
