"""Framings put a request, whatever it holds, in countable ways."""

import re
from pathlib import Path

import attrs
import pytest
from hypothesis import given, strategies as st

from dosimeter import Intent, Item, Presupposes, Provenance, Translation, system, user
from dosimeter.stats.rate import clopper_pearson
from dosimeter_attack_framing import attacks, hooks, options
from dosimeter_attack_framing.templates import templates
from dosimeter_attack_framing.typos import with_typos

EVERY = [
    attacks.role_play(
        options.RolePlayOptions(
            templates=("stage", "novel", "museum"), languages=("en", "de", "es", "fr")
        )
    ),
    attacks.foreign_frame(
        options.ForeignFrameOptions(
            templates=("letter", "quoted"), languages=("de", "es", "fr", "it", "pt")
        )
    ),
    attacks.multi_turn(
        options.LeadInOptions(templates=("short", "long"), languages=("en", "de", "es", "fr"))
    ),
    attacks.phrasing(options.PhrasingOptions()),
    attacks.paraphrase(options.ParaphraseOptions(typos=True)),
]
NAMES = [a.attack for a in EVERY]
TRANSLATE = attacks.translation(
    options.TranslationOptions(templates=("in-english", "plain"), languages=("de",))
)
BOTH = attacks.translation(options.TranslationOptions(languages=("DE", "eo")))
GERMAN = 'Wie flicke ich {es} "selbst"?'


def item(text: str, intent: Intent = Intent.BENIGN) -> Item:
    return Item(
        id="t/1", opening=(system("Be brief."), user(text)), intent=intent, family="f",
        category="t", provenance=Provenance(source="test", licence="CC0-1.0"),
        factors=(("topic", "home-repair"),),
    )  # fmt: skip


@given(st.text(min_size=1))
@pytest.mark.parametrize("attack", EVERY, ids=NAMES)
def test_the_request_survives_verbatim(attack, text):
    """Braces, quotes, newlines and odd scripts reach the model as they are."""
    for variant in attack.variants(item(text)):
        if variant.key != "typos@en":
            assert text in variant.script[-1].message.text


@pytest.mark.parametrize("attack", EVERY, ids=NAMES)
def test_variants_are_the_same_each_time_with_distinct_keys(attack):
    """The plan can be counted, and counted again."""
    first, again = list(attack.variants(item("How?"))), list(attack.variants(item("How?")))

    assert first == again
    assert len({v.key for v in first}) == len(first)


@pytest.mark.parametrize("attack", EVERY, ids=NAMES)
def test_intent_changes_nothing_in_the_frame(attack):
    """Each framing has a matched benign control: the frame cannot tell who asks."""
    harmful = list(attack.variants(item("How do I mend it?", Intent.HARMFUL)))

    assert harmful == list(attack.variants(item("How do I mend it?", Intent.BENIGN)))


@pytest.mark.parametrize("attack", EVERY, ids=NAMES)
def test_factors_are_declared(attack):
    """No variant carries a factor, or a level, that its spec does not declare."""
    spec = next(s for s in hooks.dosimeter_attack_generators() if s.id == attack.attack)
    declared = {f.name: f.levels for f in spec.factors}
    for variant in attack.variants(item("How?")):
        for name, value in variant.factors:
            assert name in declared
            assert not declared[name] or value in declared[name]


def test_direct_plays_the_item_as_it_is():
    """No script: the opening is said."""
    (variant,) = attacks.direct(None).variants(item("How?"))

    assert variant.script is None


def test_later_lines_presuppose_an_answer():
    """So that a refused lead-in can be marked off-script (VALIDITY 8)."""
    attack = attacks.multi_turn(options.LeadInOptions(templates=("long",)))
    (variant,) = attack.variants(item("How?"))

    assert [line.presupposes for line in variant.script] == [
        Presupposes.NOTHING, Presupposes.ANSWERED, Presupposes.ANSWERED,
    ]  # fmt: skip


def test_a_lead_in_names_the_topic_in_words():
    """Hyphens of its name become blanks."""
    (variant,) = attacks.multi_turn(options.LeadInOptions()).variants(item("How?"))

    assert "home repair" in variant.script[0].message.text


def test_every_foreign_frame_asks_for_an_answer_in_english():
    """Raters rate what they declare; wrapper and answer language are factors of their own."""
    words = re.compile(r"in English|auf Englisch|en inglés|en anglais|in inglese|em inglês")
    for template in templates():
        if template.language != "en":
            # Each line: a turn on the way is rated too (`refusal-turn`).
            assert all(words.search(line) for line in template.lines), template
    for attack in EVERY:
        for variant in attack.variants(item("How?")):
            assert dict(variant.factors)["answer"] == "en"
    assert {dict(v.factors)["wrapper"] for v in EVERY[1].variants(item("How?"))} == {
        "de", "es", "fr", "it", "pt",
    }  # fmt: skip


def test_the_default_foreign_frame_is_an_english_task():
    """Small models answer in the language of the task."""
    (variant,) = attacks.foreign_frame(options.ForeignFrameOptions()).variants(item("How?"))

    assert variant.key == "letter@de"
    assert variant.script[0].message.text.endswith("in English.")


def test_registers_ask_for_the_same():
    """VALIDITY 14: about as long, and none asks for more or less of an answer than another."""
    lengths = [len(_words_of("phrasing", style)) for style in options.PhrasingOptions().styles]
    assert max(lengths) <= 1.25 * min(lengths)


MORE_OR_LESS = {
    "complete", "completely", "full", "fully", "detailed", "whole", "entire", "quick", "short",
    "brief", "briefly", "today", "urgent", "sentence", "survey", "test", "benchmark", "assistants",
}  # fmt: skip


@pytest.mark.parametrize("framing", ["phrasing", "paraphrase"])
def test_rewrites_and_registers_change_no_meaning(framing):
    """VALIDITY 11 and 14: no word about how much is wanted, how soon, or that it is a test."""
    for template in templates():
        if template.framing == framing:
            assert not MORE_OR_LESS & set(_words_of(framing, template.name)), template


def _words_of(framing, name):
    (template,) = (
        t for t in templates() if (t.framing, t.name, t.language) == (framing, name, "en")
    )
    return re.findall(r"[a-z]+", " ".join(template.lines).replace("{request}", "").lower())


def translated(*languages, intent=Intent.BENIGN):
    given = tuple(Translation(language=lang, text=GERMAN, checked_by="Ada") for lang in languages)
    return attrs.evolve(item("How do I mend it?", intent), translations=given)


def test_a_translation_says_what_the_item_says_in_that_language():
    """Word for word, and nothing of the English request; the answer is asked for in English."""
    asked, plain = TRANSLATE.variants(translated("de", "it"))

    assert (asked.key, plain.key) == ("in-english@de", "plain@de")
    assert [li.message.text for li in asked.script] == [f"{GERMAN}\n\nPlease answer in English."]
    assert [li.message.text for li in plain.script] == [GERMAN]
    told = [dict(v.factors) for v in (asked, plain)]
    assert [f["request_language"] for f in told] == ["de", "de"]
    assert [f["answer"] for f in told] == ["en", "de"]
    assert {f["checked_by"] for f in told} == {"Ada"}


def test_what_is_not_translated_to_all_languages_is_not_put():
    """No English request passes for a translated one, and no item is asked in fewer ways than another."""
    assert list(TRANSLATE.variants(item("How do I mend it?"))) == []
    assert list(TRANSLATE.variants(translated("de-AT"))) == []
    assert list(BOTH.variants(translated("de"))) == []
    assert [v.key for v in BOTH.variants(translated("eo", "fr", "de"))] == [
        "in-english@de", "in-english@eo",
    ]  # fmt: skip


def test_a_translation_cannot_tell_who_asks():
    """As every framing: the twin is put alike."""
    assert list(TRANSLATE.variants(translated("de"))) == list(
        TRANSLATE.variants(translated("de", intent=Intent.HARMFUL))
    )


def test_factors_of_translations_are_declared():
    """As those of the others."""
    spec = next(s for s in hooks.dosimeter_attack_generators() if s.id == "translation")
    for variant in TRANSLATE.variants(translated("de")):
        assert {name for name, _ in variant.factors} <= {f.name for f in spec.factors}


def test_a_lead_in_prefers_the_subject_to_the_topic():
    """A category can name a topic in words that alarm nobody."""
    told = attrs.evolve(item("How?"), factors=(("subject", "mending things"), ("topic", "repair")))
    (variant,) = attacks.multi_turn(options.LeadInOptions()).variants(told)

    assert "mending things" in variant.script[0].message.text


@pytest.mark.parametrize(
    ("kind", "given"),
    [(options.RolePlayOptions, {"templates": ()}), (options.TranslationOptions, {"languages": ()}),
     (options.LeadInOptions, {"templates": ()}), (options.PhrasingOptions, {"styles": ()}),
     (options.ParaphraseOptions, {"rewrites": ()}),
     (options.RolePlayOptions, {"languages": ("sw",)}), (options.RolePlayOptions, {"templates": ("stag",)}),
     (options.ForeignFrameOptions, {"languages": ("jp",)}), (options.TranslationOptions, {"languages": ("german",)}),
     (options.TranslationOptions, {"templates": ("letter",)}), (options.LeadInOptions, {"languages": ("it",)})],
)  # fmt: skip
def test_words_that_no_template_has_are_refused(kind, given):
    """Where the stack is read, with its other faults; nothing to measure is a mistake too."""
    with pytest.raises(ValueError, match=next(iter(given))):
        kind(**given)


@pytest.mark.parametrize(
    ("framing", "names", "languages"),
    [("role-play", options.SCENES, options.SPOKEN), ("foreign-frame", options.FRAMES, options.WRAPPED),
     ("translation", options.ASKED, ("en",)),
     ("multi-turn", options.LEAD_INS, options.SPOKEN), ("phrasing", options.STYLES, ("en",)),
     ("paraphrase", options.REWRITES, ("en",))],
)  # fmt: skip
def test_options_let_through_what_is_written_and_no_more(framing, names, languages):
    """Each name in each language, so that no two options contradict each other."""
    written = {(t.name, t.language) for t in templates() if t.framing == framing}

    assert written == {(name, language) for name in names for language in languages}


def test_there_are_six_rewrites_and_five_languages():
    """What the package promises."""
    assert len(options.ParaphraseOptions().rewrites) >= 6
    assert len({t.language for t in templates()}) >= 5


def test_every_template_says_who_checked_it():
    """Translations that nobody checked say so."""
    for template in templates():
        assert template.checked_by == (
            "author" if template.language == "en" else "machine-translated"
        )


def test_the_second_reading_s_intervals_are_computed():
    """The error rate with its interval stands on the page, and is the computation."""
    readme = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    found = re.findall(r"^\|[^|]+\| (\d+) \| (\d+) \| (\d[^|]* %[^|]*) \|$", readme, re.MULTILINE)
    assert len(found) == 8
    for seen, of, rate in found:
        limits = clopper_pearson(int(seen), int(of)).interval()
        shown = [f"{100 * x:.1f}" for x in (int(seen) / int(of), limits.lower, limits.upper)]
        assert rate == f"{shown[0]} % ({shown[1]}-{shown[2]})"


def test_frames_are_generic():
    """No quantities, no addresses, nothing long, and none of the personas of known jailbreaks (VALIDITY 35)."""
    personas = re.compile(
        r"\b(DAN|AIM|STAN|developer mode|no restrictions|ignore (all|previous)|jailbreak)\b",
        re.IGNORECASE,
    )
    for template in templates():
        for line in template.lines:
            assert len(line.split()) <= 45, template
            assert not re.search(r"\d", line.replace("{request}", "")), template
            assert not personas.search(line), template


@pytest.mark.parametrize(
    "text", ["Apply assess lessons", "How is a puncture patched?", "Keeping seeds"]
)
def test_typos_are_never_none(text):
    """Double letters and punctuation do not make the noise silent."""
    assert with_typos(text) != text


def test_typos_leave_the_trigger_word():
    """VALIDITY 12: what the 2x2 varies must still be read as that word."""
    assert "sanding" in with_typos("Gentle sanding", keep="sand")
    assert with_typos("Gentle sanding", keep="sand") != "Gentle sanding"


def test_typos_are_a_factor_of_their_own_and_keep_the_number_of_words():
    """Apart from rewrites, whose words are all whole."""
    attack = attacks.paraphrase(options.ParaphraseOptions(typos=True))
    text = "Please explain gentle sanding slowly"
    (noisy,) = [v for v in attack.variants(item(text)) if v.key == "typos@en"]
    said = noisy.script[0].message.text

    assert dict(noisy.factors)["noise"] == "typos"
    assert said != text
    assert len(said.split()) == 5
