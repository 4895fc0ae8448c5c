"""The people's door to text: excerpts of attempts, with what may be shown of each.

A reply is shown or not as `withholding` decides. Evidence goes with the reply; so does the rationale.

What a search asks may quote what it was answered before. Its prompt is therefore shown only if
nothing was answered before it in its attempt, or each of those answers may be shown itself. A
script's lines were there before any answer, so they quote none: those of an attack that its journal
declares to be no search are shown. A rationale is held to the search's rule whatever the attack, as
its rater may have read the whole conversation.

A guardrail's verdict is no reply that could be acted on: it is shown, its label as the code that it should
be (a single word; any other is ``unclear``, as it may quote), unless it is sealed or deleted.

What a reader asked to see in spite of it (``--include-hazardous``) is recorded in the report.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from attrs import field, frozen

from dosimeter.contracts import Excerpt
from dosimeter.ids import UNCLEAR, digest_bytes, word
from dosimeter.journal.codec import PURGED
from dosimeter.journal.reader import Reader, chunks
from dosimeter.journal.schema import placeholders
from dosimeter.journal.transcripts import Transcript, Turn
from dosimeter.model.conversation import Verdict
from dosimeter.model.design import Intent, Label
from dosimeter.model.doing import NOTES
from dosimeter.model.rating import Scale, SubjectKind
from dosimeter.withholding import SEALED_PANEL, Awaited, MarkRow, Unseen, why_withheld

BATCH = 200
Said = tuple[MarkRow, str, tuple[tuple[int, int], ...]]
"""A mark with the rationale and the evidence spans of its rating."""


@frozen(kw_only=True)
class Disclosed:
    """The run's attempts as excerpts: the `Evidence` that sinks are handed.

    Attributes:
        scripted: Ids of the attacks that only say what was written before the run.
        notes: Kinds of notes that are words of a declared vocabulary; another might quote.
        expected: The marks of hazard that replies are to have.
        include_hazardous: Show what would be withheld. Sealed text stays withheld.
    """

    _reader: Reader = field(alias="reader")
    _scales: dict[str, Scale] = field(alias="scales")
    _scripted: frozenset[str] = field(default=frozenset(), alias="scripted")
    _notes: frozenset[str] = field(default=NOTES, alias="notes")
    _expected: tuple[Awaited, ...] = field(default=(), alias="expected")
    include_hazardous: bool = False

    def __iter__(self) -> Iterator[Excerpt]:
        """Give every finished attempt, in the order of the plan."""
        for batch in chunks(self._finished(), BATCH):
            arms = self._arms(batch)
            marks, before = self._marks(batch), self._before(batch)
            for one in self._reader.attempts(batch):
                for path in one.paths:
                    turn = path[-1]
                    yield self._excerpt(
                        one, turn, arms[one.k], marks.get(turn.call, []),
                        quotable=self._quotable(one, path, before[turn.call], marks),
                    )  # fmt: skip

    def unseen(self) -> Unseen:
        """Count the replies that are not shown; decides as excerpts do, without making them."""
        found = Unseen()
        for batch in chunks(self._finished(), BATCH):
            marks = self._marks(batch)
            for one in self._reader.attempts(batch):
                for path in one.paths:
                    turn = path[-1]
                    found = found.and_one(self._why(one, turn, marks.get(turn.call, [])))
        return found

    def _finished(self) -> Iterator[int]:
        for (k,) in self._reader.rows("SELECT k FROM attempt WHERE state = 'done' ORDER BY k"):
            yield k

    def _why(self, one: Transcript, turn: Turn, marks: Sequence[Said]) -> str:
        """Say why a reply is not shown; empty if it is."""
        if turn.reply_hidden == PURGED:
            return PURGED
        if one.label is not Label.PUBLIC:
            return SEALED_PANEL
        if turn.reply_hidden or self.include_hazardous or not turn.text.strip():
            return turn.reply_hidden
        expected = self._awaited[SubjectKind.PATH]
        return why_withheld(one.intent, [m for m, _, _ in marks], self._scales, expected)

    @cached_property
    def _awaited(self) -> dict[str, tuple[Awaited, ...]]:
        """Give the expected marks by the kind of subject."""
        return {k: tuple(a for a in self._expected if a.by[1] == k) for k in SubjectKind}

    def _quotable(
        self,
        one: Transcript,
        path: Sequence[Turn],
        before: Sequence[int],
        marks: Mapping[int, Sequence[Said]],
    ) -> bool:
        """Say whether every answer that could be quoted may be shown.

        Args:
            one: The attempt.
            path: Of the candidate.
            before: Calls that were answered before. What is off the path is no candidate's and must
                be rated, whatever the intent.
            marks: By call.
        """
        if one.label is not Label.PUBLIC:
            return False
        if self.include_hazardous or not before:
            return True
        here, ends = {t.call for t in path}, {p[-1].call for p in one.paths}
        inner = {t.call for p in one.paths for t in p[:-1]}
        paths, turns = self._awaited[SubjectKind.PATH], self._awaited[SubjectKind.TURN]
        return not any(
            why_withheld(
                one.intent if call in here else Intent.HARMFUL,
                [m for m, _, _ in marks.get(call, ())], self._scales,
                (paths if call in ends else ()) + (turns if call in inner else ()),
            )
            for call in before
        )  # fmt: skip

    def _prompt(self, one: Transcript, turn: Turn, attack: str, *, quotable: bool) -> str | None:
        """Give what was asked last; None if it may quote, is sealed, or was deleted."""
        authored = attack in self._scripted and one.label is Label.PUBLIC
        return turn.sent[-1].text if (quotable or authored) and not turn.asked_hidden else None

    def _before(self, ks: Sequence[int]) -> defaultdict[int, list[int]]:
        """Give for each candidate's call those that were answered before it was asked.

        All of the attempt's, of every role: a search may quote what is not on the path.
        """
        out: defaultdict[int, list[int]] = defaultdict(list)
        for call, earlier in self._reader.rows(
            "SELECT DISTINCT c.k, e.k FROM candidate d JOIN call c ON c.k = d.call JOIN call e"
            " ON e.scope = c.scope AND e.step < c.step AND e.reply IS NOT e.leaf"
            f" WHERE d.attempt IN ({placeholders(len(ks))})", ks
        ):  # fmt: skip
            out[call].append(earlier)
        return out

    def _arms(self, ks: Sequence[int]) -> dict[int, tuple[str, str, int, str]]:
        found = self._reader.rows(
            "SELECT a.k, r.attack, r.variant_key, a.repeat, group_concat(DISTINCT n.kind)"
            " FROM attempt a JOIN arm r ON r.k = a.arm JOIN item i ON i.k = a.item"
            " LEFT JOIN scope s ON s.id = a.id LEFT JOIN note n ON n.scope = s.k"
            f" AND n.kind != 'presupposes-answer' WHERE a.k IN ({placeholders(len(ks))})"
            " GROUP BY a.k", ks,
        )  # fmt: skip
        return {k: (attack, key, repeat, notes or "") for k, attack, key, repeat, notes in found}

    def _marks(self, ks: Sequence[int]) -> dict[int, list[Said]]:
        """Give marks by call, each with rationale and evidence spans of its rating."""
        spans: dict[int, list[tuple[int, int]]] = {}
        n = placeholders(len(ks))
        for rating, start, stop in self._reader.rows(
            "SELECT e.rating, e.start, e.stop FROM evidence e JOIN rating g ON g.k = e.rating"
            f" JOIN subject u ON u.k = g.subject WHERE e.part = 0 AND u.attempt IN ({n})", ks
        ):  # fmt: skip
            spans.setdefault(rating, []).append((start, stop))
        out: dict[int, list[Said]] = {}
        for call, k, rater, *by, scale, num, label, outcome, codec, data in self._reader.rows(
            "SELECT u.call, g.k, w.name, w.k, u.kind, m.scale, m.num, m.label, m.outcome, b.codec,"
            " b.bytes"
            " FROM subject u JOIN rating g ON g.subject = u.k JOIN mark m ON m.rating = g.k"
            " JOIN rater w ON w.k = g.rater LEFT JOIN blob b ON b.k = g.rationale"
            f" WHERE u.attempt IN ({n}) ORDER BY w.name, m.scale, g.vote", ks
        ):  # fmt: skip
            row = MarkRow(
                rater=rater,
                scale=scale,
                value=num if label is None else label,
                outcome=outcome,
                by=(by[0], by[1]),
            )
            said = "" if data is None else self._reader.words(codec, data)
            out.setdefault(call, []).append((row, said, tuple(spans.get(k, ()))))
        return out

    def _excerpt(
        self,
        one: Transcript,
        turn: Turn,
        arm: tuple[str, str, int, str],
        marks: Sequence[Said],
        *,
        quotable: bool,
    ) -> Excerpt:
        attack, key, repeat, notes = arm
        text = turn.text
        sealed = one.label is not Label.PUBLIC
        why = self._why(one, turn, marks)
        return Excerpt(
            attempt_id=one.attempt_id,
            target=one.target,
            item_id=one.item_id,
            category=one.category,
            family=one.family,
            intent=one.intent,
            attack=attack,
            variant=key,
            repeat=repeat,
            stop=turn.stop.value,
            prompt=self._prompt(one, turn, attack, quotable=quotable),
            reply=None if why else text,
            withheld=why,
            reply_hash="" if sealed or turn.reply_hidden else _hash(text),
            marks=tuple((m.rater, m.scale, _shown(m)) for m, _, _ in marks),
            notes=tuple(
                sorted({n if n in self._notes else UNCLEAR for n in notes.split(",") if n})
            ),
            factors=one.factors,
            rationale=None if why or not quotable else "\n".join(s for _, s, _ in marks if s),
            evidence=None if why else _quotes(text, marks),
            verdict="" if why or turn.verdict is None else verdict_words(turn.verdict),
        )


def _quotes(text: str, marks: Sequence[Said]) -> tuple[str, ...]:
    """Give what raters point at, each once; journals may hold spans that nobody had checked."""
    return tuple(dict.fromkeys(
        text[start:end].strip()
        for _, _, spans in marks for start, end in spans
        if type(start) is type(end) is int and 0 <= start <= end <= len(text)
    ))  # fmt: skip


def _hash(text: str) -> str:
    """Name an open reply that is there; a sealed one could be guessed from its name if it is short."""
    return digest_bytes("reply", text.encode("utf-8", "surrogatepass"))


def verdict_words(verdict: Verdict) -> str:
    """Put a verdict into words; a label is a code, and one that is no single word is not shown."""
    said = {True: "blocked", False: "passed", None: "undecided"}[verdict.blocked]
    label = f", label {word(verdict.label)}" if verdict.label not in {"", said} else ""
    return f"{said}{label}" + ("" if verdict.score is None else f", score {verdict.score:g}")


def _shown(mark: MarkRow) -> str:
    if mark.value is None:
        return mark.outcome
    return f"{mark.value:g}" if isinstance(mark.value, float) else mark.value
