"""The page is whole, offline, small and harmless."""

import re
from html.parser import HTMLParser
from pathlib import Path

import attrs

from dosimeter import Caveat, Cell, Estimate, Excerpt, Intent, Measure, Missing, Report, TargetFacts
from dosimeter_sink_html.clean import visible
from dosimeter_sink_html.options import HtmlOptions
from dosimeter_sink_html.sink import MOST_BYTES, build

HOSTILE = "<script>alert(1)</script>\x1b[31m\u202eevil\u2066</blockquote><img src=x onerror=y>"
GROUP = (
    ("target", HOSTILE),
    ("category", "c"),
    ("intent", "benign"),
    ("attack", "direct"),
    ("rater", "r"),
)


class Folder:
    def __init__(self, path):
        self.path = path

    def write(self, name, data):
        target = Path(self.path) / name
        target.write_bytes(b"".join(data))
        return target


def excerpt(**changes):
    base = Excerpt(
        attempt_id="a", target=HOSTILE, item_id="i", category="c", family="f", intent=Intent.BENIGN,
        attack="direct", variant="direct", repeat=0, stop="end", prompt=HOSTILE, reply=HOSTILE,
        withheld="", reply_hash="00", marks=((HOSTILE, "s", HOSTILE),), evidence=(HOSTILE,),
    )  # fmt: skip
    return attrs.evolve(base, **changes)


def report():
    e = Estimate(measure="m", group=(*GROUP, ("level", "1")), value=0.2, lower=0.1, upper=0.4,
                 level=0.95, method="x", n=20, families=20, missing=Missing(planned=20))  # fmt: skip
    mean = attrs.evolve(e, measure="m-mean", group=GROUP, value=1.5, lower=1.2, upper=2.0)
    return Report(
        name=HOSTILE, stack_hash="h", scope="system", complete=True, reportable=False,
        notices=(Caveat(code="x", text=HOSTILE),),
        targets=(TargetFacts(name=HOSTILE, id="t", provider="p", model="m", returned_models=(HOSTILE,),
                             language_model=False, system_prompt=HOSTILE, sampling=(("temperature", "0"),),
                             calls=1, tokens_in=1, tokens_out=1),),
        raters=(), measures=(Measure(id="m", title=HOSTILE, scale="s", estimator="shares"),
                             Measure(id="m-mean", title="mean", scale="s", estimator="mean")),
        cells=(Cell(target=HOSTILE, category="c", intent=Intent.BENIGN, attack="direct", families=20,
                    planned=20, done=20, failed=0, open=0, truncated=0, blocked=0, off_script=0),),
        findings=(e, mean), gates=(), demonstrates=HOSTILE, withheld=1, components=(), stack="{}",
    )  # fmt: skip


def page(tmp_path, evidence, **options):
    build(HtmlOptions(**options)).write(report(), evidence, Folder(tmp_path))
    return (tmp_path / "report.html").read_text(encoding="utf-8")


class Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.attributes = [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [name for name, _ in attrs]


def test_trap_25_hostile_text_is_inert(tmp_path):
    """No script, no image, no handler, no escape sequence, no direction mark gets through."""
    text = page(tmp_path, [excerpt()])
    found = Tags()
    found.feed(text)

    assert not {"script", "img", "iframe", "link", "object"} & set(found.tags)
    assert not [a for a in found.attributes if a.startswith("on")]
    reply = text[text.index("<blockquote") :]
    assert not re.search("[\x1b\u202e\u2066]", reply)
    assert "&lt;script&gt;" in reply


def test_nothing_is_loaded_from_elsewhere(tmp_path):
    """No address in the page, and a policy that forbids loading."""
    text = page(tmp_path, [excerpt(prompt="p", reply="r")])
    found = Tags()
    found.feed(text)

    assert not {"src", "href", "srcset", "action", "data"} & set(found.attributes)
    assert not re.search(r"https?://|@import|url\(", text)
    assert "default-src 'none'" in text


def test_a_withheld_reply_is_named_by_hash(tmp_path):
    """Why and which, never what."""
    text = page(tmp_path, [excerpt(reply=None, withheld="actionability 5 by r", evidence=None)])

    assert "Reply withheld (actionability 5 by r)" in text
    assert text.count("alert(1)") == page(tmp_path, [excerpt(reply="", evidence=())]).count(
        "alert(1)"
    )


def test_the_page_stays_small(tmp_path):
    """Attempts that do not fit are counted, not dropped silently."""
    many = [excerpt(prompt="p", reply="x" * 5000, attempt_id=str(i)) for i in range(3000)]
    text = page(tmp_path, many, attempts=3000, characters=5000)

    assert len(text.encode()) < MOST_BYTES + 10_000 < 2_000_000
    shown = int(re.search(r"(\d+) attempts are shown; (\d+) more", text).group(1))
    left = int(re.search(r"(\d+) attempts are shown; (\d+) more", text).group(2))
    assert shown + left == 3000


def test_what_is_not_a_language_model_says_so(tmp_path):
    """The label is on the page."""
    assert "not a language model" in page(tmp_path, [])


def test_visible_names_marks_and_cuts():
    """Control and direction marks by name, long text cut with a sign."""
    assert visible("a\u202eb\x1b", 10) == "a⟨202E⟩b⟨001B⟩"
    assert visible("abcdef", 3) == "abc […]"
