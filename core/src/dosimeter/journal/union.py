"""One journal on its way into another of the same design: what each table takes over."""

import sqlite3
from collections.abc import Sequence

from attrs import define, field

from dosimeter.journal.codec import PURGED
from dosimeter.journal.conflicts import Conflict
from dosimeter.journal.facts import measured, united, unlike
from dosimeter.journal.schema import placeholders
from dosimeter.journal.scopes import merge_scope
from dosimeter.model.rating import PERSON
from dosimeter.vault import SEALED

STATES = ("not-needed", "open", "budget", "failed", "no-candidate", "done")
"""From the weakest; of two states of an attempt the later one here stands."""
ITEM = """
SELECT i.category || '/' || i.id, i.family, i.intent, i.language, i.label, hex(i.stimulus),
  i.provenance, (SELECT hex(digest) FROM blob WHERE k = i.goal),
  (SELECT hex(digest) FROM blob WHERE k = i.reference),
  (SELECT group_concat(name || '=' || value) FROM item_factor WHERE item = i.k),
  (SELECT group_concat(kind || '=' || other) FROM item_link WHERE item = i.k)
FROM item i
"""
RATING = """
SELECT lower(hex(g.id)), g.k, lower(hex(u.id)), lower(hex(w.id)), g.vote, lower(hex(b.id)),
  lower(hex(g.supersedes)), (SELECT hex(digest) FROM blob WHERE k = g.rationale), g.confidence,
  (SELECT group_concat(scale || ' ' || coalesce(num, '') || ' ' || coalesce(label, '') || ' ' ||
    outcome || ' ' || reason) FROM mark WHERE rating = g.k),
  (SELECT group_concat(part || ' ' || start || ' ' || stop) FROM evidence WHERE rating = g.k),
  g.rationale, w.kind, lower(hex(a.id)), g.supersedes
FROM rating g JOIN subject u ON u.k = g.subject JOIN rater w ON w.k = g.rater
  LEFT JOIN batch b ON b.k = g.batch LEFT JOIN attempt a ON a.k = u.attempt
"""
Values = tuple[str | int | float | bytes | None, ...]


@define
class Union:
    """One journal on its way into another.

    Attributes:
        origin: Ids that a later journal than the first brought, with its name.
        left_out: Scopes of *source* whose conversation conflicts, by id.
    """

    out: sqlite3.Connection
    source: sqlite3.Connection
    first: str
    name: str
    origin: dict[str, str]
    conflicts: list[Conflict]
    blobs: dict[int, int] = field(factory=dict)
    left_out: set[str] = field(factory=set)

    def run(self) -> None:
        """Take over everything, what is referred to first."""
        self._facts()
        self._items()
        self._texts()
        self._named("component", ("kind", "id"))
        self._named("spec", ("kind", "id"))
        self._named("endpoint", ("id",))
        raters = self._named("rater", ("id",))
        batches = self._named("batch", ("id",))
        self._scopes()
        self._states()
        subjects = self._subjects()
        self._ratings(subjects, raters, batches)
        self._draws(subjects, batches)
        # Every try was paid for, so each stays, those of conflicting calls too.
        self._new_rows("try", 6)
        self._new_rows("event", 4)

    def conflict(self, kind: str, name: str, what: str) -> None:
        """List a conflict."""
        journals = (self.origin.get(name, self.first), self.name)
        self.conflicts.append(Conflict(kind=kind, id=name, journals=journals, what=what))

    # -- facts of the run ---------------------------------------------------------------------

    def _facts(self) -> None:
        ours, theirs = (
            dict(db.execute("SELECT key, value FROM run")) for db in (self.out, self.source)
        )
        for key in unlike(ours, theirs):
            self.conflict("run", key, "value")
        # Of which raters it lacks marks a union knows only if all of its shards do.
        self.out.execute("DELETE FROM run WHERE key = 'raters'")
        self.out.executemany(
            "INSERT OR REPLACE INTO run VALUES (?, ?)", united(ours, theirs).items()
        )

    def _items(self) -> None:
        ours = {row[0]: row for row in self.out.execute(ITEM)}
        for row in self.source.execute(ITEM):
            if ours.get(row[0]) != row:
                self.conflict("item", row[0], "factors, links, reference or provenance")

    def _texts(self) -> None:
        for k, digest, codec, data in self.source.execute(
            "SELECT k, digest, codec, bytes FROM blob"
        ):
            row = self.out.execute(
                "SELECT k, codec FROM blob WHERE digest = ?", (digest,)
            ).fetchone()
            if row is None:
                row = self.out.execute(
                    "INSERT INTO blob(digest, codec, bytes) VALUES (?, ?, ?) RETURNING k, codec",
                    (digest, codec, data),
                ).fetchone()
            elif codec != row[1]:
                self._other_codec(row[0], digest.hex(), row[1], codec, data)
            self.blobs[k] = row[0]

    def _other_codec(self, k: int, digest: str, ours: str, theirs: str, data: bytes) -> None:
        """A text that was deleted in one journal is deleted; a sealed one stays sealed."""
        if PURGED not in {ours, theirs}:
            self.conflict("text", digest, f"{ours} in one journal, {theirs} in the other")
        if theirs == PURGED or (ours != PURGED and theirs == SEALED):
            self.out.execute("UPDATE blob SET codec = ?, bytes = ? WHERE k = ?", (theirs, data, k))

    def _named(self, table: str, key: tuple[str, ...]) -> dict[int, int]:
        """Unite a table whose rows have a name and refer to nothing; give keys by keys."""
        cols = [r[1] for r in self.out.execute(f"PRAGMA table_info({table})") if r[1] != "k"]
        rest = [c for c in cols if c not in key]
        where = " AND ".join(f"{c} = ?" for c in key)
        names = ", ".join(cols)
        has_k = table in {"endpoint", "rater", "batch"}
        keys: dict[int, int] = {}
        for row in self.source.execute(f"SELECT {'k' if has_k else '0'}, {names} FROM {table}"):
            held = dict(zip(cols, row[1:], strict=True))
            at = [held[c] for c in key]
            name = "/".join(v.hex() if isinstance(v, bytes) else str(v) for v in at)
            ours = self.out.execute(
                f"SELECT {', '.join(rest)} FROM {table} WHERE {where}", at
            ).fetchone()
            if ours is None:
                values = placeholders(len(cols))
                self.out.execute(f"INSERT INTO {table}({names}) VALUES ({values})", row[1:])
                self.origin[name] = self.name
            elif differ := [
                c for c, v in zip(rest, ours, strict=True) if not _alike(table, c, held[c], v)
            ]:
                self.conflict(table, name, ", ".join(differ))
            if has_k:
                (keys[row[0]],) = self.out.execute(
                    f"SELECT k FROM {table} WHERE {where}", at
                ).fetchone()
        return keys

    # -- what was done ------------------------------------------------------------------------

    def _scopes(self) -> None:
        for k, raw, kind in self.source.execute("SELECT k, id, kind FROM scope ORDER BY k"):
            row = self.out.execute("SELECT k FROM scope WHERE id = ?", (raw,)).fetchone()
            fresh = row is None
            if row is None:
                row = self.out.execute(
                    "INSERT INTO scope(id, kind) VALUES (?, ?) RETURNING k", (raw, kind)
                ).fetchone()
            found = merge_scope(
                self.out, self.source, ours=row[0], theirs=k, fresh=fresh, blobs=self.blobs
            )
            for call in found.calls:
                self.origin[call] = self.name
            for kind_, name, what in found.conflicts:
                self.conflict(kind_, name, what)
            if found.left_out:
                self.left_out.add(raw.hex())

    def _states(self) -> None:
        for raw, state, reason, epoch in self.source.execute(
            "SELECT id, state, reason, epoch FROM attempt"
        ):
            (ours,) = self.out.execute("SELECT state FROM attempt WHERE id = ?", (raw,)).fetchone()
            if STATES.index(state) > STATES.index(ours) and raw.hex() not in self.left_out:
                self.out.execute(
                    "UPDATE attempt SET state = ?, reason = ? WHERE id = ?", (state, reason, raw)
                )
            self.out.execute("UPDATE attempt SET epoch = max(epoch, ?) WHERE id = ?", (epoch, raw))

    def _subjects(self) -> dict[str, int]:
        for raw, kind, attempt, owner, call, aspect, stage in self.source.execute(
            "SELECT u.id, u.kind, a.id, u.owner, c.id, u.aspect, u.stage FROM subject u"
            " LEFT JOIN attempt a ON a.k = u.attempt LEFT JOIN call c ON c.k = u.call ORDER BY u.k"
        ):
            if attempt is not None and attempt.hex() in self.left_out:
                continue
            self.out.execute(
                "INSERT OR IGNORE INTO subject(id, kind, attempt, owner, leaf, call, aspect, stage)"
                " VALUES (?, ?, (SELECT k FROM attempt WHERE id = ?), ?,"
                " (SELECT coalesce(reply, 0) FROM call WHERE id = ?),"
                " (SELECT k FROM call WHERE id = ?), ?, ?)",
                (raw, kind, attempt, owner, call, call, aspect, stage),
            )
        return dict(self.out.execute("SELECT lower(hex(id)), k FROM subject"))

    # -- what was said of it ------------------------------------------------------------------

    def _ratings(
        self, subjects: dict[str, int], raters: dict[int, int], batches: dict[int, int]
    ) -> None:
        keys = dict(self.source.execute("SELECT k, rater FROM rating"))
        drawn = dict(self.source.execute("SELECT k, batch FROM rating"))
        for row in self.source.execute(f"{RATING} ORDER BY g.k"):
            name, k, kind, attempt = row[0], row[1], row[12], row[13]
            if attempt in self.left_out or name in self.left_out:
                if kind == PERSON:
                    self.conflict("rating", name, "rates a reply that is not the one that stands")
                continue
            ours = self.out.execute(f"{RATING} WHERE g.id = ?", (bytes.fromhex(name),)).fetchone()
            if ours is not None:
                if ours[2:11] != row[2:11]:
                    self.conflict("rating", name, _differ(ours[2:11], row[2:11]))
                continue
            self.origin[name] = self.name
            (new,) = self.out.execute(
                "INSERT INTO rating(id, subject, rater, vote, batch, supersedes, rationale,"
                " confidence) VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING k",
                (bytes.fromhex(name), subjects[row[2]], raters[keys[k]], row[4],
                 batches.get(drawn[k]), row[14], self.blobs.get(row[11]), row[8]),
            ).fetchone()  # fmt: skip
            for table in ("mark", "evidence"):
                said = self.source.execute(f"SELECT * FROM {table} WHERE rating = ?", (k,))
                self._insert(table, [(new, *row[1:]) for row in said])

    def _draws(self, subjects: dict[str, int], batches: dict[int, int]) -> None:
        for batch, batch_id, subject, pi, order, served in self.source.execute(
            "SELECT d.batch, lower(hex(b.id)), lower(hex(u.id)), d.pi, d.ord, d.served_at"
            " FROM draw d JOIN batch b ON b.k = d.batch JOIN subject u ON u.k = d.subject"
        ):
            if subject not in subjects:
                self.conflict("draw", f"{batch_id}/{subject}", "its reply was left out")
                continue
            at = (batches[batch], subjects[subject])
            ours = self.out.execute(
                "SELECT pi, ord FROM draw WHERE batch = ? AND subject = ?", at
            ).fetchone()
            if ours is None:
                self.out.execute(
                    "INSERT INTO draw VALUES (?, ?, ?, ?, ?)", (*at, pi, order, served)
                )
            elif ours != (pi, order):
                self.conflict("draw", f"{batch_id}/{subject}", "pi or order")
            elif served is not None:
                self.out.execute(
                    "UPDATE draw SET served_at = min(coalesce(served_at, ?), ?)"
                    " WHERE batch = ? AND subject = ?", (served, served, *at)
                )  # fmt: skip

    def _new_rows(self, table: str, first: int) -> None:
        """Take over rows that differ from all of ours in their *first* columns."""
        every = f"SELECT * FROM {table}"
        there = {row[:first] for row in self.out.execute(every)}
        self._insert(table, [r for r in self.source.execute(every) if r[:first] not in there])

    def _insert(self, table: str, rows: Sequence[Values]) -> None:
        if rows:
            values = placeholders(len(rows[0]))
            self.out.executemany(f"INSERT INTO {table} VALUES ({values})", rows)


def _alike(table: str, column: str, ours: object, theirs: object) -> bool:
    """Compare one value of two rows; of an endpoint's record only what is measured."""
    if (table, column) == ("endpoint", "body"):
        return measured(str(ours)) == measured(str(theirs))
    return ours == theirs


def _differ(ours: Values, theirs: Values) -> str:
    names = ("subject", "rater", "vote", "batch", "supersedes", "rationale", "confidence", "marks",
             "evidence")  # fmt: skip
    return ", ".join(n for n, a, b in zip(names, ours, theirs, strict=True) if a != b)
