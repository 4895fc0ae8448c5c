"""A run as rows: attempts, marks or calls. Texts come from `disclosure` and from nowhere else."""

from collections.abc import Iterable, Iterator

from attrs import frozen

from dosimeter.analysis.state import RunState
from dosimeter.analysis.targets import NAME
from dosimeter.contracts import Excerpt
from dosimeter.disclosure import Disclosed
from dosimeter.ids import UNCLEAR
from dosimeter.journal.design import design
from dosimeter.journal.reader import ATTEMPTS, Reader

Value = str | int | float | bool | tuple[str, ...] | None
PLAIN = ("attempt_id", "target", "category", "family", "item_id", "intent", "attack", "variant",
         "repeat")  # fmt: skip
SHOWN = ("stop", "prompt", "reply", "withheld", "reply_hash", "rationale", "verdict")
LISTS = ("marks", "notes", "factors", "evidence")
OF_RUN = (
    ("run", str),
    ("language_model", bool),
    ("reportable", bool),
    ("hazardous_included", bool),
)
"""What the run is, on every row: rows are copied into other tables."""
HEAD = tuple((name, int if name == "repeat" else str) for name in PLAIN)
OF_ATTEMPT = (*HEAD, ("state", str), ("reason", str), *((name, str) for name in SHOWN),
              *((name, tuple) for name in LISTS))  # fmt: skip
OF_MARK = (*HEAD, ("subject", str), ("subject_id", str), ("rater", str), ("rater_id", str),
           ("rater_kind", str), ("vote", int), ("rating_id", str), ("scale", str), ("number", float),
           ("label", str), ("outcome", str), ("reason", str), ("confidence", float),
           ("superseded", bool), ("batch_id", str), ("pi", float))  # fmt: skip
OF_CALL = (("call_id", str), ("scope_id", str), ("scope_kind", str), ("step", int), ("index", int),
           ("role", str), ("endpoint", str), ("stop", str), ("model", str), ("tokens_in", int),
           ("tokens_out", int), ("tokens_reasoning", int), ("tokens_cached", int))  # fmt: skip
PLANNED = (
    "SELECT lower(hex(a.id)), t.name, i.category, i.family, i.id, i.intent, r.attack, r.variant_key,"
    f" a.repeat, a.state, a.reason, t.language_model FROM {ATTEMPTS} ORDER BY a.k"
)
# CROSS JOIN keeps the order of joining, so that nothing need be sorted, and held for it.
MARKS = """
SELECT lower(hex(a.id)), t.name, i.category, i.family, i.id, i.intent, r.attack, r.variant_key, a.repeat,
  u.kind, lower(hex(u.id)), w.name, lower(hex(w.id)), w.kind, g.vote, lower(hex(g.id)), m.scale, m.num,
  m.label, m.outcome, m.reason, g.confidence, EXISTS(SELECT 1 FROM rating h WHERE h.supersedes = g.id),
  nullif(lower(hex(b.id)), ''), d.pi, t.language_model
FROM attempt a CROSS JOIN item i ON i.k = a.item CROSS JOIN arm r ON r.k = a.arm
  CROSS JOIN endpoint t ON t.k = r.target CROSS JOIN subject u ON u.attempt = a.k
  CROSS JOIN rating g ON g.subject = u.k CROSS JOIN mark m ON m.rating = g.k
  JOIN rater w ON w.k = g.rater LEFT JOIN batch b ON b.k = g.batch
  LEFT JOIN draw d ON d.batch = g.batch AND d.subject = u.k
ORDER BY a.k, u.k, g.k, m.scale
"""
CALLS = """
SELECT lower(hex(c.id)), lower(hex(s.id)), s.kind, c.step, c.idx, c.role, e.name, c.stop, c.model,
  c.tokens_in, c.tokens_out, c.tokens_reasoning, c.tokens_cached, e.language_model
FROM call c JOIN scope s ON s.k = c.scope LEFT JOIN endpoint e ON e.id = c.endpoint ORDER BY c.k
"""


@frozen(kw_only=True)
class Table:
    """Rows of one kind.

    Attributes:
        columns: Names with what they hold.
        rows: Streamed, in the order of the plan.
    """

    columns: tuple[tuple[str, type], ...]
    rows: Iterable[tuple[Value, ...]]


def table(reader: Reader, what: str, evidence: Disclosed) -> Table:
    """Give the rows of a run.

    Args:
        reader: The journal.
        what: ``attempts``, ``marks`` or ``calls``.
        evidence: What may be shown of the journal.
    """
    columns, make = KINDS[what]
    found = design(reader)
    told = found.run.get("name", ""), RunState(reader=reader, found=found).reportable
    shown = evidence.include_hazardous

    def rows() -> Iterator[tuple[Value, ...]]:
        for *row, real in make(reader, evidence):
            yield *row, told[0], None if real is None else bool(real), told[1], shown

    return Table(columns=(*columns, *OF_RUN), rows=rows())


def _attempts(reader: Reader, evidence: Disclosed) -> Iterator[tuple[Value, ...]]:
    """Give each attempt that was planned: a row a submitted reply, and one where there is none."""
    shown = iter(evidence)
    one = next(shown, None)
    for name, *rest, real in reader.rows(PLANNED):
        head = (name, *rest)
        if one is None or one.attempt_id != name:
            yield *head, *(None,) * (len(SHOWN) + len(LISTS)), real
        while one is not None and one.attempt_id == name:
            yield *head, *_shown(one), real
            one = next(shown, None)


def _shown(one: Excerpt) -> Iterator[Value]:
    for name in SHOWN:
        yield getattr(one, name)
    for name in LISTS:
        held = getattr(one, name)
        yield (
            None if held is None else tuple(e if isinstance(e, str) else " ".join(e) for e in held)
        )


def _marks(reader: Reader, _: Disclosed) -> Iterator[tuple[Value, ...]]:
    at = [i for i, (_, kind) in enumerate(OF_MARK) if kind is bool]
    for row in reader.rows(MARKS):
        yield tuple(bool(v) if i in at else v for i, v in enumerate(row))


def _calls(reader: Reader, _: Disclosed) -> Iterator[tuple[Value, ...]]:
    model = [name for name, _ in OF_CALL].index("model")
    for row in reader.rows(CALLS):
        said = row[model]
        named = said if said is None or NAME.fullmatch(said) else UNCLEAR
        yield *row[:model], named, *row[model + 1 :]


KINDS = {
    "attempts": (OF_ATTEMPT, _attempts),
    "marks": (OF_MARK, _marks),
    "calls": (OF_CALL, _calls),
}
"""What a row may be, with its columns."""
