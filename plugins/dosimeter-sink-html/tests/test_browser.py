"""The page in a real browser; `conftest.py` says how to have these run."""

import base64
import re

import pytest
from samples import HOSTILE, excerpt, like_a_run, page, two_rates, wholly

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


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    """Write a page of which every word is hostile."""
    folder = tmp_path_factory.mktemp("hostile")
    page(folder, *wholly(HOSTILE), characters=100_000)
    return (folder / "report.html").as_uri()


@pytest.fixture(scope="module")
def civil(tmp_path_factory):
    """Write a page like that of a run."""
    folder = tmp_path_factory.mktemp("civil")
    page(folder, like_a_run(), [excerpt()])
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
