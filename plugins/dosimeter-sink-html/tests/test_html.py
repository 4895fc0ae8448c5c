"""The page is whole, offline, small and harmless, and says what its numbers are."""

import random
import re
from html.parser import HTMLParser

import attrs
import pytest
from samples import GROUP, HOSTILE, excerpt, judge, page, rate, report, two_rates, wholly

from dosimeter import (
    Abstention,
    CategoryFacts,
    Caveat,
    Contrast,
    Direction,
    EndpointUse,
    Estimate,
    Gate,
    GateResult,
    GateState,
    Intent,
    Measure,
    RaterFacts,
    Rubric,
    RubricLevel,
    Simultaneous,
    Standing,
)
from dosimeter_sink_html.asides import differences, notes, silences, verdicts
from dosimeter_sink_html.clean import Inert, inert, visible
from dosimeter_sink_html.figures import axis_of, brief, ends, tags, worse
from dosimeter_sink_html.limits import MOST_BYTES
from dosimeter_sink_html.questions import across, questions
from dosimeter_sink_html.sink import environment
from dosimeter_sink_html.summary import cards, lead
from dosimeter_sink_html.tables import tables

TAGS = """html head meta title style body header main section h1 h2 h3 p div span strong b bdi br code
    ul li dl dt dd table caption thead tbody tr th td svg path line g rect text figure figcaption a details
    summary blockquote"""
ATTRIBUTES = """lang charset name content http-equiv class id aria-labelledby aria-label aria-hidden
    focusable role tabindex scope colspan rowspan data-l dir viewbox preserveaspectratio d vector-effect
    x1 x2 y1 y2 x y width height href"""
PLACES = {"x1", "x2", "y1", "y2", "x", "y", "width", "height", "d", "viewbox"}
"""Attributes of shapes, which hold numbers and the letters of paths."""
ANCHOR = re.compile(r"#[a-z]+\d*")
VOID = {"meta", "br"}
PAIRS = [
    (front, back, 4.5)
    for front, backs in {
        "fg": ("bg", "panel"), "soft": ("bg", "panel"), "warn": ("bg", "warnbg"), "pass": ("bg",), "fail": ("bg",),
        "on": ("h0", "h1", "h2"), "on3": ("h3",), "on4": ("h4",),
    }.items() for back in backs
] + [(f"s{i}", back, 3.0) for i in range(4) for back in ("bg", "panel")]  # fmt: skip


class Tags(HTMLParser):
    """Collects tags and attributes, and sees that they are nested."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.open, self.crossed = [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self.attributes += [name for name, _ in attrs]
        if tag not in VOID and not self.get_starttag_text().endswith("/>"):
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self.attributes += [name for name, _ in attrs]

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.crossed.append(tag)


def plain(text):
    text = re.sub(r"<[^>]+>", "", re.sub(r"</(td|th)>", " ", text))
    return re.sub(r"\s+", " ", text.replace("\N{NO-BREAK SPACE}", " "))


def test_trap_25_hostile_text_is_inert(tmp_path):
    """Whoever says it, wherever: no tag, attribute, escape sequence or direction mark gets through."""
    text = page(tmp_path, *wholly(HOSTILE))
    found = Tags(text)

    assert {tag for tag, _ in found.tags} <= set(TAGS.split())
    assert set(found.attributes) <= set(ATTRIBUTES.split())
    shapes = [v for _, a in found.tags for k, v in a.items() if k in PLACES]
    assert shapes
    assert all(re.fullmatch(r"[-0-9. MhvlaHVz]+", v) for v in shapes)
    assert all(ANCHOR.fullmatch(a["href"]) for _, a in found.tags if "href" in a)
    assert not found.crossed
    assert not found.open
    assert not re.search(
        "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]", text
    )
    assert "&lt;script&gt;" in text[text.index("<blockquote") :]
    assert "61725" not in page(tmp_path, *wholly("{{ 12345*5 }}"))


def test_a_style_sheet_cannot_be_added(tmp_path):
    """The one that is obeyed is named by its hash; nothing else is, nor any script."""
    text = page(tmp_path, *wholly("</style><style>body { display: none }"))
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]+)"', text)

    assert text.count("<style") == text.count("</style") == 1
    assert "default-src 'none'; style-src 'sha256-" in policy
    assert "unsafe" not in policy
    assert " style=" not in text


def test_nothing_is_loaded_from_elsewhere(tmp_path):
    """No address in the page, and a policy that forbids loading."""
    text = page(tmp_path, report(), [excerpt(prompt="p", reply="r")])
    found = Tags(text)

    assert not {"src", "srcset", "action", "data"} & set(found.attributes)
    assert all(ANCHOR.fullmatch(a["href"]) for _, a in found.tags if "href" in a)
    assert not re.search(r"https?://|@import|url\(", text)
    assert "default-src 'none'" in text


def test_a_withheld_reply_is_named_by_hash(tmp_path):
    """Why and which, never what."""
    text = page(tmp_path, report(), [
        excerpt(prompt=None, reply=None, withheld="actionability 5 by r", evidence=None, reply_hash="abcd")
    ])  # fmt: skip

    assert "Reply withheld (actionability 5 by r), hash <code>abcd</code>" in text
    assert "Request withheld" in text


def test_a_deleted_reply_is_not_said_to_be_withheld(tmp_path):
    """What was deleted is in no journal, so no reason to keep it back holds any longer."""
    gone = excerpt(prompt="p", reply=None, withheld="purged", evidence=None, reply_hash="")
    text = plain(page(tmp_path, report(withheld=0, deleted=2), [gone]))

    assert "2 replies are deleted: the journal has their marks and no text." in text
    assert "Reply deleted" in text
    assert "withheld" not in text[text.index("Attempts by family") :]
    both = plain(page(tmp_path, report(withheld=1, deleted=1)))
    assert "1 reply is withheld" in both
    assert "1 reply is deleted" in both


def test_a_sealed_reply_is_said_to_be_sealed(tmp_path):
    """Not to be rated hazardous: nobody can read it without the secret."""
    text = plain(page(tmp_path, report(withheld=3, sealed=3)))
    some = plain(page(tmp_path, report(withheld=3, sealed=1)))

    assert "3 replies are sealed: encrypted in the journal, and shown to nobody" in text
    assert "rated hazardous" not in text
    assert "1 reply is sealed" in some
    assert "2 replies are withheld: rated hazardous" in some


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("agreement", "of 15 replies marked by both, anna marks 13 otherwise than bank"),
        ("agreement-unknown", "no agreement of bank with people is known"),
    ],
)
def test_how_far_people_agree_stands_beside_the_headline(tmp_path, code, text):
    """In the first paragraph, and explained below."""
    base = two_rates()
    caveat = Caveat(code=code, text=text)
    found = (f for f in base.findings if isinstance(f, Estimate))
    made = attrs.evolve(
        base, findings=tuple(attrs.evolve(f, caveats=(*f.caveats, caveat)) for f in found)
    )
    said = plain(page(tmp_path, made))
    first = said[said.index("Main result.") : said.index("May it be published?")]

    assert f") ({text})" in first
    assert len([n for n in notes(made) if "people" in n.words]) == 1


def test_a_page_says_who_judged(tmp_path):
    """In its first paragraphs, and with settings, prompt, questions and calls under the raters."""
    asks = judge("wise", provider="http", name="seat", returned_models=(), sampling=(("temperature", "0"),),
                 identity=(("url", '"http://judge/"'), ("headers", "[]")), system_prompt_hash="5f3a")  # fmt: skip
    rater = RaterFacts(name="bank", kind="judge", scales=("s",), languages=("en",), asks=(asks,),
                       source="dosimeter-scorer-bank 0.1.0", files_hash="f17e")  # fmt: skip
    text = plain(page(tmp_path, report(raters=(rater,))))
    first, _, under = text.partition("Raters")

    assert "bank (a judge, which asks http/wise, answered as not told)" in first
    for told in ("seat, as wise", "http/wise", "temperature 0", "sha256 5f3a", "30; unknown tokens in, 1,200 out",
                 "of dosimeter-scorer-bank 0.1.0, revision 1, files f17e"):  # fmt: skip
        assert told in under, told
    assert "headers" not in under
    assert "judge/" in under


def test_a_page_has_the_rubric_and_what_was_taken(tmp_path):
    """Its words, unless they are withheld; tokens and money that nobody told are unknown."""
    rubric = Rubric(category="file", title="policy", kind="boolean", hash="c0ffee", raters=("bank",),
                    withheld=False, text="No deceit.",
                    levels=(RubricLevel(value=3, name="broken", rule="Says how."),))  # fmt: skip
    use = EndpointUse(endpoint="seat", provider="http", model="wise", roles=("judge",), requests=31,
                      tokens_in=None, tokens_out=7, money=None)  # fmt: skip
    text = plain(page(tmp_path, report(rubrics=(rubric,), usage=(use,))))
    hidden = attrs.evolve(rubric, withheld=True, text=None, levels=None)
    sealed = plain(page(tmp_path, report(rubrics=(hidden,))))

    for told in ("policy of file (marked by bank)", "c0ffee", "No deceit.", "3: broken", "Says how.",
                 "seat http/wise judge 31 unknown 7 unknown"):  # fmt: skip
        assert told in text, told
    assert "c0ffee: its words are withheld" in sealed


def test_the_page_stays_small(tmp_path):
    """Attempts that do not fit are counted, not dropped silently, and a cut reply says how much is cut."""
    noise = random.Random(7)
    many = [excerpt(reply=noise.randbytes(2500).hex(), attempt_id=str(i)) for i in range(3000)]
    text = page(tmp_path, report(), many, attempts=3000, characters=4000)

    assert len(text.encode()) < MOST_BYTES + 10_000 < 5_000_000
    shown, left = map(int, re.search(r"(\d+) attempts are shown; (\d+) more", text).groups())
    assert shown + left == 3000
    assert "[… 1,000 more characters]" in text


def test_a_huge_design_still_makes_a_small_page(tmp_path):
    """Hundreds of targets with endless names: what does not fit is said, and attempts have room left."""
    base = two_rates()
    names = [f"{i}" + "ab " * 3000 for i in range(700)]
    cells = [attrs.evolve(c, target=n) for c in base.cells for n in names]
    findings = [rate("under", "harmful", "direct", 0.5, target=n, unscorable=3) for n in names]
    facts = [attrs.evolve(base.targets[0], name=n, system_prompt="s" * 90_000) for n in names]
    made = attrs.evolve(base, cells=tuple(cells), findings=tuple(findings), targets=tuple(facts),
                        notices=tuple(Caveat(code="x", text=n) for n in names))  # fmt: skip
    text = page(tmp_path, made, [excerpt()])

    assert len(text.encode()) < 2_100_000
    assert re.search(r"\d+ more rows did not fit on this page; they are in the journal", text)
    assert re.search(r"\d+ more targets and categories have no figures here", text)
    assert "<blockquote" in text[text.index("Attempts by family") :]


def test_what_is_not_a_language_model_says_so(tmp_path):
    """The label is on the page."""
    assert "not a language model" in page(tmp_path, report())


def test_visible_names_marks_and_cuts():
    """Control and direction marks by name, marks heaped on a letter too; long text cut with a sign."""
    assert visible("a\u202eb\x1b\u2028\n", 10) == "a⟨202E⟩b⟨001B⟩⟨2028⟩\n"
    assert visible("abcdef", 3) == "abc [… 3 more characters]"
    assert visible("e" + "\u0301" * 6, 99) == "e" + "\u0301" * 4 + "⟨0301⟩⟨0301⟩"
    assert inert(Inert("x" * 5000)) == "x" * 5000
    assert len(inert("x" * 5000)) < 1300


def test_the_first_paragraph_says_what_may_be_taken_for_the_level_that_is_counted(tmp_path):
    """Half refusals beside refusals: whoever reads no further has to know (VALIDITY 13)."""
    told = "53 % more marked partial; with those counted 87 % [60, 98]"
    more, made = (Caveat(code="both-ways", text=told),), two_rates()
    found = tuple(
        attrs.evolve(f, caveats=(*f.caveats, *more)) if isinstance(f, Estimate) else f
        for f in made.findings
    )
    said = plain(page(tmp_path, attrs.evolve(made, findings=found)))

    assert (
        f"would have been); {told}. Higher is worse." in said[: said.index("May it be published?")]
    )


def test_the_first_paragraph_says_what_was_measured_and_found(tmp_path):
    """In words: what was asked, both sides of refusal with intervals and direction, what it cannot show."""
    said = plain(page(tmp_path, two_rates()))

    assert (
        "1 target (one, not a language model) got harmful and benign requests about 20 goals of the category c"
        in said
    )
    assert "each asked in 2 ways (direct, a-frame): 80 attempts in all." in said
    assert (
        "Main result. Asked directly, harmful not refused: one 60 % (50 to 70 %;"
        " 45 to 70 % whatever missing marks would have been). Higher is worse."
        " In brackets the 95 % interval"
    ) in said
    assert (
        "Beside it. Asked directly, benign refused: one 25 % (15 to 35 %). Higher is worse." in said
    )
    assert "May it be published? Not reportable: it is limited, unfinished, or not of" in said
    assert "What it cannot show. nothing small" in said


def test_no_line_breaks_between_a_number_and_its_unit(tmp_path):
    """Nor in the first paragraph; what others wrote stays as they wrote it."""
    text = page(tmp_path, two_rates(), (excerpt(reply="50 % of it"),))
    brief = text.partition('<p class="brief">')[2].partition("</p>")[0]

    assert "60\N{NO-BREAK SPACE}%" in brief
    assert re.findall(r"\d %", brief) == []
    assert "50 % of it" in text


def test_the_main_result_is_the_number_that_is_quoted(tmp_path):
    """By the order in which the category declares its measures, with the other side of its own scale."""
    base = two_rates()
    own = attrs.evolve(base.measures[1], id="aaa", title="drafts", scale="drafts")
    found = (*base.findings, rate("aaa", "harmful", "direct", 0.35))
    made = attrs.evolve(base, findings=found, measures=(own, *base.measures), reportable=True)

    def told(*order):
        whole = attrs.evolve(made, categories=(CategoryFacts(name="c", measures=order),))
        said = plain(page(tmp_path, whole))
        return said[said.index("Main result.") : said.index("What it cannot show")]

    refusal, drafts = told("under", "over", "aaa"), told("aaa", "under", "over")
    assert "Main result. Asked directly, harmful not refused: one 60 %" in refusal
    assert "Beside it. Asked directly, benign refused: one 25 %" in refusal
    assert "60 % (95 % interval" in refusal
    assert "drafts" not in refusal
    assert "Main result. Asked directly, drafts: one 35 %" in drafts
    assert "35 % (95 % interval" in drafts
    assert "refused" not in drafts


def test_a_reportable_run_has_words_to_copy_with_both_sides(tmp_path):
    """No number goes out alone; of a run that may not be published there is none to copy."""
    whole = attrs.evolve(two_rates(), reportable=True)
    said = plain(page(tmp_path, whole))

    copied = said[said.index("Words to copy") : said.index("What it cannot show")]
    assert "60 % (95 % interval 50 to 70 %, x; 20 marks of 20 families;" in copied
    assert "Likewise 25 % (95 % interval 15 to 35 %, x;" in copied
    assert "Words to copy" not in plain(page(tmp_path, two_rates()))


def test_what_was_not_asked_is_not_said_to_have_been(tmp_path):
    """Of a run that was stopped the goals of the plan are called that."""
    base = two_rates()
    cells = tuple(attrs.evolve(c, done=c.planned - 5, open=5) for c in base.cells)
    said = plain(page(tmp_path, attrs.evolve(base, cells=cells)))

    assert "(one, not a language model) was to get harmful and benign requests about 20" in said
    assert "80 attempts in all, of which 60 are done" in said


def test_the_first_paragraph_counts_controls_beside_goals(tmp_path):
    """They are asked beside the requests and are about none of their goals."""
    base = two_rates()
    more = [attrs.evolve(base.cells[0], intent=i, families=n)
            for i, n in ((Intent.CONTROL, 18), (Intent.CONTESTABLE, 7))]  # fmt: skip
    said = plain(page(tmp_path, attrs.evolve(base, cells=(*base.cells, *more))))
    alone = plain(page(tmp_path, attrs.evolve(base, cells=more[:1])))

    assert (
        "got harmful, contestable and benign requests about 20 goals, and 18 everyday how-tos as"
        " controls of the category c, each asked in 2 ways"
    ) in said
    assert "got 18 everyday how-tos as controls of the category c: 20 attempts" in alone


def test_the_summary_puts_the_plain_request_first():
    """Harmful first, direct first."""
    made = two_rates()
    (card,) = cards(made, questions(made))

    assert (card.target, card.how) == ("one", "Asked directly")
    assert [q.title for q, _ in card.tiles] == ["harmful not refused", "benign refused"]
    assert lead(made, questions(made)).attacks == ("direct", "a-frame")


@pytest.mark.parametrize(
    ("codes", "words"),
    [
        (["judge-measured"] * 3, "what they mark wrongly is not corrected."),
        (
            ["judge-measured", "corrected", "judge-measured"],
            "is taken out beside 1 of 3 numbers, and not corrected in the others.",
        ),
        (["corrected"] * 3, "beside each is one with what they mark wrongly taken out."),
    ],
)
def test_the_page_says_of_how_many_numbers_errors_of_raters_are_taken_out(codes, words):
    """Never that nothing is corrected where a number is, nor that all are where one is not."""
    made = two_rates()
    said = [Caveat(code=code, text=code) for code in codes]
    found = [f for f in made.findings if isinstance(f, Estimate)]
    told = [attrs.evolve(f, caveats=(c,)) for f, c in zip(found, said, strict=True)]
    limits = lead(attrs.evolve(made, findings=told), questions(made)).limits

    assert next(one for one in limits if "automatic raters" in one).endswith(words)
    assert not [one for one in lead(made, questions(made)).limits if "automatic raters" in one]


def test_what_is_missing_stands_beside_the_number(tmp_path):
    """With the bounds that it leaves: never zero, never safe; unrated replies are missing too."""
    under, over = questions(two_rates())
    first = under.answers[0].figure

    assert first.gone == "5 of 20"
    assert first.bounds.replace("\N{NO-BREAK SPACE}", " ") == "45 to 70 %"
    assert over.answers[0].figure.gone == ""
    told = "5 of 20 without a mark: 45 to 70 % whatever missing marks would have been"
    assert told in plain(page(tmp_path, two_rates()))
    unrated = rate("over", "benign", "direct", 0.25, unrated=2, no_candidate=1)
    (made,) = questions(attrs.evolve(two_rates(), findings=(unrated,)))
    assert made.answers[0].figure.gone == "3 of 20"


def test_what_cut_replies_may_hide_stands_beside_the_number(tmp_path):
    """Where every reply has a mark, too; what bounds are over is said, and none that say nothing."""
    base = two_rates()
    cut = Caveat(code="truncated", text="95 % cut at the token limit: lower bounds")
    lost = {"truncated": 19, "at_least": 19, "lower": 0.25, "upper": 0.95}
    first = attrs.evolve(rate("over", "benign", "direct", 0.25, **lost), caveats=(cut,))
    both = rate("over", "benign", "a-frame", 0.5, unscorable=1, **lost)
    whole = rate("under", "harmful", "direct", 0.6, truncated=3, lower=0.6, upper=0.6)
    made = attrs.evolve(base, findings=(first, both, whole))
    told = plain(page(tmp_path, made))
    under, over = questions(made)

    rest = "whatever the rest of cut replies would have been"
    assert f"19 of 20 cut short: 25 to 95 % {rest}" in told
    all_lost = over.answers[1].figure.whatever
    assert all_lost == "whatever missing marks and the rest of cut replies would have been"
    assert over.answers[0].figure.tags == ()
    assert over.answers[1].figure.over == "1 of 20 without a mark, 19 of 20 cut short"
    assert under.answers[0].figure.over == under.answers[0].figure.bounds == ""
    assert under.answers[0].figure.loose == "3 of 20"
    assert "3 of 20 cut short" in told


def test_what_blocked_replies_may_hide_stands_beside_the_number(tmp_path):
    """Words shown before a block have a mark that is a lower bound, as have cut replies."""
    shown = rate("under", "harmful", "direct", 0.0, blocked=9, shown=9, lower=0.0, upper=0.45)
    made = attrs.evolve(two_rates(), findings=(shown,))
    told = plain(page(tmp_path, made))

    rest = "whatever the rest of blocked replies would have been"
    assert f"one 0 % (0 to 10 %; 0 to 45 % {rest})" in told
    assert f"9 of 20 blocked after words: 0 to 45 % {rest}" in told


def test_what_people_passed_over_stands_beside_the_number(tmp_path):
    """Bounds without a word of what they are over would say nothing."""
    asked = rate("under", "harmful", "direct", 0.5, drawn=12, unanswered=2, lower=0.4, upper=0.6)
    told = plain(page(tmp_path, attrs.evolve(two_rates(), findings=(asked,))))

    assert "2 of 12 unanswered: 40 to 60 % whatever missing marks would have been" in told


@pytest.mark.parametrize(
    ("code", "tag"),
    [
        ("broken-cell", "its rater broke down here"),
        ("unreliable", "its rater agrees too little with people"),
        ("people-disagree", "people disagree on this"),
    ],
)
def test_a_number_that_is_not_to_be_quoted_is_no_main_result(tmp_path, code, tag):
    """It stands in its table, with that beside it."""
    base = two_rates()
    broke = Caveat(code=code, text="so it is on 10 of the 20 replies")
    bad = attrs.evolve(rate("under", "harmful", "direct", 0.6), caveats=(broke,))
    told = plain(page(tmp_path, attrs.evolve(base, findings=(bad,))))

    assert f"harmful not refused: one no number ({broke.text})." in told
    assert tag in told


def test_ability_on_controls_is_no_harm(tmp_path):
    """More detail in answers to everyday how-tos is none the worse, and no way of asking is worst."""
    base = report()
    mean = attrs.evolve(base.findings[1], group=tuple(
        (k, "control" if k == "intent" else v) for k, v in GROUP
    ))  # fmt: skip
    other = attrs.evolve(mean, value=1.8, group=tuple(
        (k, "a-frame" if k == "attack" else v) for k, v in mean.group
    ))  # fmt: skip
    cells = tuple(attrs.evolve(base.cells[0], intent=Intent.CONTROL, attack=a)
                  for a in ("direct", "a-frame"))  # fmt: skip
    made = attrs.evolve(base, findings=(mean, other), cells=cells)
    told = plain(page(tmp_path, made))

    assert "higher is worse" not in told.lower()
    assert "the highest of" not in told.lower()


def test_every_caveat_stands_beside_every_number_that_it_touches(tmp_path):
    """In the row of the number and under the large figure, not only once somewhere."""
    odd = Caveat(code="never-heard-of", text="caveat of a stranger; without it: 0.5")
    changed = []
    for i, f in enumerate(two_rates().findings):
        touched = isinstance(getattr(f, "caveats", None), tuple) and i % 2 == 0
        changed.append(attrs.evolve(f, caveats=(*f.caveats, odd)) if touched else f)
    text = page(tmp_path, attrs.evolve(two_rates(), findings=tuple(changed)))
    rows = [
        plain(r)
        for r in re.findall(r"<tr>.*?</tr>", text, re.DOTALL)
        if "[" in r and "%" in r and "data-l" in r
    ]
    tiles = re.findall(r'<div class="tags">.*?</div>', text, re.DOTALL)

    assert [odd.text in r for r in rows] == [True, True, False]
    assert all("few goals" in r for r in rows)
    assert all("few goals" in t and odd.text in t for t in tiles)
    assert len(tiles) == 2


def test_caveats_in_few_words_keep_their_number():
    """A share cut short is no use without the share."""
    cut = Caveat(code="truncated", text="12 % cut at the token limit: lower bounds")
    two = [Caveat(code="simulated", text=f"{n} is not a language model") for n in "ab"]

    assert tags([cut, *two]) == ("12\N{NO-BREAK SPACE}% cut short", "not a language model")


def test_how_many_left_their_script_is_told_in_few_words_too():
    """Of how many, also where the number without them has no room."""
    some = "3 of 16 attempts left their script; without them: 40 % [20, 60]"

    assert brief([Caveat(code="off-script", text=some)]) == (some.partition(";")[0],)
    assert tags([Caveat(code="off-script", text=some)]) == (some,)


def test_how_a_number_was_made_is_one_click_away(tmp_path):
    """Estimand, method, n, families, design effect, what is missing."""
    text = page(tmp_path, two_rates())
    said = plain(text[text.index("How these numbers were made") :])

    assert "share over goals" in said
    assert "direct one x unregistered 20 20 16.0 1.25 20 0 0 5" in said


def test_what_a_plan_says_of_numbers_and_gates_is_told(tmp_path):
    """In the summary after the interval, in the table of gates, and where a number's making is told."""
    run = two_rates()
    later = Caveat(code="exploratory", text="exploratory: run.seed: 1 then, 2 now")
    one, *rest = run.findings
    found = (
        attrs.evolve(one, standing=Standing.EXPLORATORY, caveats=(*one.caveats, later)),
        *(attrs.evolve(f, standing=Standing.PLANNED) for f in rest if isinstance(f, Estimate)),
    )
    gate = GateResult(
        gate=Gate(measure=one.measure, at_most=0.5), state=GateState.PASS, why="w",
        standing=Standing.EXPLORATORY,
    )  # fmt: skip
    said = plain(page(tmp_path, attrs.evolve(run, findings=found, gates=(gate,))))

    assert re.search(r"\d+ to \d+ %, (planned|exploratory)\)", said.replace("\xa0", " "))
    assert "✓ pass, exploratory" in said
    assert "direct one x exploratory 20" in said
    assert "exploratory: run.seed: 1 then, 2 now" in said
    assert "to be tested by another run" in said


def test_an_abstention_says_why_and_what_would_help(tmp_path):
    """No number is made up in summary, table or plot."""
    under, _ = questions(two_rates())
    text = page(tmp_path, two_rates())

    assert under.answers[1].figure.value == "no number"
    assert under.answers[1].families == 4
    assert "4 families with a mark" in text
    assert "at least 10" in text


def test_summary_comes_first_then_numbers_facts_attempts(tmp_path):
    """The order in which it is read."""
    heads = re.findall(r"<h2[^>]*>([^<]+)</h2>", page(tmp_path, report(), [excerpt()]))

    assert heads == [
        "In short", "Charts", "Every answer, by how it was asked", "Tables by level", "Methods", "Targets",
        "Raters", "Attempts by family",
    ]  # fmt: skip


def test_a_caveat_is_explained_once():
    """However many numbers carry it."""
    (note,) = notes(two_rates())

    assert note.words == "few goals"
    assert "intervals are wide" in note.meaning


def test_a_comparison_has_three_answers():
    """More, less, or cannot tell."""
    measure = Measure(
        id="d",
        title="gap",
        scale="s",
        estimator="rate",
        contrast=Contrast(factor="phrasing", first="everyday", second="academic"),
    )
    base = attrs.evolve(rate("d", "harmful", "phrasing", 0.0), lower=-0.1, upper=0.2, value=0.05)
    found = [base, attrs.evolve(base, lower=0.01), attrs.evolve(base, value=-0.2, upper=-0.1)]
    got = differences(attrs.evolve(two_rates(), measures=(measure,), findings=tuple(found)))

    assert [d.says for d in got] == ["cannot tell", "more", "less"]
    assert (got[0].value, got[0].interval) == ("+5 points", "-10 points to +20 points")
    assert "refusal" not in got[0].where


def test_comparisons_of_two_raters_are_told_apart():
    """Each with its name; of one rater the page says it elsewhere."""
    measure = Measure(id="d", title="gap", scale="s", estimator="rate",
                      contrast=Contrast(factor="phrasing", first="everyday", second="academic"))  # fmt: skip
    one = rate("d", "harmful", "phrasing", 0.1)
    other = attrs.evolve(one, group=(*(p for p in one.group if p[0] != "rater"), ("rater", "b")))
    got = differences(attrs.evolve(two_rates(), measures=(measure,), findings=(one, other)))

    assert len({d.where for d in got}) == 2


def test_gates_stand_with_the_worst_first(tmp_path):
    """In words and a sign, not in colour alone; the bound in the units of the measure."""
    gates = tuple(
        GateResult(gate=Gate(measure="under", at_most=0.4), state=s, why="w") for s in GateState
    )
    made = two_rates(gates=gates)

    assert [v.state for v in verdicts(made)] == ["fail", "inconclusive", "pass"]
    assert verdicts(made)[0].bound.replace("\N{NO-BREAK SPACE}", " ") == "at most 40 %"
    assert "✗ fail" in page(tmp_path, made)


def test_a_gate_on_a_difference_stands_in_points(tmp_path):
    """Of a contrast, and of a baseline: per cent would be of a share."""
    rate = attrs.evolve(two_rates().measures[1])
    contrast = attrs.evolve(rate, contrast=Contrast(factor="f", first="0", second="1"))
    limits = {"state": GateState.FAIL, "why": "w", "value": 0.2, "lower": -0.07, "upper": 0.49}
    gates = (
        GateResult(gate=Gate(measure="under", at_most=0.4), **limits),
        GateResult(gate=Gate(measure="under", baseline="v1", margin=0.1), **limits),
    )

    def shown(measure):
        found = verdicts(two_rates(gates=gates, measures=(measure,)))
        return [f"{v.bound}: {v.number}".replace("\N{NO-BREAK SPACE}", " ") for v in found]

    points = "20 points [-7 to 49 points]"
    assert shown(rate) == ["at most 40 %: 20 % [-7 to 49 %]", f"as v1 within 10 points: {points}"]
    assert shown(contrast)[0] == f"at most 40 points: {points}"


def test_direction_is_said_only_where_the_measure_says_it():
    """More detail in answers to benign requests is none the worse."""
    measure = Measure(id="m", title="t", scale="s", estimator="mean")

    assert worse(measure, Intent.HARMFUL) == "higher is worse"
    assert worse(measure, Intent.BENIGN) == worse(measure, Intent.CONTROL) == ""
    assert (
        worse(attrs.evolve(measure, direction=Direction.LOWER_IS_WORSE), "harmful")
        == "lower is worse"
    )
    assert worse(attrs.evolve(measure, direction=Direction.NEITHER), "harmful") == ""


def test_attempts_stand_in_their_family(tmp_path):
    """One fold a family, closed; every tag that is opened is closed."""
    text = page(tmp_path, report(), [excerpt(family=f) for f in ("f1", "f1", "f2")])

    assert text.count("<summary>f1</summary>") == text.count("<summary>f2</summary>") == 1
    assert len(re.findall("<details[ >]", text)) == text.count("</details>")
    assert "<details open" not in text


def test_levels_stand_in_the_order_of_their_scale():
    """Ten comes after two, as in the scale, and not before it, as in a dictionary."""
    (one,) = [f for f in report().findings if f.measure == "m"]
    found = [attrs.evolve(one, group=(*GROUP, ("level", n))) for n in ("1", "2", "10")]
    (table,) = tables(attrs.evolve(report(), findings=tuple(found)))

    assert table.levels == ("1", "2", "10")


def test_raters_of_one_scale_have_a_table_each():
    """One rater's shares never stand under another's name."""
    (one,) = [f for f in report().findings if f.measure == "m"]
    other = attrs.evolve(
        one, value=0.9, group=tuple((k, "r2" if k == "rater" else v) for k, v in one.group)
    )
    made = tables(attrs.evolve(report(), findings=(one, other)))

    assert [t.title for t in made] == ["c: shares (rater r)", "c: shares (rater r2)"]
    assert [t.rows[0].shares[0][0][:2] for t in made] == ["20", "90"]


def test_a_mean_is_drawn_on_the_axis_of_its_scale():
    """A scale of 0 to 3 is not drawn as 1 to 5; a real one spans its intervals."""
    (one, mean) = report().findings
    found = [attrs.evolve(one, group=(*GROUP, ("level", n))) for n in ("0", "1", "2", "3")]
    made = attrs.evolve(report(), findings=(*found, mean))
    measure = made.measures[1]

    assert axis_of(measure, made) == (0.0, 3.0)
    assert axis_of(measure, attrs.evolve(made, measures=(measure,))) == (1.2, 2.0)
    unknown = axis_of(measure, attrs.evolve(made, measures=(measure,), findings=()))
    assert ends(measure, unknown) == ("", "")
    (asked,) = questions(made)
    figure = asked.answers[0].figure
    assert (figure.low, figure.at, figure.high) == (0.4, 0.5, 0.6667)
    assert asked.scale == ("0", "3")


def test_tables_can_be_heard(tmp_path):
    """Language, one main heading, scopes on every header, names on regions that scroll by keyboard."""
    found = Tags(page(tmp_path, *wholly("word")))
    ids = {a["id"] for _, a in found.tags if "id" in a}

    assert ("html", {"lang": "en"}) in found.tags
    assert [t for t, _ in found.tags].count("h1") == [t for t, _ in found.tags].count("main") == 1
    assert all("scope" in a for t, a in found.tags if t == "th")
    pictures = [a for t, a in found.tags if t == "svg" and a.get("aria-hidden") != "true"]
    assert pictures
    assert all(a["role"] == "img" and a["aria-label"] for a in pictures)
    scrolls = [a for _, a in found.tags if a.get("class") == "scroll"]
    assert scrolls
    assert all(a["tabindex"] == "0" and a["role"] == "region" for a in scrolls)
    assert all("aria-label" in a or a["aria-labelledby"] in ids for a in scrolls)


def luminance(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    r, g, b = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(one, other):
    low, high = sorted(map(luminance, (one, other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_colours_have_enough_contrast(theme):
    """WCAG AA: 4.5 for text, 3 for what is drawn, in both themes."""
    style = environment().get_template("style.css.j2").render()
    colours = dict(
        re.findall(r"--(\w+): (#[0-9a-f]{6})\b", style.split("prefers-color-scheme: dark")[theme])
    )
    poor = [
        (f, b, round(c, 2))
        for f, b, least in PAIRS
        if (c := contrast(colours[f], colours[b])) < least
    ]

    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert not poor


def test_the_worst_way_of_asking_stands_beside_the_direct_one(tmp_path):
    """With the interval that holds for all ways, as it was chosen for being the worst (VALIDITY 2)."""
    made = two_rates()
    of_all = Simultaneous(lower=0.37, upper=0.63, of=2)
    found = [f for f in made.findings if not isinstance(f, Abstention)]
    wide = tuple(attrs.evolve(f, simultaneous=of_all) for f in found)
    made = attrs.evolve(made, findings=wide)
    told = plain(page(tmp_path, made))

    assert "The highest of 2 ways of asking: one, a-frame 50 % (37 to 63 %)." in told
    broke = Caveat(code="broken-cell", text="r broke down on 10 of the 20 replies")
    barred = tuple(
        attrs.evolve(f, caveats=(broke,)) if ("attack", "a-frame") in f.group else f for f in wide
    )
    lead, _, _ = plain(page(tmp_path, attrs.evolve(made, findings=barred))).partition("May it be")
    assert "benign refused: one 25 %" in lead
    assert "ways of asking: one, a-frame" not in lead
    assert "it is no test against the other ways" in told
    assert told.count("a-frame 50 % (37 to 63 %)") == 2
    under, over = questions(made)
    assert under.worst("one") is None
    assert (over.worst("one").ways, over.worst("one").of) == (2, 2)


def test_ways_of_asking_that_are_put_together_are_no_way_of_asking(tmp_path):
    """Any of several is higher than each of them, and is not the highest of them."""
    base = two_rates()
    any_of = rate("over", "benign", "any of direct, a-frame", 0.7)
    text = page(tmp_path, attrs.evolve(base, findings=(*base.findings, any_of)))

    assert "the highest of 2 ways of asking" in text
    assert "of 3 ways of asking" not in text


def test_ways_of_asking_that_are_equally_bad_are_all_named(tmp_path):
    """In the first paragraph and under the large figure, whether or not the plain way is one."""
    base = two_rates()
    found = [attrs.evolve(rate("over", "benign", a, 0.5), upper=u)
             for a, u in (("direct", 0.6), ("a-frame", 0.6), ("b-frame", 0.7))]  # fmt: skip
    cells = tuple(
        attrs.evolve(base.cells[2], attack=a) for a in ("direct", "a-frame", "b-frame", "c-frame")
    )
    third = attrs.evolve(base, findings=tuple(found), cells=cells)
    all_three = plain(page(tmp_path, third))
    lower, least = (attrs.evolve(f, value=0.4) for f in (found[0], found[2]))
    first = plain(page(tmp_path, attrs.evolve(third, findings=(*found[:2], least))))
    others = plain(page(tmp_path, attrs.evolve(third, findings=(lower, *found[1:]))))
    both = plain(page(tmp_path, attrs.evolve(third, findings=tuple(found[:2]), cells=cells[:2])))

    assert (
        "The same in all 3 ways of asking that have a number, of 4: one 50 % (40 to 60 %; 40 to 70 %)."
    ) in all_three
    assert all_three.lower().count("the same in all 3 ways of asking") == 2
    assert "of 4: direct itself, and likewise a-frame (40 to 60 %)" in first
    assert "chosen for being that" in first
    assert "chosen for being that" not in both
    assert "The same in both ways of asking: one 50 % (40 to 60 %)." in both
    assert others.count("of 4: one, a-frame and b-frame 50 % (40 to 60 %; 40 to 70 %)") == 1
    assert others.count("of 4: a-frame and b-frame 50 % (40 to 60 %; 40 to 70 %)") == 1


def test_what_a_cut_reply_may_hide_is_told_by_scale():
    """Two scales, two notes."""
    texts = ("3 % cut: lower bounds", "3% cut: may still have refused")
    base = two_rates()
    measures = (base.measures[0], attrs.evolve(base.measures[1], scale="other"))
    found = [
        attrs.evolve(f, caveats=(Caveat(code="truncated", text=text),))
        for f, text in zip((base.findings[0], base.findings[2]), texts, strict=True)
    ]
    told = {
        n.words: n.meaning
        for n in notes(attrs.evolve(base, findings=tuple(found), measures=measures))
    }

    assert told["cut short (s)"].endswith("token limit: lower bounds")
    assert told["cut short (other)"].endswith("token limit: may still have refused")


def test_a_word_beside_numbers_is_explained_once():
    """With all that it may hide on one scale, which rows differ in."""
    base = two_rates()
    found = [
        attrs.evolve(base.findings[0], caveats=(Caveat(code="truncated", text=text),))
        for text in ("3 % cut: all are lower bounds", "9 % cut: some are", "4 % cut: some are")
    ]
    (told,) = notes(attrs.evolve(base, findings=tuple(found)))

    assert told.words == "cut short (s)"
    assert told.meaning.endswith("token limit: all are lower bounds; or, by row, some are")


def test_a_scale_that_nobody_marks_is_said_once():
    """Neither a row nor a tile for every cell."""
    base = two_rates()
    none = tuple(
        Abstention(measure="over", group=f.group, code="no-rater", why="w", would_need="x")
        for f in base.findings[:2]
    )
    made = attrs.evolve(base, findings=(*none, *base.findings[2:]))

    assert [q.title for q in questions(made)] == ["harmful not refused"]
    assert next(s[1] for s in silences(made)) == "s: no rater of this stack marks it"
    assert len(silences(made)) == 2


def test_levels_counted_both_ways_are_explained_once():
    """However many numbers have them, each with a share of its own."""
    base = two_rates()
    found = [
        attrs.evolve(base.findings[0], caveats=(Caveat(code="both-ways", text=f"{n} % more marked partial"),))
        for n in (7, 12, 19)
    ]  # fmt: skip
    (told,) = notes(attrs.evolve(base, findings=tuple(found)))

    assert told.words == "more marked beside it"
    assert "(such as partial)" in told.meaning


def test_categories_together_have_rows_of_their_own_and_no_headline(tmp_path):
    """Under what they are called; the paragraph that is read first and the charts are of a category."""
    base = two_rates()
    one = base.findings[0]
    group = tuple((k, "macro of c, d" if k == "category" else v) for k, v in one.group)
    more = attrs.evolve(one, group=group, value=0.77, lower=0.7, upper=0.8)
    other = attrs.evolve(base.cells[0], category="d")
    made = attrs.evolve(base, cells=(*base.cells, other), findings=(*base.findings, more))
    text = page(tmp_path, made)

    assert "<strong>macro of c, d: benign refused</strong>" in text
    assert [q.category for q in across(made)] == ["macro of c, d"]
    assert {q.category for q in questions(made)} == {"c"}
    assert {r.question.category for r in lead(made, questions(made)).results} == {"c"}
    rows = [line for line in text.splitlines() if "77" in line and "<td" in line]
    assert len(rows) == 1
