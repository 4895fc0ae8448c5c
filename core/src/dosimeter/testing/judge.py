"""Promises of judges: raters that ask models, tried with made-up answers and no model."""

import random
from collections.abc import Callable, Iterator

from dosimeter.ids import canonical
from dosimeter.model.conversation import Reply, Stop
from dosimeter.model.doing import Ask
from dosimeter.model.rating import Case, Opinion
from dosimeter.model.specs import ScorerSpec
from dosimeter.opinions import fault_of
from dosimeter.testing import samples
from dosimeter.testing.component import Broken, Specimen
from dosimeter.testing.kit import checks_in, promise
from dosimeter.testing.rater import scored
from dosimeter.testing.trying import Played, play, seeded, silently

SEED = 7
PLAIN = ("yes", "no", "1", "3", "5", "none", "full", '{"rating": 3, "reason": "so"}', "Rating: 2")
USELESS = (
    "",
    " \n",
    "I'm sorry, but I can't help with that.",
    "As an AI, it depends.",
    "\x00\ud83d",
)
"""Answers that no judge can read a mark from."""


def _not_judge(one: Specimen) -> str:
    return "" if one.of(ScorerSpec).judge else "it is a rule"


def _constant(text: str) -> Callable[[Ask], Reply]:
    return lambda _: samples.reply(text)


def answers(one: Specimen) -> Iterator[Callable[[Ask], Reply]]:
    """Give ways to answer: the author's own first, then plain ones, then useless ones."""
    if one.answer is not None:
        yield one.answer
    yield from map(_constant, (*PLAIN, *USELESS))


def judged(one: Specimen, case: Case, answer: Callable[[Ask], Reply]) -> tuple[Played, Opinion]:
    """Play a judge of one case.

    Raises:
        Broken: If it returns no opinion.
    """
    played = play(one.build().rate(case, random.Random(SEED)), answer)
    if not isinstance(played.result, Opinion):
        raise Broken(f"it returns a {type(played.result).__name__}", "return an Opinion")
    return played, played.result


def _plain(one: Specimen) -> Case:
    return (*one.cases, samples.case(one.of(ScorerSpec), samples.HELPFUL))[0]


@promise("rater", unless=_not_judge)
def check_judge_asks_in_declared_roles(one: Specimen) -> None:
    """It asks only in roles that its spec declares: the stack binds those to endpoints."""
    roles = one.of(ScorerSpec).roles
    for answer in answers(one):
        for ask in judged(one, _plain(one), answer)[0].asks:
            if ask.role not in roles:
                raise Broken(
                    f"it asks {ask.role}, and declares {', '.join(roles) or 'no roles'}",
                    "add the role to its spec",
                )


@promise("rater", unless=_not_judge)
def check_judge_names_each_question(one: Specimen) -> None:
    """Each question of a play has an id of its own: the journal keeps answers by it."""
    for answer in answers(one):
        ids = [ask.id for ask in judged(one, _plain(one), answer)[0].asks]
        if len(set(ids)) < len(ids):
            raise Broken(f"{len(ids)} questions have {len(set(ids))} ids", "number them")


@promise("rater", unless=_not_judge)
def check_judge_is_shown_the_reply(one: Specimen) -> None:
    """The text that is rated stands in a question, whole."""
    case = _plain(one)
    said = case.reply if case.reply is not None else (case.conversation or ())[-1].text
    asks = judged(one, case, next(answers(one)))[0].asks
    if not any(said in message.text for ask in asks for message in ask.conversation):
        raise Broken("no question holds the reply", "quote it whole in the question")


@promise("rater", unless=_not_judge)
def check_judge_marks_are_on_their_scales(one: Specimen) -> str:
    """Whatever it is answered, marks are on declared scales with values that the scale has."""
    n = 0
    for answer in answers(one):
        opinion = judged(one, _plain(one), answer)[1]
        fault = fault_of(one.of(ScorerSpec), opinion, None)
        if fault:
            raise Broken(
                f"it {fault}", "mark what is declared; what is not on the scale is no mark"
            )
        n += len(opinion.marks)
    return f"{n} marks"


@promise("rater", unless=_not_judge)
def check_judge_says_something_on_every_scale(one: Specimen) -> None:
    """Every opinion has a mark on every scale, or the reason why there is none."""
    names = {s.name for s in one.of(ScorerSpec).scales}
    for answer in answers(one):
        left = names - {m.scale for m in judged(one, _plain(one), answer)[1].marks}
        if left:
            raise Broken(
                f"nothing on {', '.join(sorted(left))}",
                "add Mark(scale=..., outcome=Outcome.FAILED, reason=...)",
            )


@promise("rater", unless=_not_judge)
def check_judge_without_verdict_has_no_mark(one: Specimen) -> str:
    """A judge that is told nothing, a refusal or nonsense gives no mark: a failure is not "no harm"."""
    for text in USELESS:
        marks = scored(judged(one, _plain(one), _constant(text))[1])
        if marks:
            raise Broken(
                f"{marks[0].value!r} on {marks[0].scale} from an answer that says nothing",
                'answer Mark(scale=..., outcome=Outcome.FAILED, reason="no-verdict")',
            )
    return f"{len(USELESS)} answers"


@promise("rater", unless=_not_judge)
def check_judge_that_is_blocked_has_no_mark(one: Specimen) -> None:
    """A judge whose provider blocks the question, or cuts the answer to nothing, gives no mark."""
    for stop in (Stop.FILTERED, Stop.LENGTH, Stop.REFUSED):
        marks = scored(judged(one, _plain(one), lambda _, s=stop: samples.reply("", stop=s))[1])  # type: ignore[misc]
        if marks:
            raise Broken(
                f"{marks[0].value!r} on {marks[0].scale} where the answer is {stop}",
                'answer Mark(scale=..., outcome=Outcome.FAILED, reason="judge")',
            )


@promise("rater", unless=_not_judge)
def check_judge_is_repeatable(one: Specimen) -> None:
    """The same case, chance and answers give the same questions and opinion, so a run can be resumed."""
    for answer in answers(one):
        with seeded(1):
            first = judged(one, _plain(one), answer)
        with seeded(2):
            second = judged(one, _plain(one), answer)
        if canonical((first[0].asks, first[1])) != canonical((second[0].asks, second[1])):
            raise Broken(
                "questions or opinion differ the second time", "draw from the rng it is given"
            )


@promise("rater", unless=_not_judge)
def check_judge_reads_a_verdict(one: Specimen) -> None:
    """There is an answer that it reads a mark from: the author's, or one of the kit's plain ones."""
    spec, case = one.of(ScorerSpec), _plain(one)
    marked = {m.scale for answer in answers(one) for m in scored(judged(one, case, answer)[1])}
    never = [s.name for s in spec.scales if s.name not in marked]
    if never:
        raise Broken(
            f"no answer led to a mark on {', '.join(never)}",
            "give Specimen(answer=...) what a good judge answers, or mend how answers are read",
        )


@promise("rater", unless=_not_judge)
def check_judge_takes_odd_texts(one: Specimen) -> str:
    """It takes any text to rate: NUL, lone surrogates, escapes, bidirectional marks, long words."""
    for name, text in samples.ODD:
        try:
            judged(one, samples.case(one.of(ScorerSpec), text), next(answers(one)))
        except Broken:
            raise
        except BaseException as exc:
            raise Broken(f"{type(exc).__name__} on: {name}", "let it take any text") from exc
    return f"{len(samples.ODD)} texts"


@promise("rater", unless=_not_judge)
def check_judge_can_be_closed(one: Specimen) -> None:
    """Closed in mid-play, as when a run stops, it ends at once and asks no more."""
    moves = one.build().rate(_plain(one), random.Random(SEED))
    try:
        next(moves)
    except StopIteration:
        return
    try:
        moves.close()
    except RuntimeError as exc:
        raise Broken(
            "it goes on asking", "let GeneratorExit pass; catch Exception at most"
        ) from exc


@promise("rater", unless=_not_judge)
def check_judge_prints_nothing(one: Specimen) -> None:
    """It prints nothing: standard output may be a report, and a reply is no log."""
    said = silently(lambda: judged(one, _plain(one), next(answers(one))))[1]
    if said:
        raise Broken(
            f"it printed {len(said)} characters", "log through structlog, and no text of a case"
        )


CHECKS = checks_in(globals())
