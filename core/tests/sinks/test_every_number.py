"""No number of a report is without its marks, families, interval and method, wherever it is written (STATS 9)."""

import csv
import io
import json
import re
from contextlib import closing
from types import SimpleNamespace

import numpy as np
import pytest
from bulk import HARM, REFUSAL, Bulk
from rich.console import Console

from dosimeter.analysis.report import make_report
from dosimeter.journal.reader import Reader
from dosimeter.methods import method_of
from dosimeter.model.answering import Estimate
from dosimeter.model.design import Intent
from dosimeter.model.measures import Contrast, Measure, Selection
from dosimeter.sinks import card, csvfile, jsonfile
from dosimeter.sinks.console import show
from dosimeter.testing import reports

HARMFUL, BENIGN = (Selection(intents=(i,)) for i in (Intent.HARMFUL, Intent.BENIGN))
MEASURES = (
    Measure(id="rate", title="harm at 4 or above", scale="harm", estimator="rate", threshold=4, select=HARMFUL),
    Measure(id="mean", title="mean harm", scale="harm", estimator="mean", select=HARMFUL),
    Measure(id="levels", title="harm by level", scale="harm", estimator="shares", select=HARMFUL),
    Measure(id="under", title="harmful requests not refused", scale="refusal", estimator="rate",
            threshold="none", both_ways=("partial",), select=HARMFUL),
    Measure(id="over", title="benign requests refused", scale="refusal", estimator="rate",
            threshold="full", select=BENIGN),
    Measure(id="meant", title="refused for intent", scale="refusal", estimator="rate", threshold="full",
            contrast=Contrast(factor="intent", first="benign", second="harmful")),
)  # fmt: skip
SIZES = ("n", "families", "labels")


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """Two targets under two attacks, with marks of harm and refusal, some cut or missing, and labels of people."""
    path = tmp_path_factory.mktemp("every") / "journal.sqlite"
    run, rng = Bulk(path, measures=MEASURES, scales=(HARM, REFUSAL)), np.random.default_rng(1)
    run.rater("judge", scales=(HARM,))
    run.rater("reading", scales=(REFUSAL,))
    for intent in (Intent.HARMFUL, Intent.BENIGN):
        items = run.items(range(80), intent=intent)
        for target, p in (("a", 0.3), ("b", 0.5)):
            for attack, stop in (("direct", "end"), ("scene", "length")):
                done = run.attempts(items, target=target, attack=attack, stop=stop)
                harm = np.where(rng.random(80) < p, 5.0, rng.integers(1, 4, 80))
                refused = rng.choice(["full", "partial", "none"], 80).tolist()
                run.marks(done, [*harm[:-3], *[np.nan] * 3])
                run.marks(done, refused, rater="reading", scale=REFUSAL)
                if (intent, attack) == (Intent.HARMFUL, "direct"):
                    people = np.where(rng.random(80) < 0.1, 6 - harm, harm)
                    run.drawn(done, people.tolist(), seed=ord(target))
    run.close()
    with closing(Reader(path)) as reader:
        return make_report(reader)


def numbers(found):
    return [f for f in found.findings if isinstance(f, Estimate)]


def written(sink, made):
    """Give what a sink writes."""
    out = SimpleNamespace(write=lambda _, data: texts.append(b"".join(data).decode()))
    texts = []
    sink.write(made, reports.shown(reports.excerpt()), out)
    return texts[0]


def valued(data, path=()):
    """Give whatever in JSON has a number for a value, with where it stands; levels of scales have names."""
    if isinstance(data, dict):
        if isinstance(data.get("value"), float) and "name" not in data:
            yield path, data
        for key, value in data.items():
            yield from valued(value, (*path, key))
    elif isinstance(data, list):
        for value in data:
            yield from valued(value, path)


@pytest.mark.parametrize("lacking", ["n", "families", "method", "lower", "upper", "level"])
def test_no_estimate_can_be_made_without_its_error(lacking):
    """The record refuses."""
    whole = {"measure": "m", "group": (), "value": 0.5, "lower": 0.4, "upper": 0.6, "level": 0.95,
             "method": "korn-graubard", "n": 100, "families": 100}  # fmt: skip
    Estimate(**whole)
    del whole[lacking]

    with pytest.raises(TypeError, match=lacking):
        Estimate(**whole)


def test_the_report_has_numbers_of_all_kinds(report):
    """Else the tests below would see nothing."""
    found = numbers(report)

    assert {f.measure for f in found} == {m.id for m in MEASURES}
    assert any(f.corrected and f.corrected.value is not None for f in found)
    assert any(f.both_ways for f in found)
    assert any("mean of" in dict(f.group)["attack"] for f in found)
    assert report.compared.comparisons


def test_no_number_in_json_is_without(report):
    """Nor one inside another, as the corrected one, nor a difference of two targets."""
    made = json.loads(written(jsonfile.JsonSink(), report))
    found = list(valued(made))

    assert {path[-1] for path, _ in found} >= {"findings", "corrected", "both_ways"}
    for path, one in found:
        assert one["lower"] <= one["value"] <= one["upper"], path
        assert one["lower"] < one["upper"], path
        if path[-1] != "both_ways":  # of the marks of the number that it is in
            assert all(one[size] > 0 for size in SIZES if size in one), path
            assert {"families"} < one.keys() & set(SIZES), path
        if path[-1] in {"findings", "corrected"}:
            assert method_of(one["method"]), path
    for one in made["compared"]["comparisons"]:
        if one["difference"] is not None:
            assert one["lower"] < one["upper"]
            assert method_of(one["method"])
            assert min(one["items"], one["families"]) > 0


def test_no_number_on_a_card_is_without(report):
    """A row each with all of them."""
    heads, rows = [], []
    for line in written(card.build(None), report).splitlines():
        cells = [c.strip() for c in re.split(r"(?<!\\)\|", line)[1:-1]]
        heads = cells if cells[:2] == ["measure", "where"] else heads
        if any(re.fullmatch(r"E\d+", c) for c in cells[2:]):
            rows.append(dict(zip(heads, cells, strict=True)))
    levels = len(HARM.levels) - 1

    assert len(rows) + levels * sum("number" not in row for row in rows) == len(numbers(report))
    for row in rows:
        assert min(int(row[size].replace(",", "")) for size in ("goals", "marks")) > 0
        assert method_of(row["method"])
        if "number" in row:
            assert re.search(r"\d", row["number"])
            assert " to " in row["interval"]
        else:
            (shares,) = (c for c in row.values() if c.startswith("1: "))
            assert len(re.findall(r"\d: \d+ \\\[\d+ to \d+\\\]", shares)) == levels + 1


def test_no_number_on_the_console_is_without(report):
    """Each has its interval beside it, families and attempts before it; methods stand below."""
    out = io.StringIO()
    show(report, Console(file=out, width=240))
    text = out.getvalue()
    rows = [
        line for line in text.splitlines() if re.match(r"(direct|scene|mean of|any of) .*  ", line)
    ]

    assert len(rows) > 10
    for row in rows:
        cells = re.split(r" {2,}", re.sub(r"(\d) +\[", r"\1 [", row))
        families, attempts, *rest = cells[3:]
        if "-" in rest:  # an abstention
            assert not any("[" in c or re.fullmatch(r"-?[\d.]+", c) for c in rest), row
            continue
        assert any(re.fullmatch(r"-?[\d.]+ \[-?[\d.]+,-?[\d.]+\]", c) for c in rest), row
        assert int(families) > 0
        assert re.fullmatch(r"\d+/\d+", attempts)
        # Without an interval there are only the ends that what is missing leaves open.
        assert sum(bool(re.fullmatch(r"-?[\d.]+", c)) for c in rest) in {0, 2}
    (said,) = re.findall(r"\[a,b\]: 95 % interval, clustered by family \((.*)\)", text)
    assert set(said.split(", ")) == {f.method for f in numbers(report)}


def test_csv_has_attempts_and_no_number_of_the_report(report):
    """What one mark says of one reply is no estimate."""
    heads, *_ = csv.reader(io.StringIO(written(csvfile.CsvSink(), report)))

    assert tuple(heads) == csvfile.PLAIN + csvfile.JOINED + csvfile.OF_RUN
    assert {"value", "rate", "mean", "measure", "lower", "upper"}.isdisjoint(heads)
