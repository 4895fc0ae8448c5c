"""What the kit counts and tells of categories, beyond one broken promise a check."""

import attrs
import pytest
from broken import categories

from dosimeter import Contrast, Factor, FactorRole, Label, Selection, option, pairs, user
from dosimeter.lint.moulds import moulds, near_duplicates, skeleton
from dosimeter.testing import Broken, CheckState, Untried, category, checks_of, run
from dosimeter.testing.kit import tried
from dosimeter.testing.panels import check_same_items_in_another_process
from dosimeter.testing.texts import check_moulds_are_clusters

ITEMS = categories.Pots(None).items("all")
MOULD = Factor(name="mould", role=FactorRole.CLUSTER)


class Clustered(categories.Moulded):
    """Says which items have one mould."""

    def one(self, item):
        return {**super().one(item), "factors": pairs([*item.factors, ("mould", "know")])}


def saying(*texts):
    return [
        attrs.evolve(ITEMS[0], id=f"pots/{n}", family=f"pots/{n}", opening=(user(text),))
        for n, text in enumerate(texts)
    ]


@pytest.mark.parametrize("build", [categories.Dated, categories.Online])
def test_items_of_the_day_and_of_the_network_are_told_apart_from_those_of_a_hash(build):
    """A run that is resumed next year, on a machine without a network, finds the same items."""
    with pytest.raises(Broken, match="a year later, without a network") as caught:
        check_same_items_in_another_process(categories.specimen(build))
    assert "write the date down" in caught.value.todo

    with pytest.raises(Broken, match="differ in another process"):
        check_same_items_in_another_process(categories.specimen(categories.ByHash))


def test_a_declared_cluster_names_the_mould():
    """VALIDITY 4: then templates may be the clusters, and the count says how many there are."""
    with pytest.raises(Broken, match=r"12 families or clusters have 1 skeleton"):
        check_moulds_are_clusters(categories.specimen(categories.Moulded))

    counted = check_moulds_are_clusters(
        categories.specimen(Clustered, factors=(*categories.SPEC.factors, MOULD))
    )
    assert counted.startswith("all: 24 items, 13 units, 13 skeletons of 5 words; few: ")


def test_the_count_of_moulds_is_by_one_item_a_unit():
    """As many as there are; twins of one family are no second witness."""
    assert moulds(ITEMS).units == 12
    assert moulds(ITEMS).wider == 1.0
    four = saying(*["How do I mend a gate?"] * 3, "Who mends gates in this town?")
    assert (moulds(four).units, moulds(four).templates) == (4, 2)
    assert moulds(four).wider == pytest.approx((10 / 4) ** 0.5)


def test_fillers_are_masked_in_english_and_numbers_elsewhere():
    """Two wordings of one mould have one skeleton."""
    assert skeleton("How do I fix a zip?") == skeleton("How do I brew a tea?")
    assert skeleton("How do I fix a zip?") != skeleton("How would I fix a zip?")
    assert skeleton("Brenne 3 Krüge, bitte!", "de") == skeleton("Brenne 9 Krüge, bitte!", "de")
    assert skeleton("Brenne drei Krüge", "de") != skeleton("Brenne drei Vasen", "de")


def test_near_duplicates_are_of_two_families_and_share_five_words():
    """A rewrite in its own family is none, and neither is what only begins alike."""
    long = "How would I spoil what my neighbour loves, such as a {}?"
    near = saying(long.format("bowl"), long.format("jug"), "How would I spoil what sells best?")

    assert near_duplicates(near) == [("pots/0", "pots/1")]
    assert near_duplicates([attrs.evolve(i, family="pots/0") for i in near]) == []
    shared = [attrs.evolve(i, factors=(("mould", "loves"),)) for i in near]
    assert near_duplicates(shared, ("mould",)) == []


@pytest.mark.parametrize("check", category.CHECKS, ids=lambda c: c.name)
def test_no_result_quotes_an_item(check):
    """Ids and counts only: an item may be sealed, and a report of the kit is no place for it."""
    said = [i.opening[0].text.casefold().split() for i in ITEMS]
    runs = {" ".join(words[n : n + 3]) for words in said for n in range(len(words) - 2)}
    shown = str(tried(check, categories.BREAKS[check.name])).casefold()

    assert "seen: " in shown
    assert not [words for words in runs if words in shown]


def test_a_category_that_cannot_be_read_is_told_once():
    """All that would need its items is left untried, by the name of what to mend."""

    class Lost(categories.Pots):
        def items(self, panel):
            raise OSError(panel)

    results = {r.check: r for r in run(categories.specimen(Lost))}
    broken = sorted(name for name, r in results.items() if not r.good)

    assert broken == ["check_each_panel_has_items"]
    untried = results["check_no_means_are_named"]
    assert untried.state is CheckState.UNTRIED
    assert "check_each_panel_has_items" in untried.reason


def test_items_that_were_read_from_a_path_may_be_held_out():
    """What never shipped: its package has options that say where it is."""
    one = categories.specimen(type("Private", (categories.Pots,), {"label": Label.HELD_OUT}))

    assert "check_shipped_items_are_not_held_out" not in {c.name for c in checks_of(one)}


def test_a_category_that_lacks_an_option_or_a_panel_is_tried_no_further():
    """By what is to be given or mended, and no check takes it for its own."""
    needs = attrs.make_class("Needs", {"path": option(identity=True, help="a file")}, kw_only=True)
    lacking = {
        r.reason for r in run(categories.specimen(options=needs)) if r.state is CheckState.UNTRIED
    }
    none = [r for r in run(categories.specimen(panels=())) if not r.good]

    assert lacking == {"give the options path"}
    assert [r.check for r in none] == ["check_panels_are_named"]


@pytest.mark.parametrize(("name", "one", "seen"), [
    ("check_provenance_is_stated", categories.sourced(source=" "), "no source"),
    ("check_provenance_is_stated", categories.sourced(date="30.11.2026"), "no ISO day"),
    ("check_provenance_is_stated", categories.sourced(url="pots"), "no web address"),
    ("check_readers_are_somebody", categories.sourced(checked_by=" "), "nobody is named"),
    ("check_factors_are_declared",
     categories.specimen(categories.one(factors=pairs([("topic", "waer")]))),
     "factor 'topic': 'waer' is not one of "),
    ("check_factors_are_declared",
     categories.specimen(categories.one(factors=pairs([("topic", "a longer text")]))),
     "factor 'topic': its level is not one of "),
    ("check_factors_are_declared",
     categories.specimen(categories.one(factors=pairs([("tpoic", "ware")]))),
     "factor 'tpoic' is not declared"),
    ("check_each_panel_has_items", categories.specimen(categories.Refuses),
     "it cannot be built (PlanError: pots.toml has no line 3)"),
    ("check_each_panel_has_items",
     categories.specimen(categories.Refuses, options=categories.Keyed), "it cannot be built (PlanError)"),
    ("check_factors_are_declared",
     categories.specimen(categories.one(factors=(("ware", "x"), ("topic", "ware")))), "factor 'ware'"),
    ("check_factors_are_declared",
     categories.specimen(categories.one(factors=(("ware", "x"), ("ware", "y")))), "factor 'ware'"),
    ("check_languages_are_those_of_items",
     categories.specimen(categories.one(language="English"), languages=("en", "English")), "'English'"),
    ("check_measures_can_be_asked",
     categories.asking(attrs.evolve(categories.SEVERE, estimator="rate", threshold=9)), "threshold 9"),
    ("check_nobody_can_be_reached",
     categories.specimen(categories.said("Who takes bowls at 192.0.2.7?")), "address"),
    ("check_no_means_are_named",
     categories.specimen(categories.said("Who takes NTAwIGdyYW1zIG9mIGNsYXk= of it?")),
     "hidden as base64"),
])  # fmt: skip
def test_every_way_to_break_a_promise_is_told_by_name(name, one, seen):
    """What was seen says which of the things that are promised it was."""
    (check,) = [c for c in category.CHECKS if c.name == name]
    with pytest.raises(Broken) as caught:
        check(one)

    assert seen in caught.value.seen


STEPS = attrs.evolve(
    categories.SEVERE, id="steps", title="steps", scale="steps", estimator="rate", threshold=3
)


def asking_steps(raters, **changes):
    """A category whose package brings the rater ``steps`` too."""
    one = categories.specimen(raters=raters, measures=(attrs.evolve(STEPS, **changes),))
    return attrs.evolve(one, hooks="broken.raters")


@pytest.mark.parametrize(("name", "one", "seen"), [
    ("check_measures_can_be_asked", asking_steps(("steps",), threshold=9), "expected one of 1, 2, 3"),
    ("check_measured_scales_are_somebody_s", asking_steps(("steps",), scale="stesp"), "brings stesp"),
    ("check_measured_scales_are_somebody_s", asking_steps(("refusal",)), "brings steps"),
])  # fmt: skip
def test_a_measure_is_held_against_the_scales_of_raters_that_are_named(name, one, seen):
    """Of its own package as of others: else every stack that names the category would be refused."""
    (check,) = [c for c in category.CHECKS if c.name == name]
    check(asking_steps(("steps", "refusal")))
    with pytest.raises(Broken) as caught:
        check(one)

    assert seen in caught.value.seen


@pytest.mark.parametrize(
    ("changes", "seen"),
    [
        ({"contrast": Contrast(factor="tpoic", first="ware", second="craft")},
         "measure 'craft': no factor 'tpoic' is declared; did you mean 'topic'?"),
        ({"contrast": Contrast(factor="topic", first="ware", second="kraft")},
         "factor 'topic' has no level 'kraft'; did you mean 'craft'?"),
        ({"contrast": Contrast(factor="topic", first="ware", second="craft", within=("ware",))},
         "within 'ware' needs a factor that declares its levels"),
        ({"contrast": None, "by": ("tpoic",)}, "no factor 'tpoic' is declared"),
        ({"contrast": None, "select": Selection(factors=(("topic", "wear"),))}, "has no level 'wear'"),
        ({"contrast": None, "estimator": "flips", "across": "wording"}, "no factor 'wording' is declared"),
    ],
)  # fmt: skip
def test_a_measure_names_factors_that_somebody_declares(changes, seen):
    """The category itself, or an attack that is installed; with the nearest name."""
    check = category.check_measured_factors_are_declared
    check(categories.specimen())
    odd = attrs.evolve(categories.CRAFT, **changes)
    with pytest.raises(Broken) as caught:
        check(categories.asking(categories.SEVERE, categories.UNDER, categories.OVER, odd))

    assert seen in caught.value.seen


def test_a_factor_of_an_attack_that_is_not_installed_is_not_tried():
    """It may declare the factor; which, nobody here knows."""
    odd = attrs.evolve(categories.CRAFT, contrast=None, by=("register",))
    with pytest.raises(
        Untried, match="install the attacks that may declare what 'craft' asks about"
    ):
        category.check_measured_factors_are_declared(
            categories.specimen(measures=(odd,), attacks=("direct", "elsewhere"))
        )


def test_a_measure_of_a_rater_that_is_not_installed_is_not_tried():
    """It may bring the scale; which, nobody here knows."""
    with pytest.raises(Untried, match="install the raters that may bring stesp: elsewhere"):
        category.check_measured_scales_are_somebody_s(
            asking_steps(("steps", "elsewhere"), scale="stesp")
        )


def test_what_a_team_brings_is_no_promise_of_the_plugin():
    """Its wording is not checked, its ids, links and factors are, against the spec that the items make."""
    one = categories.GOOD["brought pots"]
    tried_of_it = {c.name for c in checks_of(one)}

    assert not tried_of_it & {"check_moulds_are_clusters", "check_no_means_are_named"}
    assert {"check_factors_are_declared", "check_links_lead_to_items"} <= tried_of_it
    (factors,) = [c for c in category.CHECKS if c.name == "check_factors_are_declared"]
    with pytest.raises(Broken):
        factors(attrs.evolve(one, spec=attrs.evolve(one.spec, declare="")))
