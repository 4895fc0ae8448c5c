"""Families of prompts that two runs share, where the runs group them otherwise."""

from collections.abc import Mapping

from attrs import evolve

from dosimeter.analysis.pairs import Key, Planned

Plan = Mapping[Key, Planned]


def grouped_alike(a: Plan, b: Plan) -> tuple[Plan, Plan]:
    """Give the prompts of two designs in families that hold for both.

    What either groups together stays together, so that it does not matter which comes first.
    """
    shared = sorted(a.keys() & b.keys())
    if all(a[k].family == b[k].family for k in shared):
        return a, b
    parent: dict[tuple[int, str], tuple[int, str]] = {}

    def root(one: tuple[int, str]) -> tuple[int, str]:
        while (above := parent.setdefault(one, one)) != one:
            one = above
        return one

    for k in shared:
        parent[root((1, b[k].family))] = root((0, a[k].family))
    names: dict[tuple[int, str], str] = {}
    for k in shared:
        names.setdefault(root((0, a[k].family)), f"with {'/'.join(k[::2])}")
    ours, theirs = dict(a), dict(b)
    for k in shared:
        family = names[root((0, a[k].family))]
        ours[k], theirs[k] = evolve(a[k], family=family), evolve(b[k], family=family)
    return ours, theirs
