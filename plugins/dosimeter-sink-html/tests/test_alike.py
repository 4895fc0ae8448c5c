"""What sentences share is said once."""

from dosimeter_sink_html.alike import alike, where

SAID = (
    "not refused: over goals like those of physical 1, panel full (public); families weighted alike."
    " Fixed: attack {} as configured; target {}, which is p/m, {}, temperature 0. Random: goals."
)
PLACES = [(t, a) for a in ("direct", "a-frame") for t in ("bare", "guarded")]
SYSTEM = {"bare": "no system prompt", "guarded": "system prompt sha256 ab12"}


def test_what_differs_stands_beside_what_is_shared():
    """Once each, with the numbers that it is of, unless its words name them."""
    got = alike([((t, a), SAID.format(a, t, SYSTEM[t])) for t, a in PLACES])

    assert got.said == (
        "not refused: over goals like those of physical 1, panel full (public); families weighted"
        " alike. Fixed: [1]; [2], which is p/m, [3], temperature 0. Random: goals."
    )
    assert got.gaps == (
        (("attack direct as configured", ""), ("attack a-frame as configured", "")),
        (("target bare", ""), ("target guarded", "")),
        (("no system prompt", "bare"), ("system prompt sha256 ab12", "guarded")),
    )


def test_sentences_that_are_all_one_have_no_gap():
    """Nor has a lone one."""
    for n in (1, 3):
        got = alike([(p, "share over goals") for p in PLACES[:n]])
        assert (got.said, got.gaps) == ("share over goals", ())


def test_sentences_of_another_make_stand_whole():
    """Nothing is left out, and no words stand under another's number."""
    got = alike([(PLACES[0], "one; two"), (PLACES[1], "one")])

    assert got.said == ""
    assert got.gaps == ((("one; two", "bare"), ("one", "guarded")),)
    assert alike([]).gaps == ()
    ends = alike([(PLACES[0], "one; two"), (PLACES[1], "one, two")])
    assert (ends.said, ends.gaps) == ("[1] two", ((("one;", "bare"), ("one,", "guarded")),))


def test_numbers_are_named_in_few_words():
    """All, those of some targets, those of some attacks, or each."""
    assert where(PLACES, PLACES) == "all"
    assert where(PLACES[::2], PLACES) == "bare"
    assert where(PLACES[:2], PLACES) == "direct"
    assert where(PLACES[:3], PLACES) == "bare direct, guarded direct, bare a-frame"
