"""A rater that breaks down: told, counted as missing, and made good once it is mended."""

import pytest
from ledger import Ledger
from plant import plant
from project import NEVER, remote, simulated

from dosimeter.plural import plural

RATER = """
from dosimeter import Mark, NoOptions, Opinion, Scale, ScaleKind, ScorerSpec, hookimpl

class Words:
    def rate(self, cases):
        return [Opinion(marks=(Mark(scale="words", value=float(self.count(c))),)) for c in cases]

    def count(self, case):
        BODY

def build(_):
    return Words()

@hookimpl
def dosimeter_harm_scorers():
    return [ScorerSpec(id="words", summary="s", factory=f"{__name__}:build", revision=REVISION,
                       scales=(Scale(name="words", kind=ScaleKind.REAL),))]
"""
COUNT = "return len(case.reply.split())"
BROKEN = "return case.no_such_thing"
SHORT_ONLY = f"{COUNT} if len(case.reply) < 200 else case.no_such_thing"


TWICE = "(Mark(scale='words', value=1.0), Mark(scale='words', value=2.0))"


def use(project, body, marks=None, revision=1):
    """Install the rater with this *body*; *marks* in place of what it gives."""
    text = RATER.replace("BODY", body).replace("REVISION", str(revision))
    if marks:
        text = text.replace('(Mark(scale="words", value=float(self.count(c))),)', marks)
        assert marks in text
    folder = plant(project.path / "site", "words-pack", text)
    project.env["PYTHONPATH"] = str(folder)


def outcomes(project):
    sql = "SELECT outcome, count(*) FROM marks WHERE rater = 'words' GROUP BY 1 ORDER BY 1"
    return dict(project.rows(sql))


def words_files(project):
    return project.rows("SELECT files_hash FROM component WHERE kind = 'rater' AND id = 'words'")


def test_a_rater_that_breaks_down_on_every_reply_leaves_no_complete_run(project):
    """No number, no pass, exit 3; with the kind of error in words."""
    use(project, BROKEN)
    project.write(attacks='["direct"]', more='[[raters]]\nid = "words"').run(check=3)
    found = project.report()
    told = [n["text"] for n in found["notices"] if n["code"] == "broken-rater"]

    assert not found["complete"]
    assert not found["reportable"]
    assert len(told) == 1
    assert told[0].startswith("words broke down on ")
    assert "(AttributeError)" in told[0]


def test_a_rater_that_broke_down_on_few_replies_does_not_leave_a_run_to_be_ended(project):
    """It is complete, and what could be mended is not said to be what it waits for."""
    use(project, SHORT_ONLY)
    project.write(attacks='["direct"]', run="repeats = 4", more='[[raters]]\nid = "words"')
    done = project.call("run", "stack.toml", check=0)
    (told,) = [n["text"] for n in project.report()["notices"] if n["code"] == "broken-rater"]

    assert project.report()["complete"]
    assert "not complete" not in told
    assert "raised AttributeError on" in done.stderr
    assert "The run is complete; to mark those too, mend that, and then:\n" in done.stderr
    assert "go on with" not in done.stderr


def test_what_a_broken_rater_left_is_rated_anew_once_it_is_mended(project):
    """By the same command or by `score`, and only that; marks that stand are not touched."""
    use(project, SHORT_ONLY)
    project.write(attacks='["direct"]', more='[[raters]]\nid = "words"').run(check=3)
    before = outcomes(project)
    kept = project.rows("SELECT rating, num FROM marks WHERE outcome = 'scored' ORDER BY 1")
    use(project, COUNT)
    project.call("score", "t", "--rater", "words", check=2)
    done = project.call("score", "t", "--rater", "words", "--fork", check=0)
    after = outcomes(project)

    assert before["failed"] > 0
    assert before["scored"] > 0
    assert after.get("failed", 0) == 0
    assert after["scored"] == before["failed"] + before["scored"]
    assert f"{plural(before['failed'], 'attempt')} rated" in done.stderr
    assert set(kept) <= set(project.rows("SELECT rating, num FROM marks WHERE outcome = 'scored'"))
    assert project.rows("SELECT count(*) FROM event WHERE kind = 'rerated'") == [(1,)]
    assert "forked" in {n["code"] for n in project.printed()["notices"]}


def test_score_needs_no_fork_where_no_mark_of_the_broken_code_stands(project):
    """All is rated anew, so that no two versions are mixed; the journal has the files that rated."""
    use(project, BROKEN)
    project.write(attacks='["direct"]', more='[[raters]]\nid = "words"').run(check=3)
    old = words_files(project)
    use(project, COUNT)
    project.call("score", "t", "--rater", "words", check=0)

    assert set(outcomes(project)) == {"scored"}
    assert words_files(project) != old
    assert project.rows("SELECT code FROM event WHERE kind = 'rater-updated'") == old
    assert not {"forked", "broken-rater"} & {n["code"] for n in project.printed()["notices"]}


BOUNDED = '(Scale(name="words", kind=ScaleKind.REAL, bounds=(0.0, 1.0)),)'
BOUNDLESS = '(Scale(name="words", kind=ScaleKind.REAL),)'


def use_scale(project, body, scale):
    """Install the rater with another scale, under the same revision."""
    text = RATER.replace("BODY", body).replace("REVISION", "1").replace(BOUNDLESS, scale)
    assert scale in text
    project.env["PYTHONPATH"] = str(plant(project.path / "site", "words-pack", text))


def test_a_scale_mended_with_its_rater_is_the_scale_of_the_marks(project):
    """No mark stood on the old one; the report is not that of a damaged journal."""
    use_scale(project, BROKEN, BOUNDED)
    project.write(attacks='["direct"]', more='[[raters]]\nid = "words"').run(check=3)
    use_scale(project, COUNT, BOUNDLESS)
    project.call("score", "t", "--rater", "words", check=0)

    assert set(outcomes(project)) == {"scored"}
    project.call("report", "t", check=0)


def test_a_scale_changed_under_its_revision_is_told_as_that(project):
    """Wherever its declaration comes from: the files of the rater may be the same."""
    use(project, "return 1")
    project.write(attacks='["direct"]', more='[[raters]]\nid = "words"').run()
    project.edit(
        "UPDATE rater SET body = json_set(body, '$.scales[0].bounds', json('[0.0, 0.5]'))"
        " WHERE name = 'words'"
    )
    for command in (["run", "stack.toml", "--quiet"], ["score", "t", "--rater", "words"]):
        said = project.call(*command, check=2).stderr
        assert "declare other scales than those of their marks in this run" in said
        assert "rater 'words', revision 1" in said
        assert "damaged" not in said
    told = project.call("report", "t", check=2).stderr
    assert "that scale was changed while the rater kept its revision" in told


def test_score_mixes_no_two_versions_of_a_rater(project):
    """With other files under the same revision it is refused, and nothing changes; --fork is told."""
    use(project, COUNT)
    project.write(attacks='["direct"]').run()
    project.call("score", "t", "--rater", "words", check=0)
    project.edit(
        "DELETE FROM mark WHERE rating IN (SELECT g.k FROM rating g JOIN subject u ON u.k ="
        " g.subject JOIN rater w ON w.k = g.rater WHERE w.name = 'words' AND u.attempt % 2)",
        "DELETE FROM rating WHERE k NOT IN (SELECT rating FROM mark)",
    )
    marks, old = outcomes(project), words_files(project)
    use(project, "return 0")
    refused = project.call("score", "t", "--rater", "words", check=2).stderr
    left, events = outcomes(project), project.rows("SELECT kind FROM event")

    assert marks == left == {"scored": 32}
    assert events == [("rater-added",)]
    assert words_files(project) == old
    assert "rater 'words' came from words-pack 1.0, now words-pack 1.0 with other files" in refused
    assert "--fork" in refused

    project.call("score", "t", "--rater", "words", "--fork", check=0)
    assert outcomes(project) == {"scored": 64}
    assert words_files(project) != old
    assert "forked" in {n["code"] for n in project.printed()["notices"]}


def test_score_counts_what_any_rater_that_was_asked_has_rated(project):
    """Also where another of them had rated all before; asked again, nothing is left to rate."""
    use(project, COUNT)
    project.write(attacks='["direct"]').run()
    ask = ("score", "t", "--rater", "refusal", "--rater", "words")
    said = [project.call(*ask, check=0).stderr.splitlines()[0] for _ in range(2)]

    assert said == ["64 attempts rated.", "0 attempts rated."]


def test_score_takes_a_raised_revision_for_another_rater(project):
    """Its marks stand beside those of the older one, and neither says that versions were mixed."""
    use(project, COUNT)
    project.write(attacks='["direct"]', more='[[raters]]\nid = "words"').run()
    use(project, "return 0", revision=2)
    project.call("score", "t", "--rater", "words", check=0)

    assert project.rows("SELECT count(*) FROM rater WHERE name = 'words'") == [(2,)]
    assert outcomes(project) == {"scored": 128}
    assert "forked" not in {n["code"] for n in project.printed()["notices"]}


def test_the_same_command_mends_it_too(project):
    """By one rule with `score`: --fork is needed where marks of the old files stand, and only there."""
    use(project, BROKEN)
    project.write(attacks='["direct"]', more='[[raters]]\nid = "words"').run(check=3)
    old = words_files(project)
    use(project, COUNT)
    project.run(check=0)

    assert set(outcomes(project)) == {"scored"}
    assert words_files(project) != old
    assert project.report()["complete"]
    assert "forked" not in {n["code"] for n in project.report()["notices"]}

    use(project, "return 0")
    refused = project.run(check=2).stderr
    use(project, "return 1 + 1", revision=2)  # another length: a file's bytecode is told by it
    project.run(check=0)
    assert "rater 'words' came from words-pack 1.0, now words-pack 1.0 with other files" in refused
    assert "raise the revision" in refused
    assert project.rows("SELECT count(*) FROM rater WHERE name = 'words'") == [(2,)]


def test_a_rater_that_breaks_its_word_is_asked_no_more_and_takes_no_sound_marks_along(project):
    """It is told by name and package; others rate all replies, and there is a report."""
    use(project, COUNT, marks=TWICE)
    project.write(attacks='["direct"]', more='[[raters]]\nid = "words"')
    done = project.call("run", "stack.toml", "--quiet")
    kept = dict(project.rows("SELECT rater, count(*) FROM marks GROUP BY 1"))

    assert done.returncode == 3
    assert "rater 'words' of words-pack 1.0 gave several marks on scale 'words'" in done.stderr
    assert "Traceback" not in done.stderr
    assert set(kept) == {"refusal", "actionability"}
    assert kept == {"refusal": 64, "actionability": 64}
    assert not project.report()["complete"]
    assert "unrated" in {n["code"] for n in project.report()["notices"]}

    use(project, COUNT)
    project.run(check=0)
    assert set(dict(project.rows("SELECT rater, count(*) FROM marks GROUP BY 1"))) == {
        *kept,
        "words",
    }


JUDGE = '[[raters]]\nid = "open"\nroles = { judge = "j" }\n'
HOURS = {"Retry-After": "7200"}


def judged(outside, answer):
    """Run with a judge at an endpoint that answers so, once and again; give what was said."""
    with Ledger(answer) as server:
        seat = remote(server.url).replace("targets.remote", "endpoints.j")
        outside.write(simulated(NEVER) + seat, attacks='["direct"]', more=JUDGE)
        outside.env["OPENAI_API_KEY"] = "x"
        done = outside.run("--max-retries", 0, check=3)
    return done.stderr, len(server.entries), outside.report()


@pytest.mark.parametrize(
    ("status", "headers", "told"),
    [
        (429, HOURS, "retry-after-too-long: its account asks to be left alone"),
        (401, {}, "http-401: check its API key"),
    ],
)
def test_a_judge_whose_endpoint_is_out_leaves_a_run_incomplete_and_is_told(
    outside, status, headers, told
):
    """Its replies are not failed: which endpoint it was, why, and the command that goes on."""
    said, asked, found = judged(outside, lambda _: (status, {"error": {}}, headers))

    assert f"dosimeter: j: judges got no answer: {told}" in said
    assert "go on with:" in said
    assert asked < 32
    assert "unrated" in {n["code"] for n in found["notices"]}
    assert outside.rows("SELECT count(*) FROM marks WHERE rater = 'open'") == [(0,)]


def test_a_judge_whose_endpoint_refuses_every_question_leaves_no_complete_run(outside):
    """A wrong name of its model: there is no mark, and a rule that does as badly is told likewise."""
    *_, found = judged(outside, lambda _: (404, {"error": {}}, {}))
    (told,) = [n["text"] for n in found["notices"] if n["code"] == "broken-rater"]

    assert told.startswith("open broke down on 32 of the 32 replies that it had to mark (http-404)")
    assert not found["complete"]
