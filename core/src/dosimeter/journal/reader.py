"""Reading a journal: by its engine, by raters, by reports. Never writes."""

import sqlite3
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path

from dosimeter.errors import Sealed
from dosimeter.journal.codec import HIDDEN, decode_message, decode_text
from dosimeter.journal.opening import connect
from dosimeter.journal.schema import placeholders
from dosimeter.journal.transcripts import Transcript, Turn
from dosimeter.model.conversation import (
    Conversation,
    Reply,
    Speaker,
    Stop,
    TokenScores,
    Usage,
)
from dosimeter.model.design import Intent, Label, Reference
from dosimeter.model.rating import Sees, SubjectKind
from dosimeter.model.work import Answered, Seal
from dosimeter.serialize import from_json
from dosimeter.vault import SEALED, Vault

CHUNK = 400
Messages = dict[int, tuple[int | None, tuple[str, int, str, bytes]]]
"""By key: the parent; and speaker, prefilled, codec and bytes."""
Calls = dict[int, tuple[str, int | None, int | None, str, str | None, int]]
"""By key: id, leaf of what was sent, last message of the reply, stop, model, and `Turn.presupposes`."""
ATTEMPTS = (
    "attempt a JOIN item i ON i.k = a.item JOIN arm r ON r.k = a.arm"
    " JOIN endpoint t ON t.k = r.target"
)
"""Attempts *a* with their items *i*, arms *r* and targets *t*, for a query's FROM."""
CELL = "t.name, i.category, i.intent, r.attack"
"""What a cell of the design is told by, in columns of `ATTEMPTS`."""
INTENTS = {one.value: one for one in Intent}
LABELS = {one.value: one for one in Label}
STOPS = {one.value: one for one in Stop}
"""By value: of a million rows, the calls of enumerations would be a tenth of the cost."""
NOTHING_LOST: frozenset[Sees] = frozenset()
SUBJECTS = {
    SubjectKind.PATH: "(SELECT count(DISTINCT d.call) FROM candidate d WHERE d.attempt = a.k)",
    # Replies that another reply on a candidate's path comes after; of a single call, none.
    SubjectKind.TURN: (
        "(SELECT CASE WHEN (SELECT count(*) FROM call c WHERE c.scope = s.k) < 2 THEN 0 ELSE"
        " (WITH RECURSIVE up(m) AS (SELECT m.parent FROM candidate d JOIN message m ON m.k = d.leaf"
        " WHERE d.attempt = a.k AND m.parent IS NOT NULL UNION SELECT m.parent FROM up"
        " JOIN message m ON m.k = up.m WHERE m.parent IS NOT NULL)"
        " SELECT count(*) FROM up WHERE EXISTS (SELECT 1 FROM call c WHERE c.scope = s.k"
        " AND c.reply = up.m)) END)"
    ),
}
"""How many subjects of a kind the attempt *a* with scope *s* has."""


class Reader:
    """The reading side of a journal.

    Args:
        path: The file.
        seals: Of the sealed panels whose text may be read.

    Raises:
        FileNotFoundError: If there is none at *path*.
        JournalTooNew: If a later version wrote it.
    """

    def __init__(self, path: Path, seals: Iterable[Seal] = ()) -> None:
        self.path = path
        self.db = connect(path, write=False)
        self.vault = Vault(seals)

    def close(self) -> None:
        """Close the file."""
        self.db.close()

    def run(self) -> dict[str, str]:
        """Give the run's own facts."""
        return dict(self.db.execute("SELECT key, value FROM run"))

    def rows(self, sql: str, values: Sequence[object] = ()) -> sqlite3.Cursor:
        """Run a query of the caller's own."""
        return self.db.execute(sql, values)

    # -- conversations ------------------------------------------------------------------------

    def _messages(self, scopes: Sequence[int]) -> Messages:
        found = {}
        for k, parent, *rest in self.db.execute(
            "SELECT m.k, m.parent, m.speaker, m.prefilled, b.codec, b.bytes FROM message m"
            f" JOIN blob b ON b.k = m.body WHERE m.scope IN ({placeholders(len(scopes))})", scopes
        ):  # fmt: skip
            speaker, prefilled, codec, data = rest
            found[k] = (parent, (speaker, prefilled, *self._open(codec, data)))
        return found

    def _open(self, codec: str, data: bytes) -> tuple[str, bytes]:
        """Decrypt what can be; the rest stays ``sealed``."""
        try:
            return self.vault.get(codec, data)
        except Sealed:
            return SEALED, b""

    @staticmethod
    def _path(
        messages: Messages,
        leaf: int | None,
        until: int | None = None,
    ) -> Conversation:
        """Give the messages from the root (or after *until*) to *leaf*."""
        out = []
        while leaf is not None and leaf != until:
            leaf, row = messages[leaf]
            out.append(decode_message(*row))
        return tuple(reversed(out))

    def answered(self, scope_id: str) -> tuple[Answered, ...]:
        """Give the calls of one scope, for replay."""
        row = self.db.execute(
            "SELECT k FROM scope WHERE id = ?", (bytes.fromhex(scope_id),)
        ).fetchone()
        if row is None:
            return ()
        messages = self._messages([row[0]])
        out = []
        for step, idx, rd, leaf, reply, *facts in self.db.execute(
            "SELECT c.step, c.idx, lower(hex(c.request_digest)), c.leaf, c.reply, c.stop, c.model,"
            " c.provider_ref, c.tokens_in, c.tokens_out, c.tokens_reasoning, c.tokens_cached,"
            " b.codec, b.bytes FROM call c LEFT JOIN blob b ON b.k = c.scores WHERE c.scope = ?"
            " ORDER BY c.step, c.idx", (row[0],)
        ):  # fmt: skip
            stop, model, ref, t_in, t_out, t_reason, t_cached, codec, scores = facts
            out.append(
                Answered(
                    step=step,
                    index=idx,
                    request_digest=rd,
                    reply=Reply(
                        messages=self._path(messages, reply, leaf),
                        stop=Stop(stop),
                        model=model,
                        provider_ref=ref,
                        usage=Usage(input=t_in, output=t_out, reasoning=t_reason, cached=t_cached),
                        scores=None
                        if scores is None
                        else from_json(self.vault.get(codec, scores)[1], TokenScores),
                    ),
                )
            )
        return tuple(out)

    # -- attempts -----------------------------------------------------------------------------

    def attempts(self, ks: Sequence[int]) -> list[Transcript]:
        """Give finished attempts with their candidates' paths, in the order of *ks*."""
        found: dict[int, Transcript] = {}
        for start in range(0, len(ks), CHUNK):
            for one in self._transcripts(ks[start : start + CHUNK]):
                found[one.k] = one
        return [found[k] for k in ks if k in found]

    def _transcripts(self, ks: Sequence[int]) -> Iterator[Transcript]:
        n = placeholders(len(ks))
        heads = self.db.execute(
            "SELECT s.k, i.k, a.arm, a.k, lower(hex(a.id)), i.id, i.category, i.family, i.intent,"
            " i.language, t.name, i.label, g.codec, g.bytes, i.reference_schema, f.codec, f.bytes"
            f" FROM {ATTEMPTS} LEFT JOIN blob g ON g.k = i.goal"
            f" LEFT JOIN blob f ON f.k = i.reference JOIN scope s ON s.id = a.id WHERE a.k IN ({n})",
            ks,
        ).fetchall()
        calls = self._calls([h[0] for h in heads])
        messages = self._messages([h[0] for h in heads])
        wants: dict[int, list[int]] = {}
        for attempt, call in self.db.execute(
            f"SELECT attempt, call FROM candidate WHERE attempt IN ({n}) ORDER BY attempt, rank, k",
            ks,
        ):
            wants.setdefault(attempt, []).append(call)
        by_reply = {row[2]: k for k, row in calls.items()}
        of_item = self._factors("item", {h[1] for h in heads})
        of_arm = self._factors("arm", {h[2] for h in heads})
        asked = {arm: tuple(sorted(of_arm.get(arm, ()))) for arm in {h[2] for h in heads}}
        for _, item, arm, k, *facts in heads:
            name, item_id, category, family, intent, language, target, label, *texts = facts
            goal_codec, goal, schema, reference_codec, reference = texts
            yield Transcript(
                k=k,
                attempt_id=name,
                item_id=item_id,
                category=category,
                family=family,
                intent=INTENTS[intent],
                language=language,
                target=target,
                label=LABELS[label],
                goal="" if goal is None else self.words(goal_codec, goal),
                reference=self._reference(schema, reference_codec, reference),
                lost=NOTHING_LOST
                if goal_codec is reference_codec is None
                else self._lost(
                    (Sees.GOAL, goal_codec, goal), (Sees.REFERENCE, reference_codec, reference)
                ),
                factors=tuple(sorted(of_item.get(item, set()).union(asked[arm]))),
                asked=asked[arm],
                paths=tuple(self._turns(calls, by_reply, messages, c) for c in wants.get(k, ())),
            )

    def words(self, codec: str, data: bytes) -> str:
        """Give a text; empty where it is deleted, or sealed with no secret here."""
        codec, data = self._open(codec, data)
        return "" if codec in HIDDEN else decode_text(codec, data)

    def said(self, codec: str, data: bytes) -> str:
        """Give the words of a message; empty where it is deleted, or sealed with no secret here."""
        return decode_message(Speaker.USER, 0, *self._open(codec, data)).text

    def _reference(self, schema: str, codec: str | None, data: bytes) -> Reference | None:
        if codec is None:
            return None
        codec, data = self._open(codec, data)
        return None if codec in HIDDEN else Reference(schema=schema, value=data)

    def _lost(self, *texts: tuple[Sees, str | None, bytes]) -> frozenset[Sees]:
        """Give those of an item's texts that it has and that cannot be read here."""
        return frozenset(
            what for what, codec, data in texts
            if codec is not None and self._open(codec, data)[0] in HIDDEN
        )  # fmt: skip

    def _factors(self, of: str, ks: Collection[int]) -> dict[int, set[tuple[str, str]]]:
        """Give the factors of items, or of arms, by key."""
        found: dict[int, set[tuple[str, str]]] = {}
        for k, name, value in self.db.execute(
            f"SELECT {of}, name, value FROM {of}_factor WHERE {of} IN ({placeholders(len(ks))})",
            tuple(ks),
        ):
            found.setdefault(k, set()).add((name, value))
        return found

    def _calls(self, scopes: Sequence[int]) -> Calls:
        n = placeholders(len(scopes))
        return {
            k: (cid, leaf, reply, stop, model, pre)
            for k, cid, leaf, reply, stop, model, pre in self.db.execute(
                "SELECT c.k, lower(hex(c.id)), c.leaf, c.reply, c.stop, c.model,"
                " EXISTS(SELECT 1 FROM note o WHERE o.scope = c.scope AND o.message = c.leaf"
                f" AND o.kind = 'presupposes-answer') FROM call c WHERE c.scope IN ({n})",
                scopes,
            )
        }

    def _turns(
        self,
        calls: Calls,
        by_reply: dict[int | None, int],
        messages: Messages,
        call: int,
    ) -> tuple[Turn, ...]:
        """Walk back from the candidate's call over the calls whose replies are on its path."""
        turns, at = [], call
        while True:
            cid, leaf, reply, stop, model, pre = calls[at]
            turns.append(
                Turn(call=at, call_id=cid, leaf=reply or 0, stop=STOPS[stop], model=model,
                     sent=self._path(messages, leaf), reply=self._path(messages, reply, leaf),
                     presupposes=bool(pre))
            )  # fmt: skip
            up, found = leaf, None
            while up is not None and found is None:
                up = messages[up][0]
                found = by_reply.get(up) if up is not None else None
            if found is None:
                return tuple(reversed(turns))
            at = found

    def unrated(
        self, rater_id: str, votes: int, kinds: Sequence[SubjectKind] = (SubjectKind.PATH,)
    ) -> Iterator[int]:
        """Give the finished attempts with a subject that *rater_id* has not rated *votes* times.

        In plan order. Subjects are the paths of an attempt, their earlier turns, or both.
        """
        wanted = [SUBJECTS[kind] for kind in kinds if kind in SUBJECTS]
        if not wanted:
            return
        for (k,) in self.db.execute(
            "SELECT a.k FROM attempt a JOIN scope s ON s.id = a.id WHERE a.state = 'done' AND"
            " (SELECT count(*) FROM subject u WHERE u.attempt = a.k"
            f" AND u.kind IN ({placeholders(len(kinds))}) AND ? <= (SELECT count(*) FROM rating g"
            " WHERE g.subject = u.k AND g.rater = (SELECT k FROM rater WHERE id = ?)))"
            f" < {' + '.join(wanted)} ORDER BY a.k",
            (*(kind.value for kind in kinds), votes, bytes.fromhex(rater_id)),
        ):
            yield k


def chunks(ks: Iterable[int], size: int) -> Iterator[list[int]]:
    """Cut *ks* into lists of at most *size*: `itertools.batched`, which Python 3.11 lacks."""
    chunk: list[int] = []
    for k in ks:
        chunk.append(k)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
