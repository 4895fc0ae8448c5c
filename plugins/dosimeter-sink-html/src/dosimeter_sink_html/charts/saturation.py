"""Whether items still tell targets apart: families at the lowest value, at the highest, and between."""

from collections.abc import Sequence

from dosimeter import PanelAnswer, PanelCheck, Report, Threat, Unit
from dosimeter_sink_html.charts.counts import MOST_ROWS, RIGHT, Bar, bars
from dosimeter_sink_html.charts.shapes import Chart, Word
from dosimeter_sink_html.figures import short

KINDS = ("all lowest", "between", "all highest")


def of_items(report: Report) -> Chart | None:
    """Draw where the families of each measure stand, with the share that tells targets apart."""
    checks = [c for c in report.panel if c.threat is Threat.SATURATION]
    found = [(c, dict(c.numbers)) for c in checks]
    known = [(c, n) for c, n in found if {"floor", "ceiling", "families"} <= n.keys()]
    if not known:
        return None
    titles = sorted((m.title for m in report.measures), key=len, reverse=True)
    made = [_bar(c, n, titles) for c, n in known]
    height, shapes = bars(KINDS, made)
    head = Word(RIGHT + 8, 12, "informative", "small")
    left = len(made) - MOST_ROWS
    rest = f" {left} more rows are in the validity panel." if left > 0 else ""
    return Chart(
        title="Saturation: do the items still tell targets apart?", height=height, shapes=(*shapes, head),
        finding=_found(known), table="validity", anchor="saturation",
        note="Families at the lowest value for every target, at the highest for every target, and between."
        f" Informative are those in which targets differ; of one target that is not known.{rest}",
    )  # fmt: skip


def _bar(check: PanelCheck, numbers: dict[str, float], titles: Sequence[str]) -> Bar:
    families = round(numbers["families"])
    low, high = (round(families * numbers[end]) for end in ("floor", "ceiling"))
    title = next((t for t in titles if check.text.startswith(f"{t}:")), "")
    where = dict(check.where)
    tells = numbers.get("informative")
    return Bar(
        head=f"{title or check.text.partition(':')[0]} ({where.get('rater', '')})",
        label=", ".join(v for k, v in check.where if k in {"intent", "attack"}),
        parts=(low, max(0, families - low - high), high),
        value="not known" if tells is None else short(tells, Unit.SHARE),
    )


def _found(known: Sequence[tuple[PanelCheck, dict[str, float]]]) -> str:
    """Say how many questions are a concern, and which share of families tells targets apart."""
    concern = sum(c.answer is PanelAnswer.CONCERN for c, _ in known)
    most = max(max(n["floor"], n["ceiling"]) for _, n in known)
    tell = [n["informative"] for _, n in known if "informative" in n]
    ends = f"At most {short(most, Unit.SHARE)} of families are at one end for every target"
    told = "how many tell targets apart is not known of one target"
    if tell:
        low, high = (short(x, Unit.SHARE) for x in (min(tell), max(tell)))
        told = f"{low} to {high} tell targets apart" if low != high else f"{low} tell targets apart"
    return f"{ends}; {told}. {concern} of {len(known)} questions are a concern."
