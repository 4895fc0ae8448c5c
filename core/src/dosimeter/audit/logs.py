"""Logs of other programs as rows: Inspect, lm-eval, garak and promptfoo, as their own sources write them.

Nothing is decided that the log does not say: a failed call, a judge that failed and a test without an
assertion are missing, not passed.
"""

import hashlib
import json
import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from attrs import frozen

from dosimeter.audit.columns import Columns
from dosimeter.audit.files import Row

DIGITS = 16
UNKNOWN = "unknown"
"""System of a log that names none."""
COMPLETE = 2
"""Status of an attempt of garak that was evaluated."""
THRESHOLD = 0.5
"""Score from which garak counts a hit where its log names none."""
ERROR = 2
"""promptfoo's failure reason where a test could not be done."""
Json = Mapping[str, Any]


@frozen(kw_only=True)
class Known:
    """How a log is read.

    Attributes:
        form: Name of the form.
        usual: Columns that are taken where none is named.
        meanings: Of values of the outcome.
    """

    form: str
    usual: Columns
    meanings: tuple[tuple[str, str], ...] = ()


INSPECT = Known(
    form="Inspect log",
    usual=Columns(item="item", system="system", repeat="epoch"),
    meanings=(("C", "event"), ("I", "other")),
)
LM_EVAL = Known(form="lm-eval samples", usual=Columns(item="doc_id", group="filter"))
GARAK = Known(
    form="garak report",
    usual=Columns(item="item", system="system", group="detector", repeat="output", outcome="hit"),
)
PROMPTFOO = Known(
    form="promptfoo results",
    usual=Columns(item="item", system="system", group="prompt", outcome="success"),
)


def document(found: Any) -> tuple[Known, Iterator[Row]] | None:  # noqa: ANN401  JSON
    """Give form and rows of a whole document that is a known log; None if it is none."""
    if not isinstance(found, dict):
        return None
    if isinstance(found.get("eval"), dict) and "version" in found:
        return INSPECT, inspect(found)
    results = found.get("results")
    inner = results.get("results") if isinstance(results, dict) else None
    if isinstance(inner, list):
        return PROMPTFOO, promptfoo(inner)
    return None


def lines(first: Json) -> Known | None:
    """Tell by its first object whether a file of JSON lines is a known log."""
    if "entry_type" in first:
        return GARAK
    if {"doc_id", "doc", "target", "filtered_resps"} <= first.keys():
        return LM_EVAL
    return None


def _digest(value: Any) -> str:  # noqa: ANN401  JSON
    told = json.dumps(value, sort_keys=True, default=str).encode("utf-8", "surrogatepass")
    return hashlib.sha256(told).hexdigest()[:DIGITS]


# -- Inspect ------------------------------------------------------------------------------------


def inspect(log: Json) -> Iterator[Row]:
    """Give a row for each sample and epoch, with the value of each score by its scorer's name."""
    about, samples = log["eval"], log.get("samples") or ()
    none = dict.fromkeys(name for sample in samples for name in _scores(sample))
    for number, sample in enumerate(samples, 1):
        failed = sample.get("error") is not None or sample.get("invalidation") is not None
        scores = none if failed else none | _scores(sample)
        fixed = {"item": sample.get("id"), "epoch": sample.get("epoch"), "system": about.get("model"),
                 "task": about.get("task"), "metadata": sample.get("metadata")}  # fmt: skip
        yield number, {**scores, **fixed}


def _scores(sample: Json) -> dict[str, Any]:
    given = sample.get("scores")
    if given is None and isinstance(sample.get("score"), dict):
        given = {"score": sample["score"]}  # as older ones have it
    return {name: one.get("value") for name, one in (given or {}).items() if isinstance(one, dict)}


# -- garak --------------------------------------------------------------------------------------


def garak(rows: Iterable[Row], notes: list[str]) -> Iterator[Row]:
    """Give a row for each output and detector; attempts that were never evaluated have no hit."""
    system, threshold, told = UNKNOWN, THRESHOLD, False
    begun: dict[str, tuple[int, Json]] = {}
    done: set[str] = set()
    detectors: dict[str, dict[str, None]] = {}
    for number, one in rows:
        if one.get("entry_type") == "start_run setup":
            told = one.get("run.eval_threshold") is not None
            threshold = float(one["run.eval_threshold"]) if told else THRESHOLD
            system = _garak_system(one)
        if one.get("entry_type") != "attempt":
            continue
        name = str(one.get("uuid"))
        if one.get("status") != COMPLETE:
            begun.setdefault(name, (number, one))
            continue
        done.add(name)
        found = one.get("detector_results") or {}
        detectors.setdefault(str(one.get("probe_classname")), {}).update(dict.fromkeys(found))
        yield from _evaluated(number, one, found, system, threshold)
    if not told:
        notes.append(f"the log names no threshold; scores from {THRESHOLD:g} on are hits")
    lost = [rest for name, rest in begun.items() if name not in done]
    if lost:
        notes.append(f"{len(lost)} attempts were begun and never evaluated: missing")
    for number, one in lost:
        for detector in detectors.get(str(one.get("probe_classname")), {}):
            yield number, _garak_row(one, detector, 0, None, system)


def _evaluated(number: int, one: Json, found: Json, system: str, threshold: float) -> Iterator[Row]:
    for detector, scores in found.items():
        for output, score in enumerate(scores):
            hit = None if _none(score) else int(float(score) >= threshold)
            yield number, _garak_row(one, detector, output, hit, system)


def _none(score: Any) -> bool:  # noqa: ANN401  JSON
    return score is None or (isinstance(score, float) and math.isnan(score))


def _garak_row(
    one: Json, detector: str, output: int, hit: int | None, system: str
) -> dict[str, Any]:
    probe = str(one.get("probe_classname"))
    return {"item": _digest([probe, _prompt(one.get("prompt"))]), "probe": probe, "output": output,
            "detector": f"{probe}/{detector}", "hit": hit, "system": system,
            "goal": _digest(one.get("goal"))}  # fmt: skip


def _prompt(given: Any) -> Any:  # noqa: ANN401  JSON
    """Give the words of a prompt, which is a text in older logs and a conversation in newer."""
    if isinstance(given, Mapping) and "turns" in given:
        turns = [t.get("content") for t in given["turns"]]
        return [c.get("text") if isinstance(c, Mapping) else c for c in turns]
    return [given.get("text") if isinstance(given, Mapping) else given]


def _garak_system(one: Json) -> str:
    """Give the model's name; its keys were renamed between versions."""
    named = [
        one.get(f"plugins.target_{k}") or one.get(f"plugins.model_{k}") for k in ("type", "name")
    ]
    return "/".join(str(n) for n in named if n) or UNKNOWN


# -- promptfoo ----------------------------------------------------------------------------------


def promptfoo(results: Iterable[Any]) -> Iterator[Row]:
    """Give a row for each test of a prompt and provider."""
    for number, one in enumerate(results, 1):
        if not isinstance(one, dict):
            continue
        case = one.get("testCase") or {}
        variables = one.get("vars") or case.get("vars")
        extra = one.get("metadata") or case.get("metadata") or {}
        judged = not _unjudged(one)
        yield number, {
            "item": _digest(variables) if variables else f"test {one.get('testIdx')}",
            "system": _provider(one.get("provider")),
            "prompt": f"prompt {one.get('promptIdx', 0)}",
            "success": one.get("success") if judged else None,
            "score": one.get("score") if judged else None,
            "plugin": extra.get("pluginId"), "strategy": extra.get("strategyId"),
        }  # fmt: skip


def _unjudged(one: Json) -> bool:
    """Tell a test that could not be done, one without an assertion, and one whose judge failed."""
    grading = one.get("gradingResult") or {}
    parts = grading.get("componentResults") or ()
    failed = any(
        (p or {}).get("metadata", {}).get("graderError") for p in parts if isinstance(p, dict)
    )
    return one.get("failureReason") == ERROR or grading.get("reason") == "No assertions" or failed


def _provider(given: Any) -> str:  # noqa: ANN401  JSON
    if isinstance(given, Mapping):
        return str(given.get("label") or given.get("id"))
    return str(given)
