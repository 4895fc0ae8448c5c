"""Promises of searches that let a run be stopped and resumed, and go on when models misbehave."""

from collections.abc import Mapping

from dosimeter.testing import samples
from dosimeter.testing.component import Broken, Specimen, Untried
from dosimeter.testing.kit import checks_in, promise
from dosimeter.testing.playing import (
    BLOCKED,
    ODD,
    STATELESS,
    Answer,
    Playing,
    Start,
    each,
    ended,
    no_search,
    played,
    starts,
    there,
    ways,
)
from dosimeter.testing.putting import variants
from dosimeter.testing.trying import seeded


def _twice(one: Specimen) -> tuple[list[bytes], list[bytes]]:
    begun = starts(one)
    with seeded(1):
        first = each(one, begun, ways(one))
    with seeded(2):
        return first, each(one, begun, ways(one))


@promise("attack", unless=no_search)
def check_search_is_repeatable(one: Specimen) -> str:
    """The same goal, variant, chance and replies give the same questions and candidates: a resume replays."""
    first, second = _twice(one)
    differ = sum(a != b for a, b in zip(first, second, strict=True))
    if differ:
        raise Broken(
            f"{differ} of {len(first)} plays differ the second time",
            "draw from the rng that play is given, and read no clock",
        )
    return f"{len(first)} plays"


def _steady(one: Specimen) -> None:
    first, second = _twice(one)
    if first != second:
        msg = "it does not ask the same twice"
        raise Untried(msg)


@promise("attack", unless=no_search)
def check_plays_do_not_mix(one: Specimen) -> None:
    """One search plays many attempts at once, step by step: none changes another."""
    _steady(one)
    begun, answer = starts(one), next(iter(ways(one).values()))
    alone = each(one, begun, {"": answer})
    search = one.build()
    together = [Playing(search, start, answer) for start in begun]
    going = together
    while going:
        going = [play for play in going if play.step()]
    mixed = sum(a != p.told for a, p in zip(alone, together, strict=True) if a)
    if mixed:
        raise Broken(
            f"{mixed} of {len(begun)} plays differ beside others",
            "keep what a play learns in play's own variables, not on self",
        )


@promise("attack", unless=no_search)
def check_search_is_the_same_in_another_process(one: Specimen) -> None:
    """Another process, with another order of sets, asks and finds the same: there a run is resumed."""
    _steady(one)
    here = each(one, starts(one), STATELESS)
    differ = sum(a != b for a, b in zip(here, there(one).plays, strict=True))
    if differ:
        seen = f"{differ} of {len(here)} plays differ there"
        raise Broken(seen, "sort what comes out of sets, and use no hash()")


@promise("attack", unless=no_search)
def check_search_can_be_closed(one: Specimen) -> None:
    """Closed in mid-play, as when a run stops, it ends at once and asks no more."""
    start, answer = starts(one)[0], next(iter(ways(one).values()))
    whole = ended(one.build(), start, answer)
    if whole is None:
        msg = "its first play comes to no end"
        raise Untried(msg)
    for stop in range(1, len(whole.asked) + 1):
        play = Playing(one.build(), start, answer)
        for _ in range(stop):
            play.step()
        try:
            play.moves.close()
        except RuntimeError as exc:
            raise Broken(
                f"it goes on asking when closed after {stop} steps",
                "let GeneratorExit pass; catch Exception at most",
            ) from exc


def _takes(one: Specimen, answers: Mapping[str, Answer], todo: str) -> str:
    """Play with answers that it may not expect."""
    for name, answer in answers.items():
        for start in starts(one)[:2]:
            try:
                played(one.build(), start, answer)
            except Broken:  # of other checks
                continue
            except BaseException as exc:
                raise Broken(f"{type(exc).__name__} on: {name}", todo) from exc
    return f"{len(answers)} answers"


@promise("attack", unless=no_search)
def check_search_takes_blocked_replies(one: Specimen) -> str:
    """It takes replies without a message: providers block what attacks ask."""
    return _takes(one, BLOCKED, "expect reply.messages to be empty, and reply.text to be blank")


@promise("attack", unless=no_search)
def check_search_takes_odd_replies(one: Specimen) -> str:
    """It takes any reply: odd texts, tool calls, verdicts, no number where one was asked for."""
    return _takes(one, ODD, "let it take any text, and read no number without a fallback")


@promise("attack", unless=no_search)
def check_search_takes_odd_goals(one: Specimen) -> str:
    """It plays any item that it has a variant of: odd texts, several turns, no goal."""
    n, answer = 0, next(iter(ways(one).values()))
    for name, item in samples.odd_items():
        for variant in variants(one.build(), item)[:1]:
            n += 1
            try:
                played(one.build(), Start(item, variant), answer)
            except Broken:  # of other checks
                continue
            except BaseException as exc:
                seen = f"{type(exc).__name__} on: {name}"
                raise Broken(seen, "let it take any text; give no variant without a goal") from exc
    return f"{n} items"


CHECKS = checks_in(globals())
