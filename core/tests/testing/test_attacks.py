"""What the checks of attacks see besides the breakers, and what they leave alone."""

import time

import pytest
from attrs import evolve
from broken import attacks, searches

from dosimeter import Line, Link, user
from dosimeter.engine import languages
from dosimeter.model.design import ANSWER
from dosimeter.prompts import goal_of
from dosimeter.testing import Broken, CheckState, run, samples
from dosimeter.testing.kit import tried
from dosimeter.testing.search import CHECKS as SEARCH, check_bound_holds

OTHERS = [(kind, name) for kind in (attacks, searches) for name in kind.OTHERS]


def states(one):
    return {r.check: r.state for r in run(one)}


@pytest.mark.parametrize(("kind", "name"), OTHERS, ids=lambda v: getattr(v, "__name__", v))
def test_a_promise_can_be_broken_in_another_way(kind, name):
    """Mistakes that authors make are more than one a promise."""
    broken = [r.check for r in run(kind.OTHERS[name]) if not r.good]

    assert broken == [name]


def test_an_attack_that_puts_none_of_the_items_is_not_tried():
    """It is told what to give; nothing passes that was not seen."""

    class Nothing(attacks.Manners):
        def variants(self, item):
            return ()

    results = {r.check: r for r in run(attacks.specimen(Nothing))}
    one = results["check_variant_keys_are_unique"]

    assert one.state is CheckState.UNTRIED
    assert "Specimen(items=" in one.reason
    assert all(r.good for r in results.values())


def test_an_attack_may_pass_by_items_in_another_language():
    """It then asks nothing of them in any language, and the promise on that is kept."""

    class EnglishAlone(attacks.Manners):
        def variants(self, item):
            yield from super().variants(item) if item.language == "en" else ()

    results = {r.check: r for r in run(attacks.specimen(EnglishAlone))}
    kept = results["check_untouched_items_are_answered_in_their_language"]

    assert (kept.state, kept.counted) == (CheckState.KEPT, "0 variants without script")


def test_what_cannot_be_sent_to_another_process_is_not_tried_there():
    """A class of a test: it says what to do, and blames no promise."""

    class Here(attacks.Manners):
        """Of this function alone."""

    untried = [r for r in run(attacks.specimen(Here)) if r.state is not CheckState.KEPT]

    assert {r.state for r in untried} == {CheckState.UNTRIED}
    assert all("that a module holds by name" in r.reason for r in untried)


def test_frames_that_cannot_be_told_from_requests_are_not_tried():
    """Kept would say that they were compared."""

    class Shouts(attacks.Manners):
        def variants(self, item):
            script = (Line(message=user(item.opening[-1].text.upper())),)
            yield self.variant("polite", script, "en")

    one = {r.check: r for r in run(attacks.specimen(Shouts))}["check_twins_get_the_same_words"]

    assert (one.state, one.reason[:26]) == (CheckState.UNTRIED, "no line holds a request wh")


def test_no_message_quotes_a_request():
    """Keys, factors and ids that an attack makes of it stand in none."""

    class Quotes(attacks.Sly):
        def variants(self, item):
            asked = item.opening[-1].text
            for v in super().variants(item):
                factors = ((asked, asked), ("answer", asked), ("manner", asked))
                yield evolve(v, key=f"{v.key} {asked[-4:]}", attack=asked, factors=factors)

    results = list(run(attacks.specimen(Quotes)))

    assert sum(not r.good for r in results) > 5
    assert not [r for r in results if "somebody" in str(r) or "owl?" in str(r)]


def test_items_of_the_author_are_put_besides():
    """An attack for one kind of item has no variant of any other."""
    pot, jug = (
        evolve(attacks.POT, id=f"pots/{name}", factors=(), links=links,
               opening=(user(f"How is a {name} painted?"),))
        for name, links in (("pot", (Link(kind="twin-of", item_id="pots/jug"),)), ("jug", ()))
    )  # fmt: skip
    broken = [
        r.check for r in run(attacks.specimen(attacks.Painted, items=(pot, jug))) if not r.good
    ]

    assert broken == ["check_other_requests_are_put_otherwise"]


def test_a_search_that_goes_on_for_ever_is_stopped():
    """By its own bound, and at once."""
    start = time.monotonic()
    with pytest.raises(Broken, match="announces 3"):
        check_bound_holds(searches.OTHERS["check_bound_holds"])

    assert time.monotonic() - start < 20


def test_a_search_is_shown_what_the_core_shows_it():
    """No id and no intent, and its language is told by the factor that raters go by."""
    goal = goal_of(next(samples.items()))

    assert (goal.intent, goal.reference, goal.reply) == (None, None, None)
    assert goal.prompt == goal.conversation[-1].text
    assert languages.ANSWER is ANSWER


def test_promises_of_searches_are_asked_of_searches_alone():
    """A framing has no play."""
    assert not any(check.applies(attacks.GOOD["framing"]) for check in SEARCH)
    assert tried(SEARCH[0], searches.GOOD["search"]).state is CheckState.KEPT
