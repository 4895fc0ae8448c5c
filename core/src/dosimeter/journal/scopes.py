"""Uniting one conversation of two journals: its tree of messages, calls, notes and candidates."""

import sqlite3

from attrs import define, field, frozen

from dosimeter.journal.schema import placeholders

CALL = (
    "id, step, idx, ask, role, endpoint, request_digest, stop, model, provider_ref, tokens_in,"
    " tokens_out, tokens_reasoning, tokens_cached, epoch, cached"
)
COMPARED = ("step", "index", "ask", "role", "endpoint", "request", "stop", "model")
"""What two records of one call must agree in, besides the words of the reply."""
At = tuple[int | None, str, int, bytes]


@frozen(kw_only=True)
class ScopeMerged:
    """What became of one conversation.

    Attributes:
        calls: Ids of calls taken over.
        conflicts: Kind, id and what differs.
        left_out: Whether nothing was taken over because a call conflicts.
    """

    calls: tuple[str, ...] = ()
    conflicts: tuple[tuple[str, str, str], ...] = ()
    left_out: bool = False


@define
class _Tree:
    """The messages of one scope in one journal.

    Attributes:
        rows: Parent, speaker, prefilled, digest and body, by key.
    """

    rows: dict[int, tuple[int | None, str, int, bytes, int]] = field(factory=dict)

    def chain(self, leaf: int | None, until: int | None = None) -> list[int]:
        """Give the messages from the root, or after *until*, to *leaf*."""
        out = []
        while leaf is not None and leaf != until:
            out.append(leaf)
            leaf = self.rows[leaf][0]
        return out[::-1]


@frozen(kw_only=True)
class _Call:
    """A call with its ends in the tree."""

    k: int
    leaf: int | None
    reply: int | None
    scores: int | None
    facts: tuple[str | int | bytes | None, ...]


def _tree(db: sqlite3.Connection, scope: int) -> _Tree:
    rows = db.execute(
        "SELECT m.k, m.parent, m.speaker, m.prefilled, b.digest, m.body FROM message m"
        " JOIN blob b ON b.k = m.body WHERE m.scope = ?", (scope,)
    )  # fmt: skip
    return _Tree({k: tuple(rest) for k, *rest in rows})


def _calls(db: sqlite3.Connection, scope: int) -> dict[bytes, _Call]:
    rows = db.execute(
        f"SELECT k, leaf, reply, scores, {CALL} FROM call WHERE scope = ? ORDER BY k", (scope,)
    )
    return {
        facts[0]: _Call(k=k, leaf=leaf, reply=reply, scores=scores, facts=tuple(facts))
        for k, leaf, reply, scores, *facts in rows
    }


def merge_scope(
    out: sqlite3.Connection,
    source: sqlite3.Connection,
    *,
    ours: int,
    theirs: int,
    fresh: bool,
    blobs: dict[int, int],
) -> ScopeMerged:
    """Take over what scope *theirs* of *source* has and scope *ours* of *out* lacks.

    Args:
        out: The merged journal.
        source: The journal that is merged into it.
        ours: Key of the scope in *out*.
        theirs: Key of the scope in *source*.
        fresh: Whether *out* had no such scope before.
        blobs: Keys of texts in *out* by their keys in *source*.
    """
    left, right = _tree(out, ours), _tree(source, theirs)
    here, there = _calls(out, ours), _calls(source, theirs)
    conflicts = _conflicts(left, here, right, there)
    if conflicts:
        return ScopeMerged(conflicts=conflicts, left_out=True)
    keys: dict[int, int] = {}
    for raw, call in there.items():
        if raw in here:
            pair = (left.chain(here[raw].reply), right.chain(call.reply))
            keys |= dict(zip(pair[1], pair[0], strict=True))
    new = [raw for raw in there if raw not in here]
    for raw in new:
        _take_call(out, ours, there[raw], left, right, keys, blobs)
    _take_notes(out, source, ours, theirs, fresh, keys, blobs)
    fault = _take_candidates(out, source, ours, theirs, keys)
    return ScopeMerged(calls=tuple(raw.hex() for raw in new), conflicts=fault)


def _conflicts(
    left: _Tree, here: dict[bytes, _Call], right: _Tree, there: dict[bytes, _Call]
) -> tuple[tuple[str, str, str], ...]:
    """Compare the calls that both have; what only follows from an earlier conflict is none."""
    found, spoiled = [], set[int]()
    for raw, call in there.items():
        if raw not in here or not spoiled.isdisjoint(right.chain(call.leaf)):
            continue
        what = _differ(left, here[raw], right, call)
        if what:
            found.append(("call", raw.hex(), what))
            spoiled |= set(right.chain(call.reply, call.leaf))
    return tuple(found)


def _differ(left: _Tree, a: _Call, right: _Tree, b: _Call) -> str:
    facts = zip(COMPARED, a.facts[1:6] + a.facts[6:9], b.facts[1:6] + b.facts[6:9], strict=True)
    what = [name for name, x, y in facts if x != y]
    for name, x, y in (
        ("prompt", left.chain(a.leaf), right.chain(b.leaf)),
        ("reply", left.chain(a.reply, a.leaf), right.chain(b.reply, b.leaf)),
    ):
        if [left.rows[k][1:4] for k in x] != [right.rows[k][1:4] for k in y]:
            what.append(name)
    return ", ".join(what)


def _take_call(
    out: sqlite3.Connection,
    scope: int,
    call: _Call,
    left: _Tree,
    right: _Tree,
    keys: dict[int, int],
    blobs: dict[int, int],
) -> None:
    """Write one call; what was sent is found in the tree again, what was answered is new."""
    heads: dict[At, int] = {}
    for k, row in sorted(left.rows.items()):
        heads.setdefault(row[:4], k)
    sent = right.chain(call.leaf)
    for k in sent + right.chain(call.reply, call.leaf):
        if k in keys:
            continue
        parent, speaker, prefilled, digest, body = right.rows[k]
        at = (None if parent is None else keys[parent], speaker, prefilled, digest)
        if k in sent and at in heads:
            keys[k] = heads[at]
            continue
        row = (*at, blobs[body])
        (keys[k],) = out.execute(
            "INSERT INTO message(scope, parent, speaker, prefilled, body) VALUES (?, ?, ?, ?, ?)"
            " RETURNING k", (scope, *at[:3], blobs[body])
        ).fetchone()  # fmt: skip
        left.rows[keys[k]] = row
        heads.setdefault(at, keys[k])
    ends = (keys.get(call.leaf or 0), keys.get(call.reply or 0), blobs.get(call.scores or 0))
    values = placeholders(len(call.facts) + 4)
    out.execute(
        f"INSERT INTO call(scope, leaf, reply, scores, {CALL}) VALUES ({values})",
        (scope, *ends, *call.facts),
    )


def _take_notes(
    out: sqlite3.Connection,
    source: sqlite3.Connection,
    ours: int,
    theirs: int,
    fresh: bool,
    keys: dict[int, int],
    blobs: dict[int, int],
) -> None:
    sql = "SELECT message, kind, by, body FROM note WHERE scope = ? ORDER BY rowid"
    there = set() if fresh else set(out.execute(sql, (ours,)))
    for message, kind, by, body in source.execute(sql, (theirs,)):
        row = (keys.get(message or 0), kind, by, blobs.get(body or 0))
        if row not in there:
            out.execute("INSERT INTO note VALUES (?, ?, ?, ?, ?)", (ours, *row))


def _take_candidates(
    out: sqlite3.Connection,
    source: sqlite3.Connection,
    ours: int,
    theirs: int,
    keys: dict[int, int],
) -> tuple[tuple[str, str, str], ...]:
    """Take over candidates, unless both attempts ended, and with different ones."""
    sql = (
        "SELECT lower(hex(a.id)), c.id, d.leaf, d.stage, d.rank FROM candidate d"
        " JOIN attempt a ON a.k = d.attempt JOIN scope s ON s.id = a.id JOIN call c ON c.k = d.call"
        " WHERE s.k = ? ORDER BY d.rank, d.k"
    )
    held = out.execute(sql, (ours,)).fetchall()
    found = source.execute(sql, (theirs,)).fetchall()
    if held:
        same = [(r[1], *r[3:]) for r in held] == [(r[1], *r[3:]) for r in found]
        return () if same or not found else (("attempt", held[0][0], "candidates"),)
    for attempt, call, leaf, stage, rank in found:
        out.execute(
            "INSERT INTO candidate(attempt, leaf, call, stage, rank) VALUES ("
            "(SELECT k FROM attempt WHERE id = ?), ?, (SELECT k FROM call WHERE id = ?), ?, ?)",
            (bytes.fromhex(attempt), keys.get(leaf, 0), call, stage, rank),
        )
    return ()
