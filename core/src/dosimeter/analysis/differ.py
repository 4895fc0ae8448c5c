"""Where two runs differ, and what that means for comparing their numbers. Names and digests, no texts."""

import hashlib
import heapq
import json
import re
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

from attrs import evolve, frozen

from dosimeter.analysis.cells import components_of
from dosimeter.analysis.standing import frozen_plan
from dosimeter.analysis.targets import DIGITS, NAME
from dosimeter.ids import UNCLEAR
from dosimeter.journal.design import design
from dosimeter.journal.reader import Reader
from dosimeter.model.facts import MEASURING
from dosimeter.plural import plural

UNMEASURED = ("name", "sinks", "prices", "executor", "run.max_connections", "run.max_retries",
              "run.timeout", "run.rule_timeout", "run.budget", "run.requests_per_minute")  # fmt: skip
"""Beginnings of the keys of a stack that no number depends on."""
PAIR = 2
ENTRY = "there"
"""What an entry of a list is told as, besides its keys."""
OPERATIONAL = ".operational."
ITEM = """
SELECT i.category || '/' || i.id, lower(hex(i.stimulus)),
  (SELECT lower(hex(digest)) FROM blob WHERE k = i.goal),
  (SELECT lower(hex(digest)) FROM blob WHERE k = i.reference),
  i.family, i.intent, i.language, i.label,
  (SELECT group_concat(name || '=' || value, ' ') FROM
    (SELECT name, value FROM item_factor WHERE item = i.k ORDER BY name))
FROM item i ORDER BY 1
"""
OF_ITEM = ("wording", "goal", "reference", "family", "intent", "language", "label", "factors")
PROMPTS = """
SELECT DISTINCT i.category, i.id, i.stimulus, r.attack, r.variant_key, a.repeat
FROM attempt a JOIN item i ON i.k = a.item JOIN arm r ON r.k = a.arm ORDER BY 1, 2, 3, 4, 5, 6
"""
HASHES = re.compile(r"(targets|endpoints)\..*\.id")
"""Keys of a stack that are made of the keys beside them."""
Told = Mapping[str, str | None]


@frozen(kw_only=True)
class Difference:
    """One thing that is not the same in two runs.

    Attributes:
        kind: ``stack``, ``component``, ``model``, ``item``, ``arm``, ``rater`` or ``run``.
        id: Key of a stack, or name of the thing, and after a space in which respect.
        a: What the first run has, in words, or a digest of a text; None for nothing. *b* likewise.
        measured: Whether a number can depend on it.
    """

    kind: str
    id: str
    a: str | None
    b: str | None
    measured: bool = True


@frozen(kw_only=True)
class Shared:
    """What two runs have in common.

    Attributes:
        items: Items of one id with the same wording; *changed* those of other wording.
        items_a: All of the first run; *items_b* of the second.
        prompts: Items of the same wording under the same attack, variant and repeat, whatever the
            target: what a paired comparison of two targets goes by.
        prompts_a: All of the first run; *prompts_b* of the second.
        attempts: Attempts of one id: the same item, prompt, target and repeat.
        attempts_a: All of the first run; *attempts_b* of the second.
    """

    items: int
    changed: int
    items_a: int
    items_b: int
    prompts: int
    prompts_a: int
    prompts_b: int
    attempts: int
    attempts_a: int
    attempts_b: int


def differences(a: Reader, b: Reader) -> Iterator[Difference]:
    """Give where the runs of two journals differ: what a number depends on, and what not."""
    yield from _unlike("run", _told(a), _told(b))
    for one in _unlike("run", _plan(a), _plan(b)):
        yield evolve(one, measured=False)
    yield from _stacks(_stack(a), _stack(b))
    for one in _unlike("component", _parts(a), _parts(b)):
        measured = one.id.startswith(MEASURING)
        yield Difference(kind="component", id=one.id, a=one.a, b=one.b, measured=measured)
    models = (_models(a), _models(b))
    both = models[0].keys() & models[1].keys()
    yield from _unlike("model", *({k: v for k, v in m.items() if k in both} for m in models))
    yield from _items(a, b)
    yield from _unlike("arm", *map(_arms, (a, b)))
    yield from _unlike("rater", *map(_raters, (a, b)))


def shared(a: Reader, b: Reader) -> Shared:
    """Count what two runs have in common."""
    ours, theirs = (dict(_wordings(r)) for r in (a, b))
    both = ours.keys() & theirs.keys()
    same = sum(ours[k] == theirs[k] for k in both)
    attempts, prompts = (
        [r.rows(f"SELECT count(*) FROM {what}").fetchone()[0] for r in (a, b)]
        for what in ("attempt", f"({PROMPTS})")
    )
    return Shared(
        items=same, changed=len(both) - same, items_a=len(ours), items_b=len(theirs),
        prompts=_common(a, b, PROMPTS), prompts_a=prompts[0], prompts_b=prompts[1],
        attempts=_common(a, b, "SELECT id FROM attempt ORDER BY id"),
        attempts_a=attempts[0], attempts_b=attempts[1],
    )  # fmt: skip


def _common(a: Reader, b: Reader, sql: str) -> int:
    """Count the rows that a query, which sorts and gives none twice, gives of both."""
    return sum(x == y for x, y in pairwise(heapq.merge(a.rows(sql), b.rows(sql))))


def _unlike(kind: str, ours: Told, theirs: Told) -> Iterator[Difference]:
    for name in sorted(ours.keys() | theirs.keys()):
        one, other = ours.get(name), theirs.get(name)
        if one != other:
            yield Difference(kind=kind, id=name, a=one, b=other)


def _stacks(ours: Told, theirs: Told) -> Iterator[Difference]:
    """Give the keys that differ; of an entry that one stack lacks, the entry alone."""
    found = tuple(_unlike("stack", ours, theirs))
    lacking = tuple(f"{d.id}." for d in found if ENTRY in {d.a, d.b})
    for one in found:
        if not one.id.startswith(lacking):
            spared = one.id.startswith(UNMEASURED) or OPERATIONAL in one.id
            yield Difference(kind="stack", id=one.id, a=one.a, b=one.b, measured=not spared)


def _told(reader: Reader) -> Told:
    run = reader.run()
    return {
        "dosimeter": run.get("dosimeter"),
        "limited": "yes" if run.get("limited") else "no",
    }


def _plan(reader: Reader) -> Told:
    """Give the plan that decides which numbers are planned, and none of them."""
    lock = frozen_plan(reader.run())
    return {"plan": f"frozen {lock.date}, {lock.short}"} if lock else {}


def _stack(reader: Reader) -> dict[str, str | None]:
    keys = _keys(json.loads(reader.run().get("stack", "{}")), "")
    return {path: value for path, value in keys if not HASHES.fullmatch(path)}


def _keys(value: Any, path: str) -> Iterator[tuple[str, str]]:  # noqa: ANN401  JSON
    """Give each key of a resolved stack by its path; entries of lists go by name."""
    if isinstance(value, list) and all(isinstance(v, dict) for v in value):
        value = {_name(one) or str(i): one for i, one in enumerate(value)}
        yield from ((f"{path}.{name}", ENTRY) for name in value)
    elif isinstance(value, list) and all(isinstance(v, list) and len(v) == PAIR for v in value):
        value = dict(value)  # options by name, and the like
    if path.endswith(".system_prompt"):
        digits = hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()[:DIGITS]
        yield path, f"sha256 {digits}"
    elif isinstance(value, dict):
        for key, one in value.items():
            if key:  # the name of a record's type has none
                yield from _keys(one, f"{path}.{key}" if path else key)
    else:
        yield path, value if isinstance(value, str) else json.dumps(value, sort_keys=True)


def _name(entry: dict[str, Any]) -> str:
    """Give what an entry of a list is called: a gate by its measure and where, a price by its model."""
    where = ",".join(f"{k}={v}" for k, v in entry.get("where", ()))
    named = entry.get("name") or entry.get("choice", {}).get("name")
    told = named or entry.get("measure") or entry.get("model") or ""
    return f"{told}[{where}]" if where else str(told)


def _parts(reader: Reader) -> Told:
    return {
        f"{c.kind} {c.id}": f"{c.distribution} {c.version}, files {c.files_hash}"
        for c in components_of(reader)
    }


def _models(reader: Reader) -> dict[str, str | None]:
    """Give by endpoint the model ids that it answered under."""
    found: dict[str, set[str]] = {}
    for name, model in reader.rows(
        "SELECT DISTINCT e.name, c.model FROM call c JOIN endpoint e ON e.id = c.endpoint"
    ):
        found.setdefault(name, set()).add(
            "unknown" if model is None else model if NAME.fullmatch(model) else UNCLEAR
        )
    return {name: " and ".join(sorted(models)) for name, models in found.items()}


def _wordings(reader: Reader) -> Iterator[tuple[str, str]]:
    for name, wording, *_ in reader.rows(ITEM):
        yield name, wording


def _items(a: Reader, b: Reader) -> Iterator[Difference]:
    """Give items that one run lacks, and of those that both have each respect that differs."""
    ours, theirs = ({name: rest for name, *rest in r.rows(ITEM)} for r in (a, b))
    for name in sorted(ours.keys() | theirs.keys()):
        if name in ours and name in theirs:
            pairs = zip(OF_ITEM, ours[name], theirs[name], strict=True)
            for what, one, other in pairs:
                if one != other:
                    yield Difference(kind="item", id=f"{name} {what}", a=one, b=other)
        else:
            one, other = (f"wording {i[name][0]}" if name in i else None for i in (ours, theirs))
            yield Difference(kind="item", id=name, a=one, b=other)


def _arms(reader: Reader) -> Told:
    rows = reader.rows(
        "SELECT DISTINCT r.category || ' ' || r.attack || ' ' || r.variant_key || ' ' || t.name"
        " FROM arm r JOIN endpoint t ON t.k = r.target"
    )
    return {name: "planned" for (name,) in rows}


def _raters(reader: Reader) -> Told:
    return {
        r.name: f"{r.kind} {r.id}, {plural(r.votes, 'vote')}{'' if r.counts else ', not waited for'}"
        for r in design(reader).raters
    }
