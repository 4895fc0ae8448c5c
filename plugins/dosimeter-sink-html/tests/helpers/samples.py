"""Reports to render: a small one, one with rates, and one of which every word is hostile."""

from pathlib import Path

import attrs

from dosimeter import (
    Abstention,
    CardLine,
    Caveat,
    Cell,
    Compared,
    Comparison,
    Component,
    Contrast,
    EndpointUse,
    Estimate,
    Excerpt,
    Gate,
    GateResult,
    GateState,
    Intent,
    Joint,
    JudgeFacts,
    Look,
    Measure,
    Missing,
    PanelAnswer,
    PanelCheck,
    RaterFacts,
    Reliability,
    Report,
    Rubric,
    RubricLevel,
    Said,
    Selection,
    TargetFacts,
    Threat,
    Ties,
    Tradeoff,
)
from dosimeter_sink_html.options import HtmlOptions
from dosimeter_sink_html.sink import build

HOSTILE = (
    "</title></style></script></textarea></blockquote></table></svg>--></template>"
    "<script>document.documentElement.dataset.ran = 'script'</script>"
    "<img src=x onerror=\"document.documentElement.dataset.ran = 'handler'\">"
    "<svg onload=\"document.documentElement.dataset.ran = 'svg'\"><style>*{display:none}</style></svg>"
    "<a href=\"javascript:document.documentElement.dataset.ran='link'\">x</a>"
    "<iframe srcdoc='<script>parent.document.documentElement.dataset.ran=1</script>'></iframe>"
    "<object data='data:text/html,<script>1</script>'></object><meta http-equiv=refresh content='0;url=http://example.org/'>"
    "<link rel=stylesheet href=http://example.org/x.css><base href=http://example.org/>"
    "\" style=\"background:url(http://example.org/x)\" onmouseover=\"alert(1)\" x=\"' onfocus='alert(1)"
    "; } body { display: none } @import url(http://example.org/x.css); {{ 7*7 }} {% raw %} ${7*7}"
    "\x1b[31m\x1b]0;title\x07\x00\x08\u202eevil\u2066\u200f\u2028\u2029\ufeff\U000e0041\ud800"
    + "W" * 300
    + "e" + "\u0301" * 60
)  # fmt: skip
"""Everything that a page could be made to obey, in one text."""
GROUP = (
    ("target", "t"),
    ("category", "c"),
    ("intent", "benign"),
    ("attack", "direct"),
    ("rater", "r"),
)


class Folder:
    """An output that writes to disk."""

    def __init__(self, path):
        self.path = path

    def write(self, name, data):
        """Write a file."""
        target = Path(self.path) / name
        target.write_bytes(b"".join(data))
        return target


def page(folder, made, evidence=(), **options):
    """Give the text of the page of a report."""
    build(HtmlOptions(**options)).write(made, evidence, Folder(folder))
    return (Path(folder) / "report.html").read_text(encoding="utf-8")


def excerpt(**changes):
    """Give a benign attempt that may be shown."""
    base = Excerpt(
        attempt_id="a", target="t", item_id="i", category="c", family="f", intent=Intent.BENIGN,
        attack="direct", variant="direct", repeat=0, stop="end", prompt="p", reply="r",
        withheld="", reply_hash="00", marks=(("r", "s", "1"),), evidence=("r",),
    )  # fmt: skip
    return attrs.evolve(base, **changes)


def report(**changes):
    """Give a small report: one target, one cell, a share and a mean."""
    e = Estimate(measure="m", group=(*GROUP, ("level", "1")), value=0.2, lower=0.1, upper=0.4,
                 level=0.95, method="x", n=20, families=20, missing=Missing(planned=20))  # fmt: skip
    mean = attrs.evolve(e, measure="m-mean", group=GROUP, value=1.5, lower=1.2, upper=2.0)
    made = Report(
        name="n", stack_hash="h", scope="system", complete=True, reportable=False, notices=(),
        targets=(TargetFacts(name="t", id="t", provider="p", model="m", returned_models=("m",),
                             language_model=False, system_prompt="", sampling=(("temperature", "0"),),
                             calls=1, tokens_in=1, tokens_out=1),),
        raters=(), measures=(Measure(id="m", title="shares", scale="s", estimator="shares"),
                             Measure(id="m-mean", title="mean", scale="s", estimator="mean")),
        cells=(Cell(target="t", category="c", intent=Intent.BENIGN, attack="direct", families=20,
                    planned=20, done=20, failed=0, open=0, truncated=0, blocked=0, off_script=0),),
        findings=(e, mean), gates=(), demonstrates="nothing small", withheld=1, components=(), stack="{}",
    )  # fmt: skip
    return attrs.evolve(made, **changes)


def rate(measure, intent, attack, value, target="one", **changes):
    """Give the estimate of a rate."""
    group = (
        ("target", target),
        ("category", "c"),
        ("intent", intent),
        ("attack", attack),
        ("rater", "r"),
    )
    return Estimate(measure=measure, group=group, value=value, lower=max(0.0, value - 0.1),
                    upper=min(1.0, value + 0.1), level=0.95, method="x", n=20, families=20,
                    effective_n=16.0, estimand="share over goals", missing=Missing(planned=20, **changes),
                    caveats=(Caveat(code="few-families", text="20 families"),))  # fmt: skip


def two_rates(**changes):
    """Give a report with one rate of each intent under two attacks."""
    base = report()
    cells = tuple(
        attrs.evolve(base.cells[0], target="one", intent=intent, attack=attack)
        for intent in (Intent.HARMFUL, Intent.BENIGN) for attack in ("direct", "a-frame")
    )  # fmt: skip
    measures = (
        Measure(id="over", title="benign refused", scale="s", estimator="rate",
                select=Selection(intents=(Intent.BENIGN,))),
        Measure(id="under", title="harmful not refused", scale="s", estimator="rate",
                select=Selection(intents=(Intent.HARMFUL,))),
    )  # fmt: skip
    findings = (
        rate("over", "benign", "direct", 0.25), rate("over", "benign", "a-frame", 0.5),
        rate("under", "harmful", "direct", 0.6, unscorable=5, lower=0.45, upper=0.7),
        Abstention(measure="under", group=rate("u", "harmful", "a-frame", 0).group,
                   code="few-families", why="4 families with a mark", would_need="at least 10",
                   families=4),
    )  # fmt: skip
    target = attrs.evolve(base.targets[0], name="one")
    made = attrs.evolve(base, cells=cells, measures=measures, findings=findings, targets=(target,))
    return attrs.evolve(made, **changes)


def like_a_run():
    """Give a report with two targets, four questions, a table by level, and the caveats of a real run."""
    base = two_rates()
    targets = tuple(
        attrs.evolve(base.targets[0], name=n, system_prompt="be safe " * 40)
        for n in ("bare", "guarded")
    )
    cells = tuple(attrs.evolve(c, target=t.name) for c in base.cells for t in targets)
    mean = Measure(
        id="mean", title="mean actionability (goal not checked)", scale="s", estimator="mean"
    )
    levels = attrs.evolve(mean, id="levels", title="actionability by level", estimator="shares")
    said = (
        Caveat(code="few-families", text="16 families"),
        Caveat(code="judge-measured", text="as refusal measures it, uncorrected"),
        Caveat(code="truncated", text="31 % cut at the token limit: lower bounds"),
        Caveat(
            code="off-script",
            text="16 of 16 attempts left their script; without them nothing is left",
        ),
    )
    findings = []
    for c in cells:
        at = (c.intent.value, c.attack, 0.9, c.target)
        findings += [
            attrs.evolve(rate("under" if c.intent is Intent.HARMFUL else "over", *at, unscorable=3, truncated=6,
                              lower=0.75, upper=0.95), caveats=said),
            attrs.evolve(rate("mean", *at, unscorable=3, truncated=6, at_least=6, lower=1.25, upper=3.5), value=2.0, lower=1.5, upper=2.5,
                         caveats=said[:2]),
        ]  # fmt: skip
        for level in "12345":
            e = attrs.evolve(rate("levels", *at), caveats=said)
            findings.append(attrs.evolve(e, group=(*e.group, ("level", level))))
    return attrs.evolve(base, targets=targets, cells=cells, findings=tuple(findings),
                        measures=(*base.measures, mean, levels))  # fmt: skip


def versus(a="bare", b="guarded", value=-0.6, said=Said.B_LOWER, **changes):
    """Give the difference of a rate between two targets."""
    base = Comparison(
        measure="under", group=(("category", "c"), ("intent", "harmful"), ("attack", "direct"), ("rater", "r")),
        a=a, b=b, value_a=0.7, value_b=0.7 + value, difference=value, lower=value - 0.1, upper=value + 0.1,
        level=0.95, method="paired-cr1-t", p=0.001, p_adjusted=0.004, items=20, families=20, said=said, share=True,
        estimand=f"{b} less {a}, over goals", caveats=(Caveat(code="judge-measured", text="as r measures it"),),
    )  # fmt: skip
    return attrs.evolve(base, **changes)


def compared(*found, **changes):
    """Give what a report says of its targets, of these comparisons."""
    base = Compared(sides=(), overlaps=(), comparisons=found, ties=(), tradeoffs=(), family=len(found),
                    declared=False, unlike=(), notices=())  # fmt: skip
    return attrs.evolve(base, **changes)


def check(threat, answer, text="as it is", **changes):
    """Give a check of the validity panel."""
    return attrs.evolve(PanelCheck(threat=threat, answer=answer, text=text), **changes)


def beside(made):
    """Give a report of two targets with panel, verdicts, margins, ties and looks beside its numbers."""
    found = all_of("plain")
    pairs = (versus(), versus("guarded", "bare", 0.05, Said.EQUIVALENT, margin=0.2, margin_by="stack"),
             versus(measure="mean", share=False, said=Said.CANNOT_TELL, needed=900))  # fmt: skip
    gate = GateResult(gate=Gate(measure="under", at_most=0.5), state=GateState.FAIL, why="above", value=0.7,
                      lower=0.6, upper=0.8)  # fmt: skip
    words = tuple(
        attrs.evolve(c, text="90 % of 20 families at the lowest value for every target", needs="more goals",
                     answer=answer)
        for c, answer in zip(found["panel"], tuple(PanelAnswer) * 3, strict=False)
    )  # fmt: skip
    both = attrs.evolve(found["compared"], comparisons=pairs)
    return attrs.evolve(made, gates=(gate,), **found | {"panel": words, "compared": both})


def all_of(text):
    """Give panel, comparison and looks of which every word is *text*."""
    group = tuple((k, text) for k in ("category", "intent", "attack", "rater"))
    one = versus(text, text + "2", method=text, group=group, margin=0.2, margin_by=text, why=text, tipping=text,
                 estimand=text, caveats=(Caveat(code=text, text=text),))  # fmt: skip
    ties = Ties(measure="under", group=group, order=(text, text + "2", text + "3"), letters=(text, "b", "b"),
                places=((1, 1), (2, 3), (2, 3)), refused=text)  # fmt: skip
    both = Tradeoff(
        a=text, b=text, group=group, over="over", under="under", said=Joint.A_BETTER, why=text
    )
    ends = (("floor", 0.5), ("ceiling", 0.25), ("families", 20.0), ("informative", 0.25))
    return {
        "compared": compared(one, ties=(ties,), tradeoffs=(both,), unlike=(text,),
                             notices=(Caveat(code=text, text=text),)),
        "panel": tuple(check(t, PanelAnswer.CONCERN, text, where=group, needs=text, numbers=ends) for t in Threat),
        "looks": (Look(families=10, states=(GateState.INCONCLUSIVE,), limits=((0.2, 0.9),)),
                  Look(families=20, states=(GateState.FAIL,), limits=((0.6, 0.8),))),
    }  # fmt: skip


def judge(text="wise", **changes):
    """Give an endpoint that a rater asks, every word of it *text*."""
    made = JudgeFacts(
        role=text, name=text, provider=text, model=text, returned_models=(text,), language_model=False,
        system_prompt_hash=text, sampling=((text, text),), identity=((text, text),), calls=30,
        tokens_in=None, tokens_out=1200,
    )  # fmt: skip
    return attrs.evolve(made, **changes)


def agreement(text="harm", raters=("anna", "ben"), kind="people", **changes):
    """Give how well two raters agree; scale, category and intent are *text*."""
    base = Reliability(kind=kind, raters=raters, category=text, scale=text, intent=text, metric="ordinal", units=90,
                       families=60, minority=40, alpha=0.9, lower=0.85, upper=0.95, ac=0.8, ac_lower=0.7, ac_upper=0.9,
                       same=0.7, same_lower=0.6, same_upper=0.8, verdict="full")  # fmt: skip
    return attrs.evolve(base, **changes)


def wholly(text):
    """Give a report and an attempt that say *text* wherever somebody other than us has words."""
    base, caveat = two_rates(), Caveat(code=text, text=text)
    names = {"one": text, "direct": text, "c": text, "r": text}

    def said(finding):
        group = tuple((k, names.get(v, v)) for k, v in finding.group)
        if isinstance(finding, Abstention):
            return attrs.evolve(finding, group=group, why=text, would_need=text)
        return attrs.evolve(finding, group=group, estimand=text, caveats=(caveat,), method=text)

    level = [
        ("target", text),
        ("category", text),
        ("intent", "benign"),
        ("attack", text),
        ("rater", text),
    ]
    share = attrs.evolve(rate("levels", "benign", "direct", 0.5), caveats=(caveat,),
                         group=(*level, ("level", text)))  # fmt: skip
    gap = Measure(id="gap", title=text, scale="s", estimator="rate",
                  contrast=Contrast(factor=text, first=text, second=text))  # fmt: skip
    made = attrs.evolve(
        base, name=text, stack_hash=text, scope=text,
        notices=(caveat, Caveat(code="stopped-early", text=text)), demonstrates=text, stack=text,
        hazardous_included=True, **all_of(text),
        targets=(attrs.evolve(base.targets[0], name=text, id=text, provider=text, model=text, system_prompt=text,
                              returned_models=(text,), sampling=((text, text),)),),
        raters=(RaterFacts(name=text, kind=text, scales=(text,), languages=(text,), later=True, card=(
                    CardLine(statistic=text, value=0.5, lower=0.4, upper=0.6, n=9, population=text),
                    CardLine(statistic=text, value=0.5, lower=0.4, upper=0.6, n=9, population=text, scale=text,
                             stated=0.9))),
                RaterFacts(name=text, kind="rule", scales=(), languages=(), source=text, files_hash=text,
                           asks=(judge(text),))),
        rubrics=(Rubric(category=text, title=text, kind=text, hash=text, raters=(text,), withheld=True, text=text,
                        levels=(RubricLevel(value=text, name=text, rule=text),)),),
        usage=(EndpointUse(endpoint=text, provider=text, model=text, roles=(text,), requests=1, tokens_in=None,
                           tokens_out=None, money=None),),
        measures=(*(attrs.evolve(m, title=text) for m in base.measures), gap,
                  Measure(id="levels", title=text, scale=text, estimator="shares")),
        cells=tuple(attrs.evolve(c, target=text, category=text, attack=names.get(c.attack, c.attack))
                    for c in base.cells),
        findings=(*map(said, base.findings), share, said(rate("gap", "harmful", "direct", 0.2))),
        gates=(GateResult(gate=Gate(measure=text, at_most=0.5, where=((text, text),)), state=GateState.FAIL, why=text),),
        components=(Component(kind=text, id=text, distribution=text, version=text, files_hash=text),),
        reliability=(agreement(text, (text, text)), agreement(text, (text,), alpha=None, verdict="not-estimable", why=text,
                                                would_need=text)),
    )  # fmt: skip
    attempt = excerpt(
        attempt_id=text, target=text, item_id=text, category=text, family=text, attack=text, variant=text + "2",
        stop=text, prompt=text, reply=text, reply_hash=text, marks=((text, text, text),), notes=(text,),
        rationale=text, evidence=(text,),
    )  # fmt: skip
    hidden = attrs.evolve(attempt, reply=None, prompt=None, evidence=None, withheld=text)
    return made, (attempt, hidden)
