"""What sinks are tried with: reports of pottery, evidence that counts, and outputs in memory."""

import errno
import json
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import attrs
from attrs import define, field, frozen

from dosimeter.contracts import Excerpt
from dosimeter.model.answering import (
    Abstention,
    Caveat,
    Estimate,
    Finding,
    Gate,
    GateResult,
    GateState,
    Missing,
)
from dosimeter.model.conversation import Pairs
from dosimeter.model.design import Intent
from dosimeter.model.facts import (
    Agreement,
    CardLine,
    Component,
    EndpointUse,
    JudgeFacts,
    RaterFacts,
    Rubric,
    RubricLevel,
    TargetFacts,
)
from dosimeter.model.measures import Measure, Selection
from dosimeter.model.report import Cell, Report
from dosimeter.numbers import OF_SHARES

TARGETS = ("kiln-east", "kiln-west")
NOTICE = Caveat(code="simulated", text="a target is no language model")
CAVEAT = Caveat(code="few-families", text="eleven families: the limits are wide")
COUNTS = Missing(
    planned=97, not_run=3, failed=5, unscorable=7, blocked=11, truncated=13, at_least=2, unrated=4,
    no_candidate=6, drawn=43, unanswered=8, unserved=9, undrawn=12, uncovered=14,
    reasons=(("language:de", 7),),
)  # fmt: skip
"""Of a finding that lacks much: no count in it is 0."""


def group(target: str = TARGETS[0], intent: str = "benign") -> Pairs:
    """Give where a finding holds."""
    return (
        ("target", target),
        ("category", "pots"),
        ("intent", intent),
        ("attack", "direct"),
        ("rater", "rule"),
    )


def estimate(**changes: Any) -> Estimate:  # noqa: ANN401  its fields
    """Give a share with its limits."""
    made = Estimate(
        measure="refused", group=group(), value=0.37, lower=0.23, upper=0.59, level=0.95,
        method=OF_SHARES, n=71, families=31, effective_n=53.0, missing=COUNTS,
        estimand="share of requests for pots that are refused", caveats=(CAVEAT,),
    )  # fmt: skip
    return attrs.evolve(made, **changes)


def abstention(**changes: Any) -> Abstention:  # noqa: ANN401  its fields
    """Give the reason why there is no number."""
    made = Abstention(
        measure="refused", group=group(), code="too-few", why="too few families have a mark",
        would_need="more families", families=7, missing=COUNTS,
    )  # fmt: skip
    return attrs.evolve(made, **changes)


def _target(name: str) -> TargetFacts:
    return TargetFacts(
        name=name, id=f"id-{name}", provider="sample", model="potter", returned_models=("potter-2",),
        language_model=False, system_prompt="Talk of pots.", sampling=(("temperature", "unknown"),),
        calls=194, tokens_in=1234, tokens_out=5678,
    )  # fmt: skip


def _cell(target: str, intent: Intent) -> Cell:
    return Cell(
        target=target, category="pots", intent=intent, attack="direct", families=31, planned=97,
        done=81, failed=5, open=11, truncated=13, blocked=7, off_script=3,
    )  # fmt: skip


def gate(state: GateState) -> GateResult:
    """Give what became of a gate."""
    return GateResult(
        gate=Gate(measure="refused", at_most=0.4), state=state, why="the limits say so"
    )


def findings() -> tuple[Finding, ...]:
    """Give shares, a mean and an abstention, of two targets."""
    mean = estimate(measure="detail", value=2.25, lower=1.75, upper=2.75, method="t")
    other = estimate(group=group(TARGETS[1]), value=0.41, lower=0.29, upper=0.61, caveats=())
    return estimate(), other, mean, abstention(group=group(intent="harmful"))


def report(**changes: Any) -> Report:  # noqa: ANN401  its fields
    """Give a report with something of everything."""
    made = Report(
        name="pottery", stack_hash="5f3a", scope="system", complete=True, reportable=True,
        notices=(NOTICE,), targets=tuple(map(_target, TARGETS)),
        raters=(
            RaterFacts(
                name="rule", kind="rule", scales=("refusal", "detail"), languages=("en",),
                card=(CardLine(statistic="recall", value=0.9, lower=0.8, upper=0.95, n=50,
                               population="replies about pots"),),
            ),
        ),
        measures=(
            Measure(id="refused", title="share refused", scale="refusal", estimator="rate",
                    select=Selection(intents=(Intent.BENIGN,))),
            Measure(id="detail", title="mean detail", scale="detail", estimator="mean"),
        ),
        cells=tuple(_cell(t, i) for t in TARGETS for i in (Intent.BENIGN, Intent.HARMFUL)),
        findings=findings(), gates=tuple(map(gate, GateState)),
        demonstrates="differences of less than a half stay hidden", withheld=1,
        components=(
            Component(kind="category", id="pots", distribution="pots", version="1.0",
                      files_hash="77"),
        ),
        stack=json.dumps({"name": "pottery"}),
    )  # fmt: skip
    return attrs.evolve(made, **changes)


def excerpt(n: int = 1, **changes: Any) -> Excerpt:  # noqa: ANN401  its fields
    """Give an attempt of which all may be shown."""
    made = Excerpt(
        attempt_id=f"attempt-{n}", target=TARGETS[n % 2], item_id=f"pots/{n}", category="pots",
        family=f"family-{n // 2}", intent=Intent.BENIGN, attack="direct", variant="as-is", repeat=1,
        stop="end", prompt="How is a bowl glazed?", reply="Dip it for three seconds.", withheld="",
        reply_hash="c0ffee", marks=(("rule", "refusal", "no"), ("rule", "detail", "unknown")),
        notes=("short",), factors=(("manner", "plain"),), rationale="It says how.",
        evidence=("three seconds",),
    )  # fmt: skip
    return attrs.evolve(made, **changes)


def withheld(n: int = 2) -> Excerpt:
    """Give an attempt of which nothing may be shown."""
    return excerpt(n, prompt=None, reply=None, rationale=None, evidence=None, withheld="hazard",
                   marks=(("rule", "detail", "5"),))  # fmt: skip


@frozen
class Streamed:
    """Evidence that makes its excerpts anew each time."""

    make: Callable[[], Iterable[Excerpt]]

    def __iter__(self) -> Iterator[Excerpt]:
        """See `dosimeter.contracts.Evidence`."""
        return iter(self.make())


def shown(*excerpts: Excerpt) -> Streamed:
    """Give *excerpts* as evidence; without any, two that may be shown and one that may not."""
    given = excerpts or (excerpt(1), withheld(2), excerpt(3))
    return Streamed(partial(tuple, given))


@define
class Memory:
    """An output that keeps files.

    Attributes:
        names: As they were given.
        strange: Types that were handed over where pieces of bytes belong.
    """

    files: dict[str, bytes] = field(factory=dict)
    names: list[str] = field(factory=list)
    strange: set[str] = field(factory=set)

    def write(self, name: str, data: Iterable[bytes]) -> Path:
        """See `dosimeter.contracts.Output`; takes what is no iterable of bytes too, and tells."""
        self.names.append(name)
        self.files[name] = b"".join(self._pieces(data))
        return Path(name)

    def _pieces(self, data: object) -> Iterator[bytes]:
        whole = isinstance(data, bytes | bytearray | str)
        if whole:
            self.strange.add(type(data).__name__)
        assert isinstance(data, Iterable)
        for piece in (data,) if whole else data:
            if not isinstance(piece, bytes | bytearray | memoryview):
                self.strange.add(f"pieces of type {type(piece).__name__}")
            yield piece.encode("utf-8", "replace") if isinstance(piece, str) else bytes(piece)


@define
class Draining:
    """An output that keeps nothing but the number of bytes."""

    size: int = 0

    def write(self, name: str, data: Iterable[bytes]) -> Path:
        """See `dosimeter.contracts.Output`."""
        for piece in data:
            self.size += len(piece)
        return Path(name)


class Full:
    """An output on a disk that is full after the first piece."""

    def write(self, name: str, data: Iterable[bytes]) -> Path:
        """See `dosimeter.contracts.Output`.

        Raises:
            OSError: Always.
        """
        for _ in data:
            break
        raise OSError(errno.ENOSPC, "no space left", name)


def _judge(text: str) -> JudgeFacts:
    return JudgeFacts(
        role=text, name=text, provider=text, model=text, returned_models=(text,), language_model=True,
        system_prompt_hash=text, sampling=((text, text),), identity=((text, json.dumps(text)),),
        calls=1, tokens_in=None, tokens_out=None,
    )  # fmt: skip


def hostile(text: str) -> tuple[Report, Streamed]:
    """Give a report and an attempt that say *text* wherever somebody other than us has words."""
    base, caveat = report(), Caveat(code=text, text=text)
    at = tuple((k, v if k == "intent" else text) for k, v in group())
    one = estimate(group=at, estimand=text, caveats=(caveat,))
    made = attrs.evolve(
        base, name=text, scope=text, notices=(caveat,), demonstrates=text,
        stack=json.dumps({"name": text}),
        targets=(attrs.evolve(base.targets[0], name=text, id=text, provider=text, model=text,
                              returned_models=(text,), system_prompt=text, sampling=((text, text),)),),
        raters=(attrs.evolve(base.raters[0], name=text, scales=(text,), languages=(text,), source=text,
                             files_hash=text, asks=(_judge(text),)),),
        rubrics=(Rubric(category=text, title=text, kind=text, hash=text, raters=(text,), withheld=False,
                        text=text, levels=(RubricLevel(value=text, name=text, rule=text),)),),
        usage=(EndpointUse(endpoint=text, provider=text, model=text, roles=(text,), requests=1,
                           tokens_in=None, tokens_out=None, money=None),),
        agreements=(Agreement(rater=text, person=text, scale=text, target=text, category=text,
                              intent=text, attack=text, both=2, differ=1),),
        measures=tuple(attrs.evolve(m, title=text, scale=text) for m in base.measures),
        cells=tuple(attrs.evolve(c, target=text, category=text, attack=text) for c in base.cells[:2]),
        findings=(one, abstention(group=at, code=text, why=text, would_need=text)),
        gates=(attrs.evolve(gate(GateState.FAIL), why=text),),
        components=(Component(kind=text, id=text, distribution=text, version=text, files_hash=text),),
    )  # fmt: skip
    attempt = excerpt(
        attempt_id=text, target=text, item_id=text, category=text, family=text, attack=text,
        variant=text, stop=text, prompt=text, reply=text, reply_hash=text, rationale=text,
        marks=((text, text, text),), notes=(text,), factors=((text, text),), evidence=(text,),
    )  # fmt: skip
    hidden = attrs.evolve(attempt, prompt=None, reply=None, rationale=None, evidence=None,
                          withheld=text)  # fmt: skip
    return made, shown(attempt, hidden)
