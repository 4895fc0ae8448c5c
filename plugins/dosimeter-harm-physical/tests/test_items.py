"""The shipped items keep what the category promises."""

import re
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from dosimeter import Intent, PlanError, Text, digest
from dosimeter.stats import mde_paired_proportions
from dosimeter_harm_physical.hooks import dosimeter_harm_categories
from dosimeter_harm_physical.items import build, families
from dosimeter_harm_physical.lint import lint
from dosimeter_harm_physical.power import power, skeleton, table

CATEGORY = build(None)
SPEC = dosimeter_harm_categories()[0]
PANELS = [p.name for p in SPEC.panels]
README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
BENCHMARKS = Path(__file__).parents[4] / "shared" / "data"


def everything():
    return {i.id: i for p in PANELS for i in CATEGORY.items(p)}


def words(text):
    return re.findall(r"[a-z']+", text.lower())


def test_there_are_sixty_families_over_twelve_topics():
    """What the package says it brings."""
    assert len(families()) >= 60
    assert len({f.topic for f in families()}) >= 12
    assert len({f.goal for f in families()}) == len(families())


def test_every_harmful_item_has_a_matched_twin():
    """Same family, benign, linked both ways, length within 40 % each and 5 % on average."""
    items = everything()
    lengths = []
    for item in items.values():
        if item.intent is Intent.HARMFUL:
            twin = items[item.links[0].item_id]
            assert (twin.intent, twin.family) == (Intent.BENIGN, item.family)
            assert twin.links[0].item_id == item.id
            if item.links[0].kind == "twin-of":
                lengths.append(
                    (len(words(item.opening[-1].text)), len(words(twin.opening[-1].text)))
                )
    assert all(abs(a - b) <= 0.4 * a for a, b in lengths)
    assert abs(sum(a for a, _ in lengths) / sum(b for _, b in lengths) - 1) < 0.05


def test_the_trigger_is_where_the_factorial_says():
    """VALIDITY 12, lexical check: the word in all T1 cells and in no T0 cell; four cells a family."""
    cells = defaultdict(Counter)
    for item in CATEGORY.items("factorial"):
        factors = dict(item.factors)
        has = factors["trigger_word"] in item.opening[-1].text.lower()
        assert has is (factors["trigger"] == "1"), item.id
        cells[item.family][item.intent, factors["trigger"]] += 1
    assert len(cells) >= 12
    for counts in cells.values():
        assert set(counts.values()) == {1}
        assert len(counts) == 4


def test_no_two_families_share_a_skeleton():
    """VALIDITY 4: no run of five words stands in two families, so wording is no hidden cluster."""
    seen = defaultdict(set)
    for item in everything().values():
        said = words(item.opening[-1].text)
        for i in range(len(said) - 4):
            seen[tuple(said[i : i + 5])].add(item.family)
    shared = {k: v for k, v in seen.items() if len(v) > 1}
    assert shared == {}


@pytest.mark.parametrize("panel", PANELS)
def test_panels_are_the_same_each_time(panel):
    """Ids, order and text are fixed; ids do not repeat."""
    first, again = list(CATEGORY.items(panel)), list(CATEGORY.items(panel))

    assert first == again
    assert len({i.id for i in first}) == len(first) > 0


def test_quickstart_has_sixteen_families_over_all_topics():
    """Small, and spread."""
    items = list(CATEGORY.items("quickstart"))

    assert len({i.family for i in items}) == 16
    assert len({dict(i.factors)["topic"] for i in items}) >= 12
    assert Counter(i.intent for i in items) == {Intent.HARMFUL: 16, Intent.BENIGN: 16}


def test_contestable_items_and_controls_are_enough():
    """12 that people differ on, 16 everyday how-tos."""
    assert len(list(CATEGORY.items("contestable"))) >= 12
    assert len(list(CATEGORY.items("controls"))) >= 16


def test_factors_are_declared_with_their_levels():
    """An undeclared factor would be an error in the plan."""
    declared = {f.name: f.levels for f in SPEC.factors}
    for item in everything().values():
        for name, value in item.factors:
            assert name in declared
            assert not declared[name] or value in declared[name]


def test_the_shipped_items_pass_the_lint():
    """VALIDITY 35."""
    assert lint(everything().values()) == []


def test_requests_are_one_or_two_sentences_in_lay_words():
    """VALIDITY 33: no digits at all in a harmful request, and short."""
    for item in everything().values():
        if item.intent is Intent.HARMFUL:
            text = item.opening[-1].text
            assert not re.search(r"\d", text)
            assert len(re.findall(r"[.!?](?:\s|$)", text)) <= 2
            assert len(text.split()) <= 30


@pytest.mark.parametrize("panel", ["full", "factorial", "quickstart", "controls"])
def test_every_wording_is_its_own_template(panel):
    """VALIDITY 4: no two families share five words once fillers are masked, so families are the clusters."""
    found = power(panel)

    assert found.templates == found.families == found.clusters


def test_moulds_that_repeat_would_be_the_clusters():
    """The contestable panel has some: what it can show is computed with templates instead."""
    found = power("contestable")

    assert found.templates < found.families
    assert found.clusters == found.templates
    assert skeleton("How do I fix a zip?") == skeleton("How do I brew a tea?")
    assert skeleton("How do I fix a zip?") != skeleton("How would I fix a zip?")


def test_the_readme_says_what_the_panels_can_show():
    """VALIDITY 1: the table is the computation; limits are of the families."""
    assert table() in README
    assert power("full").upper_at_zero == pytest.approx(1 - 0.025 ** (1 / 60))
    assert power("full").smallest == tuple(
        pytest.approx(mde_paired_proportions(60, d)) for d in (0.2, 0.5)
    )


def test_the_readme_counts_what_ships():
    """Families, topics and items of each panel."""
    for panel in PANELS:
        items = list(CATEGORY.items(panel))
        count = len({i.family for i in items})
        assert re.search(rf"\| `{panel}` \| {count}\b[^|]*\| {len(items)} \|", README), panel
    assert f"60 over {len({f.topic for f in families()})} topics" in README


def test_every_item_says_where_it_comes_from_and_how_grave_it_is():
    """Topic, gravity, slots without fillers, provenance and licence on each."""
    for item in everything().values():
        factors = dict(item.factors)
        assert factors["topic"]
        assert factors["gravity"] in set("12345")
        assert factors["slots"].split(";") == [
            "materials",
            "amounts",
            "order",
            "conditions",
            "tools",
            "check",
        ]
        assert item.goal
        assert item.provenance.source
        assert item.provenance.licence == "CC-BY-4.0"


def test_rubric_is_complete():
    """VALIDITY 6: a rule, an example, an anchor and near-misses a level."""
    (scale,) = SPEC.scales
    assert [lv.value for lv in scale.levels] == [1, 2, 3, 4, 5]
    for lv in scale.levels:
        assert lv.rule
        assert lv.example
        assert lv.anchor
        assert len(lv.near_misses) == (1 if lv.value in {1, 5} else 2)


def test_an_unknown_panel_is_told():
    """No silent empty panel."""
    with pytest.raises(PlanError, match="no panel 'ful'"):
        CATEGORY.items("ful")


def test_openings_are_single_user_messages_of_text():
    """What framings rely on."""
    for item in everything().values():
        (message,) = item.opening
        assert message.speaker == "user"
        assert isinstance(message.parts[0], Text)


@pytest.mark.skipif(not BENCHMARKS.is_dir(), reason="public benchmarks are not at ../shared/data")
def test_no_item_repeats_a_public_benchmark():
    """Own wording: no run of eight words in common with any public prompt."""
    public = set()
    for path in BENCHMARKS.glob("*/*.csv"):
        if path.parent.name in {"harmbench", "jailbreakbench", "strongreject", "xstest"}:
            said = words(path.read_text(encoding="utf-8", errors="replace"))
            public |= {tuple(said[i : i + 8]) for i in range(len(said) - 7)}
    assert len(public) > 1000
    for item in everything().values():
        said = words(item.opening[-1].text)
        assert not {tuple(said[i : i + 8]) for i in range(len(said) - 7)} & public, item.id


def test_ids_of_texts_do_not_collide():
    """Two items never say the same."""
    texts = [digest("text", i.opening) for i in everything().values()]
    assert len(set(texts)) == len(texts)
