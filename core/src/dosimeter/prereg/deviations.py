"""What differs from a frozen plan, and which numbers rest on it."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from attrs import evolve, frozen

from dosimeter.model.answering import Gate
from dosimeter.model.comparing import Declared
from dosimeter.model.conversation import Pairs
from dosimeter.model.facts import MEASURING, Component
from dosimeter.plural import plural

EVERY: tuple[Pairs, ...] = ((),)
"""All numbers."""
ITEMS = 3
"""Items that are named; of the others it is said how many."""
LONGEST = 40
GONE = "frozen, not there now"
OF_GATE = "the gate is exploratory"
OF_GATES = {"accept_judge_measured"}
"""Settings of a run that no number rests on."""
Table = Mapping[str, Any]


@frozen(kw_only=True)
class Deviation:
    """Something that is not as it was frozen.

    Attributes:
        what: Path in the plan, what it was and what it is.
        touches: Groups whose numbers rest on it; an empty group is every number.
        says: What follows where no number rests on it.
    """

    what: str
    touches: tuple[Pairs, ...] = ()
    says: str = "no number rests on it alone"

    def concerns(self, group: Mapping[str, str]) -> bool:
        """Tell whether a number of *group* rests on it; *group* has its measure too."""
        return any(all(_same(n, group.get(n, ""), v) for n, v in one) for one in self.touches)

    @property
    def told(self) -> str:
        """Say what differs, and of which numbers."""
        return f"{self.what} ({self._numbers()})"

    def _numbers(self) -> str:
        if not self.touches:
            return self.says
        if () in self.touches:
            return "every number is exploratory"
        where = " or ".join(", ".join(f"{n} {v}" for n, v in one) for one in self.touches)
        return f"exploratory: {where}"


def _same(name: str, held: str, asked: str) -> bool:
    """A rater's name stands for each of the identities that it was used under."""
    return held == asked or (name == "rater" and held.startswith(f"{asked}@"))


def deviations(then: Table, now: Table) -> list[Deviation]:
    """Compare a frozen plan with what a stack would measure now."""
    return list(_deviations(then, now))


def _deviations(then: Table, now: Table) -> Iterator[Deviation]:
    for what, key in _differences("run", then["run"], now["run"]):
        yield Deviation(
            what=what, touches=() if key in OF_GATES else EVERY, says="every gate is exploratory"
        )
    for section, key in (("targets", "target"), ("raters", "rater"), ("measures", "measure")):
        yield from _named(section, then[section], now[section], key)
    yield from _named("categories", _bare(then, now), _bare(now, then), "category")
    yield from _items(then["categories"], now["categories"])
    a, b = then["attacks"], now["attacks"]
    for name in sorted(a.keys() & b.keys()):
        yield from _named(f"attacks.{name}", a[name], b[name], "attack", pair("category", name))
    for one in _named("gates", then["gates"], now["gates"]):
        yield evolve(one, says="nothing is said of it" if GONE in one.what else OF_GATE)
    for one in _named("comparisons", then["comparisons"], now["comparisons"]):
        yield evolve(one, says="the family of comparisons is another")
    yield from _components(then, now)
    if then["dosimeter"] != now["dosimeter"]:
        yield Deviation(what=f"dosimeter: {then['dosimeter']} then, {now['dosimeter']} now")


def described(components: Iterable[Component]) -> dict[str, dict[str, str]]:
    """Give the parts that measure, by kind and id, as a plan has them."""
    return {
        f"{c.kind} {c.id}": {
            "distribution": c.distribution, "version": c.version, "files": c.files_hash,
        }
        for c in components if c.kind in MEASURING
    }  # fmt: skip


def gate_name(gate: Gate) -> str:
    """Name a gate by all but its threshold."""
    where = ", ".join(f"{n} {v}" for n, v in gate.where)
    side = "at most" if gate.at_most is not None else "at least"
    if gate.baseline:
        side = f"{'no worse than' if gate.no_worse else 'as'} {gate.baseline}"
    return f"{gate.measure} {side}" + (f" ({where})" if where else "")


def comparison_name(one: Declared) -> str:
    """Name a declared comparison by all but its margin."""
    where = ", ".join(f"{n} {v}" for n, v in one.where)
    return one.measure + (f" ({where})" if where else "")


def pair(name: str, value: str) -> Pairs:
    """Give a group that one name says."""
    return ((name, value),)


def _bare(design: Table, other: Table) -> Table:
    """Give the categories of a design without their items, nor a limit that left the same."""
    out = {}
    for name, facts in design["categories"].items():
        same = facts["items"] == other["categories"].get(name, {}).get("items")
        hidden = {"items", "limit"} if same else {"items"}
        out[name] = {k: v for k, v in facts.items() if k not in hidden}
    return out


def _named(
    path: str, then: Table, now: Table, key: str = "", more: Pairs = ()
) -> Iterator[Deviation]:
    """Compare entries by name, which numbers have under *key* in their group, beside *more*."""
    for name in sorted(then.keys() | now.keys()):
        touches = ((*pair(key, name), *more),) if key else ()
        if name not in now:
            yield Deviation(what=f"{path}.{name}: {GONE}", says="its questions get no number")
        elif name not in then:
            yield Deviation(what=f"{path}.{name}: not frozen, added since", touches=touches)
        else:
            for what, _ in _differences(f"{path}.{name}", then[name], now[name]):
                yield Deviation(what=what, touches=touches)


def _differences(path: str, then: object, now: object) -> list[tuple[str, str]]:
    """Say which values differ, each with its key; an identity only where nothing else does."""
    a, b = dict(_flat(then)), dict(_flat(now))
    keys = [k for k in sorted(a.keys() | b.keys()) if a.get(k) != b.get(k)]
    named = [k for k in keys if k.rpartition(".")[2] != "id"]
    return [
        (f"{path}{'.' if k else ''}{k}: {_short(a.get(k))} then, {_short(b.get(k))} now", k)
        for k in named or keys
    ]


def _flat(value: object, path: str = "") -> Iterator[tuple[str, object]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _flat(inner, f"{path}.{name}".lstrip("."))
    else:
        yield path, value


def _short(value: object) -> str:
    text = "absent" if value is None else json.dumps(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."


def _items(then: Table, now: Table) -> Iterator[Deviation]:
    """Compare the items of each category, by intent: no number mixes two."""
    for category in sorted(then.keys() & now.keys()):
        a, b = then[category]["items"], now[category]["items"]
        kinds: dict[str, dict[str, list[str]]] = {}
        for name in sorted(a.keys() | b.keys()):
            if a.get(name) == b.get(name):
                continue
            how = "gone" if name not in b else "added" if name not in a else "changed"
            for intent in {_intent(one[name]) for one in (a, b) if name in one}:
                kinds.setdefault(intent, {}).setdefault(how, []).append(name)
        for intent, found in sorted(kinds.items()):
            told = ", ".join(f"{len(names)} {how} ({_some(names)})" for how, names in found.items())
            yield Deviation(
                what=f"categories.{category}.items, {intent}: {told}",
                touches=((*pair("category", category), *pair("intent", intent)),),
            )


def _intent(item: str) -> str:
    return item.partition(" ")[0]


def _some(names: list[str]) -> str:
    more = len(names) - ITEMS
    return ", ".join(names[:ITEMS]) + (f" and {plural(more, 'other')}" if more > 0 else "")


def _components(then: Table, now: Table) -> Iterator[Deviation]:
    """Compare the files of the parts that measure; a version alone measures nothing."""
    a, b = then["components"], now["components"]
    for name in sorted(a.keys() & b.keys()):
        if a[name]["files"] == b[name]["files"]:
            continue
        was, came = (f"{one['distribution']} {one['version']}" for one in (a[name], b[name]))
        kind, _, own = name.partition(" ")
        yield Deviation(
            what=f"{name}: of {was} then, of {came} with other files now",
            touches=tuple(_users(kind, own, now)),
        )


def _users(kind: str, name: str, now: Table) -> Iterator[Pairs]:
    """Give the groups whose numbers a component made, in the roles of attacks and raters too."""
    if kind in {"attack", "category"}:
        yield pair(kind, name)
    if kind == "provider":
        yield from (pair("target", t) for t, e in now["targets"].items() if _asks(e, name))
        for category, attacks in now["attacks"].items():
            for attack, one in attacks.items():
                if any(_asks(e, name) for e in one["roles"].values()):
                    yield (*pair("attack", attack), *pair("category", category))
    for rater, one in now["raters"].items():
        if (kind, name) == ("rater", one["rater"]) or (
            kind == "provider" and any(_asks(e, name) for e in one["roles"].values())
        ):
            yield pair("rater", rater)


def _asks(endpoint: Table, provider: str) -> bool:
    return str(endpoint["model"]).startswith(f"{provider}/")
