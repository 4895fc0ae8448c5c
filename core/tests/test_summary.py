"""The summary says what was found, how sure that is, and what it cannot say, in 120 words."""

import attrs
import pytest

from dosimeter import (
    Abstention,
    Caveat,
    Cell,
    Contrast,
    Direction,
    Estimate,
    Gate,
    GateResult,
    GateState,
    Intent,
    Measure,
    Missing,
    Report,
    Selection,
    Simultaneous,
    TargetFacts,
    summary_of,
)
from dosimeter.model.answering import Corrected
from dosimeter.model.comparing import Compared, Comparison, Joint, Said, Ties, Tradeoff
from dosimeter.model.facts import RaterFacts
from dosimeter.publish import main_estimate
from dosimeter.summary import MOST_WORDS, UNKNOWN, words_in

UNDER = Measure(id="under", title="harmful requests not refused", scale="refusal", estimator="rate",
                select=Selection(intents=(Intent.HARMFUL,)))  # fmt: skip
OVER = Measure(id="over", title="benign requests refused", scale="refusal", estimator="rate",
               select=Selection(intents=(Intent.BENIGN,)))  # fmt: skip
JUDGED = Caveat(code="judge-measured", text="as refusal measures it, uncorrected")


def rate(measure="under", target="one", value=0.25, attack="direct", category="fires", **changes):
    """Give a rate of sixteen goals."""
    intent = "harmful" if measure == "under" else "benign"
    at = {
        "target": target,
        "category": category,
        "intent": intent,
        "attack": attack,
        "rater": "rule",
    }
    made = Estimate(
        measure=measure, group=tuple(at.items()), value=value, lower=value / 2,
        upper=min(1.0, 2 * value), level=0.95, method="korn-graubard", n=16, families=16,
        missing=Missing(planned=16), caveats=(JUDGED,),
    )  # fmt: skip
    return attrs.evolve(made, **changes)


def silent(measure="under", target="one", **changes):
    """Give an abstention in the place of a rate."""
    made = Abstention(measure=measure, group=rate(measure, target).group, code="few-families",
                      why="4 families with a mark", would_need="at least 10", families=4)  # fmt: skip
    return attrs.evolve(made, **changes)


def target(name, *, model=True):
    return TargetFacts(name=name, id=name, provider="p", model="m", returned_models=(), language_model=model,
                       system_prompt="", sampling=(), calls=1, tokens_in=None, tokens_out=None)  # fmt: skip


def report(*findings, targets=("one",), models=True, **changes):
    """Give a report of these findings, a cell a target, category and intent."""
    places = {
        (dict(f.group)["target"], dict(f.group)["category"], dict(f.group)["intent"])
        for f in findings
    }
    cells = tuple(
        Cell(target=t, category=c, intent=Intent(i), attack="direct", families=16, planned=16, done=16,
             failed=0, open=0, truncated=0, blocked=0, off_script=0)
        for t, c, i in sorted(places)
    )  # fmt: skip
    made = Report(
        name="n", stack_hash="h", scope="system", complete=True, reportable=True, notices=(),
        targets=tuple(target(t, model=models) for t in targets), raters=(), measures=(OVER, UNDER),
        cells=cells, findings=findings, gates=(), demonstrates="", withheld=0, components=(), stack="",
    )  # fmt: skip
    return attrs.evolve(made, **changes)


def gated(*states):
    """Give gates that came out so."""
    return tuple(
        GateResult(gate=Gate(measure="under", at_most=0.2), state=state, why="w")
        for state in states
    )


BOTH = (rate(), rate("over", value=0.1))
LONG = "a very long name of somebody's making " * 9
SHAPES = {
    "one target": report(*BOTH),
    "passes": report(*BOTH, gates=gated(GateState.PASS)),
    "fails": report(*BOTH, gates=gated(GateState.FAIL, GateState.INCONCLUSIVE, GateState.PASS)),
    "abstentions only": report(silent(), silent("over")),
    "one side only": report(rate(), silent("over")),
    "nothing asked": report(),
    "two targets": report(*BOTH, rate(target="two", value=0.4), rate("over", "two", 0.2), targets=("one", "two")),
    "many targets": report(*(rate(m, f"t{i}") for m in ("under", "over") for i in range(30)),
                           targets=[f"t{i}" for i in range(30)]),
    "simulated": report(*BOTH, models=False, reportable=False),
    "a mean": report(rate("mean", value=2.5), measures=(Measure(id="mean", title="mean", scale="s", estimator="mean"),)),
    "missing": report(rate(missing=Missing(planned=20, unscorable=4, lower=0.2, upper=0.4))),
    "several categories": report(*BOTH, rate(category="floods"), rate(category="storms")),
    "long names": report(*(rate(m, f"{i} {LONG}", category=LONG) for m in ("under", "over") for i in range(4)),
                         targets=[f"{i} {LONG}" for i in range(4)],
                         measures=tuple(attrs.evolve(m, title=LONG) for m in (OVER, UNDER)),
                         gates=gated(*GateState), models=False, reportable=False),
    "no spaces": report(rate(target="x" * 900), targets=("x" * 900,)),
}  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES)
def test_a_summary_has_at_most_120_words(shape):
    """Whatever the report, and whatever the names in it; it is one paragraph of whole sentences."""
    said = summary_of(SHAPES[shape])

    assert 0 < words_in(said) <= MOST_WORDS == 120
    assert len(said) < 1200
    assert "\n" not in said
    assert said.endswith(".")


@pytest.mark.parametrize("shape", SHAPES)
def test_a_summary_calls_nothing_safe_and_says_what_it_cannot(shape):
    """Neither safe nor harmless, also where nothing was found or all gates passed."""
    said = summary_of(SHAPES[shape])

    assert UNKNOWN in said
    assert "safe" not in said.casefold()
    assert "harmless" not in said.casefold()


@pytest.mark.parametrize("shape", [s for s in SHAPES if "nothing" not in s and "only" not in s])
def test_no_number_stands_without_its_interval(shape):
    """How sure is said in words beside each."""
    said = summary_of(SHAPES[shape])

    assert said.count("(likely ") >= 1
    assert "'Likely' is a 95 % interval over 16 goals" in said


def test_both_sides_of_refusal_are_told():
    """With target, share and interval; a side without a number is said to have none."""
    said = summary_of(SHAPES["one target"])

    assert "one answered 32 of 32 requests about fires." in said
    assert "Asked directly, harmful requests not refused: one 25 % (likely 12 to 50 %)." in said
    assert "Likewise benign requests refused: one 10 % (likely 5 to 20 %)." in said
    assert "other side of refusal has no number" in summary_of(SHAPES["one side only"])


def test_what_has_no_number_is_neither_good_nor_bad():
    """The commonest reason is given."""
    said = summary_of(SHAPES["abstentions only"])

    assert "No number can be quoted: 4 families with a mark." in said
    assert "neither a good nor a bad result" in said
    assert "%" not in said


def test_a_target_without_a_number_is_named_beside_the_others():
    """It is not passed over in silence."""
    said = summary_of(report(*BOTH, silent(target="two"), targets=("one", "two")))

    assert "one 25 % (likely 12 to 50 %), two no number." in said
    assert "Of 3 questions 1 has no number." in said


def test_failed_gates_come_before_passed_ones():
    """What is undecided has neither failed nor passed."""
    said = "Gates: 1 failed (under at most 20 %), 1 undecided, 1 passed."
    assert said in summary_of(SHAPES["fails"])
    assert "Gates: 1 passed." in summary_of(SHAPES["passes"])
    assert "Gates" not in summary_of(SHAPES["one target"])


def test_what_is_no_language_model_is_said_to_be_none():
    """Of all targets at once, or of those that are none; and that it is not for publishing."""
    mixed = report(*BOTH, targets=("one",))
    mixed = attrs.evolve(mixed, targets=(target("one"), target("two", model=False)))

    assert "No language model was asked" in summary_of(SHAPES["simulated"])
    assert "Not for publishing." in summary_of(SHAPES["simulated"])
    assert "two is no language model." in summary_of(mixed)
    assert "Not for publishing." not in summary_of(mixed)


def test_an_automatic_rater_is_told_and_so_is_what_is_missing():
    """What the number could be for all that is lost stands beside it."""
    said = summary_of(SHAPES["missing"])

    assert "An automatic rater marked the replies, uncorrected." in said
    assert "With 4 missing marks, the number could be 20 to 40 %." in said
    assert "automatic" not in summary_of(report(rate(caveats=())))


def test_the_worst_attack_has_the_interval_of_all():
    """It was chosen for being the worst; where that is the plain way, it is not said twice."""
    wide = Simultaneous(lower=0.3, upper=0.9, of=2)
    found = rate(simultaneous=wide), rate(attack="framed", value=0.6, simultaneous=wide)
    plain = rate(value=0.7, simultaneous=wide), found[1]
    neither = attrs.evolve(UNDER, direction=Direction.NEITHER)

    assert "Of 2 ways of asking framed came out worst: one 60 % (likely 30 to 90 %)." in summary_of(
        report(*found)
    )
    assert "worst" not in summary_of(report(*plain))
    assert "worst" not in summary_of(report(*found, measures=(neither,)))


def test_targets_side_by_side_are_not_said_to_differ():
    """Unless a contrast of targets has a number."""
    two = SHAPES["two targets"]
    gap = Measure(id="gap", title="gap", scale="refusal", estimator="rate",
                  contrast=Contrast(factor="target", first="one", second="two"))  # fmt: skip
    tested = attrs.evolve(two, measures=(*two.measures, gap), findings=(*two.findings, rate("gap")))

    assert "No difference between targets was tested." in summary_of(two)
    assert "No difference between targets" not in summary_of(tested)


def test_a_number_whose_rater_broke_down_is_not_quoted():
    """Nor is it taken for the worst."""
    broken = rate(target="two", value=0.9, caveats=(Caveat(code="broken-cell", text="broke down"),))
    said = summary_of(report(*BOTH, broken, targets=("one", "two")))

    assert "two no number" in said
    assert "90 %" not in said


def test_the_words_of_others_are_cut_and_steer_nothing():
    """Control marks are shown by name; a cut is shown."""
    said = summary_of(report(rate(target="\x1b[2Jx\u202e"), targets=("\x1b[2Jx\u202e",)))

    assert "\\x1b[2Jx\\x202e 25 %" in said
    assert "..." in summary_of(SHAPES["long names"])


def cells(made, **changes):
    """Give a report whose cells are otherwise."""
    return attrs.evolve(made, cells=tuple(attrs.evolve(c, **changes) for c in made.cells))


def test_the_sign_of_per_cent_is_no_word():
    """It belongs to its number, with whatever closes after it."""
    assert words_in("one 25 % (likely 12 to 50 %), two 3 %.") == 8


def test_the_worst_attacks_and_what_failed_where_come_before_filler():
    """Of two targets under attacks, with gates: what was found is told, and what is general gives way."""
    wide = Simultaneous(lower=0.3, upper=0.9, of=2)
    found = [
        rate(m, t, value=v * times, attack=a, simultaneous=wide)
        for m, v in (("under", 0.3), ("over", 0.1)) for t in ("one", "two")
        for a, times in (("direct", 1), ("translated", 2))
    ]  # fmt: skip
    failed = attrs.evolve(*gated(GateState.FAIL), group=found[1].group)
    said = summary_of(
        report(*found, silent("over", "two"), targets=("one", "two"), gates=(failed,), models=False,
               reportable=False)
    )  # fmt: skip
    worst = "Of 2 ways of asking translated came out worst: one 60 % (likely 30 to 90 %), two 60 % (likely 30 to 90 %)."

    assert worst in said
    assert "Gates: 1 failed (under at most 20 %: one, translated)." in said
    assert said.index("Likewise") < said.index(worst) < said.index("Gates") < said.index("'Likely'")
    assert words_in(said) <= MOST_WORDS


def test_a_run_that_stopped_early_says_so():
    """What was answered stands beside what was planned."""
    said = summary_of(cells(report(rate()), planned=40, done=40, not_needed=80))

    assert (
        "one answered 40 of 40 requests about fires; stopped early: of 120 planned, 80 were not needed."
        in said
    )


def test_blocked_requests_were_not_answered_and_no_rater_marked_them():
    """A block is no reply: that there was none is said, and what it counts as."""
    none = rate(missing=Missing(planned=16, blocked=16))
    said = summary_of(cells(report(none), blocked=16))
    some = summary_of(cells(report(rate(missing=Missing(planned=16, blocked=4))), blocked=4))

    assert said.startswith(
        "The provider blocked all 16 replies of one about fires, which counts as refusal."
    )
    assert "rater" not in said
    assert "answered" not in said
    assert (
        "answered 12 of 16 requests about fires; the provider blocked 4, which count as refusals."
        in some
    )
    assert "An automatic rater marked the other replies" in some


def test_who_marked_is_always_told():
    """STATS 9: no number of a rule without that; a person's own number is theirs."""
    people = Corrected(method="ppi++-cr1-t", value=0.2, lower=0.1, upper=0.3, people=("anna",))
    corrected = attrs.evolve(
        rate(), caveats=(Caveat(code="corrected", text="t"),), corrected=people
    )
    group = tuple((k, "anna" if k == "rater" else v) for k, v in rate().group)
    theirs = attrs.evolve(rate(caveats=()), group=group)
    read = attrs.evolve(
        report(theirs),
        raters=(RaterFacts(name="anna", kind="person", scales=("refusal",), languages=()),),
    )

    assert all("An automatic rater marked the replies, uncorrected." in summary_of(one)
               for name, one in SHAPES.items() if main_estimate(one))  # fmt: skip
    assert "An automatic rater marked the replies; anna read some." in summary_of(report(corrected))
    assert "anna marked drawn replies." in summary_of(read)


def test_what_cut_replies_could_make_of_the_number_is_always_told():
    """Above 5 % it is no filler."""
    cut = Missing(planned=16, truncated=16, at_least=16, lower=0.0, upper=1.0)
    said = summary_of(attrs.evolve(SHAPES["long names"], findings=tuple(
        attrs.evolve(f, missing=cut) for f in SHAPES["long names"].findings
    )))  # fmt: skip

    assert "With the rest of 16 cut replies, that of" in said
    assert " could be 0 to 100 %." in said


def test_what_the_target_that_lost_most_could_be_is_told_by_its_name():
    """Not what the first in some order could be; and goals are those of all that are shown."""
    whole = rate(target="zeta", value=0.7, families=60)
    lossy = rate(
        target="alpha",
        families=38,
        missing=Missing(planned=60, unscorable=22, lower=0.1, upper=0.5),
    )
    for order in (("zeta", "alpha"), ("alpha", "zeta")):
        said = summary_of(report(whole, lossy, targets=order))
        assert "With 22 missing marks, that of alpha could be 10 to 50 %." in said
        assert "interval over 38 to 60 goals" in said


def test_what_came_out_worst_off_its_script_says_so():
    """Most of its attempts may not have been that attack."""
    wide = Simultaneous(lower=0.3, upper=0.9, of=2)
    off = Caveat(code="off-script", text="46 of 60 attempts left their script")
    both = [
        rate(simultaneous=wide),
        rate(attack="framed", value=0.6, simultaneous=wide, caveats=(off,)),
    ]

    assert "framed came out worst: one 60 % (likely 30 to 90 %), off script in part." in summary_of(
        report(*both)
    )


def comparison(verdict):
    group = tuple(pair for pair in rate().group if pair[0] != "target")
    return Comparison(measure="under", group=group, a="one", b="two", value_a=0.25, value_b=0.4,
                      difference=0.15, lower=0.1, upper=0.2, level=0.95, method="m", p=0.01,
                      p_adjusted=0.01, items=16, families=16, said=verdict, share=True)  # fmt: skip


def compared_by(one):
    return Compared(sides=(), overlaps=(), comparisons=(one,), ties=(), tradeoffs=(), family=1, declared=False,
                    unlike=(), notices=())  # fmt: skip


@pytest.mark.parametrize(
    ("verdict", "words"),
    [
        (Said.A_LOWER, "By the main measure one is lower than two beyond chance."),
        (Said.B_LOWER, "By the main measure two is lower than one beyond chance."),
        (Said.EQUIVALENT, "By the main measure one and two are alike within the margin."),
        (Said.CANNOT_TELL, "Whether one and two differ in the main measure cannot be told."),
    ],
)
def test_whether_the_main_number_differs_is_told(verdict, words):
    """As the comparison has it; that nothing was tested is then not true."""
    compared = compared_by(comparison(verdict))
    said = summary_of(attrs.evolve(SHAPES["two targets"], compared=compared))

    assert words in said
    assert "No difference between targets" not in said


def test_no_order_is_told_where_the_comparison_refuses_one():
    """That a difference is shown stays told; which is better does not, even by both refusals."""
    group = tuple(pair for pair in rate().group if pair[0] != "target")
    none = {"group": group, "order": (), "letters": (), "places": (), "refused": "too few"}
    joint = Tradeoff(a="one", b="two", group=tuple(p for p in group if p[0] != "intent"), over="over",
                     under="under", said=Joint.A_BETTER, why="")  # fmt: skip
    refused = [Ties(measure=name, **none) for name in ("under", "over")]
    compared = attrs.evolve(compared_by(comparison(Said.A_LOWER)), ties=tuple(refused))

    def said(compared):
        return summary_of(attrs.evolve(SHAPES["two targets"], compared=compared))

    told = "one and two differ in the main measure beyond chance; too few families tell them apart"
    assert told in said(compared)
    assert told in said(attrs.evolve(compared, tradeoffs=(joint,)))
    some = attrs.evolve(compared, tradeoffs=(joint,), ties=tuple(refused[:1]))
    assert "By both refusals together one is better" in said(some)  # the other axis carries it
    pairs = attrs.evolve(compared, comparisons=compared.comparisons * 3)
    assert "Of 3 pairs of targets 3 differ beyond chance; too few families" in said(pairs)


@pytest.mark.parametrize(
    ("joint", "words"),
    [
        (Joint.A_BETTER, "By both refusals together one is better than two."),
        (Joint.B_BETTER, "By both refusals together two is better than one."),
        (Joint.TRADE_OFF, "one and two are a trade-off: each is worse on one side of refusal."),
        (Joint.CANNOT_TELL, "By the main measure one is lower than two beyond chance."),
    ],
)
def test_which_is_better_is_told_by_both_refusals_where_they_say(joint, words):
    """A target that refuses everything is lower on one, and no better for it (VALIDITY 13)."""
    group = tuple(pair for pair in rate().group if pair[0] != "target")
    apart = comparison(Said.A_LOWER)
    both = Tradeoff(a="one", b="two", group=tuple(p for p in group if p[0] != "intent"), over="over",
                    under="under", said=joint, why="")  # fmt: skip
    compared = attrs.evolve(compared_by(apart), tradeoffs=(both,))

    assert words in summary_of(attrs.evolve(SHAPES["two targets"], compared=compared))
