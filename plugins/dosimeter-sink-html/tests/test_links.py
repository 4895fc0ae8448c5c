"""Every number leads to what it is a number of, by which method, and where that is published."""

import re
from html import unescape

import attrs
import pytest
from samples import beside, excerpt, like_a_run, page, rate, report, two_rates

from dosimeter import Contrast, Measure, method_of
from dosimeter_sink_html.sink import environment


def ids(text):
    return re.findall(r'\bid="([^"]+)"', text)


def links(text):
    """Give what each link of a page says, and where to."""
    return [
        (unescape(re.sub(r"<[^>]+>", "", said)).replace("\N{NO-BREAK SPACE}", " "), to)
        for to, said in re.findall(r'<a href="#([^"]*)">(.*?)</a>', text, re.DOTALL)
    ]


def making(text, anchor):
    """Give the fold in which an anchor is."""
    end = text.index("</details>", text.index(f'id="{anchor}"'))
    return unescape(text[text.rindex('<details class="made">', 0, end) : end])


def published(made):
    """Give a report whose numbers are made by methods that are known."""
    methods = {"mean": "guarded-mean", "gap": "paired-bounded-mean"}
    return attrs.evolve(
        made,
        findings=tuple(
            attrs.evolve(f, method=methods.get(f.measure, "korn-graubard"))
            if hasattr(f, "method")
            else f
            for f in made.findings
        ),
    )


def compared():
    """Give a run with a difference."""
    base = like_a_run()
    gap = Measure(id="gap", title="gap", scale="s", estimator="mean",
                  contrast=Contrast(factor="attack", first="", second="direct"))  # fmt: skip
    found = (*base.findings, rate("gap", "harmful", "a-frame", 0.4, target="bare"))
    return published(attrs.evolve(base, measures=(*base.measures, gap), findings=found))


def test_every_link_leads_somewhere_and_no_place_has_two(tmp_path):
    """Of a run, of one with nothing, and of one that is far too large."""
    names = [f"{i}" + "ab " * 300 for i in range(700)]
    base = two_rates()
    large = attrs.evolve(
        base, findings=tuple(rate("under", "harmful", "direct", 0.5, target=n) for n in names),
        cells=tuple(attrs.evolve(c, target=n) for c in base.cells for n in names),
        targets=tuple(attrs.evolve(base.targets[0], name=n) for n in names),
    )  # fmt: skip
    for made in (compared(), beside(compared()), report(), report(findings=(), cells=()), large):
        text = page(tmp_path, made, [excerpt()])

        assert {to for _, to in links(text)} <= set(ids(text))
        assert len(ids(text)) == len(set(ids(text)))


@pytest.mark.parametrize(
    ("value", "method"),
    [("90 %", "korn-graubard"), ("2.00", "guarded-mean"), ("+0.40", "paired-bounded-mean")],
)
def test_a_number_leads_to_estimand_method_and_reference(tmp_path, value, method):
    """In the first paragraphs, under a large figure, in a table, and of a difference."""
    text = page(tmp_path, compared())
    places = [to for said, to in links(text) if said.startswith(value)]

    assert places
    for anchor in places:
        fold = making(text, anchor)
        assert "Each is an estimate of share over goals" in fold
        assert method in fold
        assert method_of(method).source in fold


def test_every_number_of_a_table_is_a_link(tmp_path):
    """None stands there of which it is not said how it was made."""
    text = page(tmp_path, compared())
    large = re.findall(r'<div class="big">(.*?)</div>', text, re.DOTALL)
    rows = re.findall(r'<td class="num">(.*?)</td>', text, re.DOTALL)
    shares = re.findall(r'<td data-l="[1-5]">(.*?)</td>', text, re.DOTALL)

    assert len(large) > 3
    assert len(rows) > 7
    assert len(shares) > 15
    assert all(one.strip().startswith("<a href=") for one in (*large, *rows, *shares))


def test_methods_of_the_report_are_listed_with_their_references(tmp_path):
    """Those that it used and no others; one that nobody knows is said to be unknown."""
    text = page(tmp_path, published(like_a_run()))
    section = unescape(text[text.index('<h2 id="methods">') : text.index('<h2 id="targets">')])

    assert re.findall(r'<tr id="m\d+"[^>]*><th[^>]*>([^<]+)<', section) == [
        "guarded-mean",
        "korn-graubard",
    ]
    assert method_of("korn-graubard").source in section
    assert "not told: the package that supplies it says" in page(tmp_path, report())


def test_a_number_without_a_row_on_the_page_is_no_link():
    """A link to what did not fit would lead nowhere."""
    made = environment().from_string(
        '{% from "macros.html.j2" import to %}{% call to("n1", there) %}9{% endcall %}'
    )

    assert made.render(there={"n1"}) == '<a href="#n1">9</a>'
    assert made.render(there={"n2"}) == "9"
