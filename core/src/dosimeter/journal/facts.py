"""What is said of the run that shards of it become."""

import json
from collections.abc import Iterable, Mapping

OWN = {"created", "seconds", "name"}
"""Facts that tell shards apart and are no conflict."""
UNITED = OWN | {"raters", "votes", "limited", "skipped"}
Facts = Mapping[str, str]


def unlike(ours: Facts, theirs: Facts) -> list[str]:
    """Name the facts of two runs that differ, and that nothing can be made of but a choice."""
    same_stack = _nameless(ours.get("stack")) == _nameless(theirs.get("stack"))
    spared = UNITED | ({"stack", "stack_hash"} if same_stack else set())
    keys = (ours.keys() | theirs.keys()) - spared
    return sorted(key for key in keys if ours.get(key) != theirs.get(key))


def measured(body: str) -> str:
    """Give an endpoint's record without what may change on resume, as its id does not hold it."""
    raw = json.loads(body)
    raw.pop("operational", None)
    return json.dumps(raw, sort_keys=True)


def united(ours: Facts, theirs: Facts) -> dict[str, str]:
    """Give the facts that both together make; of what neither says, nothing."""
    both, out = (ours, theirs), {}
    if dates := [x["created"] for x in both if "created" in x]:
        out["created"] = min(dates)
    if times := [float(x["seconds"]) for x in both if "seconds" in x]:
        out["seconds"] = f"{sum(times):.3f}"
    if votes := [json.loads(x["votes"]) for x in both if "votes" in x]:
        asked = sorted({name for v in votes for name in v})
        out["votes"] = json.dumps({name: max(v.get(name, 1) for v in votes) for name in asked})
    if all("raters" in x for x in both):
        named = {name for x in both for name in json.loads(x["raters"])}
        out["raters"] = json.dumps(sorted(named))
    if limits := [x["limited"] for x in both if "limited" in x]:
        out["limited"] = max(limits)  # "yes" or empty: what is a part in one is no whole in both
    if skips := [json.loads(x["skipped"]) for x in both if "skipped" in x]:
        out["skipped"] = json.dumps(_most(row for found in skips for row in found))
    return out


def _most(rows: Iterable[tuple[str, str, str, int]]) -> list[tuple[str, str, str, int]]:
    """Unite counts of one plan: those that several shards made are of the same requests."""
    found: dict[tuple[str, str, str], int] = {}
    for category, attack, intent, n in rows:
        key = (category, attack, intent)
        found[key] = max(n, found.get(key, 0))
    return [(*key, n) for key, n in sorted(found.items())]


def _nameless(stack: str | None) -> str:
    """Give a stack's text without the run's name, which tells shards apart."""
    raw = json.loads(stack or "{}")
    raw.pop("name", None)
    return json.dumps(raw, sort_keys=True)
