"""Attempts that do not fit as they are are packed: none is lost, and none can do more than it could unpacked."""

import base64
import hashlib
import random
import re
import zlib
from html import unescape
from html.parser import HTMLParser

import pytest
from samples import HOSTILE, excerpt, like_a_run, page, report, wholly

from dosimeter_sink_html import limits
from dosimeter_sink_html.attempts import RAW

MOST = 5_000_000


def transcripts(n, seed=7):
    """Give attempts of as many words as a page shows of one, with little in them that repeats."""
    noise = random.Random(seed)
    words = ["".join(noise.choices("etaoinshrdlucmfw", k=noise.randint(2, 9))) for _ in range(6000)]
    for i in range(n):
        prompt, reply = (" ".join(noise.choices(words, k=k)) for k in (30, 100))
        yield excerpt(attempt_id=str(i), family=f"f{i // 20}", prompt=prompt, reply=f"n{i} {reply}")


def packs(text):
    """Give the markup that the packs of a page hold."""
    return [
        zlib.decompress(base64.b64decode(held), RAW).decode()
        for held in re.findall(r"<template>([^<]*)</template>", text)
    ]


class Seen(HTMLParser):
    """Collects tags and names of attributes, and whether all that opens is closed."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.open = set(), set(), []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_five_thousand_transcripts_are_on_a_page_under_five_megabytes(tmp_path):
    """Each of them, in order and once; what the page says it shows it has."""
    text = page(tmp_path, like_a_run(), transcripts(5000))
    whole = text + "".join(packs(text))

    assert len(text.encode()) < MOST
    assert re.findall(r"<blockquote[^>]*>n(\d+) ", whole) == [str(i) for i in range(5000)]
    assert "are in the journal" not in text[text.index('id="attempts"') :]
    assert "Attempts 4," in text


def test_what_fits_is_not_packed(tmp_path):
    """A page of few attempts holds no script at all."""
    text = page(tmp_path, report(), transcripts(200))

    assert packs(text) == []
    assert "<script" not in text


def test_what_does_not_fit_packed_either_is_counted(tmp_path):
    """Neither is a page over its size, nor an attempt lost without a word."""
    text = page(tmp_path, report(), transcripts(9000), attempts=9000, characters=4000)
    kept, left = map(int, re.search(r"(\d+) attempts are shown; (\d+) more", text).groups())
    whole = text + "".join(packs(text))

    assert len(text.encode()) < MOST
    assert kept + left == 9000
    assert len(re.findall(r"<blockquote[^>]*>n\d+ ", whole)) == kept


def test_the_most_attempts_that_are_asked_for_are_shown(tmp_path):
    """Packed ones count."""
    text = page(tmp_path, report(), transcripts(2500), attempts=2000)

    assert packs(text)
    assert "2000 attempts are shown; 500 more are in the journal." in text


def test_one_attempt_that_is_larger_than_the_page_does_not_break_it(tmp_path):
    """It is left out, and what was open is closed."""
    huge = excerpt(reply="\u202e" * 2_000_000, family="g")
    for evidence in ([huge], [excerpt(), huge, excerpt(family="h", reply="later")]):
        text = page(tmp_path, report(), evidence, characters=2_000_000)

        assert "1 more are in the journal" in text
        assert len(re.findall("<details[ >]", text)) == text.count("</details>")


def test_hostile_text_is_inert_in_a_pack(tmp_path):
    """It is the same markup as of those that stand on the page: escaped, and every fold is closed."""
    made, (attempt, hidden) = wholly(HOSTILE)
    text = page(tmp_path, made, [attempt, hidden] * 900, characters=900)
    found = Seen("".join(packs(text)))

    assert len(packs(text)) > 1
    assert found.tags <= {"details", "summary", "bdi", "span", "p", "blockquote", "code"}
    assert found.attributes <= {"class", "dir", "lang"}
    assert not found.open
    assert text.count("<script") == text.count("</script") == 1
    assert HOSTILE[:40] in unescape(packs(text)[0])


def test_the_policy_knows_the_one_script_by_its_hash(tmp_path):
    """No other script is obeyed, and none at all that is written into an attribute."""
    text = page(tmp_path, report(), transcripts(2500))
    (script,) = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    name = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]+)"', text)

    assert f"script-src 'sha256-{name}';" in policy
    assert "unsafe" not in policy
    assert "fetch" not in script
    assert "http" not in script


def test_a_page_with_packs_is_the_same_twice(tmp_path):
    """Compressed too."""
    once, again = (page(tmp_path, report(), transcripts(2500)) for _ in range(2))

    assert once == again


def test_the_limits_fit_into_each_other():
    """Head, attempts as they are, and a pack besides have room under five megabytes."""
    assert limits.MOST_HEAD + limits.MOST_OPEN < limits.MOST_BYTES < MOST - 100_000


@pytest.mark.parametrize("n", [1, limits.PACK - 1, limits.PACK, limits.PACK + 1])
def test_the_last_pack_holds_what_is_left(tmp_path, n):
    """However many those are; its title counts them."""
    first = next(
        i for i in range(500, 3000, 100) if packs(page(tmp_path, report(), transcripts(i)))
    )
    shown = len(re.findall(r"<blockquote[^>]*>n\d+ ", page(tmp_path, report(), transcripts(first))))
    text = page(tmp_path, report(), transcripts(shown + n))

    assert len(packs(text)) == -(-n // limits.PACK)
    assert f"to {shown + n:,} <span" in text
