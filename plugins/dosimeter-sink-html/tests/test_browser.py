"""The page in a real browser; `conftest.py` says how to have these run."""

import base64
import re
from pathlib import Path
from urllib.parse import urlsplit

import attrs
import pytest
from samples import HOSTILE, agreement, beside, excerpt, like_a_run, page, rate, two_rates, wholly

from dosimeter import CardLine, Contrast, Measure, RaterFacts

pytestmark = pytest.mark.browser

WIDTHS = (390, 800, 1200)
NOISE = {"Log.entryAdded", "Runtime.consoleAPICalled", "Runtime.exceptionThrown"}
DRAWN = "[...document.querySelectorAll('details table')].map(t => t.checkVisibility())"
TOP = "e => e.getBoundingClientRect().top"
FOCUS = "document.activeElement.matches(':focus-visible') && document.activeElement.tagName"
FOREIGN = """document.querySelectorAll('script, img, a:not([href^="#"]), iframe, object, base, link').length"""
BACKGROUND = "getComputedStyle(document.body).backgroundColor"
RAN = "document.documentElement.dataset.ran ?? 'nothing'"
OUTSIDE = """[...document.querySelectorAll('body *')].filter(e =>
    !e.closest('.scroll') && e.getBoundingClientRect().right > innerWidth + 1).map(e => e.tagName)"""

HELD = "[...document.querySelectorAll('details.pack blockquote')].at(-1).textContent"
DRAWINGS = """[...document.querySelectorAll('svg.chart')].map(svg => {
    const frame = svg.getBoundingClientRect();
    const marks = [...svg.querySelectorAll('.spot, rect:not(.hit)')].map(m => m.getBoundingClientRect());
    const inside = marks.every(m => m.left >= frame.left - 1 && m.right <= frame.right + 1
        && m.top >= frame.top - 1 && m.bottom <= frame.bottom + 1);
    return [svg.getAttribute('aria-label'), marks.length, inside, frame.width, frame.height];
})"""


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    """Write a page of which every word is hostile."""
    folder = tmp_path_factory.mktemp("hostile")
    page(folder, *wholly(HOSTILE), characters=100_000)
    return (folder / "report.html").as_uri()


def with_difference():
    """Give a run that compares two conditions, too."""
    base = like_a_run()
    gap = Measure(id="gap", title="how much more is refused when it is asked in other words", scale="s",
                  estimator="rate", contrast=Contrast(factor="attack", first="", second="direct"))  # fmt: skip
    found = (*base.findings, rate("gap", "harmful", "a-frame", 0.4, target="bare"))
    return attrs.evolve(base, measures=(*base.measures, gap), findings=found)


def with_people(made):
    """Add how well people agree, and a rater whose card says how sure it may be."""
    points = (
        CardLine(statistic="share right", value=v, lower=v - 0.1, upper=v + 0.05, n=40, population="replies",
                 scale="s", stated=at)
        for at, v in ((0.5, 0.6), (0.9, 0.7), (0.92, 0.75))
    )  # fmt: skip
    judge = RaterFacts(name="r", kind="judge", scales=("s",), languages=("en",), card=tuple(points))
    why = {
        "verdict": "not-estimable",
        "why": "all marks are the same",
        "would_need": "more of the rarer half",
    }
    return attrs.evolve(made, raters=(judge,), reliability=(agreement(), agreement("fraud", **why)))


@pytest.fixture(scope="module")
def civil(tmp_path_factory):
    """Write a page like that of a run."""
    folder = tmp_path_factory.mktemp("civil")
    page(folder, with_people(beside(with_difference())), [excerpt()])
    return (folder / "report.html").as_uri()


@pytest.fixture(scope="module")
def packed(tmp_path_factory):
    """Write a page with more attempts than stand on it as they are, every word of them hostile."""
    folder = tmp_path_factory.mktemp("packed")
    made, (attempt, hidden) = wholly(HOSTILE)
    page(folder, made, [attempt, hidden] * 900, characters=900)
    return (folder / "report.html").as_uri()


@pytest.fixture(autouse=True)
def as_it_comes(request):
    """Undo what the test before pretended."""
    browser = request.getfixturevalue("chromium")
    browser.size(1200)
    browser("Emulation.setEmulatedMedia", media="", features=[])


def requests(browser):
    return [e["params"]["request"]["url"] for e in browser.events
            if e["method"] == "Network.requestWillBeSent"]  # fmt: skip


def noise(browser):
    return [e["params"] for e in browser.events if e["method"] in NOISE]


def test_a_planted_script_would_be_noticed(chromium, tmp_path):
    """What the other tests look for is there, in a page that does not escape."""
    stays = HOSTILE.replace("http-equiv=refresh", "").encode("utf-8", "replace").decode()
    raw = f"<!doctype html><body>{stays}<img src=http://example.org/y>"
    (tmp_path / "raw.html").write_text(raw, encoding="utf-8")
    chromium.open((tmp_path / "raw.html").as_uri())

    assert chromium.value(RAN) != "nothing"
    assert [u for u in requests(chromium) if u.startswith("http")]
    assert noise(chromium)


def test_nothing_is_asked_of_the_network_and_nothing_runs(chromium, hostile):
    """One file is read; no script, handler or style of a stranger acts; the console is silent."""
    chromium.open(hostile)
    chromium.value("document.querySelectorAll('details').forEach(d => d.open = true)")

    assert requests(chromium) == [hostile]
    assert chromium.value(RAN) == "nothing"
    assert not noise(chromium)
    assert chromium.value(FOREIGN) == 0
    assert chromium.value("document.styleSheets.length") == 1
    assert chromium.value("document.body.innerText.length") > 1000


def test_the_policy_stops_what_escaping_would_let_through(chromium, tmp_path):
    """A script, a picture and a style put in behind the template's back do nothing."""
    text = tmp_path / "planted.html"
    source = page(tmp_path, two_rates())
    text.write_text(source.replace("<main>", (
        "<main><script>document.documentElement.dataset.ran = 'script'</script>"
        "<style>body { display: none }</style><img src=http://example.org/x"
        " onerror=\"document.documentElement.dataset.ran = 'handler'\">"
    )), encoding="utf-8")  # fmt: skip
    chromium.open(text.as_uri())

    assert chromium.value(RAN) == "nothing"
    assert chromium.value("getComputedStyle(document.body).display") == "block"
    ended = [e["params"] for e in chromium.events if e["method"] == "Network.loadingFailed"]
    assert [e.get("blockedReason") for e in ended] == ["csp"]


def test_packed_attempts_come_out_of_the_page_itself(chromium, packed):
    """A click unpacks them, without a network; what they say runs neither then nor later."""
    chromium.open(packed)
    before = chromium.value("document.querySelectorAll('blockquote').length")
    chromium.value("document.querySelectorAll('details').forEach(d => d.open = true)")
    chromium.until("!document.querySelector('template')")
    chromium.until("document.querySelectorAll('details.pack > details').length > 1")
    chromium.value("document.querySelectorAll('details').forEach(d => d.open = true)")

    assert chromium.value("document.querySelectorAll('blockquote').length") > before + 1000
    assert chromium.value(HELD).startswith("</title></style></script>")
    assert requests(chromium) == [packed]
    assert chromium.value(RAN) == "nothing"
    assert not noise(chromium)
    assert chromium.value(FOREIGN) == 1
    assert chromium.value("document.documentElement.scrollWidth") <= 1200


def test_without_scripts_a_pack_says_what_it_is_and_what_to_do(chromium, packed):
    """Its words stand in place of the attempts; all else of the page is there."""
    chromium("Emulation.setScriptExecutionDisabled", value=True)
    try:
        chromium.open(packed)
        chromium("Emulation.setScriptExecutionDisabled", value=False)
        chromium.value("document.querySelectorAll('details').forEach(d => d.open = true)")
        said = chromium.value("document.querySelector('details.pack').innerText")
    finally:
        chromium("Emulation.setScriptExecutionDisabled", value=False)

    assert "These are packed, so that the page stays small." in said
    assert "-o attempts.csv" in said
    assert chromium.value("document.querySelectorAll('template').length") > 1


def test_a_script_put_into_a_page_with_packs_does_not_run(chromium, packed, tmp_path):
    """The policy lets the page's own through, and no other."""
    text = Path(urlsplit(packed).path).read_text(encoding="utf-8")
    planted = text.replace(
        "<main>", "<main><script>document.documentElement.dataset.ran = 'script'</script>"
    )
    (tmp_path / "planted.html").write_text(planted, encoding="utf-8")
    chromium.open((tmp_path / "planted.html").as_uri())

    assert chromium.value("document.scripts.length") == 2
    assert chromium.value(RAN) == "nothing"


def test_every_chart_is_drawn(chromium, civil):
    """With marks in it that have a size and stand inside it, and a name that says what it shows."""
    chromium.open(civil)
    drawn = chromium.value(DRAWINGS)

    assert len(drawn) >= 4
    assert any(name.startswith("People on harm of harm requests") for name, *_ in drawn)
    assert any("right in 70" in name for name, *_ in drawn)
    for name, marks, inside, width, height in drawn:
        assert re.search(r"\d", name)
        assert marks > 0
        assert inside
        assert width > 200
        assert height > 40


def test_a_mark_says_its_number_when_it_is_pointed_at(chromium, civil):
    """By a title, which browsers show."""
    chromium.open(civil)
    titles = chromium.value(
        "[...document.querySelectorAll('.chart g > title')].map(t => t.textContent)"
    )

    assert len(titles) > 20
    assert any("90\N{NO-BREAK SPACE}%" in t for t in titles)


def test_a_number_opens_the_fold_that_says_how_it_was_made(chromium, civil):
    """Following its link shows the row, with estimand, method and reference beside it."""
    chromium.open(civil)
    shown = "document.querySelector('.num a').hash && document.querySelector(document.querySelector('.num a').hash).checkVisibility()"
    assert chromium.value(shown) is False
    chromium.value("document.querySelector('.num a').click()")
    chromium.until(shown)

    assert "Each is an estimate of" in chromium.value(
        "document.querySelector(':target').closest('details').innerText"
    )
    assert "By this method:" in chromium.value(
        "document.querySelector(':target').closest('details').innerText"
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_charts_change_with_the_theme(chromium, civil, scheme):
    """Words in them are as the page's, and marks are none of the paper's colour."""
    chromium.media("screen", scheme)
    chromium.open(civil)
    word, mark, back = (
        chromium.value(f"getComputedStyle(document.querySelector('{where}')).{what}")
        for where, what in ((".chart text", "fill"), (".spot", "fill"), ("body", "backgroundColor"))
    )

    assert word.startswith("rgb")
    assert len({word, mark, back}) == 3
    assert (back == "rgb(255, 255, 255)") is (scheme == "light")


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("kind", ["civil", "hostile"])
def test_the_page_is_no_wider_than_the_window(chromium, request, kind, width):
    """On a telephone, a tablet and a desk, folds open: only tables scroll, in their own frame."""
    chromium.size(width)
    chromium.open(request.getfixturevalue(kind))
    chromium.value("document.querySelectorAll('details').forEach(d => d.open = true)")

    assert chromium.value("innerWidth") == width
    assert chromium.value("document.documentElement.scrollWidth") <= width
    assert chromium.value(OUTSIDE) == []


@pytest.mark.parametrize("width", WIDTHS)
def test_numbers_and_what_stands_beside_them_need_no_scrolling(chromium, civil, width):
    """The tables of answers fit their frame at every width."""
    chromium.size(width)
    chromium.open(civil)

    over = "[...document.querySelectorAll('.wide')].map(t => t.parentElement).map(s => s.scrollWidth - s.clientWidth)"
    assert set(chromium.value(over)) == {0}


def test_rows_of_figures_are_level(chromium, civil):
    """Large figures of one card stand on one line, whatever is written above or below them."""
    chromium.open(civil)
    tops = chromium.value(f"[...document.querySelectorAll('.card:first-of-type .big')].map({TOP})")

    assert len(tops) == 4
    assert len(set(tops)) == 1


def test_dark_and_print_look_different(chromium, civil):
    """Each has its own picture; print is black on white even where the screen is dark."""
    chromium.open(civil)
    pictures, backs = set(), []
    for kind, scheme in (("screen", "light"), ("screen", "dark"), ("print", "dark")):
        chromium.media(kind, scheme)
        pictures.add(chromium.picture())
        backs.append(chromium.value(BACKGROUND))

    assert len(pictures) == 3
    assert backs[0] == backs[2] == "rgb(255, 255, 255)"
    assert backs[1] != backs[0]


def test_folds_are_printed_open(chromium, civil):
    """Paper has nothing to click on; attempts alone are left out, and that is said."""
    chromium.open(civil)

    assert set(chromium.value(DRAWN)) == {False}
    chromium.media("print")
    assert set(chromium.value(DRAWN)) == {True}
    assert chromium.value("getComputedStyle(document.querySelector('.families')).display") == "none"
    assert "Attempts are not printed" in chromium.value("document.body.innerText")


def test_the_whole_table_is_on_the_paper(chromium, civil):
    """Nothing is cut at the right of a printed page."""
    chromium.open(civil)
    chromium.media("print")
    chromium.size(690)  # A4 less its margins

    assert chromium.value("document.documentElement.scrollWidth") <= 690
    chromium("Emulation.setEmulatedMedia", media="", features=[])
    printed = base64.b64decode(chromium("Page.printToPDF", preferCSSPageSize=True)["data"])
    assert re.search(rb"/Type\s*/Page\b", printed)


def test_everything_can_be_reached_by_keyboard(chromium, civil):
    """Tab goes through numbers' links, folds and frames that scroll, and shows where it is."""
    chromium.open(civil)
    seen = []
    for _ in range(90):
        for kind in ("rawKeyDown", "keyUp"):
            chromium("Input.dispatchKeyEvent", type=kind, key="Tab", windowsVirtualKeyCode=9)
        seen.append(chromium.value(FOCUS))

    assert {"A", "SUMMARY", "DIV"} <= set(seen)
