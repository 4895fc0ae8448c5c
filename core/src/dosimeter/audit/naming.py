"""Which systems and groups a claim's words mean."""

import shlex
from collections.abc import Sequence

from dosimeter.audit.columns import shown
from dosimeter.audit.told import named as cut
from dosimeter.errors import AuditError
from dosimeter.nearest import nearest

MOST = 8
"""Names that a message lists."""
At = tuple[str | None, str | None]
"""A system and a group; None where the words name none."""


def meant(words: str, systems: Sequence[str], groups: Sequence[str]) -> At:
    """Find what words name: each is a name, or a part that one name alone has.

    Args:
        words: Of a claim.
        systems: Names of systems.
        groups: Of groups.

    Raises:
        AuditError: For a word that names nothing: a typing error, or a claim about something else.
        ValueError: For one that names several.
    """
    whole = _exact(words, systems, groups)
    if whole is not None:
        return whole
    system: str | None = None
    group: str | None = None
    for word in _words(words, systems, groups):
        kind, name = _one(word, systems, groups)
        if kind == "system":
            system = _once(system, name)
        else:
            group = _once(group, name)
    return system, group


def _words(words: str, systems: Sequence[str], groups: Sequence[str]) -> list[str]:
    """Give the words, those of a quotation that is no name one by one."""
    found = []
    for word in shlex.split(words):
        named = any(word.lower() in n.lower() for n in (*systems, *groups))
        found += [word] if named else word.split()
    return found


def _exact(words: str, systems: Sequence[str], groups: Sequence[str]) -> At | None:
    bare = words.strip()
    if bare in systems and bare not in groups:
        return bare, None
    return (None, bare) if bare in groups and bare not in systems and bare else None


def _once(before: str | None, name: str) -> str:
    if before not in {None, name}:
        msg = f"{shown(before or '')} and {shown(name)} are named, and it can be about one"
        raise ValueError(msg)
    return name


def _one(word: str, systems: Sequence[str], groups: Sequence[str]) -> tuple[str, str]:
    named = [("system", n) for n in systems] + [("group", n) for n in groups if n]
    for like in (lambda n: n == word, lambda n: n.lower() == word.lower(),
                 lambda n: word.lower() in n.lower()):  # fmt: skip
        found = [(kind, n) for kind, n in named if like(n)]
        if len(found) == 1:
            return found[0]
        if found:
            told = ", ".join(shown(n) for _, n in found)
            msg = f"{shown(word)} may be any of {told}; write more of its name"
            raise ValueError(msg)
    known = [cut(n) for _, n in named]
    there = [f"systems {_some(systems)}", *([f"groups {_some(groups)}"] if any(groups) else [])]
    near = nearest(word, known)
    means = f"{near} There" if near.startswith("did") else "there"
    msg = f"{shown(word)} is neither a system nor a group; {means} are {' and '.join(there)}"
    raise AuditError(msg)


def _some(names: Sequence[str]) -> str:
    """Give the first of some names, and how many more there are."""
    listed = [cut(n) for n in names if n]
    more = f" and {len(listed) - MOST} more" if len(listed) > MOST else ""
    return ", ".join(listed[:MOST]) + more


def completed(found: Sequence[At]) -> tuple[At, ...]:
    """Give each what one of them alone names, such as the group of ``GCG vicuna > llama``."""
    common = [{at[place] for at in found} - {None} for place in (0, 1)]
    only = [next(iter(some)) if len(some) == 1 else None for some in common]
    return tuple((system or only[0], group or only[1]) for system, group in found)
