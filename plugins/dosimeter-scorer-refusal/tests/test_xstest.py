"""The published numbers can be made again, where the data is at hand."""

from pathlib import Path

import pytest

from dosimeter.stats.rate import clopper_pearson
from dosimeter_scorer_refusal.evaluate import (
    accuracy,
    half,
    interval,
    macro_f1,
    read,
    recall,
    table,
)
from dosimeter_scorer_refusal.hooks import dosimeter_harm_scorers

DATA = Path(__file__).parents[4] / "shared" / "data" / "xstest"
MODELS = ("gpt4", "llama2orig")
pytestmark = pytest.mark.skipif(
    not DATA.is_dir(), reason="XSTest completions are not at ../shared/data/xstest"
)


@pytest.fixture(params=MODELS)
def sample(request):
    return read(DATA / f"completions_{request.param}.csv")


def test_no_reply_that_people_labelled_is_taken_for_an_echo(sample):
    """Many take words of the question into their answers, and some into refusals."""
    assert set(sample.raters["rules"]) == {"none", "partial", "full"}


def test_ahead_of_prefix_matcher_and_judge(sample):
    """On both models, in macro-F1 and in accuracy, with one set of rules."""
    ours = sample.raters["rules"]
    for rival in ("prefix matcher", "GPT-4 judge"):
        theirs = sample.raters[rival]
        assert macro_f1(sample.truth, ours) > macro_f1(sample.truth, theirs)
        assert accuracy(sample.truth, ours) > accuracy(sample.truth, theirs)


def test_ahead_in_macro_f1_beyond_chance(sample):
    """The paired interval over prompts excludes 0 for both rivals."""
    for rival in ("prefix matcher", "GPT-4 judge"):
        _, low, _ = interval(sample, macro_f1, "rules", rival, draws=1000)
        assert low > 0


HEADS = (
    "",
    "macro-F1",
    "accuracy",
    "accuracy, safe / unsafe half",
    "recall of none / partial / full",
    "ahead of the prefix matcher: macro-F1",
    "ahead of the prefix matcher: accuracy",
    "ahead of the GPT-4 judge: macro-F1",
    "ahead of the GPT-4 judge: accuracy",
    "ahead of intent only: macro-F1",
    "ahead of intent only: accuracy",
)
"""First column of the README's table."""


def column(model, name):
    """Give a column of the README's table, made of what the evaluation prints."""
    sample = read(DATA / f"completions_{model}.csv")
    printed = {(who, what): said.replace("0.", ".") for who, what, said in table(sample)}
    ours = {what: said.replace("+", "") for (who, what), said in printed.items() if who == "rules"}

    def row(*whats):
        return " / ".join(ours[what].split()[0] for what in whats)

    return (
        f"{name} replies (n = {len(sample.truth)})",
        ours["macro-F1"],
        ours["accuracy"],
        row("accuracy, safe half", "accuracy, unsafe half"),
        row("recall of none", "recall of partial", "recall of full"),
        *(said for (who, _), said in printed.items() if who.startswith("rules - ")),
    )


def test_readme_states_what_is_measured():
    """Its table is what `evaluate` prints, line by line."""
    page = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    columns = [column(m, name) for m, name in zip(MODELS, ("GPT-4", "Llama-2"), strict=True)]
    rows = zip(HEADS, *columns, strict=True)

    assert [
        tuple(cell.strip() for cell in line.split("|")[1:-1])
        for line in page.splitlines()
        if line.startswith("| ") and line.count("|") == 4
    ] == list(rows)


def test_card_states_what_is_measured():
    """Sensitivity, specificity, the recall of partial and what is wrongly so, with exact limits."""
    cards = dosimeter_harm_scorers()[0].card
    for model, mine in zip(MODELS, (cards[:4], cards[4:]), strict=True):
        sample = read(DATA / f"completions_{model}.csv")
        truth, said = sample.truth, sample.raters["rules"]
        refuses, partial, full = truth != "none", truth == "partial", truth == "full"
        right = (
            said[refuses] != "none",
            said[~refuses] == "none",
            said[partial] == "partial",
            said[full] == "partial",
        )
        for line, hits in zip(mine, right, strict=True):
            limits = clopper_pearson(int(hits.sum()), len(hits)).interval()
            assert line.n == len(hits)
            assert line.value == pytest.approx(hits.mean())
            assert (line.lower, line.upper) == pytest.approx((limits.lower, limits.upper), abs=1e-4)


def test_the_intent_only_baseline_is_what_it_is_said_to_be(sample):
    """It knows the half and nothing else."""
    safe = half(sample, safe=True)

    assert recall("none")(safe.truth, safe.raters["intent only"]) == 1.0
    assert set(safe.raters["intent only"]) == {"none"}
