"""Cards of raters, made of people's labels (VALIDITY 17)."""

import json
from contextlib import closing

import numpy as np
import pytest
from test_corrected import Run

from dosimeter import CardCounts, CardRefused, RecordError, read_card
from dosimeter.analysis.calibrate import calibrate
from dosimeter.cli.calibrated import in_words
from dosimeter.journal.reader import Reader
from dosimeter.sinks.plain import plain

SENSITIVE, SPECIFIC = 0.7, 0.9
ERRS = (1 - SENSITIVE, 1 - SPECIFIC)


def card_of(run, name="judge", **kwargs):
    run.bulk.close()
    with closing(Reader(run.path)) as reader:
        return calibrate(reader, name, **kwargs)


def lines(card):
    return {line.statistic.partition(" (")[0]: line for line in card.lines}


def test_a_card_of_a_queue_of_suspects_covers_the_raters_errors(tmp_path):
    """Suspects are read more often, so plain counts would find the judge more sensitive than it is."""
    sens, spec, naive = [], [], []
    for n in range(30):
        run = Run(tmp_path / str(n), n, families=200, errs=ERRS)
        pi = np.where(run.judged >= 4, 0.95, 0.3)
        card = card_of(run.read(pi))
        found = lines(card)
        sens.append(found["sensitivity"].lower <= SENSITIVE <= found["sensitivity"].upper)
        spec.append(found["specificity"].lower <= SPECIFIC <= found["specificity"].upper)
        table = np.array(card.scales[0].slices[0].table)
        naive.append(table[3:, 3:].sum() / table[3:].sum())

    assert np.mean(sens) >= 0.8
    assert np.mean(spec) >= 0.8
    assert np.mean(naive) > SENSITIVE + 0.1


def test_a_card_states_its_population_and_counts(tmp_path):
    """Category with version, intents, attacks, languages, models, whose labels, how they were drawn."""
    run = Run(tmp_path / "a", 1, families=200, errs=ERRS)
    card = card_of(run.read(0.6))
    line = lines(card)["sensitivity"]
    counts = line.counts

    assert (counts.category, counts.version, counts.intents) == ("c", "1", ("harmful",))
    assert (counts.attacks, counts.languages, counts.models) == (("direct",), ("en",), ("m",))
    assert counts.positive == (4, 5)
    assert counts.tp / counts.positives == pytest.approx(line.value, abs=0.01)
    assert counts.positives + counts.negatives == card.scales[0].replies
    assert "labels of anna, drawn at random with known probability" in line.population
    assert all(effect >= 1 for effect in counts.design_effects)


def test_a_card_has_the_confusion_by_category_language_attack(tmp_path):
    """Every part sums to the whole, and macro-F1 and alpha stand beside."""
    card = card_of(Run(tmp_path / "a", 1).read(0.6))
    (scale,) = card.scales
    parts = {s.by for s in scale.slices}

    assert {"all", "category", "language", "attack", "intent", "target"} == parts
    for by in parts - {"all"}:
        tables = [np.array(s.table) for s in scale.slices if s.by == by]
        assert sum(tables).tolist() == np.array(scale.slices[0].table).tolist()
    assert {"sensitivity", "specificity", "macro-F1", "alpha against people"} == set(lines(card))


def test_macro_f1_of_each_part_has_its_interval_or_a_reason(tmp_path):
    """By resampled families: the truth of many runs lies in it about as often as it says."""
    inside = []
    every = [
        card_of(Run(tmp_path / str(n), n, families=60, errs=ERRS).read(0.9)) for n in range(40)
    ]
    firsts = [card.scales[0].slices[0] for card in every]
    truth = np.mean([one.macro_f1 for one in firsts])
    for one in firsts:
        assert one.lower < one.macro_f1 < one.upper
        assert one.why == ""
        inside.append(one.lower <= truth <= one.upper)

    assert np.mean(inside) >= 0.85


def test_a_part_of_few_families_has_no_macro_f1(tmp_path):
    """Nor has a perfect rater one: its reason stands there."""
    run = Run(tmp_path / "a", 1, families=60, errs=(0, 0))
    (scale,) = card_of(run.read(1.0)).scales
    (whole,) = [s for s in scale.slices if s.by == "all"]

    assert (whole.macro_f1, whole.lower, whole.upper) == (None, None, None)
    assert whole.why.startswith("it is the same whichever families are drawn")


def test_a_share_of_few_families_is_counted_and_no_number(tmp_path):
    """All of one reply is no share: x of n stands in a note, and no line is shipped."""

    def rows(run):
        seen = 0
        for n, h, v, p in all_of(run):
            seen += v >= 4
            yield n, h, v if v < 4 or seen <= 3 else 1, p

    (scale,) = from_file(tmp_path, rows).scales
    told = [
        note
        for note in scale.notes
        if note.startswith("no sensitivity (4 or 5, harmful requests of c): ")
    ]

    assert not [line for line in scale.lines if line.statistic.startswith("sensitivity")]
    assert [line for line in scale.lines if line.statistic.startswith("specificity")]
    assert told
    assert "of 3 replies, of " in told[0]
    assert any(
        "replies called so, or not: 3 called 4 or 5, 297 not (harmful requests of c)" in n
        for n in scale.notes
    )


def test_a_judge_that_says_how_sure_it_is_has_a_calibration_curve(tmp_path):
    """It is sure of 90 % of its marks, and less often right."""
    run = Run(tmp_path / "a", 1, errs=(0.6, 0.3)).read(0.6)
    run.bulk.db.execute("UPDATE rating SET confidence = 0.9 WHERE batch IS NULL")
    (scale,) = card_of(run).scales

    assert [round(p.stated, 9) for p in scale.curve] == [0.9]
    assert scale.calibration_error > 0.05
    assert not any("no calibration curve" in note for note in scale.notes)


def test_replies_of_one_confidence_are_one_point_which_the_card_ships(tmp_path):
    """However many bins they would fill; with limits, replies, and whose labels they rest on."""
    run = Run(tmp_path / "a", 1, errs=(0.6, 0.3)).read(0.6)
    run.bulk.db.execute(
        "UPDATE rating SET confidence = 0.5 + 0.4 * (k % 3 > 0) WHERE batch IS NULL"
    )
    card = card_of(run)
    (scale,) = card.scales
    shipped = [line for line in card.lines if line.stated is not None]

    assert [round(p.stated, 9) for p in scale.curve if p.stated in {0.5, 0.9}] == [0.5, 0.9]
    assert sum(p.n for p in scale.curve) == scale.replies
    assert [(x.stated, x.value, x.lower, x.upper, x.n) for x in shipped] == [
        (p.stated, p.observed, p.lower, p.upper, p.n) for p in scale.curve
    ]
    assert shipped[0].statistic == "share right where it is 50 % sure"
    assert shipped[0].population == (
        f"{scale.replies} labelled replies, each counting once; labels of anna, drawn at random with known"
        " probability"
    )
    assert not any("share right" in told for told in in_words(card).splitlines())


def test_a_card_survives_its_file(tmp_path):
    """A package reads what the command wrote."""
    card = card_of(Run(tmp_path / "a", 1).read(0.6))
    (tmp_path / "card.json").write_text(json.dumps(plain(card)))

    assert read_card(tmp_path / "card.json") == card.lines
    assert read_card(str(tmp_path / "card.json")) == card.lines


def test_the_card_of_one_run_corrects_a_rate_of_another(tmp_path):
    """Of the same category, intent, attack, language and model, by the same rater."""
    card = card_of(Run(tmp_path / "a", 1, families=300, errs=ERRS).read(0.8))
    other = Run(tmp_path / "b", 2, families=28, large=10, small=10, errs=ERRS,
                rater={"card": card.lines})  # fmt: skip
    made = other.read(0.4).answer().corrected

    assert made.method == "lang-reiczigel-clustered"
    assert made.labels == card.scales[0].replies
    assert made.lower <= other.truth[other.truth >= 4].size / other.truth.size <= made.upper


@pytest.mark.parametrize(
    "changes",
    [{"tp": 11}, {"tn": -1}, {"positive": ()}, {"design_effects": (0.5, 1.0)}],
)
def test_counts_that_cannot_be_are_refused(changes):
    """A report reads them from any package."""
    counts = {
        "positive": (4, 5),
        "tp": 9,
        "positives": 10,
        "tn": 8,
        "negatives": 10,
        "category": "c",
    }
    with pytest.raises(ValueError, match="counts of c"):
        CardCounts(**counts | changes)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("no card", "it is no JSON"),
        ('{"schema": 2}', "of schema 1, but of 2"),
        ('{"schema": 1, "rater": 3}', "not a Card"),
        ("[]", "of schema 1, but of None"),
    ],
)
def test_a_file_that_is_no_card_says_so(tmp_path, text, said):
    """By name, with what to do."""
    (tmp_path / "card.json").write_text(text)
    with pytest.raises(RecordError, match=said):
        read_card(tmp_path / "card.json")


def from_file(tmp_path, rows, head="attempt,scale,label,person", **kwargs):
    """Make the card of labels in a file, one a row; a number stands for the id of an attempt."""
    run = Run(tmp_path / "a", 1)
    ids = [int(a).to_bytes(16).hex() for a in run.attempts]
    named = [
        [ids[r[0]] if isinstance(r[0], int) else r[0], *r[1:]] if isinstance(r, tuple) else [r]
        for r in rows(run)
    ]
    text = "\n".join([head, *(",".join(map(str, row)) for row in named)])
    (tmp_path / "labels.csv").write_text(text, encoding="utf-8-sig")
    return card_of(run, file=tmp_path / "labels.csv", **kwargs)


def all_of(run, person="anna"):
    return [(n, "harm", int(v), person) for n, v in enumerate(run.truth)]


def test_labels_of_a_file_make_the_same_table_as_votes_would(tmp_path):
    """Of every reply; nobody knows how they were chosen, and the card says so."""
    card = from_file(tmp_path, all_of)
    (scale,) = card.scales

    assert (scale.replies, scale.people) == (300, ("anna",))
    assert "nobody knows how" in card.drawn
    assert any("not estimable, as anna alone labelled" in note for note in scale.notes)


def test_an_empty_label_is_no_label(tmp_path):
    """Who cannot tell says nothing; the rest counts."""
    (scale,) = from_file(
        tmp_path, lambda run: [(n, h, "" if n < 50 else v, p) for n, h, v, p in all_of(run)]
    ).scales

    assert scale.replies == 250


def test_a_file_may_hold_long_replies_beside_the_labels(tmp_path):
    """A cell of more characters than Python's reader takes by itself."""
    (scale,) = from_file(
        tmp_path, lambda run: [(*row, "x" * 140_000 if row[0] == 3 else "") for row in all_of(run)],
        head="attempt,scale,label,person,reply",
    ).scales  # fmt: skip

    assert scale.replies == 300


def test_two_people_in_a_file_agree_or_not(tmp_path):
    """Their reliability is told; a reply on which they are divided is left out."""

    def rows(run):
        other = [(n, h, 1 if n < 20 else v, "ben") for n, h, v, _ in all_of(run)]
        return [*all_of(run), *other]

    (scale,) = from_file(tmp_path, rows).scales

    assert scale.tied == 300 - scale.replies
    assert 0 < scale.tied <= 20
    (said,) = [note for note in scale.notes if "of anna and ben on 300 replies" in note]
    assert said.startswith("reliability of people: alpha 0.")


def test_people_of_a_file_who_never_met_are_not_estimable(tmp_path):
    """Each labelled other replies."""
    (scale,) = from_file(
        tmp_path, lambda run: [(n, h, v, "anna" if n % 2 else "ben") for n, h, v, _ in all_of(run)]
    ).scales

    assert any("no two of them labelled the same reply" in note for note in scale.notes)


def test_labels_of_one_person_can_be_taken_alone(tmp_path):
    """The others are as if they were not there."""
    (scale,) = from_file(
        tmp_path, lambda run: [(n, h, v, "anna" if n % 2 else "ben") for n, h, v, _ in all_of(run)],
        person="ben",
    ).scales  # fmt: skip

    assert (scale.people, scale.replies) == (("ben",), 150)


WRONG = {
    "has no rows": lambda run: [],
    "line 3: label '6' is not on scale 'harm': expected one of 1, 2, 3, 4, 5":
        lambda run: [(0, "harm", 5, "anna"), (1, "harm", 6, "anna")],
    "line 2: label '-1' is not on scale": lambda run: [(0, "harm", -1, "anna")],
    "line 2: label 'nan' is not on scale": lambda run: [(0, "harm", "nan", "anna")],
    "line 2: label 'NaN' is not on scale": lambda run: [(0, "harm", "NaN", "anna")],
    "line 2: label '4.5' is not on scale": lambda run: [(0, "harm", 4.5, "anna")],
    "line 2: label 'true' is not on scale": lambda run: [(0, "harm", "true", "anna")],
    "line 2: the rater marks no scale 'hram'; did you mean 'harm'": lambda run: [(0, "hram", 5, "anna")],
    "line 3 repeats line 2 by anna; remove one": lambda run: [(0, "harm", 5, "anna")] * 2,
    "lines 2 and 3 by anna label one reply on 'harm' as 5 and 4; keep the one that is meant":
        lambda run: [(0, "harm", 5, "anna"), (0, "harm", 4, "anna")],
    "line 2: the run has no finished reply 'ffff'; give ids or": lambda run: [("ffff", "harm", 5, "anna")],
    "line 2: attempt is empty": lambda run: [("", "harm", 5, "anna")],
    "every label is empty": lambda run: [(0, "harm", "", "anna")],
    "of 1 family, and errors within one are alike": lambda run: all_of(run)[:2],
    "people are divided on 300 labelled replies, so none has a label to hold judge on 'harm' against; have a third":
        lambda run: [(n, "harm", v, p) for n in range(300) for v, p in ((1, "anna"), (5, "ben"))],
    "people call every reply 1": lambda run: [(n, h, 1, p) for n, h, _, p in all_of(run)],
}  # fmt: skip


@pytest.mark.parametrize("said", WRONG)
def test_bad_labels_are_a_sentence_and_never_a_number(tmp_path, said):
    """It names the line, and what to do."""
    with pytest.raises(CardRefused) as told:
        from_file(tmp_path, WRONG[said])

    assert said.lower() in str(told.value).lower()


def test_a_file_without_its_columns_is_refused(tmp_path):
    """With those that it has."""
    with pytest.raises(
        CardRefused, match="lacks the column attempt or reply_hash and label; it has id, scale"
    ):
        from_file(tmp_path, lambda run: [(0, "harm", 5, "anna")], head="id,scale")


def silent(run):
    run.bulk.db.execute("UPDATE mark SET num = NULL, outcome = 'unscorable', reason = 'r'"
                        " WHERE rating IN (SELECT k FROM rating WHERE batch IS NULL)")  # fmt: skip


def constant(run):
    run.bulk.db.execute(
        "UPDATE mark SET num = 1 WHERE rating IN (SELECT k FROM rating WHERE batch IS NULL)"
    )


@pytest.mark.parametrize(
    ("said", "spoil"),
    [("none has a mark of judge", silent), ("calls every labelled reply 1", constant)],
)
def test_a_rater_that_says_nothing_has_no_card(tmp_path, said, spoil):
    """No mark at all, or the same of everything."""
    run = Run(tmp_path / "a", 1).read(0.6)
    spoil(run)
    with pytest.raises(CardRefused, match=said):
        card_of(run)


@pytest.mark.parametrize(
    ("said", "name", "kwargs"),
    [
        ("no such rater; did you mean 'judge'", "juge", {}),
        ("that is a person; give a rule or a judge: judge", "anna", {}),
        ("--person an: no labels of theirs; did you mean 'anna'", "judge", {"person": "an"}),
    ],
)
def test_a_name_that_is_none_is_refused_with_the_nearest(tmp_path, said, name, kwargs):
    """The message says who there is."""
    with pytest.raises(CardRefused) as told:
        card_of(Run(tmp_path / "a", 1).read(0.6), name, **kwargs)

    assert said.lower() in str(told.value).lower()


def test_where_nobody_voted_there_is_nothing_to_calibrate_by(tmp_path):
    """The message says how to come by labels."""
    with pytest.raises(CardRefused, match="nobody voted on harm in this run; draw a batch"):
        card_of(Run(tmp_path / "a", 1))


def test_votes_on_what_was_not_drawn_are_left_out_beside_those_that_were(tmp_path):
    """Nobody knows how they were chosen; alone they are taken, and the card says so."""
    run = Run(tmp_path / "a", 1).read(0.5)
    run.bulk.rater("ben", "person")
    run.bulk.marks(run.attempts[:40].tolist(), run.truth[:40], rater="ben")
    (scale,) = card_of(run).scales

    assert (scale.people, scale.undrawn) == (("anna",), 40)
