"""Items: published fits, what holds for all items, the rules for few models, and recovery."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from scipy.optimize import minimize
from scipy.special import expit

from dosimeter.stats import irt, irt_fit, items

FEW = settings(max_examples=80, deadline=None)
SLOPES = st.floats(0.2, 3)
PLACES = st.floats(-3, 3)
ABILITIES = st.lists(st.floats(-4, 4), min_size=1, max_size=5)
TABLES = st.integers(2, 6).flatmap(
    lambda k: st.lists(st.lists(st.integers(0, 1), min_size=k, max_size=k), min_size=1, max_size=40)
)


def answers(rng, n, a, b):
    """Responses of *n* models to items of known discrimination and difficulty."""
    theta = rng.normal(size=(n, 1))
    return (rng.random((n, len(a))) < expit(np.asarray(a) * (theta - np.asarray(b)))).astype(float)


A, B = [1.2, 0.8, 1.5, 1.0, 0.7, 1.3], [-1.0, 0.0, 0.5, 1.0, -0.5, 0.0]


def test_the_law_school_admission_test_is_reproduced():
    """Bock and Lieberman (1970), section 6, as R's ltm fits it: logLik -2466.653."""
    patterns = [[int(c) for c in f"{i:05b}"] for i in range(32)]
    counts = [3, 6, 2, 11, 1, 1, 3, 4, 1, 8, 0, 16, 0, 3, 2, 15,
              10, 29, 14, 81, 3, 28, 15, 80, 16, 56, 21, 173, 11, 61, 28, 298]  # fmt: skip
    found = items.fit_2pl(patterns, counts)

    a, b = ([one.estimate for one in v] for v in (found.discrimination, found.difficulty))
    assert a == pytest.approx([0.825, 0.723, 0.890, 0.689, 0.657], abs=2e-3)
    assert b == pytest.approx([-3.360, -1.370, -0.280, -1.866, -3.124], abs=3e-3)
    assert found.loglik == pytest.approx(-2466.653, abs=1e-3)
    assert found.converged
    # ltm's standard errors, which are from the Hessian.
    assert found.discrimination[0].se == pytest.approx(0.2581, rel=0.05)
    errors = [one.se for one in found.difficulty]
    assert errors == pytest.approx([0.8669, 0.3073, 0.0997, 0.4341, 0.8700], rel=0.05)


def test_the_fit_is_the_maximum_of_the_likelihood():
    """A general optimiser, on a grid instead of Gauss-Hermite nodes, finds the same, gaps included."""
    rng = np.random.default_rng(1)
    x = answers(rng, 300, A[:4], B[:4])
    x[rng.random(x.shape) < 0.1] = np.nan
    found = items.fit_2pl(x)
    theta = np.linspace(-6, 6, 121)
    weight = np.exp(-(theta**2) / 2)
    weight = weight / weight.sum()
    right, wrong = np.where(x == 1, 1.0, 0.0), np.where(x == 0, 1.0, 0.0)

    def loss(v):
        p = expit(v[:4, None] * (theta - v[4:, None]))
        return -np.log(np.exp(right @ np.log(p) + wrong @ np.log(1 - p)) @ weight).sum()

    theirs = minimize(loss, np.r_[np.ones(4), np.zeros(4)], method="BFGS", options={"gtol": 1e-4})
    ours = [one.estimate for one in found.discrimination + found.difficulty]
    assert ours == pytest.approx(theirs.x, abs=5e-3)
    assert found.loglik == pytest.approx(-theirs.fun, abs=1e-3)


def test_patterns_with_counts_are_rows_many_times_over():
    """And the order of rows and of items changes nothing."""
    x = answers(np.random.default_rng(2), 200, A, B)
    patterns, counts = np.unique(x, axis=0, return_counts=True)
    rows, packed = items.fit_2pl(x), items.fit_2pl(patterns, counts)
    turned = items.fit_2pl(x[::-1, ::-1])

    for one, other in ((rows, packed), (rows, turned)):
        assert one.loglik == pytest.approx(other.loglik)
    a = [one.estimate for one in rows.discrimination]
    assert a == pytest.approx([one.estimate for one in packed.discrimination], abs=1e-5)
    assert a == pytest.approx([one.estimate for one in turned.discrimination][::-1], abs=1e-5)


def test_few_models_tell_no_discrimination():
    """Under 30 nothing is fitted; an item that all solve is undefined, the others are not."""
    rng = np.random.default_rng(3)
    few = items.fit_2pl(answers(rng, 29, A, B))
    assert {one.undefined for one in few.discrimination + few.difficulty} == {"few-models"}
    x = np.hstack([answers(rng, 200, A[:3], B[:3]), np.ones((200, 1))])
    some = items.fit_2pl(x)
    assert [one.undefined for one in some.discrimination] == ["", "", "", "no-variation"]
    assert some.loglik == pytest.approx(items.fit_2pl(x[:, :3]).loglik)
    assert items.fit_2pl(x[:, 2:]).discrimination[0].undefined == "few-items-vary"
    assert items.fit_2pl([]).n == 0
    assert "n=29" in str(few)


def test_a_fit_that_did_not_come_to_rest_has_no_interval():
    """Stopped early, or a discrimination without end (a perfect scale of Guttman's)."""
    x = answers(np.random.default_rng(4), 100, A, B)
    assert items.fit_2pl(x, most=2).discrimination[0].no_interval == "not-converged"
    guttman = np.repeat(np.tril(np.ones((5, 4)), -1), 20, axis=0)
    found = items.fit_2pl(guttman)
    assert "no-finite-discrimination" in {one.no_interval for one in found.discrimination}


def test_parameters_are_covered_by_their_intervals():
    """400 models, 6 items, 80 runs: discriminations and difficulties together."""
    rng, hits, runs = np.random.default_rng(5), 0, 80
    for _ in range(runs):
        found = items.fit_2pl(answers(rng, 400, A, B))
        hits += sum(t in one.interval() for t, one in zip(A + B, found.discrimination + found.difficulty,
                                                          strict=True))  # fmt: skip

    assert 0.91 <= hits / (12 * runs) <= 0.985


@given(st.lists(st.tuples(SLOPES, PLACES), min_size=1, max_size=6), ABILITIES)
@FEW
def test_two_grades_are_the_two_parameter_model(parameters, theta):
    """Probabilities and information of a graded item with one threshold."""
    a, b = zip(*parameters, strict=True)
    graded = items.graded_response(a, [[v] for v in b], theta)
    plain = items.information_2pl(a, b, theta)

    assert np.array(graded.information.item) == pytest.approx(
        np.array(plain.item), rel=1e-6, abs=1e-12
    )
    p = expit(np.array(a) * (np.array(theta)[:, None] - np.array(b)))
    assert np.array(graded.probability)[..., 1] == pytest.approx(p)


@given(SLOPES, st.lists(PLACES, min_size=1, max_size=5, unique=True), st.floats(-3, 3))
@FEW
def test_grades_have_probabilities_and_their_information_is_the_curvature(a, b, theta):
    """They sum to 1; information is the mean square of the score, by numeric derivative."""
    b = sorted(b)
    if any(v - u < 0.05 for u, v in itertools.pairwise(b)):
        return
    h = 1e-5
    found = items.graded_response([a], [b], [theta - h, theta, theta + h])
    low, p, high = (np.array(found.probability[t][0]) for t in range(3))

    assert p.sum() == pytest.approx(1)
    assert (p > 0).all()
    score = (high - low) / (2 * h)
    assert found.information.item[1][0] == pytest.approx((score**2 / p).sum(), rel=1e-4, abs=1e-8)


@given(SLOPES, PLACES)
@FEW
def test_an_item_tells_most_at_its_difficulty(a, b):
    """There a^2 / 4, with a standard error of 2 / a."""
    found = items.information_2pl([a], [b], [b, b - 1, b + 1])

    assert found.test[0] == pytest.approx(a * a / 4)
    assert found.sem[0] == pytest.approx(2 / a)
    assert found.test[0] > max(found.test[1:])
    assert found.effective_items == pytest.approx([1, 1, 1])


def test_no_items_tell_nothing():
    """No information, and a standard error that is undefined rather than infinite."""
    found = items.information_2pl([], [], [0.0])

    assert found.test == (0,)
    assert math.isnan(found.sem[0])
    assert math.isnan(found.effective_items[0])


@given(st.lists(st.tuples(SLOPES, PLACES, st.integers(0, 1)), min_size=1, max_size=8))
@FEW
def test_a_right_answer_never_lowers_an_ability(rows):
    """And each narrows what is known; an item that was not given changes nothing."""
    a, b, x = (list(v) for v in zip(*rows, strict=True))
    found = items.eap(a, b, x)

    assert items.eap(a, b, [1] * len(x)).estimate >= found.estimate
    assert items.eap(a, b, [0] * len(x)).estimate <= found.estimate
    assert found.se < 1
    more = items.eap([*a, 1.0], [*b, 0.0], [*x, None])
    assert (more.estimate, more.se, more.left_out) == (found.estimate, found.se, 1)


def test_an_ability_without_answers_is_undefined():
    """The prior's 0 is no measurement."""
    assert items.eap([1, 1], [0, 0], [None, None]).undefined == "no-responses"


def test_abilities_are_covered_by_their_posterior():
    """Of 1,000 models drawn from the prior."""
    rng = np.random.default_rng(6)
    a, b = np.tile(A, 3), np.tile(B, 3) * 1.3
    theta = rng.normal(size=500)
    x = (rng.random((500, 18)) < expit(a * (theta[:, None] - b))).astype(float)
    hits = np.mean([t in items.eap(a, b, row).interval() for t, row in zip(theta, x, strict=True)])

    assert 0.916 <= hits <= 0.978


@pytest.mark.parametrize("seed", range(3))
def test_item_rest_correlations_are_those_of_numpy(seed):
    """And Cronbach's alpha is that of the covariances."""
    x = answers(np.random.default_rng(seed), 60, A, B)
    found = items.item_analysis(x)
    c = np.cov(x.T)
    k = len(A)

    for j in range(k):
        rest = np.delete(x, j, axis=1).sum(axis=1)
        assert found.item_rest[j].estimate == pytest.approx(np.corrcoef(x[:, j], rest)[0, 1])
    assert found.alpha.estimate == pytest.approx(k / (k - 1) * (1 - np.trace(c) / c.sum()))
    assert found.alpha.estimate in found.alpha.interval()


@given(TABLES)
@FEW
def test_correlations_of_few_models_have_an_interval_or_are_withheld(rows):
    """STATS 8: no discrimination from under 30 respondents without one."""
    found = items.item_analysis(rows)

    for one in found.item_rest:
        assert one.undefined or not one.interval().undefined or found.n >= 30
        assert one.interval().width > 0
    assert found.floor_items + found.ceiling_items <= len(rows[0])


def test_ends_gaps_and_nothing_at_all():
    """Items at an end are counted, respondents with a gap left out, no rows undefined."""
    found = items.item_analysis([[5, 1, 3], [5, 1, 4], [5, 1, 1], [5, math.nan, 2]], 1, 5)

    assert (found.floor_items, found.ceiling_items, found.left_out) == (1, 1, 1)
    assert found.item_rest[0].undefined == "no-variation"
    none = items.item_analysis(np.empty((0, 3)))
    assert (none.alpha.undefined, none.item_rest[0].undefined) == ("no-observations",) * 2
    assert none.floor_items == none.ceiling_items == 0
    assert items.item_analysis([[1], [0], [1]]).alpha.undefined == "one-item"
    assert items.item_analysis([[1, 1]] * 5).alpha.undefined == "no-variation"


def test_the_interval_of_an_item_rest_correlation_covers():
    """Graded marks of 60 models, truth from 200,000."""
    rng = np.random.default_rng(7)

    def table(n):
        return np.clip(np.round(3 + rng.normal(size=(n, 1)) + rng.normal(size=(n, 5))), 1, 5)

    truth = items.item_analysis(table(200_000), 1, 5).item_rest[0].estimate
    hits = [
        truth in items.item_analysis(table(60), 1, 5).item_rest[0].interval() for _ in range(500)
    ]

    assert 0.90 <= np.mean(hits) <= 0.985


def test_a_saturated_suite_does_not_rank():
    """Fewer than 20 % informative items, or fewer than 30 effective."""
    rng = np.random.default_rng(8)
    open_ = (rng.random((8, 200)) < 0.5).astype(float)
    easy = open_.copy()
    easy[:, :170] = 1
    small = open_[:, :25]

    assert items.saturation(open_).verdict == "open"
    assert items.saturation(easy).reasons == ("few-informative", "few-effective")
    assert items.saturation(small).reasons == ("few-effective",)
    assert items.saturation(np.ones((3, 50))).reasons == ("few-informative", "few-effective")
    assert items.saturation([[1, 0, 1]]).verdict == "not-estimable"
    assert items.saturation([]).verdict == "not-estimable"
    told = items.saturation(open_, [1.0] * 20 + [0.0] * 180)
    assert (told.effective_items, told.verdict) == (20, "saturated")


@given(TABLES)
@FEW
def test_shares_of_items_add_up_and_an_item_nobody_was_given_changes_nothing(rows):
    """All pass, none passes, and the others are all items."""
    found = items.saturation(rows)
    wider = items.saturation(np.hstack([rows, np.full((len(rows), 1), np.nan)]))
    if found.verdict == "not-estimable":
        return

    assert found.all_pass + found.all_fail + found.informative == pytest.approx(1)
    assert wider.left_out == 1
    assert wider.effective_items == pytest.approx(found.effective_items, nan_ok=True)
    assert wider.top == found.top == max(np.mean(rows, axis=1))
    assert (
        math.isnan(found.effective_items) or 1 <= found.effective_items + 1e-9 <= found.items + 1e-6
    )


def test_the_models_of_responses_can_be_had_from_items():
    """Whoever looks for items finds them there."""
    for name in ("fit_2pl", "information_2pl", "graded_response", "eap"):
        assert getattr(items, name) in {getattr(irt, name, None), getattr(irt_fit, name, None)}


BAD = [
    (lambda: items.fit_2pl([[0, 2]]), r"patterns\[0\]\[1\] is 2, neither 0 nor 1"),
    (lambda: items.fit_2pl([0, 1]), "one row a respondent"),
    (lambda: items.fit_2pl([[0, 1]], [-1]), "at least 0"),
    (lambda: items.fit_2pl([[0, 1]], [1, 1]), "1 values have 2 weights"),
    (lambda: items.information_2pl([1], [0, 1], [0]), "a 1, b 2"),
    (lambda: items.information_2pl([math.nan], [0], [0]), "is not a number"),
    (lambda: items.graded_response([1], [[1, 0]], [0]), r"b\[0\] must be at least one threshold, and ascend"),
    (lambda: items.graded_response([1], [[]], [0]), "at least one threshold"),
    (lambda: items.graded_response([1, 1], [[0]], [0]), "got 2 and 1"),
    (lambda: items.eap([1], [0], [3]), "neither 0 nor 1"),
    (lambda: items.eap([1], [0], [1, 0]), "responses 2"),
    (lambda: items.item_analysis([[1, 6]], 1, 5), "is 6, outside 1 to 5"),
    (lambda: items.item_analysis([1, 0]), "one column an item"),
    (lambda: items.saturation([[1, 2]]), "outside 0 to 1"),
    (lambda: items.saturation([1, 0]), "one row a model"),
    (lambda: items.saturation([[1, 0], [0, 0]], [1]), "2 items have 1 of information"),
    (lambda: items.saturation([[1, 0], [0, 0]], [1, -1]), "outside 0 to inf"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "told"), BAD)
def test_wrong_data_is_told_what_where_and_what_instead(call, told):
    """Each in one sentence."""
    with pytest.raises(ValueError, match=told):
        call()
