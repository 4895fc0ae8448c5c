"""Logs of other programs, in the form that their own sources give them: what is no result stays missing."""

import json

import pytest
from audits import cell, lines, read

from dosimeter.audit.columns import Columns
from dosimeter.audit.outcomes import Outcomes
from dosimeter.audit.table import Where
from dosimeter.errors import AuditError

NOTHING = Columns()


def inspect_log(path, samples, model="org/one"):
    path.write_text(json.dumps({"version": 2, "status": "success", "samples": samples,
                                "eval": {"task": "t", "model": model}}))  # fmt: skip
    return path


def sample(n, epoch, value, **more):
    return {
        "id": n,
        "epoch": epoch,
        "input": "?",
        "target": "",
        "scores": {"judge": {"value": value}},
    } | more


def test_inspect_samples_are_items_and_epochs_their_repeats(tmp_path):
    """C and I are known; an error, an invalidated sample and NaN are missing; two logs are two models."""
    samples = [sample(n, e, "C" if (n + e) % 2 else "I") for n in range(12) for e in (1, 2)]
    samples += [sample(20, 1, "C", error={"message": "halt"}), sample(21, 1, float("nan")),
                sample(22, 1, "C", invalidation={"reason": "x"}), sample(23, 1, None) | {"scores": None}]  # fmt: skip
    found = read(inspect_log(tmp_path / "a.json", samples),
                 inspect_log(tmp_path / "b.json", samples[:24], "org/two"), columns=NOTHING)  # fmt: skip
    one = cell(found, "org/one")

    assert found.files[0].form == "Inspect log"
    assert (one.rows, one.scored, one.missing, one.events, one.clusters) == (28, 24, 4, 12, 12)
    assert one.method == "korn-graubard"
    assert [p.items for p in found.pairs] == [12]


def test_inspects_other_words_and_scores_have_to_be_told(tmp_path):
    """Partial and no answer are no failures by themselves; of two scorers one is named."""
    path = inspect_log(tmp_path / "a.json", [sample(1, 1, "C"), sample(2, 1, "N")])
    both = inspect_log(tmp_path / "b.json", [
        {"id": n, "epoch": 1, "scores": {"a": {"value": 1}, "b": {"value": {"harm": n}}}} for n in (0, 1)
    ])  # fmt: skip

    with pytest.raises(AuditError, match="'N' is not among the values"):
        read(path, columns=NOTHING)
    with pytest.raises(AuditError, match="say which score is the outcome, with --outcome NAME; it has 'a', 'b'"):  # fmt: skip
        read(both, columns=NOTHING)
    said = read(path, columns=NOTHING, outcomes=Outcomes(meanings={"N": "missing"}))
    assert said.cells[0].missing == 1
    assert read(both, columns=Columns(outcome="b.harm")).cells[0].events == 1


def test_scores_of_unlike_names_are_not_put_together(tmp_path):
    """Two logs whose only scores are two measures."""
    one = inspect_log(tmp_path / "a.json", [sample(n, 1, "C") for n in range(5)])
    other = inspect_log(tmp_path / "b.json", [
        {"id": n, "epoch": 1, "scores": {"length": {"value": n % 2}}} for n in range(5)
    ], "org/two")  # fmt: skip

    with pytest.raises(AuditError, match=r"b\.json: its outcome is 'length', and that of a file before it 'judge'"):  # fmt: skip
        read(one, other, columns=NOTHING)


def lm_eval(n, acc, **more):
    return {"doc_id": n, "doc": {}, "target": "", "arguments": [], "resps": [], "filtered_resps": [],
            "doc_hash": "", "metrics": ["acc"], "acc": acc} | more  # fmt: skip


def test_lm_evals_samples_are_documents(tmp_path):
    """Filters are groups where there are several, and old logs have none."""
    old = lines(tmp_path / "samples_a.jsonl", [lm_eval(n, float(n % 2)) for n in range(10)])
    one = lines(
        tmp_path / "samples_b.jsonl", [lm_eval(n, float(n % 2), filter="none") for n in range(10)]
    )
    two = lines(tmp_path / "samples_c.jsonl", [
        lm_eval(n, float(f == "strict"), filter=f) for n in range(10) for f in ("strict", "flexible")
    ])  # fmt: skip
    named = Columns(outcome="acc")

    for path in (old, one):
        (only,) = read(path, columns=named).cells
        assert (only.items, only.events, only.group, only.method) == (10, 5, "", "wilson")
    assert [(c.group, c.value) for c in read(two, columns=named).cells] == [
        ("flexible", 0),
        ("strict", 1),
    ]
    assert (
        read(two, columns=named, where=(Where(column="filter", pattern="strict"),)).cells[0].rows
        == 10
    )
    with pytest.raises(AuditError, match="with --outcome COLUMN"):
        read(old, columns=NOTHING)


def attempt(n, scores, status=2, detector="d.D"):
    return {"entry_type": "attempt", "uuid": f"u{n}", "seq": n, "status": status, "probe_classname": "p.P",
            "prompt": {"turns": [{"role": "user", "content": {"text": f"t{n}", "lang": "en"}}]},
            "detector_results": {detector: scores} if status == 2 else {}, "goal": "g"}  # fmt: skip


SETUP = {"entry_type": "start_run setup", "run.eval_threshold": 0.5, "plugins.target_type": "test",
         "plugins.target_name": "Blank"}  # fmt: skip


def test_garaks_outputs_are_repeats_of_a_prompt(tmp_path):
    """A hit is a score from the log's threshold on; None and what was never evaluated are missing."""
    begun = [attempt(n, [], status=1) for n in range(13)]
    done = [attempt(n, [0.0, 0.5, None]) for n in range(12)]
    found = read(lines(tmp_path / "x.report.jsonl", [SETUP, *begun, *done, {"entry_type": "eval"}]),
                 columns=NOTHING)  # fmt: skip
    (one,) = found.cells

    assert (one.system, one.items, one.rows) == ("test/Blank", 13, 37)
    assert (one.scored, one.events, one.missing, one.clusters) == (24, 12, 13, 12)
    assert found.files[0].form == "garak report"
    assert any("1 attempts were begun and never evaluated" in n for n in found.files[0].notes)


def test_garaks_threshold_and_names_are_those_of_its_log(tmp_path):
    """Another threshold, keys of older versions, prompts as texts; without a threshold it is told."""
    old = SETUP | {"run.eval_threshold": 0.7, "plugins.model_type": "m", "plugins.model_name": "n"}
    del old["plugins.target_type"], old["plugins.target_name"]
    rows = [attempt(n, [0.6 + n % 2 * 0.2]) | {"prompt": f"t{n}"} for n in range(10)]
    strict = read(lines(tmp_path / "a.jsonl", [old, *rows]), columns=NOTHING).cells[0]
    bare = read(lines(tmp_path / "b.jsonl", [{"entry_type": "init"}, *rows]), columns=NOTHING)

    assert (strict.system, strict.events) == ("m/n", 5)
    assert bare.cells[0].events == 10
    assert "names no threshold" in bare.files[0].notes[0]


def test_garaks_detectors_are_not_pooled(tmp_path):
    """Each says something else."""
    rows = [SETUP] + [attempt(n, [float(d == "a")]) | {"detector_results": {"a": [1.0], "b": [0.0]}}
                      for n in range(10) for d in "a"]  # fmt: skip
    found = read(lines(tmp_path / "a.jsonl", rows), columns=NOTHING)

    assert [(c.group, c.value) for c in found.cells] == [("p.P/a", 1), ("p.P/b", 0)]


def promptfoo(n, provider="one", **more):
    return {"testIdx": n, "promptIdx": 0, "vars": {"q": f"v{n}"}, "provider": {"id": provider, "label": ""},
            "success": True, "failureReason": 0, "score": 1,
            "gradingResult": {"pass": True, "score": 1, "reason": "All assertions passed"}} | more  # fmt: skip


def test_promptfoos_tests_that_could_not_be_done_or_judged_are_missing(tmp_path):
    """Trap 4: an error, no assertion, a grader that failed are neither a pass nor a failure."""
    rows = [promptfoo(n) for n in range(10)]
    rows += [promptfoo(n, success=False, failureReason=1) for n in range(10, 15)]
    rows += [promptfoo(15, success=False, failureReason=2, gradingResult=None),
             promptfoo(16, gradingResult={"pass": True, "score": 1, "reason": "No assertions"}),
             promptfoo(17, success=False, failureReason=1, gradingResult={
                 "pass": False, "reason": "x", "componentResults": [{"metadata": {"graderError": True}}]})]  # fmt: skip
    path = tmp_path / "results.json"
    path.write_text(json.dumps({"evalId": "e", "results": {"version": 3, "results": rows}}))
    (one,) = read(path, columns=NOTHING).cells

    assert (one.system, one.rows, one.scored, one.events, one.missing) == ("one", 18, 15, 10, 3)


def test_promptfoos_tests_are_one_item_by_their_variables(tmp_path):
    """A repeated test has another index and the same variables: one item, and paired between providers."""
    rows = [promptfoo(n + 20 * again, p, vars={"q": n}) for n in range(10) for again in (0, 1) for p in ("one", "two")]  # fmt: skip
    path = tmp_path / "results.json"
    path.write_text(json.dumps({"results": {"results": rows}}))
    found = read(path, columns=NOTHING)

    assert [(c.items, c.rows, c.clusters) for c in found.cells] == [(10, 20, 10)] * 2
    assert found.pairs[0].items == 10
