"""Typing errors that keep a text readable, the same each time."""


def with_typos(text: str) -> str:
    """Swap two inner letters of every fourth word that is long enough."""
    words = text.split(" ")
    long = [i for i, word in enumerate(words) if len(word) > 4 and word.isalpha()]
    for i in long[1::4] or long[:1]:
        word = words[i]
        words[i] = word[:1] + word[2] + word[1] + word[3:]
    return " ".join(words)
