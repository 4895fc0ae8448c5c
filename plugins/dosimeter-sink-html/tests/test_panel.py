"""The validity panel: a row a threat, concerns first, in words."""

import re
from html import unescape

import pytest
from samples import check, page, rate, report, two_rates

from dosimeter import Contrast, Measure, PanelAnswer, Threat
from dosimeter_sink_html.panel import ASKS, PLACES, STYLES, WORDS, rows

CONCERN, FINE = PanelAnswer.CONCERN, PanelAnswer.FINE
NOT_MEASURED, TOLD = PanelAnswer.NOT_MEASURED, PanelAnswer.TOLD


def section(text):
    """Give the panel of a page."""
    return text[text.index('<h2 id="validity">') :].partition("</section>")[0]


def test_each_threat_has_one_row_and_concerns_come_first():
    """Then what is not measured, what is told, and what is fine; within these as the report has them."""
    panel = (
        check(Threat.COST, TOLD),
        check(Threat.MISSING, FINE),
        check(Threat.CONSISTENCY, NOT_MEASURED, needs="rewrites"),
        check(Threat.SATURATION, FINE, "one"),
        check(Threat.SATURATION, CONCERN, "two"),
        check(Threat.RIGHT_REASON, NOT_MEASURED),
    )
    found = rows(report(panel=panel))

    assert [r.threat for r in found] == [
        "saturation",
        "consistency",
        "right-reason",
        "cost",
        "missing",
    ]
    assert found[0].answer == "✗ concern (1 of 2 checks)"
    assert [c.text for c in found[0].lines] == ["two"]
    assert [c.text for c in found[0].rest] == ["one"]
    assert found[1].answer == "? not measured"
    assert found[1].needs == ("rewrites",)


def test_what_is_not_measured_is_never_called_fine():
    """One rater that people agree with does not speak for another that nobody looked at."""
    both = (check(Threat.RELIABILITY, TOLD), check(Threat.RELIABILITY, NOT_MEASURED))
    (row,) = rows(report(panel=both))

    assert row.answer.startswith("? not measured")
    assert row.style == "inconclusive"


def test_every_threat_and_answer_has_its_words():
    """What core may say the page can name, and no two answers differ by colour alone."""
    assert set(ASKS) == set(PLACES) == set(Threat)
    assert set(WORDS) == set(PanelAnswer)
    assert len(set(WORDS.values())) == len(WORDS)
    assert set(STYLES) < set(WORDS)


def test_the_panel_stands_after_the_summary_and_before_the_numbers(tmp_path):
    """With what is known, where, and what would tell."""
    panel = (
        check(Threat.MISSING, CONCERN, "30 % is missing", where=(("target", "one"), ("attack", "direct"))),
        check(Threat.CONSISTENCY, NOT_MEASURED, "not known", needs="rewrites of the requests"),
    )  # fmt: skip
    text = page(tmp_path, two_rates(panel=panel))
    said = section(text).replace("\N{NO-BREAK SPACE}", " ")

    assert text.index('id="short"') < text.index('id="validity"') < text.index('id="charts"')
    assert "✗ concern" in said
    assert "one, direct" in said
    assert "rewrites of the requests" in said
    assert said.index("30 % is missing") < said.index("<bdi>not known")


@pytest.mark.parametrize(
    ("threat", "place"), [(Threat.MISSING, "every"), (Threat.RELIABILITY, "raters"),
                          (Threat.TRUNCATED, "counts"), (Threat.RIGHT_REASON, "compared")],
)  # fmt: skip
def test_a_row_links_to_the_section_that_has_its_numbers(tmp_path, threat, place):
    """Which is there; where nothing is measured, or no such section is, there is no link."""
    gap = Measure(id="gap", title="gap", scale="s", estimator="rate",
                  contrast=Contrast(factor="trigger", first="0", second="1"))  # fmt: skip
    base = two_rates(panel=(check(threat, TOLD),))
    there = two_rates(
        panel=base.panel, measures=(*base.measures, gap),
        findings=(*base.findings, rate("gap", "benign", "direct", 0.2)),
    )  # fmt: skip
    text = page(tmp_path, there)

    assert f'href="#{place}"' in section(text)
    assert f'id="{place}"' in text
    assert "href" not in section(page(tmp_path, two_rates(panel=(check(threat, NOT_MEASURED),))))
    if place == "compared":
        assert "href" not in section(page(tmp_path, base))


def test_many_checks_of_one_threat_are_folded(tmp_path):
    """Two are read at once; the others are counted, and each keeps its answer in words."""
    many = tuple(check(Threat.BOTH_REFUSALS, TOLD, f"number {i}") for i in range(60))
    said = section(page(tmp_path, two_rates(panel=many)))
    seen, folded = said.split("<details>")

    assert re.findall(r"number \d+", seen) == ["number 0", "number 1"]
    assert "58 more" in folded
    assert len(re.findall(r"<li>· told", unescape(folded))) == 40
    assert "18 more checks did not fit" in folded


def test_a_report_without_a_panel_has_no_section(tmp_path):
    """As of an earlier version."""
    assert 'id="validity"' not in page(tmp_path, two_rates())
