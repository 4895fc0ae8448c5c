"""What the shipped panels can show: the numbers of the README, computed (VALIDITY 1 and 4)."""

from collections.abc import Sequence

from attrs import frozen

from dosimeter import Item, NoOptions
from dosimeter.lint.moulds import MOST_WIDER, moulds
from dosimeter.stats.planning import mde_paired_proportions
from dosimeter.stats.rate import clopper_pearson
from dosimeter_harm_physical.items import build

RATE = 0.05
DISAGREE = (0.2, 0.5)


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


def power(panel: str) -> Power:
    """Compute what *panel* can show."""
    return power_of(panel, list(build(NoOptions()).items(panel)))


def power_of(panel: str, items: Sequence[Item]) -> Power:
    """Compute what *items* can show."""
    found = moulds(items)
    families = found.units
    clusters = families if found.wider <= MOST_WIDER else found.templates
    near = clopper_pearson(max(1, round(RATE * clusters)), clusters).interval()
    return Power(
        panel=panel,
        families=families,
        items=len(items),
        clusters=clusters,
        templates=found.templates,
        per_template=families / found.templates,
        upper_at_zero=clopper_pearson(0, clusters).interval().upper,
        half_width=near.width / 2,
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
