"""What the tries of a run took."""

import sqlite3

from dosimeter.journal.reader import Reader


def paid(reader: Reader) -> tuple[int, int, float]:
    """Sum requests, tokens and money of all tries, those whose answer was not used included."""
    requests, tokens, money = reader.rows(
        "SELECT count(*), coalesce(sum(charged), 0), coalesce(sum(money), 0.0) FROM try"
    ).fetchone()
    return requests, tokens, money


def told(db: sqlite3.Connection) -> tuple[int, int, float]:
    """Sum tokens in and out, as far as providers said them, and money of all tries."""
    row: tuple[int, int, float] = db.execute(
        "SELECT coalesce(sum(tokens_in), 0), coalesce(sum(tokens_out), 0), coalesce(sum(money), 0.0)"
        " FROM try"
    ).fetchone()
    return row
