"""Rows out of records. Synchronous; used by one thread at a time.

Written for speed where it is called once an attempt: plain tuples, looked-up keys held in
`_Scope` objects for as long as the attempt is open.
"""

from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path

from attrs import define, field

from dosimeter.ids import digest_bytes
from dosimeter.journal.clear import ask_name, in_clear, own_name, own_reason, vocabulary
from dosimeter.journal.codec import PURGED, encode_message, encode_text
from dosimeter.journal.events import Event
from dosimeter.journal.opening import connect
from dosimeter.journal.owner import check_open
from dosimeter.journal.schema import placeholders
from dosimeter.model.conversation import Message, Request
from dosimeter.model.design import Item
from dosimeter.model.doing import NOTES, Note
from dosimeter.model.facts import Component
from dosimeter.model.rating import Rating, Subject
from dosimeter.model.work import OPEN, CallDone, Cost, Seal, Try, WorkDone
from dosimeter.serialize import to_json
from dosimeter.vault import Vault

BLOB_CACHE = 2048


@define
class _Scope:
    """Keys of one open scope, so that a chat of many turns looks nothing up twice."""

    k: int
    owner: Seal
    heads: dict[tuple[int | None, str, bool, str], int] = field(factory=dict)
    """(parent message, speaker, prefilled, blob digest) -> message."""
    replies: dict[str, tuple[int, int]] = field(factory=dict)
    """call id -> (call, message of its reply)."""


def stimulus_of(item: Item) -> Request:
    """Give what an item puts before a model, as one record."""
    return Request(conversation=item.opening, tools=item.tools)


def blob_name(codec: str, data: bytes, owner: Seal) -> str:
    """Give the digest by which a text is stored once."""
    return digest_bytes("blob", codec.encode() + b":" + data, key=owner.key)


class Store:
    """The writing side of a journal."""

    def __init__(self, path: Path) -> None:
        self.path, self.db = path, connect(path, write=True)
        self._checked = False
        self._vault = Vault()
        self._blobs: OrderedDict[str, int] = OrderedDict()
        self._scopes: dict[str, _Scope] = {}
        self._next: dict[str, int] = {}
        self._raters: dict[str, int] = {}
        self._subjects: OrderedDict[str, int] = OrderedDict()
        self._vocabulary: frozenset[str] | None = None

    def close(self) -> None:
        """Close the file. Folds the write-ahead log in if nobody else reads."""
        self.db.close()

    def begin(self) -> None:
        """Start a transaction; keys are counted anew if another process wrote since the last.

        People vote while an engine runs, so the highest key may no longer be ours.
        """
        self.db.execute("BEGIN IMMEDIATE")
        self._next.clear()

    def forget(self) -> None:
        """Drop all cached keys, after a transaction that was undone."""
        self._blobs.clear()
        self._scopes.clear()
        self._next.clear()
        self._raters.clear()
        self._subjects.clear()
        self._vocabulary = None

    # -- keys ---------------------------------------------------------------------------------

    def _key(self, table: str) -> int:
        if table not in self._next:
            row = self.db.execute(f"SELECT coalesce(max(k), 0) FROM {table}").fetchone()
            self._next[table] = int(row[0]) + 1
        k = self._next[table]
        self._next[table] = k + 1
        return k

    def blob(self, codec: str, data: bytes, owner: Seal = OPEN) -> tuple[int, str]:
        """Store bytes of *owner* once; give key and digest.

        Raises:
            JournalError: If the run is sealed: text would stand in it that is not.
        """
        if not self._checked:
            check_open(self.db, self.path)
            self._checked = True
        name = blob_name(codec, data, owner)
        k = self._blobs.get(name)
        if k is not None:
            self._blobs.move_to_end(name)
            return k, name
        raw, stored = bytes.fromhex(name), self._vault.put(codec, data, owner=owner)
        k = self._key("blob")
        # Most texts are new, so they are not looked for first.
        done = self.db.execute(
            "INSERT INTO blob VALUES (?, ?, ?, ?) ON CONFLICT(digest) DO NOTHING", (k, raw, *stored)
        )
        if not done.rowcount:
            found = self.db.execute("SELECT k, codec FROM blob WHERE digest = ?", (raw,)).fetchone()
            k = int(found[0])
            if found[1] == PURGED:
                # The same words were deleted once and now came again: they are here again.
                self.db.execute("UPDATE blob SET codec = ?, bytes = ? WHERE k = ?", (*stored, k))
        self._blobs[name] = k
        if len(self._blobs) > BLOB_CACHE:
            self._blobs.popitem(last=False)
        return k, name

    def _note(self, scope: _Scope, message: int | None, note: Note, owner: Seal) -> None:
        if owner.key and self._vocabulary is None:
            self._vocabulary = vocabulary(self.db)
        known = self._vocabulary or NOTES
        kind, by = (in_clear(given, owner, known=given in known) for given in (note.kind, note.by))
        self.db.execute(
            "INSERT INTO note VALUES (?, ?, ?, ?, ?)",
            (scope.k, message, kind, by, self._text(note.text, owner)),
        )

    def _text(self, text: str, owner: Seal) -> int | None:
        return self.blob(*encode_text(text), owner)[0] if text else None

    def _scope(self, scope_id: str, kind: str, owner: Seal) -> _Scope:
        held = self._scopes.get(scope_id)
        if held is not None:
            return held
        raw = bytes.fromhex(scope_id)
        held = _Scope(self._key("scope"), owner)
        done = self.db.execute(
            "INSERT INTO scope VALUES (?, ?, ?) ON CONFLICT(id) DO NOTHING", (held.k, raw, kind)
        )
        if not done.rowcount:
            found = self.db.execute("SELECT k FROM scope WHERE id = ?", (raw,)).fetchone()
            held = _Scope(int(found[0]), owner)
            self._reload(held)
        self._scopes[scope_id] = held
        return held

    def _reload(self, scope: _Scope) -> None:
        for k, parent, speaker, prefilled, name in self.db.execute(
            "SELECT m.k, m.parent, m.speaker, m.prefilled, lower(hex(b.digest)) FROM message m"
            " JOIN blob b ON b.k = m.body WHERE m.scope = ?", (scope.k,)
        ):  # fmt: skip
            scope.heads.setdefault((parent, speaker, bool(prefilled), name), k)
        for call, k, reply in self.db.execute(
            "SELECT lower(hex(id)), k, reply FROM call WHERE scope = ?", (scope.k,)
        ):
            scope.replies[call] = (k, reply)

    # -- records ------------------------------------------------------------------------------

    def _message(self, scope: _Scope, parent: int | None, message: Message, *, fresh: bool) -> int:
        body, name = self.blob(*encode_message(message), scope.owner)
        at = (parent, message.speaker.value, message.prefilled, name)
        k = scope.heads.get(at)
        if k is None or fresh:
            k = self._key("message")
            self.db.execute(
                "INSERT INTO message VALUES (?, ?, ?, ?, ?, ?)",
                (k, scope.k, parent, message.speaker.value, message.prefilled, body),
            )
            scope.heads.setdefault(at, k)
        return k

    def _leaf(self, scope: _Scope, done: CallDone) -> int | None:
        """Find or make the chain of messages that was sent.

        Which call a plugin says it goes on from only tells two equal replies apart. If what was
        sent does not begin with that call's conversation, it is stored from its root.
        """
        parent: int | None = None
        rest: Sequence[Message] = done.conversation
        if done.parent in scope.replies:
            said = scope.replies[done.parent][1] or None
            chain = self._chain(said)
            if chain == [self._sent(m, scope.owner) for m in rest[: len(chain)]]:
                parent, rest = said, rest[len(chain) :]
        for message in rest:
            parent = self._message(scope, parent, message, fresh=False)
        return parent

    @staticmethod
    def _sent(message: Message, owner: Seal) -> tuple[str, bool, str]:
        name = blob_name(*encode_message(message), owner)
        return message.speaker.value, message.prefilled, name

    def _chain(self, message: int | None) -> list[tuple[str, bool, str]]:
        """Give speaker, prefilled and blob digest of each message from the root to *message*."""
        rows = self.db.execute(
            "WITH RECURSIVE up(k, n) AS (VALUES (?, 0) UNION ALL"
            " SELECT m.parent, n + 1 FROM up JOIN message m ON m.k = up.k)"
            " SELECT m.speaker, m.prefilled, lower(hex(b.digest)) FROM up JOIN message m"
            " ON m.k = up.k JOIN blob b ON b.k = m.body ORDER BY up.n DESC",
            (message,),
        )
        return [(speaker, bool(prefilled), name) for speaker, prefilled, name in rows]

    def call(self, done: CallDone, kind: str, owner: Seal = OPEN, drawn: int = 0) -> bool:
        """Write a call with its messages, text of *owner*; False if it is there already.

        An answer of an earlier run has the time at which it was *drawn*, others 0.
        """
        scope = self._scope(done.scope_id, kind, owner)
        if done.id in scope.replies:
            return False
        leaf = self._leaf(scope, done)
        reply = leaf
        for message in done.reply.messages:
            reply = self._message(scope, reply, message, fresh=True)
        k, r, u = self._key("call"), done.reply, done.reply.usage
        scores = None if r.scores is None else self.blob("json", to_json(r.scores), owner)[0]
        self.db.execute(
            f"INSERT INTO call VALUES ({placeholders(21)})",
            (k, bytes.fromhex(done.id), scope.k, done.step, done.index, ask_name(done.ask_id, owner),
             done.role.value, bytes.fromhex(done.endpoint), leaf,
             bytes.fromhex(done.request_digest), reply, r.stop.value, own_name(r.model, owner),
             own_name(r.provider_ref, owner),
             u.input, u.output, u.reasoning, u.cached, scores, done.epoch, drawn),
        )  # fmt: skip
        scope.replies[done.id] = (k, reply if reply is not None else 0)
        for note in done.notes:
            self._note(scope, leaf, note, owner)
        return True

    def tried(self, t: Try, cost: Cost, *, used: bool = True) -> None:
        """Write a try with what it was charged, which is an estimate where nobody said."""
        self.db.execute(
            f"INSERT INTO try VALUES ({placeholders(14)})",
            (bytes.fromhex(t.call_id), t.epoch, t.n, bytes.fromhex(t.scope_id),
             bytes.fromhex(t.endpoint), t.started, t.seconds, t.status, t.failure,
             t.tokens_in, t.tokens_out, used, cost.tokens, cost.money),
        )  # fmt: skip

    def late(self, outcome: Try, cost: Cost) -> None:
        """Write a try that came after its lease had gone to another: paid for, and not used."""
        self.db.execute(
            "DELETE FROM try WHERE call = ? AND epoch = ? AND n = ? AND status = 'lost'",
            (bytes.fromhex(outcome.call_id), outcome.epoch, outcome.n),
        )
        self.tried(outcome, cost, used=False)

    def unused(self, scope_id: str = "") -> None:
        """Mark tries whose answers never arrived here: of *scope_id*, or of all."""
        of, values = ("scope = ? AND", (bytes.fromhex(scope_id),)) if scope_id else ("", ())
        self.db.execute(
            f"UPDATE try SET used = 0 WHERE {of} failure = '' AND used"
            " AND NOT EXISTS (SELECT 1 FROM call c WHERE c.id = try.call)", values
        )  # fmt: skip

    def open_attempt(self, attempt_id: str, epoch: int) -> None:
        """Note that an attempt was handed out."""
        self.db.execute(
            "UPDATE attempt SET epoch = ?, state = 'open', reason = '' WHERE id = ?",
            (epoch, bytes.fromhex(attempt_id)),
        )

    def work(self, done: WorkDone, owner: Seal = OPEN) -> None:
        """Write the end of an attempt."""
        raw = bytes.fromhex(done.attempt_id)
        scope = self._scope(done.attempt_id, "attempt", owner)
        (attempt,) = self.db.execute(
            "UPDATE attempt SET state = ?, reason = ? WHERE id = ? RETURNING k",
            (done.state.value, done.reason, raw),
        ).fetchone()
        for c in done.candidates:
            call, leaf = scope.replies[c.leaf]
            self.db.execute(
                "INSERT OR IGNORE INTO candidate VALUES (?, ?, ?, ?, ?, ?)",
                (self._key("candidate"), attempt, leaf, call, c.stage.value, c.rank),
            )
        for note in done.notes:
            self._note(scope, None, note, owner)
        self._scopes.pop(done.attempt_id, None)

    def rating(
        self,
        subject: Subject,
        attempt: int,
        leaf: int,
        call: int,
        rating: Rating,
        owner: Seal = OPEN,
    ) -> None:
        """Write a rating and, once, its subject. A rating that is there already is left alone."""
        self._opinion(self.subject(subject, attempt, leaf, call), rating, owner)

    def subject(self, subject: Subject, attempt: int, leaf: int, call: int) -> int:
        """Write a subject, once; give its key."""
        s = self._subjects.get(subject.id)
        if s is not None:
            return s
        raw, s = bytes.fromhex(subject.id), self._key("subject")
        done = self.db.execute(
            "INSERT INTO subject VALUES (?, ?, ?, ?, '', ?, ?, ?, '') ON CONFLICT(id) DO NOTHING",
            (s, raw, subject.kind.value, attempt, leaf, call, subject.aspect.value),
        )
        if not done.rowcount:
            found = self.db.execute("SELECT k FROM subject WHERE id = ?", (raw,)).fetchone()
            s = int(found[0])
        self._subjects[subject.id] = s  # the next rater's come soon
        if len(self._subjects) > BLOB_CACHE:
            self._subjects.popitem(last=False)
        return s

    def _opinion(self, subject: int, rating: Rating, owner: Seal) -> None:
        opinion, k = rating.opinion, self._key("rating")
        batch = None
        if rating.batch_id is not None:
            row = self.db.execute(
                "SELECT k FROM batch WHERE id = ?", (bytes.fromhex(rating.batch_id),)
            ).fetchone()
            batch = int(row[0])
        done = self.db.execute(
            "INSERT OR IGNORE INTO rating VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (k, bytes.fromhex(rating.id), subject, self._rater(rating.rater_id), rating.vote,
             batch, bytes.fromhex(rating.supersedes) if rating.supersedes else None,
             self._text(opinion.rationale, owner), opinion.confidence),
        )  # fmt: skip
        if not done.rowcount:
            return
        self.db.executemany(
            "INSERT INTO mark VALUES (?, ?, ?, ?, ?, ?)",
            [(k, m.scale,
              None if isinstance(m.value, str) or m.value is None else float(m.value),
              m.value if isinstance(m.value, str) else None, m.outcome.value,
              own_reason(m.reason, owner))
             for m in opinion.marks],
        )  # fmt: skip
        self.db.executemany(
            "INSERT INTO evidence VALUES (?, ?, ?, ?)",
            [(k, span.part, span.start, span.end) for span in opinion.evidence],
        )
        self._scopes.pop(rating.id, None)

    def _rater(self, rater_id: str) -> int:
        if rater_id not in self._raters:
            row = self.db.execute(
                "SELECT k FROM rater WHERE id = ?", (bytes.fromhex(rater_id),)
            ).fetchone()
            self._raters[rater_id] = int(row[0])
        return self._raters[rater_id]

    def supplier(self, kind: str, name: str) -> Component | None:
        """Give which distribution supplied a part; None if the journal does not say."""
        row = self.db.execute(
            "SELECT * FROM component WHERE kind = ? AND id = ?", (kind, name)
        ).fetchone()
        if row is None:
            return None
        return Component(
            kind=row[0], id=row[1], distribution=row[2], version=row[3], files_hash=row[4]
        )

    def forget_component(self, kind: str, name: str) -> None:
        """Make room for another supplier of a part."""
        self.db.execute("DELETE FROM component WHERE kind = ? AND id = ?", (kind, name))

    def component(self, one: Component) -> None:
        """Note which distribution supplied a part, once."""
        self.db.execute(
            "INSERT OR IGNORE INTO component VALUES (?, ?, ?, ?, ?)",
            (one.kind, one.id, one.distribution, one.version, one.files_hash),
        )

    def item(self, item: Item, stimulus: str, owner: Seal = OPEN) -> int:
        """Write an item with factors and links, once, its text *owner*'s; give its key."""
        found = self.db.execute(
            "SELECT k FROM item WHERE category = ? AND id = ?", (item.category, item.id)
        ).fetchone()
        if found:
            return int(found[0])
        k, ref = self._key("item"), item.reference
        self.db.execute(
            f"INSERT INTO item VALUES ({placeholders(13)})",
            (k, item.id, item.category, item.family, item.intent.value, item.language,
             item.label.value, bytes.fromhex(stimulus),
             self.blob("json", to_json(stimulus_of(item)), owner)[0],
             self._text(item.goal, owner),
             None if ref is None else self.blob("bytes", ref.value, owner)[0],
             None if ref is None else ref.schema, to_json(item.provenance).decode()),
        )  # fmt: skip
        self.db.executemany(
            "INSERT INTO item_factor VALUES (?, ?, ?)", [(k, *pair) for pair in item.factors]
        )
        self.db.executemany(
            "INSERT OR IGNORE INTO item_link VALUES (?, ?, ?)",
            [(k, link.kind, link.item_id) for link in item.links],
        )
        return k

    def event(self, at: float, kind: Event, endpoint: str | None, code: str) -> None:
        """Write something that happened, without text."""
        raw = bytes.fromhex(endpoint) if endpoint else None
        self.db.execute("INSERT INTO event VALUES (?, ?, ?, ?)", (at, kind, raw, code))
