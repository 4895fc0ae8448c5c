"""How much of a text is copied: runs and subsequences shared with a source, and tests against chance."""

import math
import re
from collections.abc import Callable, Hashable, Sequence
from functools import lru_cache

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from dosimeter.stats.checks import Ints, counts

RUN = 50
"""Tokens in a row that count as copied."""
MARK = "\uffff"
"""Stands where text of the prompt was: a sign that no text has."""

Tokenise = Callable[[str], list[str]]
Windows = tuple[Ints, Ints]
"""Names of the windows of one length, of the source and of the generation: equal for equal ones."""


def words(text: str) -> list[str]:
    """Split at white space and change nothing.

    Args:
        text: Of the source, or of the generation.

    Returns:
        The words as text, in their order.

    References:
        Our own convention.

    Examples:
        Case is kept, so that only what is the same to the letter counts:

        >>> words("It was the best")
        ['It', 'was', 'the', 'best']
    """
    return text.split()


def rouge_words(text: str) -> list[str]:
    """Give lower-case runs of a-z and 0-9, as the package rouge-score does without stemming.

    Args:
        text: Of the source, or of the generation.

    Returns:
        The words as text, in their order.

    References:
        C.-Y. Lin (2004), ACL workshop Text Summarization, 74.

    Examples:
        The apostrophe parts a word, and case is lost:

        >>> rouge_words("It's the best!")
        ['it', 's', 'the', 'best']
    """
    return re.findall(r"[a-z0-9]+", text.lower())


@frozen(kw_only=True)
class Run:
    """The longest run that two sequences share.

    Attributes:
        length: 0 if they share nothing.
        at_source: Where it begins in the source, first of equals; 0 if there is none.
        at_generation: Where in the generation, first of those that the source has at *at_source*.
    """

    length: int
    at_source: int
    at_generation: int

    def __str__(self) -> str:
        return f"{self.length} in a row, at {self.at_source} of the source, {self.at_generation} of the copy"


def longest_run(source: Sequence[Hashable], generation: Sequence[Hashable]) -> Run:
    """Longest common substring, in O(n log n) of sorting: of tokens, or of characters.

    Windows of doubling length are named by the names of their halves (no hashing, so no collision),
    until none is shared; a binary search finds the length between.

    Args:
        source: What may have been copied.
        generation: What may be a copy.

    Returns:
        Length in tokens or characters, and the places where it starts (`Run`).

    References:
        R. M. Karp, R. E. Miller, A. L. Rosenberg (1972), STOC, 125.

    Examples:
        Fifteen characters in a row are the work's, from its start and behind eight of the reply:

        >>> longest_run("call me ishmael some years ago", "he said call me ishmael, some")
        Run(length=15, at_source=0, at_generation=8)
    """
    names = _letters(source, generation)
    if not _shared(names).any():
        return Run(length=0, at_source=0, at_generation=0)
    width = 1
    while _shared(longer := _join(names, width)).any():
        names, width = longer, 2 * width
    low, high = 0, width  # windows of width + low are shared, of width + high are not
    while high - low > 1:
        middle = (low + high) // 2
        if _shared(_join(names, middle)).any():
            low = middle
        else:
            high = middle
    of_source, of_generation = found = _join(names, low)
    first = int(np.isin(of_source, of_generation[_shared(found)]).argmax())
    at = int((of_generation == of_source[first]).argmax())
    return Run(length=width + low, at_source=first, at_generation=at)


def longest_subsequence(source: Sequence[Hashable], generation: Sequence[Hashable]) -> int:
    """Length of the longest common subsequence, by whole rows of bits at once.

    Args:
        source: The one sequence.
        generation: The other.

    Returns:
        A number of tokens, at least 0.

    References:
        H. Hyyro (2004), AWOCA, 16.

    Examples:
        Two words come in the same order, whatever stands between:

        >>> longest_subsequence("best of times".split(), "worst of all times".split())
        2
    """
    ours, theirs = names = _letters(source, generation)
    whole = row = (1 << len(source)) - 1

    @lru_cache(maxsize=1024)  # a mask has as many bits as the source has tokens
    def mask(name: int) -> int:
        return int.from_bytes(np.packbits(ours == name, bitorder="little").tobytes(), "little")

    for name in theirs[_shared(names)].tolist():
        matched = row & mask(name)
        row = ((row + matched) | (row - matched)) & whole
    return len(source) - row.bit_count()


@frozen(kw_only=True)
class Overlap:
    """What a generation shares with a source. A description without error; NaN where a text is empty.

    Attributes:
        lcs_tokens: Length of the longest shared run, in tokens.
        lcs_chars: In characters.
        lcs_chars_ratio: lcs_chars over the length of the generation.
        rouge_precision: Longest common subsequence over the tokens of the generation.
        rouge_recall: Over those of the source.
        rouge_f1: Harmonic mean of the two; 0 where both are.
        containment: Share of n-grams of the generation, each as often as it comes, that the source
            has; NaN if it has fewer than n tokens.
        coverage: Share of tokens of the generation that lie in such an n-gram.
        run: Where the longest run of tokens is.
        tokens: Tokens of the generation.
    """

    lcs_tokens: int
    lcs_chars: int
    lcs_chars_ratio: float
    rouge_precision: float
    rouge_recall: float
    rouge_f1: float
    containment: float
    coverage: float
    run: Run = field(repr=False)
    tokens: int

    def __str__(self) -> str:
        return (
            f"{self.lcs_tokens} tokens in a row of {self.tokens}, ROUGE-L {self.rouge_f1:.3g},"
            f" {self.containment:.1%} of n-grams"
        )


def verbatim_overlap(
    source: str, generation: str, n: int = RUN, tokenise: Tokenise = words
) -> Overlap:
    """Measure what *generation* has of *source*.

    Args:
        source: The work.
        generation: The reply, without what the prompt gave away (`without_prompt`).
        n: Tokens of an n-gram, at least 1.
        tokenise: How texts become tokens; `words` or `rouge_words`, or the tokeniser of a model.

    Returns:
        Runs, ROUGE-L and n-grams; each NaN where its denominator is 0. Shares are 0 to 1
        (`Overlap`).

    Raises:
        ValueError: For *n* below 1.

    References:
        C.-Y. Lin (2004), ACL workshop Text Summarization, 74; M. Nasr et al. (2023), arXiv:2311.17035.

    Examples:
        Six words in a row are the source's, and two in three of the reply's runs of three:

        >>> print(verbatim_overlap("it was the best of times it was the worst of times",
        ...                        "oh it was the best of times indeed", n=3))
        6 tokens in a row of 8, ROUGE-L 0.6, 66.7% of n-grams
    """
    if n < 1:
        msg = f"an n-gram has at least 1 token, got n={n}"
        raise ValueError(msg)
    ours, theirs = tokenise(source), tokenise(generation)
    run, chars = longest_run(ours, theirs), longest_run(source, generation).length
    common = longest_subsequence(ours, theirs)
    precision, recall = _over(common, len(theirs)), _over(common, len(ours))
    f1 = 2 * precision * recall / (precision + recall) if common else precision + recall
    hits = _shared(_windows(_letters(ours, theirs), n))
    return Overlap(
        lcs_tokens=run.length, lcs_chars=chars, lcs_chars_ratio=_over(chars, len(generation)),
        rouge_precision=precision, rouge_recall=recall, rouge_f1=f1,
        containment=_over(int(hits.sum()), len(hits)), run=run, tokens=len(theirs),
        coverage=_over(int(_covered(hits, n, len(theirs)).sum()), len(theirs)),
    )  # fmt: skip


def without_prompt(generation: str, prompt: str, n: int = 8) -> str:
    r"""Put a mark in place of each stretch of the reply that repeats *n* words of the prompt.

    What a model was shown it need not have memorised; the mark keeps what stood before and behind the
    stretch from being read as one run.

    Args:
        generation: The reply.
        prompt: All that the model was shown.
        n: Words in a row that count as repeated.

    Returns:
        The reply as text, each stretch replaced by one mark.

    References:
        Our own: what was shown is no evidence of memory.

    Examples:
        What the prompt said shows no memory, and is one mark now:

        >>> without_prompt("You wrote: call me Ishmael. Some years ago", "call me Ishmael.", n=3).split()
        ['You', 'wrote:', '\uffff', 'Some', 'years', 'ago']
    """
    spans = [m.span() for m in re.finditer(r"\S+", generation)]
    names = _letters(words(prompt), [generation[a:b] for a, b in spans])
    known = _covered(_shared(_windows(names, n)), n, len(spans))
    kept, at = [], 0
    for i in np.flatnonzero(known):
        start, end = spans[i]
        if not (i and known[i - 1]):
            kept += [generation[at:start], MARK]
        at = end
    return "".join([*kept, generation[at:]])


def discoverable(
    generation: Sequence[Hashable], suffix: Sequence[Hashable], length: int = RUN
) -> bool:
    """Tell whether the reply to a prefix of a work goes on as the work does, decoded greedily.

    Args:
        generation: Tokens of the reply.
        suffix: Tokens of the work behind the prefix, of the same tokeniser.
        length: Tokens that must be the same.

    Returns:
        True where the first *length* tokens are the same.

    Raises:
        ValueError: For a suffix that is shorter than *length*: it cannot be told.

    References:
        N. Carlini et al. (2023), ICLR, Quantifying Memorization.

    Examples:
        The reply goes on as the work does for three tokens, which is all that was asked:

        >>> discoverable("some years ago never".split(), "some years ago - never".split(), length=3)
        True
    """
    if len(suffix) < length:
        msg = f"the suffix has {len(suffix)} tokens, fewer than the {length} to be compared"
        raise ValueError(msg)
    return list(generation[:length]) == list(suffix[:length])


def extractable(
    source: Sequence[Hashable], generation: Sequence[Hashable], length: int = RUN
) -> bool:
    """Tell whether the reply has *length* tokens in a row from anywhere in the source.

    Args:
        source: Tokens of the work, or of all works.
        generation: Tokens of the reply.
        length: Tokens in a row, at least 1.

    Returns:
        True where there is such a run.

    References:
        M. Nasr et al. (2023), arXiv:2311.17035.

    Examples:
        Three tokens in a row are the work's, from the middle of it:

        >>> extractable("call me ishmael some years ago".split(), "said some years ago".split(), 3)
        True
    """
    return bool(_shared(_windows(_letters(source, generation), length)).any())


def _letters(source: Sequence[Hashable], generation: Sequence[Hashable]) -> Windows:
    """Number tokens, or characters."""
    if isinstance(source, str) and isinstance(generation, str):
        raw = (source + generation).encode("utf-32-le", "surrogatepass")
        signs = np.frombuffer(raw, dtype=np.uint32)
        return _split(np.unique(signs, return_inverse=True)[1], len(source))
    number: dict[Hashable, int] = {}
    listed = [number.setdefault(t, len(number)) for row in (source, generation) for t in row]
    return _split(np.array(listed, dtype=np.int64), len(source))


def _join(names: Windows, shift: int) -> Windows:
    """Name windows that are *shift* longer, by their first and their last part."""
    size = 1 + max((int(part.max()) for part in names if len(part)), default=0)
    pairs = [part[: max(len(part) - shift, 0)] * size + part[shift:] for part in names]
    return _split(np.unique(np.concatenate(pairs), return_inverse=True)[1], len(pairs[0]))


def _windows(names: Windows, n: int) -> Windows:
    """Name all windows of *n*."""
    counts(1, **{"the length of a run": n})
    width = 1
    while 2 * width <= n:
        names, width = _join(names, width), 2 * width
    return _join(names, n - width)


def _split(both: NDArray[np.integer], at: int) -> Windows:
    flat = both.astype(np.int64).ravel()
    return flat[:at], flat[at:]


def _shared(names: Windows) -> NDArray[np.bool_]:
    """Tell of each window of the generation whether the source has it."""
    there = np.zeros(1 + max((int(part.max()) for part in names if len(part)), default=0), bool)
    there[names[0]] = True
    return there[names[1]]


def _covered(hits: NDArray[np.bool_], n: int, length: int) -> NDArray[np.bool_]:
    """Tell of each of *length* tokens whether it lies in a window of *n* that is a hit."""
    edges = np.zeros(length + 1, dtype=np.int64)
    at = np.flatnonzero(hits)
    edges[at] += 1
    np.subtract.at(edges, at + n, 1)
    return np.cumsum(edges[:-1]) > 0


def _over(part: float, whole: float) -> float:
    return part / whole if whole else math.nan
