"""A rater that breaks down: told, counted as missing, and made good once it is mended."""

from plant import plant

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
    return [ScorerSpec(id="words", summary="s", factory=f"{__name__}:build",
                       scales=(Scale(name="words", kind=ScaleKind.REAL),))]
"""
COUNT = "return len(case.reply.split())"
BROKEN = "return case.no_such_thing"
SHORT_ONLY = f"{COUNT} if len(case.reply) < 200 else case.no_such_thing"


def use(project, body):
    """Install the rater with this *body*."""
    folder = plant(project.path / "site", "words-pack", RATER.replace("BODY", body))
    project.env["PYTHONPATH"] = str(folder)


def outcomes(project):
    sql = "SELECT outcome, count(*) FROM marks WHERE rater = 'words' GROUP BY 1 ORDER BY 1"
    return dict(project.rows(sql))


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


def test_what_a_broken_rater_left_is_rated_anew_once_it_is_mended(project):
    """By the same command or by `score`, and only that; marks that stand are not touched."""
    use(project, SHORT_ONLY)
    project.write(attacks='["direct"]', more='[[raters]]\nid = "words"').run()
    before = outcomes(project)
    kept = project.rows("SELECT rating, num FROM marks WHERE outcome = 'scored' ORDER BY 1")
    use(project, COUNT)
    done = project.call("score", "t", "--rater", "words", check=0)
    after = outcomes(project)

    assert before["failed"] > 0
    assert before["scored"] > 0
    assert after.get("failed", 0) == 0
    assert after["scored"] == before["failed"] + before["scored"]
    assert f"{plural(before['failed'], 'attempt')} rated" in done.stderr
    assert set(kept) <= set(project.rows("SELECT rating, num FROM marks WHERE outcome = 'scored'"))
    assert project.rows("SELECT count(*) FROM event WHERE kind = 'rerated'") == [(1,)]


def test_the_same_command_mends_it_too(project):
    """A changed rater needs --fork, as any changed part does."""
    use(project, BROKEN)
    project.write(attacks='["direct"]', more='[[raters]]\nid = "words"').run(check=3)
    use(project, COUNT)
    project.run("--fork", check=0)

    assert set(outcomes(project)) == {"scored"}
    assert project.report()["complete"]
