"""What the tries of a run took."""

from dosimeter.journal.reader import Reader


def paid(reader: Reader) -> tuple[int, int, float]:
    """Sum requests, tokens and money of all tries, those whose answer was not used included."""
    requests, tokens, money = reader.rows(
        "SELECT count(*), coalesce(sum(charged), 0), coalesce(sum(money), 0.0) FROM try"
    ).fetchone()
    return requests, tokens, money
