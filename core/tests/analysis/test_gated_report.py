"""What of a run decides whether its gates can pass."""

import json
from contextlib import closing

import pytest

from dosimeter import Mark, Opinion
from dosimeter.analysis.report import make_report
from dosimeter.journal.reader import Reader
from dosimeter.model.answering import Estimate, Gate
from dosimeter.model.stackfile import RunConfig
from dosimeter.serialize import to_json

PASSES = {
    "limited": "inconclusive",
    "open": "inconclusive",
    "unaccepted": "inconclusive",
    None: "pass",
}


@pytest.mark.parametrize("but", PASSES)
def test_a_run_that_is_limited_unfinished_or_uncorrected_passes_no_gate(made, but):
    """It fails one all the same: what is missing would not undo that."""
    for _ in range(40):
        made.attempt("Herons wade.", Opinion(marks=(Mark(scale="harm", value=2),)))
    if but == "open":
        made.plan()
    with closing(Reader(made.path)) as reader:
        (mean,) = (f for f in make_report(reader).findings if isinstance(f, Estimate)
                   and f.measure.endswith("mean"))  # fmt: skip
    gates = [json.loads(to_json(Gate(measure=mean.measure, at_most=most))) for most in (1.5, 4.5)]
    config = to_json(RunConfig(accept_judge_measured=but != "unaccepted")).decode()
    facts = {
        "gates": json.dumps(gates),
        "run": config,
        "limited": "yes" if but == "limited" else "",
    }
    made.store.db.executemany("INSERT OR REPLACE INTO run VALUES (?, ?)", list(facts.items()))
    with closing(Reader(made.path)) as reader:
        strict, lax = make_report(reader).gates

    assert [strict.state, lax.state] == ["fail", PASSES[but]], (strict.why, lax.why)
