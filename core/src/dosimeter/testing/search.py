"""Promises of searches about what they ask and submit, whatever they are answered."""

from collections import Counter
from collections.abc import Iterator

from dosimeter.ids import word
from dosimeter.model.conversation import Conversation, Message, Reply, Speaker
from dosimeter.model.doing import NOTES, Ask, Bound, Candidate, Role
from dosimeter.model.specs import AttackSpec
from dosimeter.testing import replaying
from dosimeter.testing.component import Broken, Specimen, Untried
from dosimeter.testing.kit import checks_in, promise
from dosimeter.testing.playing import (
    Start,
    candidates,
    each,
    ended,
    moved,
    no_search,
    opened,
    played,
    plays,
    starts,
    to_target,
    ways,
)
from dosimeter.testing.trying import Played


def _roles(one: Specimen) -> set[Role]:
    return {Role.TARGET, *one.of(AttackSpec).roles}


@promise("attack", unless=no_search)
def check_bound_holds(one: Specimen) -> str:
    """It asks no more of any role than its bound says, however it is answered: the plan is paid by it."""
    roles, n = _roles(one), 0
    for start in starts(one):
        bound = one.build().bound(start.item, start.variant)
        if not isinstance(bound, Bound) or any(type(k) is not int or k < 0 for _, k in bound.asks):
            raise Broken("the bound is none", "return Bound(asks=((Role.TARGET, 20), ...))")
        most: Counter[Role] = Counter()
        for role, asks in bound.asks:
            most[role] += asks
        for name in ways(one):
            for role, asked in _counted(one, start, name).items():
                if role in roles and asked > most[role]:
                    raise Broken(
                        f"it asks {role} {asked} times and announces {most[role]}, answered with {name}",
                        "count every question of the longest play, or stop there",
                    )
                n += asked
    return f"{n} questions"


def _counted(one: Specimen, start: Start, name: str) -> Counter[Role]:
    """Count the questions of a play, also of one that fails or does not end."""
    counted: Counter[Role] = Counter()

    def answer(ask: Ask) -> Reply:
        counted[ask.role] += 1
        return ways(one)[name](ask)

    ended(one.build(), start, answer)
    return counted


@promise("attack", unless=no_search)
def check_every_step_asks(one: Specimen) -> None:
    """Each step is a tuple of one or more Asks: a step without one could never be stopped."""
    for start in starts(one):
        for answer in ways(one).values():
            try:
                played(one.build(), start, answer)
            except Exception as exc:
                if type(exc) is Broken:  # anything else is other checks' matter
                    raise


@promise("attack", unless=no_search)
def check_search_returns_candidates(one: Specimen) -> None:
    """It returns a tuple of Candidates, an empty one if nothing was found."""
    for _, _, got in plays(one):
        told = type(got.result).__name__
        if isinstance(got.result, tuple):
            told = next((type(c).__name__ for c in got.result if not isinstance(c, Candidate)), "")
        if told:
            raise Broken(f"it returns a {told}", "return (Candidate(leaf=...), ...), or ()")


@promise("attack", unless=no_search)
def check_search_can_find(one: Specimen) -> str:
    """There is an answer that leads to a candidate: the author's, or one of the kit's plain ones."""
    n = sum(len(candidates(got)) for _, _, got in plays(one))
    if not n:
        raise Broken(
            "no play submits anything",
            "give Specimen(answer=...) what lets it succeed, or mend how replies are read",
        )
    return f"{n} candidates"


@promise("attack", unless=no_search)
def check_candidates_are_the_targets(one: Specimen) -> None:
    """A candidate names a question of its play to the target: another's reply is no result."""
    for _, _, got in plays(one):
        asked = {ask.id for ask in to_target(got)}
        strange = [c for c in candidates(got) if c.leaf not in asked]
        if strange:
            raise Broken(
                f"{len(strange)} of {len(candidates(got))} candidates are not the target's",
                "make leaf the id of an Ask with role=Role.TARGET",
            )


@promise("attack", unless=no_search)
def check_candidates_keep_the_opening(one: Specimen) -> str:
    """What is submitted began as the item does: with its system message and the turns before its request."""
    n, search = 0, one.build()
    for start in starts(one):
        longer = moved(start, search, opening=opened(start))
        for got in _plays(one, longer) if longer else ():
            asks = {ask.id: ask for ask in to_target(got)}
            before = opened(start)[:-1]
            for said in (asks[c.leaf].conversation for c in candidates(got) if c.leaf in asks):
                if said[: len(before)] != before:
                    raise Broken(
                        f"a candidate begins otherwise than an opening of {len(before) + 1} messages",
                        "begin with goal.conversation[:-1]",
                    )
                n += 1
    if not n:
        msg = "no play from several turns submits anything"
        raise Untried(msg)
    return f"{n} candidates"


def _plays(one: Specimen, start: Start) -> Iterator[Played]:
    for answer in ways(one).values():
        got = ended(one.build(), start, answer)
        if got is not None:
            yield got


@promise("attack", unless=no_search)
def check_search_asks_in_declared_roles(one: Specimen) -> None:
    """It asks the target and the roles that its spec declares: no endpoint serves another."""
    for _, _, got in plays(one):
        for ask in got.asks:
            if ask.role not in _roles(one):
                raise Broken(f"it asks {ask.role}", "add the role to its spec")


@promise("attack", unless=no_search)
def check_search_names_each_question(one: Specimen) -> None:
    """Each question of a play has an id of its own, a single word: candidates and parents go by it."""
    for _, _, got in plays(one):
        ids = [ask.id for ask in got.asks]
        if len(set(ids)) < len(ids):
            raise Broken(f"{len(ids)} questions have {len(set(ids))} ids", "number them")
        if any(not i or word(i) != i for i in ids):
            raise Broken("an id is no word", "use at most 64 letters, digits and _.:/+-")


@promise("attack", unless=no_search)
def check_parents_were_asked_before(one: Specimen) -> None:
    """A parent is a question of an earlier step: one of the same step has no reply yet."""
    for _, _, got in plays(one):
        before: set[str] = set()
        for step in got.asked:
            if any(ask.parent is not None and ask.parent not in before for ask in step):
                raise Broken(
                    "a parent was not asked before", "name the ask whose reply goes before"
                )
            before |= {ask.id for ask in step}


def _conversations(got: Played) -> Iterator[tuple[Ask, dict[str, Conversation]]]:
    """Give each question with the conversations that it can go on from, replies included."""
    held: dict[str, tuple[Message, ...]] = {}
    for asks, replies in zip(got.asked, got.replies, strict=True):
        yield from ((ask, dict(held)) for ask in asks)
        held |= {a.id: (*a.conversation, *r.messages) for a, r in zip(asks, replies, strict=True)}


@promise("attack", unless=no_search)
def check_questions_go_on_from_their_parents(one: Specimen) -> str:
    """A question with a parent begins with that one's conversation and its reply, as they were."""
    n = 0
    for _, _, got in plays(one):
        for ask, held in _conversations(got):
            before = held.get(ask.parent or "", ())
            if ask.conversation[: len(before)] != before:
                raise Broken(
                    f"one begins otherwise than the {len(before)} messages that it goes on from",
                    "write (*before, *reply.messages, user(...)), or leave the parent out",
                )
            n += bool(before)
    return f"{n} questions with a parent"


@promise("attack", unless=no_search)
def check_continued_questions_are_named(one: Specimen) -> None:
    """A question that goes on from a reply says from which: two replies may be word for word the same."""
    for _, _, got in plays(one):
        roles = {ask.id: ask.role for ask in got.asks}
        for ask, held in _conversations(got):
            goes_on = any(
                said[-1].speaker is Speaker.ASSISTANT and roles[name] is ask.role
                and len(said) < len(ask.conversation) and ask.conversation[: len(said)] == said
                for name, said in held.items() if said
            )  # fmt: skip
            if goes_on and ask.parent is None:
                raise Broken("one has no parent", "write Ask(parent=...)")


@promise("attack", unless=no_search)
def check_questions_end_with_a_question(one: Specimen) -> None:
    """A conversation ends with the user, or with words put into the assistant's mouth and marked so."""
    for _, _, got in plays(one):
        for ask in got.asks:
            last = ask.conversation[-1] if ask.conversation else None
            if ask.score is None and (
                last is None
                or (last.speaker in {Speaker.ASSISTANT, Speaker.SYSTEM} and not last.prefilled)
            ):
                raise Broken(
                    f"one ends with {last.speaker if last else 'nothing'}", "add user(...)"
                )


@promise("attack", unless=no_search)
def check_prefilled_words_are_marked(one: Specimen) -> None:
    """What the target did not say is marked as prefilled where it stands as the assistant's."""
    for start, _, got in plays(one):
        said = {m.text for m in start.item.opening}
        for asks, replies in zip(got.asked, got.replies, strict=True):
            for ask in asks:
                if ask.role is Role.TARGET and _invented(ask, said):
                    raise Broken(
                        f"{len(_invented(ask, said))} messages are nobody's",
                        "write assistant(..., prefilled=True)",
                    )
            said |= {
                m.text for ask, reply in zip(asks, replies, strict=True)
                if ask.role is Role.TARGET for m in reply.messages
            }  # fmt: skip


def _invented(ask: Ask, said: set[str]) -> list[Message]:
    return [
        m for m in ask.conversation
        if m.speaker is Speaker.ASSISTANT and not m.prefilled and m.text not in said
    ]  # fmt: skip


@promise("attack", unless=no_search)
def check_search_is_told_its_goal(one: Specimen) -> None:
    """Two requests do not lead to the same questions: what is asked for reaches a model."""
    first, *others = starts(one)
    others = [
        other for other in others
        if other.item.opening != first.item.opening and other.variant.key == first.variant.key
    ]  # fmt: skip
    if not others:
        msg = "give two items with different requests that it plays: Specimen(items=(...,))"
        raise Untried(msg)
    for other in others:
        mine, theirs = (each(one, [start], ways(one)) for start in (first, other))
        if any(mine) and mine == theirs:
            raise Broken(
                f"the questions are the same in {len(mine)} ways of answering",
                "ask with goal.prompt, goal.conversation or goal.goal",
            )


@promise("attack", unless=no_search)
def check_notes_are_declared(one: Specimen) -> str:
    """Notes are of the core's kinds or of those that its spec declares: another is shown as ``unclear``."""
    known, n = NOTES | set(one.of(AttackSpec).notes), 0
    for _, _, got in plays(one):
        for kind in (note.kind for ask in got.asks for note in ask.notes):
            if kind not in known or word(kind) != kind:
                raise Broken("a note is of no declared kind", "add its kind to notes of the spec")
            n += 1
    return f"{n} notes"


CHECKS = (*checks_in(globals()), *replaying.CHECKS)
