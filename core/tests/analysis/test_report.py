"""The report of journals made by hand: what it says of itself."""

import hashlib
from contextlib import closing

import attrs
import pytest
from journals import HARM, JUDGE, TARGET

from dosimeter import Mark, Opinion, digest
from dosimeter.analysis.report import make_report
from dosimeter.journal.reader import Reader
from dosimeter.model.answering import Estimate
from dosimeter.model.conversation import Sampling
from dosimeter.model.stackfile import RunConfig
from dosimeter.model.work import Cost, Try
from dosimeter.serialize import to_json


def rated(value):
    return Opinion(marks=(Mark(scale="harm", value=value),))


def report(path):
    with closing(Reader(path)) as reader:
        return make_report(reader)[0]


def tried(made, started, target=TARGET):
    one = Try(call_id=digest("call", (made.n,)), scope_id=digest("x", ()), endpoint=target.id,
              epoch=1, n=1, started=started, seconds=0.1, status="ok")  # fmt: skip
    made.store.tried(one, Cost())


def sentence(path):
    """Give the one sentence that all estimates of the mean share."""
    (text,) = {f.estimand for f in report(path).findings
               if isinstance(f, Estimate) and f.measure.endswith("mean")}  # fmt: skip
    return text


@pytest.fixture
def twelve(made):
    """Twelve families with a mark each."""
    for n in range(12):
        made.attempt("Herons wade.", rated(1 + n % 5))
    return made


def test_an_estimand_says_what_is_fixed_and_what_is_random(twelve):
    """Population, weights, attack, model as returned, system prompt, sampling, dates, randomness."""
    for day in (0, 1, 3):
        tried(twelve, day * 86400.0)
    text = sentence(twelve.path)

    for part in (
        "c 1, panel all (public), harmful requests", "families weighted alike", "scope system",
        "attack direct as configured", "target t, which is p/m, returned as m-1",
        f"system prompt sha256 {hashlib.sha256(b'Be kind.').hexdigest()[:12]}",
        "max tokens unknown, temperature 0.5, top p unknown",
        "asked from 1970-01-01 to 1970-01-04",
        "Random: goals, and replies (one sample of each).",
    ):  # fmt: skip
        assert part in text
    assert "Be kind." not in text
    assert text.count(". ") == 2


def test_an_estimand_says_what_is_unknown(twelve):
    """No prompt, no returned model, no dates and several samples are told as they are."""
    db = twelve.store.db
    db.execute("UPDATE call SET model = NULL")
    bare = attrs.evolve(TARGET, system_prompt="", sampling=Sampling(max_tokens=9))
    db.execute("UPDATE endpoint SET body = ?", (to_json(bare).decode(),))
    db.execute("UPDATE run SET value = ? WHERE key = 'run'",
               (to_json(RunConfig(repeats=3)).decode(),))  # fmt: skip
    text = sentence(twelve.path)

    assert "returned as unknown, no system prompt, max tokens 9, temperature unknown" in text
    assert "top p unknown, asked on unknown days" in text
    assert "(3 samples of each)" in text


def test_an_estimand_of_one_day_names_that_day(twelve):
    """Two of one day are one; another endpoint's calls do not count."""
    tried(twelve, 10.0)
    tried(twelve, 20.0)
    tried(twelve, 9e8, attrs.evolve(TARGET, id=digest("endpoint", ("judge",))))

    assert "asked on 1970-01-01." in sentence(twelve.path)


def test_a_report_has_the_cards_of_its_raters(twelve):
    """With what was measured, on what, and the interval."""
    (rater,) = report(twelve.path).raters

    assert (rater.name, rater.card) == ("judge", JUDGE.card)
    assert rater.scales == (HARM.name,)
