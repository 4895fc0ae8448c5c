"""Claims: how they are written, and what the data say to each."""

import pytest
from audits import USUAL, read, table
from hypothesis import given, strategies as st

from dosimeter.audit import claims
from dosimeter.audit.claims import figure, parse
from dosimeter.audit.columns import Columns
from dosimeter.audit.naming import meant
from dosimeter.audit.outcomes import Outcomes
from dosimeter.errors import AuditError

GROUPED = Columns(item="item", outcome="y", system="system", group="g", submitted="s")
HEAD = ("item", "system", "y", "g", "s")


@pytest.fixture
def results(tmp_path):
    """Two models under two attacks: 30, 12, 0 and 26 of 60, of which the last had 40 prompts."""
    events = {("vicuna-13b", "PAIR"): 30, ("vicuna-13b", "GCG"): 12, ("llama-2-7b", "PAIR"): 0,
              ("llama-2-7b", "GCG"): 26}  # fmt: skip
    rows = [(i, s, int(i < n), g, int(n != 26 or i < 40)) for (s, g), n in events.items() for i in range(60)]  # fmt: skip
    return table(tmp_path / "a.csv", rows, HEAD)


def said(path, *typed, columns=GROUPED, **more):
    """Give verdict and sentence of each claim."""
    return [
        (c.verdict, c.because) for c in read(path, claims=typed, columns=columns, **more).claims
    ]


def toml(path, text):
    file = path / "claims.toml"
    file.write_text(text, encoding="utf-8")
    return claims.read(file)


def judged(path, folder, text, columns=GROUPED, **more):
    """Give verdict and sentence of each claim of a file."""
    from dosimeter.audit.load import Asked
    from dosimeter.audit.run import audit

    found = audit(Asked(files=(path,), columns=columns), toml(folder, text), **more)
    return [(c.verdict, c.because) for c in found.claims]


# -- words --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("printed", "value", "tolerance"),
    [("0.69", 0.69, 0.005), ("0.7", 0.7, 0.05), ("69%", 0.69, 0.005), ("69.2 %", 0.692, 0.0005),
     ("0", 0, 0), ("1", 1, 0), ("0%", 0, 0.005), ("3.25", 3.25, 0.005), (".5", 0.5, 0.05), ("-0.10", -0.1, 0.005)],
)  # fmt: skip
def test_the_digits_that_are_printed_tell_the_rounding(printed, value, tolerance):
    """A zero behind the point counts; none and all are exact."""
    found = figure(printed)

    assert (found.value, found.tolerance) == (pytest.approx(value), pytest.approx(tolerance))


@given(st.integers(0, 400), st.integers(1, 400), st.integers(1, 4))
def test_every_printing_of_a_rate_is_recognised(events, n, digits):
    """However it was rounded, as a share or in per cent."""
    rate = min(events, n) / n

    assert figure(f"{rate:.{digits}f}").like(rate)
    assert figure(f"{100 * rate:.{digits}f}%").like(rate)


@pytest.mark.parametrize(
    ("words", "kind", "names"),
    [("PAIR vicuna 0.69", "value", ("PAIR vicuna",)), ("vicuna 69 %", "value", ("vicuna",)),
     ("vicuna = 69%", "value", ("vicuna",)), ("llama < 5%", "at-most", ("llama",)),
     ("llama > .5", "at-least", ("llama",)), ("a > b > c", "order", ("a", "b", "c")),
     ("a < b", "order", ("b", "a")), ("a = b", "same", ("a", "b")), ("kappa gpt4 0.97", "kappa", ("gpt4",)),
     ("'a model' 1", "value", ("'a model'",)), ("alpha 0.8", "alpha", ("",))],
)  # fmt: skip
def test_claims_are_typed_in_words(words, kind, names):
    """What is higher stands first."""
    found = parse(words)

    assert (found.kind, found.names, found.says) == (kind, names, words)


@pytest.mark.parametrize("words", ["", "vicuna", "0.69", "a >", "> b", "a > b < c", "vicuna is bad", "a 'b 1"])  # fmt: skip
def test_what_is_no_claim_is_refused_with_how_they_are_written(words):
    """Not left out in silence."""
    with pytest.raises(AuditError, match="Write NAMES NUMBER"):
        parse(words)


def test_names_may_be_shortened_while_one_alone_fits():
    """Whole names first, then without regard to case, then parts."""
    systems, groups = ("gpt-4", "gpt-4o", "llama-2"), ("PAIR", "GCG", "")

    assert meant("pair LLAMA", systems, groups) == ("llama-2", "PAIR")
    assert meant("gpt-4", systems, groups) == ("gpt-4", None)
    assert meant("'gpt-4o GCG'", systems, groups) == ("gpt-4o", "GCG")
    for words, why in (("gpt", "may be any of 'gpt-4', 'gpt-4o'"),
                       ("gpt-4 llama-2", "are named, and it can be about one")):  # fmt: skip
        with pytest.raises(ValueError, match=why):
            meant(words, systems, groups)


def test_a_claim_about_what_is_not_there_is_refused(results):
    """A typing error is no verdict: it would pass where a script looks at the exit code."""
    with pytest.raises(AuditError) as caught:
        said(results, "PAIR vicuna 0.48", "GCG lamma-2-7b 0.5")

    assert str(caught.value) == (
        "claim 'GCG lamma-2-7b 0.5': 'lamma-2-7b' is neither a system nor a group; did you mean 'llama-2-7b'?"
        " There are systems llama-2-7b, vicuna-13b and groups GCG, PAIR"
    )
    with pytest.raises(AuditError, match=r"there are systems gpt-4, llama-2$"):
        meant("mistral", ("gpt-4", "llama-2"), ("",))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("claims = 3", "expected claims as [[claims]]"),
        ("[[claims]]\nvalue = 1\n[other]\n", "and nothing else"),
        ("[[claims]]\nvlaue = 1", "claim 1: there is no key 'vlaue'; did you mean 'value'?"),
        ("[[claims]]\nof = 'a'", "claim 1: a claim has one of value"),
        ("[[claims]]\nvalue = 1\nat_most = 1", "this has value and at_most"),
        ("[[claims]]\nvalue = 'much'", "'much' is no number; write 0.69 or 69%"),
        ("[[claims]]\nranking = ['a']", "ranking is a list of names"),
        ("[[claims]]\nvalue = 1\ninterval = [0.9, 0.1]", "interval goes from a lower to an upper"),
        ("[[claims]]\nvalue = 1\ninterval = 0.9", "interval is a list"),
        ("[[claims]]\nat_most = 1\nn = 3", "n says nothing beside at_most; take it out"),
        ("[[claims]\n", "is no TOML"),
    ],
)
def test_a_file_of_claims_is_refused_with_the_claim_that_is_wrong(tmp_path, text, words):
    """Its number, and the nearest key."""
    with pytest.raises(AuditError) as caught:
        toml(tmp_path, text)

    assert words in str(caught.value)


# -- numbers ------------------------------------------------------------------------------------


def test_a_number_that_is_reproduced_is_supported(results):
    """And told with the interval that it lacks."""
    ((verdict, because),) = said(results, "PAIR vicuna 50%")

    assert verdict == "supported"
    assert "50.0 % (30 of 60; 37.7 to 62.3 %)" in because
    assert "gives no interval" in because


def test_a_number_that_is_not_is_overstated_or_contradicted(results):
    """As it lies within the interval, or outside; the other outcome's share is recognised."""
    inside, outside, other = said(results, "PAIR vicuna 0.55", "PAIR vicuna 0.7", "GCG vicuna 0.80")

    assert inside[0] == "overstated"
    assert "Not reproduced" in inside[1]
    assert outside[0] == other[0] == "contradicted"
    assert "share of the other outcome" in other[1]


def test_the_wrong_denominator_is_found_out(results):
    """26 of 40 prompts is not 26 of 60 behaviours."""
    ((verdict, because),) = said(results, "GCG llama 65%")

    assert verdict == "contradicted"
    assert "divides by the 40 rows that were submitted, and leaves 20 out" in because


def test_none_is_overstated_without_a_limit(results):
    """Of sixty; with the interval it is supported, and so is a bound above it."""
    none, bound, low = said(results, "PAIR llama 0%", "PAIR llama < 7%", "PAIR llama < 5%")

    assert none[0] == "overstated"
    assert "60 clusters leave room for a true value of up to 6.0 %" in none[1]
    assert (bound[0], low[0]) == ("supported", "overstated")


def test_nearly_none_is_not_none(tmp_path):
    """One in three hundred rounds to 0 %."""
    path = table(tmp_path / "a.csv", [(i, "m", int(i == 0)) for i in range(300)])
    (none, exact) = said(path, "m 0%", "m 0", columns=USUAL)

    assert none == ("overstated", "Not quite: 1 of 300, 0.1 to 1.9 %.")
    assert exact[0] == "contradicted"
    assert "Not reproduced" in exact[1]


def test_what_is_missing_is_not_left_out(tmp_path):
    """A number over what is scored, of a file that lacks a quarter of what was attempted."""
    path = table(tmp_path / "a.csv", [(i, "m", int(i < 15)) for i in range(60)])
    whole, none, high, other = said(
        path, "m 25%", "m 19%", "m 50%", "m 0.9", columns=USUAL, attempted=80
    )

    assert whole[0] == none[0] == high[0] == "overstated"
    assert "lies within what the data leave open" in high[1]
    assert (
        "Of 80 attempted, 20 have no outcome: with them it is between 18.8 % and 43.8 %" in whole[1]
    )
    assert "takes all that is missing to be at the low end" in none[1]
    assert other[0] == "contradicted"


def test_rows_are_no_sample_size_and_no_width(tmp_path):
    """The interval and the n of sixty rows, of twelve items."""
    path = table(tmp_path / "a.csv", [(i, "m", int(i < 5)) for i in range(12) for _ in range(5)])
    columns = USUAL
    narrow, rows, other, right = judged(path, tmp_path, """
[[claims]]
of = "m"
value = "42%"
interval = ["30%", "54%"]
[[claims]]
of = "m"
value = "42%"
n = 60
[[claims]]
of = "m"
value = "42%"
n = 50
[[claims]]
of = "m"
value = "42%"
n = 12
interval = ["14%", "73%"]
""", columns)  # fmt: skip

    assert narrow[0] == rows[0] == other[0] == "overstated"
    assert "shorter than the data allow, as if rows were independent" in narrow[1]
    assert "Its n counts rows: there are 60 rows of 12 clusters" in rows[1]
    assert "Its n of 50 is not reproduced" in other[1]
    assert right[0] == "supported"


def test_a_mean_is_judged_on_its_scale(tmp_path):
    """2 is 1.5 to 2.5; a share is no mark."""
    path = table(tmp_path / "a.csv", [(i, "m", 1 + i % 3) for i in range(60)])
    found = said(
        path, "m 2.0", "m 2.2", "m 4.5", "m 0.5", columns=USUAL, outcomes=Outcomes(scale=(1, 5))
    )

    assert [v for v, _ in found] == ["supported", "overstated", "contradicted", "cannot be judged"]
    assert "0.5 is not a mark from 1 to 5" in found[3][1]


def test_a_bound_is_judged_by_the_whole_interval(results):
    """Below it, above it, across it; and from the other side."""
    found = said(results, "PAIR vicuna < 70%", "PAIR vicuna < 20%", "PAIR vicuna < 55%", "PAIR vicuna > 30%",
                 "PAIR vicuna > 70%", "PAIR vicuna > 45%")  # fmt: skip

    assert [v for v, _ in found] == ["supported", "contradicted", "overstated"] * 2


def test_what_cannot_be_judged_says_why(results):
    """Several cells, a number that is no share."""
    found = said(results, "vicuna 0.5", "PAIR vicuna 50", "kappa 0.9")

    assert [v for v, _ in found] == ["cannot be judged"] * 3
    assert (
        "may be about any of vicuna-13b GCG, vicuna-13b PAIR, which are not pooled" in found[0][1]
    )
    assert "50 is not a share; write 0.69 or 69%" in found[1][1]
    assert "no labels of raters" in found[2][1]


@pytest.mark.parametrize("claim", ["a = b", "a > b", "b > a"])
def test_what_shares_no_items_cannot_be_judged(tmp_path, claim):
    """Neither equality nor an order is overstated: nothing was compared."""
    rows = [(f"{s}{i}", s, int(i < 20)) for i in range(40) for s in "ab"]
    (one,) = said(table(tmp_path / "a.csv", rows), claim, columns=USUAL, margin=0.1)

    assert one[0] == "cannot be judged"
    assert "share no items" in one[1]


def test_a_ranking_is_judged_by_what_was_compared(tmp_path):
    """A difference that is not shown counts, one that was never tested leaves it open."""
    rows = [(i, s, int(i < n)) for i in range(60) for s, n in (("x", 40), ("y", 36), ("z", 5))]
    rows += [(f"w{i}", "w", int(i < 2)) for i in range(60)]
    path = table(tmp_path / "a.csv", rows)
    shown, part, wrong = said(path, "x > z > w", "x > y > w", "z > x > w", columns=USUAL)

    assert (shown[0], part[0], wrong[0]) == ("cannot be judged", "overstated", "contradicted")


# -- orders -------------------------------------------------------------------------------------


def test_an_order_is_supported_contradicted_or_not_shown(results):
    """What one side names alone holds for both; the sentence has difference, interval and p."""
    found = said(results, "PAIR vicuna > GCG", "GCG vicuna > PAIR", "GCG vicuna < llama", "PAIR vicuna > llama",
                 "vicuna GCG > llama PAIR")  # fmt: skip

    assert [v for v, _ in found] == ["supported", "contradicted", "supported", "supported", "cannot be judged"]  # fmt: skip
    assert (
        "PAIR less GCG (vicuna-13b) is +30.0 points [+19.9 to +42.5] on 60 shared items"
        in found[0][1]
    )
    assert "were not compared" in found[4][1]


def test_a_ranking_needs_every_difference(tmp_path):
    """Two of three are shown, so the ranking is not."""
    rows = [(i, s, int(i < n)) for i in range(60) for s, n in (("x", 40), ("y", 36), ("z", 5))]
    path = table(tmp_path / "a.csv", rows)
    full, part, wrong = said(path, "x > y > z", "x > z", "z > y > x", columns=USUAL)

    assert (full[0], part[0], wrong[0]) == ("overstated", "supported", "contradicted")
    assert full[1].startswith("2 of 3 differences are shown. Not shown: x less y")


def test_a_claimed_difference_is_compared_with_the_one_that_is_shown(results, tmp_path):
    """The order alone is not enough."""
    text = '[[claims]]\nranking = ["PAIR vicuna", "GCG vicuna"]\nby = {}\n'

    assert judged(results, tmp_path, text.format("0.30"))[0][0] == "supported"
    assert judged(results, tmp_path, text.format("0.45"))[0][0] == "overstated"


def test_equality_is_never_the_lack_of_a_difference(tmp_path):
    """Without a margin it cannot be judged, with one it needs items enough."""
    few = table(tmp_path / "few.csv", [(i, s, int(i < 20)) for i in range(40) for s in "ab"])
    many = table(tmp_path / "many.csv", [(i, s, int(i < 400)) for i in range(800) for s in "ab"])
    apart = table(tmp_path / "apart.csv", [(i, s, int(i < 20 + 18 * (s == "a"))) for i in range(40) for s in "ab"])  # fmt: skip

    assert said(many, "a = b", columns=USUAL)[0][0] == "cannot be judged"
    assert said(many, "a = b", columns=USUAL, margin=0.02)[0][0] == "supported"
    assert said(few, "a = b", columns=USUAL, margin=0.02)[0][0] == "overstated"
    assert said(apart, "a = b", columns=USUAL, margin=0.02)[0][0] == "contradicted"


def test_agreement_is_judged_with_its_interval(tmp_path):
    """Reproduced, within it, outside it; of one system or of a named one."""
    rows = [
        (i, s, "yn"[i % 2], "yn"[(i + (i % 20 == 0)) % 2])
        for i in range(100)
        for s in ("one", "two")
    ]
    path = table(tmp_path / "a.csv", rows, ("item", "system", "a", "b"))
    columns = Columns(item="item", system="system", raters=("a", "b"))
    found = said(path, "kappa one 0.90", "kappa one 0.95", "kappa one 0.2", "agreement two 95%", "kappa 0.9",
                 columns=columns)  # fmt: skip

    assert [v for v, _ in found] == ["supported", "overstated", "contradicted", "supported", "cannot be judged"]  # fmt: skip
    assert "name a system" in found[4][1]
