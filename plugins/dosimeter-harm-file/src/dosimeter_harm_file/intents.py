"""Which column says what is harmful, and by which words: what they do not say clearly is asked."""

import json
from collections.abc import Container, Mapping, Sequence

from dosimeter import Intent
from dosimeter_harm_file.cells import MOST_LEVELS, splits, texts_in, values
from dosimeter_harm_file.meant import (
    EXPECTATION,
    NO,
    YES,
    letters,
    of_duty,
    of_harm,
    of_harmful,
    of_name,
)
from dosimeter_harm_file.options import WORDS, Words
from dosimeter_harm_file.table import Table
from dosimeter_harm_file.twins import OTHER
from dosimeter_harm_file.words import folded, form, shown

OF_THEIR_OWN = {folded(w): i for i in (Intent.CONTESTABLE, Intent.CONTROL) for w in WORDS[i]}
USUAL = Words().intents()
ASK_ALL = (
    'intent = "?"  # no column says what is harmful: name it in columns, intent = "...", or put "harmful"'
    ' or "benign" for "?" if every row is that\n'
)


def column_of(table: Table, named: Sequence[str], taken: Sequence[str]) -> str:
    """Give the column of intents; empty if none is known as one.

    Args:
        table: The file.
        named: Columns that are called as such are, the likeliest first.
        taken: Columns that hold something else.
    """
    free = [c for c in table.columns if c not in taken]
    sound = [c for c in named if splits(table, c) or not texts_in(table, c)]
    likely = [c for c in sound if not _strange(table, c)]
    likely += [c for c in free if values(table, c) and _says_intents(table, c)]
    return next(iter([*likely, *sound]), "")


def _strange(table: Table, column: str) -> list[str]:
    return [w for w in values(table, column) if not intent_of(w, column)]


def _says_intents(table: Table, column: str) -> bool:
    """Tell whether a column of whatever name says intents by all of its words."""
    found = values(table, column)
    if all(letters(w) in (*YES, *NO) for w in found):
        return of_name(column) is not None
    duty = bool(EXPECTATION.fullmatch(letters(column)))
    told = [w for w in found if of_harm(w) or (duty and of_duty(w))]
    return bool(told) and all(w in told or folded(w) in OF_THEIR_OWN for w in found)


def intent_of(word: str, column: str) -> Intent | None:
    """Give the intent of a word in a column of intents; none if it is not clear."""
    said = letters(word)
    if said in (*YES, *NO):
        yes = of_name(column) or Intent.HARMFUL
        return yes if said in YES else OTHER[yes]
    return USUAL.get(folded(word)) or of_harm(word) or of_duty(word)


def intent_lines(table: Table, found: Mapping[str, str], usual: Container[str]) -> str:
    """Give the lines of a stack that say what is harmful, with what its reader is asked.

    Args:
        table: The file.
        found: Its columns, by field.
        usual: Forms of what columns of intents are called; what another means is a guess.
    """
    if "intent" in found:
        column = found["intent"]
        known = form(column) in usual or of_name(column) is not None
        return _words(values(table, column)[:MOST_LEVELS], column, known=known)
    if "twin_prompt" in found:
        whose = "the requests beside their twins"
    elif of_harmful(found.get("prompt", "")):
        whose = "every row"
    else:
        return ASK_ALL
    return f'intent = "harmful"                  # of {whose}, by the columns\' names: is that right?\n'


def _words(found: Sequence[str], column: str, *, known: bool) -> str:
    """Say what the words mean where they do not say it by themselves."""
    meant = {word: intent_of(word, column) for word in found}
    guess = _guess(meant, column, known=known)
    if not guess and all(intent and USUAL.get(folded(w)) is intent for w, intent in meant.items()):
        return ""
    lists = {
        i.value: [w for w, intent in meant.items() if intent is i]
        for i in WORDS
        if i in OTHER or i in meant.values()
    }
    told = ", ".join(f"{i} = [{_listed(words)}]" for i, words in lists.items())
    strange = [word for word, intent in meant.items() if intent is None]
    ask = f"  # put each of these into a list: {', '.join(map(shown, strange))}" if strange else ""
    return f"{guess}words = {{ {told} }}{ask}\n"


def _guess(meant: Mapping[str, Intent | None], column: str, *, known: bool) -> str:
    """Ask about words whose intent hangs on what the column is about."""
    told = [
        f"{shown(word)} as {intent.value}"
        for word, intent in meant.items()
        if intent and (not known or _hangs(word, column))
    ]
    what = ", ".join(told)
    return f"# column {shown(column)} is read so: {what}: is that right?\n" if told else ""


def _hangs(word: str, column: str) -> bool:
    """Tell whether a word has an intent only by the column that it stands in."""
    if letters(word) in (*YES, *NO):
        return of_name(column) is None
    return not of_harm(word) and folded(word) not in USUAL


def _listed(words: Sequence[str]) -> str:
    return ", ".join(json.dumps(w, ensure_ascii=False) for w in words)
