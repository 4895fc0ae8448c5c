"""What was asked, read back from the journal: needs no plugin installed."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping

from attrs import frozen

from dosimeter.journal.reader import Reader
from dosimeter.model.answering import Gate
from dosimeter.model.comparing import Declared
from dosimeter.model.rating import PERSON, Scale
from dosimeter.model.specs import AttackSpec, CategorySpec, ScorerSpec
from dosimeter.model.stackfile import RunConfig
from dosimeter.serialize import from_json


@frozen(kw_only=True)
class Known:
    """A rater of the journal.

    Attributes:
        k: Its key in the journal.
        id: Its identity: one name may have been rated under two, before and after a change.
        label: What reports call it: the name, and where that is not enough the revision, or else the
            start of the id.
        counts: Whether the run waits for it. A rater that the stack no longer has will never catch up;
            its marks stay. A person is asked about samples, and waited for by nobody.
        votes: How often it is asked about each subject.
    """

    k: int
    id: str
    name: str
    label: str
    kind: str
    spec: ScorerSpec
    counts: bool = False
    votes: int = 1


@frozen(kw_only=True)
class Design:
    """What was asked, in the journal's own words.

    Attributes:
        scales: By name; of two of one name the one that withholds more.
        own: By key of the rater and name, as that rater declares it.
    """

    run: dict[str, str]
    config: RunConfig
    gates: tuple[Gate, ...]
    comparisons: tuple[Declared, ...]
    categories: tuple[CategorySpec, ...]
    attacks: tuple[AttackSpec, ...]
    raters: tuple[Known, ...]
    scales: dict[str, Scale]
    own: dict[tuple[int, str], Scale]


def design(reader: Reader) -> Design:
    """Read the design; needs no plugin installed."""
    run = reader.run()
    categories = tuple(
        from_json(body, CategorySpec)
        for (body,) in reader.rows("SELECT body FROM spec WHERE kind = 'category' ORDER BY id")
    )
    attacks = tuple(
        from_json(body, AttackSpec)
        for (body,) in reader.rows("SELECT body FROM spec WHERE kind = 'attack' ORDER BY id")
    )
    raters = _raters(reader, run)
    gates = from_json(run.get("gates", "[]"), tuple[Gate, ...])
    return Design(
        run=run,
        config=from_json(run.get("run", "{}"), RunConfig),
        gates=gates,
        comparisons=from_json(run.get("comparisons", "[]"), tuple[Declared, ...]),
        categories=categories,
        attacks=attacks,
        raters=raters,
        scales=_strictest(
            [s for c in categories for s in c.scales] + [s for r in raters for s in r.spec.scales]
        ),
        own={(r.k, s.name): s for r in raters for s in r.spec.scales},
    )


def _raters(reader: Reader, run: Mapping[str, str]) -> tuple[Known, ...]:
    # A journal of before these were kept does not say: all count, and vote once.
    counting = json.loads(run["raters"]) if "raters" in run else None
    votes = json.loads(run.get("votes", "{}"))
    rows = reader.rows("SELECT k, id, name, kind, body FROM rater ORDER BY name, id").fetchall()
    specs = [from_json(body, ScorerSpec) for *_, body in rows]
    names = Counter(name for _, _, name, _, _ in rows)
    revisions = Counter((row[2], spec.revision) for row, spec in zip(rows, specs, strict=True))

    def label(name: str, raw: bytes, revision: int) -> str:
        if names[name] == 1:
            return name
        alone = revisions[name, revision] == 1
        return f"{name}@revision {revision}" if alone else f"{name}@{raw.hex()[:8]}"

    return tuple(
        Known(
            k=k, id=raw.hex(), name=name, kind=kind, spec=spec,
            label=label(name, raw, spec.revision),
            counts=kind != PERSON and (counting is None or raw.hex() in counting),
            votes=votes.get(raw.hex(), 1),
        )
        for (k, raw, name, kind, _), spec in zip(rows, specs, strict=True)
    )  # fmt: skip


def _strictest(scales: Iterable[Scale]) -> dict[str, Scale]:
    """Give scales by name; of two of one name the later, but never one that withholds less."""
    out: dict[str, Scale] = {}
    for scale in scales:
        before = out.get(scale.name)
        if before is None or _withholds(scale) <= _withholds(before):
            out[scale.name] = scale
    return out


def _withholds(scale: Scale) -> float:
    return float("inf") if scale.withhold_from is None else scale.withhold_from
