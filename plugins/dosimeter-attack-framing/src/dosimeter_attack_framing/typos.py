"""Typing errors that keep a text readable, the same each time."""


def with_typos(text: str, keep: str = "") -> str:
    """Swap two inner letters of every fourth word that is long enough.

    Args:
        text: The request.
        keep: A word that stays as it is: the trigger word of a 2x2 must still be read as one.

    >>> with_typos("Please explain gentle sanding slowly")
    'Please epxlain gentle sanding slowly'
    """
    words = text.split(" ")
    long = [
        i
        for i, word in enumerate(words)
        if _swapped(word) != word and not (keep and keep in word.lower())
    ]
    for i in long[1::4] or long[:1]:
        words[i] = _swapped(words[i])
    return " ".join(words)


def _swapped(word: str) -> str:
    """Swap the first two neighbouring letters inside *word* that differ, if it is long and of letters."""
    letters = word.rstrip("?.,;:!")
    if len(letters) < 5 or not letters.isalpha():
        return word
    for i in range(1, len(letters) - 2):
        if letters[i] != letters[i + 1]:
            return word[:i] + word[i + 1] + word[i] + word[i + 2 :]
    return word
