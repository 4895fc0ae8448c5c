"""What the tries of a run took."""

import sqlite3

from dosimeter.journal.reader import Reader
from dosimeter.model.facts import EndpointUse
from dosimeter.model.work import UNREACHED

UNKNOWN = "unknown"
"""An endpoint of a journal that does not say what it is."""
REFUSED = ("http-503", "http-529", "bad-key", "bad-url", "retry-after-too-long")
NOTHING = (
    "(t.charged = 0 AND (t.failure = 'auth' OR t.status GLOB 'http-[34]*'"
    f" OR t.status IN ({', '.join(map(repr, sorted((*REFUSED, *UNREACHED))))})))"
)
"""Of tries *t*: that they surely took nothing, as no model was reached or the request was refused."""
MONEY = "CASE WHEN count(t.money) < count(*) THEN NULL ELSE coalesce(sum(t.money), 0.0) END"


def paid(reader: Reader) -> tuple[int, int, float]:
    """Sum requests, tokens and money of all tries, those whose answer was not used included."""
    requests, tokens, money = reader.rows(
        "SELECT count(*), coalesce(sum(charged), 0), coalesce(sum(money), 0.0) FROM try"
    ).fetchone()
    return requests, tokens, money


def told(db: sqlite3.Connection) -> tuple[int | None, int | None, float | None]:
    """Sum tokens in and out, as far as providers said them, and money of all tries.

    None where tries may have taken some and no provider said it, or where one has no price.
    """
    row: tuple[int | None, int | None, float | None] = db.execute(
        f"SELECT {_sum('tokens_in')}, {_sum('tokens_out')}, {MONEY} FROM try t"
    ).fetchone()
    return row


def usage(reader: Reader) -> tuple[EndpointUse, ...]:
    """Give what each endpoint took, targets first."""
    return tuple(
        EndpointUse(
            endpoint=name or UNKNOWN, provider=provider or UNKNOWN, model=model or UNKNOWN,
            roles=tuple(roles.split(",")) if roles else (), requests=n, tokens_in=t_in,
            tokens_out=t_out, money=money,
        )
        for name, provider, model, roles, n, t_in, t_out, money in reader.rows(
            "SELECT e.name, e.provider, e.model, (SELECT group_concat(DISTINCT c.role) FROM call c"
            f" WHERE c.endpoint = t.endpoint), count(*), {_whole('tokens_in')}, {_whole('tokens_out')},"
            f" {MONEY} FROM try t LEFT JOIN endpoint e ON e.id = t.endpoint GROUP BY t.endpoint"
            " ORDER BY e.is_target DESC, e.k"
        )
    )  # fmt: skip


def _sum(column: str) -> str:
    return (
        f"CASE WHEN count(t.{column}) = 0 AND {_untold(column)} > 0 THEN NULL"
        f" ELSE coalesce(sum(t.{column}), 0) END"
    )


def _whole(column: str) -> str:
    """Sum *column* if it is known of every try that may have taken something."""
    return f"CASE WHEN {_untold(column)} > 0 THEN NULL ELSE coalesce(sum(t.{column}), 0) END"


def _untold(column: str) -> str:
    return f"coalesce(sum(t.{column} IS NULL AND NOT {NOTHING}), 0)"
