"""What a generation shares with a source."""

import difflib
import math
import random
import time

import pytest
from hypothesis import given, strategies as st

from dosimeter.stats import overlap

FEW = st.lists(st.sampled_from("abc"), max_size=40)
TEXT = st.text("ab \ud800\U0001f600", max_size=40)


def subsequence(a, b):
    """Longest common subsequence by the table of Wagner and Fischer."""
    row = [0] * (len(b) + 1)
    for x in a:
        before = row[:]
        for j, y in enumerate(b):
            row[j + 1] = before[j] + 1 if x == y else max(before[j + 1], row[j])
    return row[-1]


def substring(a, b):
    """Longest common substring, by trying all."""
    return max(
        (n for i in range(len(a)) for n in range(1, len(a) - i + 1)
         if any(list(a[i : i + n]) == list(b[j : j + n]) for j in range(len(b) - n + 1))),
        default=0,
    )  # fmt: skip


@given(FEW, FEW)
def test_the_longest_run_is_that_of_trying_all(a, b):
    """And it is where it is said to be."""
    found = overlap.longest_run(a, b)

    assert found.length == substring(a, b)
    assert a[found.at_source :][: found.length] == b[found.at_generation :][: found.length]
    assert overlap.longest_run(b, a).length == found.length


@given(TEXT, TEXT)
def test_the_longest_run_of_characters_is_that_of_difflib(a, b):
    """Lone surrogates and signs beyond the first plane are characters too."""
    theirs = difflib.SequenceMatcher(None, a, b, autojunk=False).find_longest_match()

    assert overlap.longest_run(a, b).length == theirs.size


@given(FEW, FEW)
def test_the_longest_subsequence_is_that_of_the_table(a, b):
    """Whole rows of bits give what the table gives."""
    assert overlap.longest_subsequence(a, b) == subsequence(a, b)


@given(FEW, FEW, st.integers(1, 6))
def test_ngrams_are_those_that_sets_of_tuples_find(source, generation, n):
    """Containment counts an n-gram as often as it comes; coverage counts tokens."""
    found = overlap.verbatim_overlap(" ".join(source), " ".join(generation), n)
    known = {tuple(source[i : i + n]) for i in range(len(source) - n + 1)}
    hits = [tuple(generation[i : i + n]) in known for i in range(len(generation) - n + 1)]
    covered = {i + j for i, hit in enumerate(hits) if hit for j in range(n)}
    share = sum(hits) / len(hits) if hits else math.nan
    cover = len(covered) / len(generation) if generation else math.nan

    assert found.containment == pytest.approx(share, nan_ok=True)
    assert found.coverage == pytest.approx(cover, nan_ok=True)
    assert overlap.extractable(source, generation, n) == any(hits)


@given(FEW, FEW)
def test_more_of_the_source_never_lessens_the_run(source, generation):
    """Copying on makes the copy longer."""
    longer = [*generation, *source]

    assert overlap.longest_run(source, longer).length >= len(source)
    assert overlap.longest_subsequence(source, longer) == len(source)


def test_expected_rouge_of_unrelated_texts_is_that_of_the_table():
    """Random texts share a good part by chance alone: the null is not 0, and ours is the table's."""
    rng = random.Random(1)
    ours, theirs = [], []
    for _ in range(40):
        a, b = (rng.choices("abcdefghij", k=60) for _ in range(2))
        found = overlap.verbatim_overlap(" ".join(a), " ".join(b))
        ours.append(found.rouge_f1)
        theirs.append(subsequence(a, b) / 60)

    assert ours == pytest.approx(theirs)
    assert 0.3 < sum(ours) / 40 < 0.6


def test_rouge_counts_both_ways():
    """Lin's (2004) example: police killed the gunman, of four words three in order."""
    found = overlap.verbatim_overlap("police killed the gunman", "police kill the gunman today")

    assert (found.rouge_precision, found.rouge_recall) == (3 / 5, 3 / 4)
    assert found.rouge_f1 == pytest.approx(2 * 0.6 * 0.75 / 1.35)
    assert overlap.rouge_words("The Gunman's 2nd!") == ["the", "gunman", "s", "2nd"]


def test_empty_texts_are_undefined_where_they_are_divided_by():
    """Trap 19: no reply is no reply without a copy."""
    none, nothing = overlap.verbatim_overlap("a b", "", 1), overlap.verbatim_overlap("", "", 1)
    no_source = overlap.verbatim_overlap("", "a b", 1)

    for value in (none.lcs_chars_ratio, none.rouge_precision, none.rouge_f1, none.containment,
                  none.coverage, nothing.rouge_recall, no_source.rouge_recall, no_source.rouge_f1):  # fmt: skip
        assert math.isnan(value)
    assert none.rouge_recall == no_source.rouge_precision == no_source.containment == 0
    assert nothing.lcs_tokens == 0


def test_unrelated_texts_share_nothing():
    """A true 0."""
    found = overlap.verbatim_overlap("x y", "a b", 1)

    assert (found.lcs_tokens, found.rouge_f1, found.containment, found.coverage) == (0, 0, 0, 0)
    assert overlap.longest_run("x", "a") == overlap.Run(length=0, at_source=0, at_generation=0)


def test_a_reply_shorter_than_an_ngram_has_none_to_hold():
    """Containment is 0 of 0."""
    found = overlap.verbatim_overlap("a b c d", "a b", 3)

    assert math.isnan(found.containment)
    assert found.coverage == 0
    with pytest.raises(ValueError, match="at least 1 token, got n=0"):
        overlap.verbatim_overlap("a", "a", 0)


def test_what_the_prompt_gave_is_not_counted_as_memory():
    """VALIDITY 24: the prompt's text goes, and what stood around it does not join up."""
    source = "one two three four five six"
    reply = "one two three four Five five six"
    kept = overlap.without_prompt(reply, "say three four Five now", n=3)

    assert overlap.verbatim_overlap(source, reply, 2).lcs_tokens == 4
    assert overlap.verbatim_overlap(source, kept, 2).lcs_tokens == 2
    assert kept.count(overlap.MARK) == 1
    assert overlap.without_prompt("a b", "", 3) == "a b"


def test_discoverable_is_all_of_the_suffix_and_nothing_less():
    """One token off, or a reply that ends early, is not."""
    suffix = list(range(50))

    assert overlap.discoverable([*suffix, 99], suffix)
    assert not overlap.discoverable([*suffix[:49], 99], suffix)
    assert not overlap.discoverable(suffix[:49], suffix)
    with pytest.raises(ValueError, match="49 tokens, fewer than the 50"):
        overlap.discoverable(suffix, suffix[:49])


def test_long_texts_take_seconds_not_hours():
    """A novel against a novel: 100,000 tokens each, a copied chapter found."""
    rng = random.Random(1)
    a, b = (rng.choices(range(2000), k=100_000) for _ in range(2))
    b[5000:7000] = a[300:2300]
    start = time.process_time()

    assert overlap.longest_run(a, b) == overlap.Run(length=2000, at_source=300, at_generation=5000)
    assert overlap.longest_subsequence(a, b) > 2000
    assert time.process_time() - start < 15
