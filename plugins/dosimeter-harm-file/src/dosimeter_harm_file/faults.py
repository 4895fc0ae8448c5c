"""What is wrong with a file, gathered so that all of it is told at once, and each thing once."""

from collections import Counter
from collections.abc import Mapping

from attrs import field, frozen

from dosimeter import Intent, StackError
from dosimeter_harm_file.table import Row
from dosimeter_harm_file.words import LONGEST, plain, shown

MOST_TOLD = 10
MOST_WORDS = 8
"""Unknown words that may be a team's own; more are some other column's."""
WORDS_OF_INTENT = 3


@frozen
class Faults:
    """What is wrong, row by row, and what of a whole column.

    Attributes:
        rows: Number of the row, and why.
        words: Unknown words of the intent's column, with the rows that have them.
        others: Key of the option, and why.
    """

    rows: list[tuple[int, str]] = field(factory=list)
    words: dict[str, list[int]] = field(factory=dict)
    others: list[tuple[str, str]] = field(factory=list)

    def add(self, row: Row, why: str) -> None:
        """Note a fault of a row."""
        self.rows.append((row.number, why))

    def unknown(self, row: Row, word: str) -> None:
        """Note a word of the intent's column that nobody has said the meaning of."""
        self.words.setdefault(word, []).append(row.number)

    def check(self, name: str, columns: Mapping[str, str], known: Mapping[str, Intent]) -> None:
        """Raise what was told.

        Args:
            name: Of the file.
            columns: By field.
            known: Words of intents.

        Raises:
            StackError: With the first faults, and how many more there are.
        """
        told = [("path", _of_rows(name, sorted(self.rows)))] if self.rows else []
        if self.words:
            told.append(_of_words(self.words, columns["intent"], known))
        told += self.others
        if told:
            raise StackError("\n".join(why for _, why in told), tuple(told))


def _of_rows(name: str, faults: list[tuple[int, str]]) -> str:
    """Tell the first ones, each on a line of its own."""
    if len(faults) == 1:
        return f"{name}, row {faults[0][0]}: {faults[0][1]}"
    lines = [f"row {number}: {why}" for number, why in faults[:MOST_TOLD]]
    if len(faults) > MOST_TOLD:
        lines.append(f"and {len(faults) - MOST_TOLD} more")
    return "\n".join([f"{name} has {len(faults)} faults:", *lines])


def _of_words(
    words: Mapping[str, list[int]], column: str, known: Mapping[str, Intent]
) -> tuple[str, str]:
    """Tell unknown words once each; what may be requests is not repeated."""
    long = sum(len(plain(w)) > LONGEST or len(w.split()) > WORDS_OF_INTENT for w in words)
    if len(words) > MOST_WORDS or long:
        why = (
            f"column {shown(column)} holds {len(words)} different texts that are no words for an intent;"
            " name the column that says whether a request is harmful or benign, or say what they mean by"
            ' words = { harmful = ["..."], benign = ["..."] }'
        )
        return "columns.intent", why
    counts = Counter({word: len(rows) for word, rows in words.items()})
    told = ", ".join(f"{shown(w)} ({_where(n, words[w][0])})" for w, n in counts.most_common())
    one = len(words) == 1
    why = (
        f"{'a word' if one else f'{len(words)} words'} of column {shown(column)} {'is' if one else 'are'}"
        f" unknown: {told}; say what {'it means' if one else 'they mean'} by"
        ' words = { harmful = ["..."], benign = ["..."] }'
    )
    usual = f"; known: {', '.join(known)}" if len(known) <= MOST_WORDS else ""
    return "words", why + usual


def _where(n: int, first: int) -> str:
    return f"{n} rows" if n > 1 else f"row {first}"
