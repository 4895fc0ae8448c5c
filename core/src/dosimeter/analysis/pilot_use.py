"""What the attempts of a finished run took: tokens and seconds of each endpoint."""

from collections.abc import Iterator

from dosimeter.journal.reader import Reader
from dosimeter.model.planning import PilotUse

# A call that was answered by the cache has no try; its tokens are what the answer took when it came.
BOTH = "c.tokens_in IS NOT NULL AND c.tokens_out IS NOT NULL"
TOLD = (
    f"count(*), sum(c.cached > 0), avg(CASE WHEN {BOTH} THEN c.tokens_in END),"
    f" avg(CASE WHEN {BOTH} THEN c.tokens_out END), avg(t.seconds)"
)
NAMED = "e.name, lower(hex(e.id)), e.provider || '/' || e.model"
CALLS = (
    "call c JOIN scope s ON s.k = c.scope JOIN endpoint e ON e.id = c.endpoint LEFT JOIN"
    " (SELECT call, avg(seconds) AS seconds FROM try WHERE used = 1 AND status = 'ok' GROUP BY call) t"
    " ON t.call = c.id"
)
OF_ATTEMPTS = f"""
SELECT r.category, r.attack, {NAMED}, count(DISTINCT a.k), {TOLD}
FROM {CALLS} JOIN attempt a ON a.id = s.id JOIN arm r ON r.k = a.arm
WHERE s.kind = 'attempt' AND a.state IN ('done', 'no-candidate') GROUP BY r.category, r.attack, e.id
ORDER BY 1, 2, 3
"""
OF_JUDGES = f"""
SELECT '', '', {NAMED}, 0, {TOLD} FROM {CALLS} WHERE s.kind = 'rating' GROUP BY e.id ORDER BY 3
"""


def uses_of(reader: Reader) -> Iterator[PilotUse]:
    """Give what the attempts of each category and attack took of each endpoint, then judges."""
    for sql in (OF_ATTEMPTS, OF_JUDGES):
        for category, attack, name, key, model, attempts, *took in reader.rows(sql):
            calls, cached, t_in, t_out, seconds = took
            yield PilotUse(
                category=category, attack=attack, endpoint=name, id=key, model=model,
                attempts=attempts, calls=calls, cached=cached, tokens_in=t_in, tokens_out=t_out,
                seconds=seconds,
            )  # fmt: skip
