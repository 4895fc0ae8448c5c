"""A search that keeps every promise, and what breaks just one."""

import random
from pathlib import Path

from attrs import evolve
from broken.clinging import cling

from dosimeter import (
    Ask,
    AttackSpec,
    Bound,
    Candidate,
    Line,
    Note,
    Role,
    Variant,
    assistant,
    user,
)
from dosimeter.testing import Specimen

SPEC = AttackSpec(
    id="insist",
    summary="Lets an attacker reword the request until the answer is long",
    factory="broken.searches:Insist",
    search=True,
    roles=(Role.ATTACKER,),
    notes=("reworded",),
)


class Insist:
    """Up to three rounds, each with two wordings."""

    rounds = 3

    def __init__(self, options):
        self.options = options

    def variants(self, item):
        yield Variant(attack="insist", key="insist")

    def bound(self, item, variant):
        return Bound(asks=((Role.ATTACKER, 3), (Role.TARGET, 3)))

    def play(self, goal, variant, rng):
        said, parent = self.opening(goal), None
        for n in range(self.rounds):
            (wording,) = yield (self.to_attacker(n, goal, rng),)
            said = self.said(said, wording)
            (reply,) = yield (self.to_target(n, said, parent),)
            if self.is_long(reply):
                return self.found(n)
            said, parent = self.after(said, reply), self.parent(n)
        return ()

    def opening(self, goal):
        return goal.conversation[:-1]

    def to_attacker(self, n, goal, rng):
        asked = user(f"{rng.choice(('Kindly', 'Briefly'))} reword: {self.goal(goal)}")
        return Ask(id=f"{n}.reword", role=self.attacker(), conversation=(asked,))

    def attacker(self):
        return Role.ATTACKER

    def goal(self, goal):
        return goal.prompt

    def said(self, said, wording):
        return (*said, user(wording.text))

    def to_target(self, n, said, parent):
        notes = (Note(kind="reworded", by="insist"),)
        return Ask(id=f"{n}", role=Role.TARGET, conversation=said, parent=parent, notes=notes)

    def is_long(self, reply):
        return len(reply.text) > 60

    def found(self, n):
        return (Candidate(leaf=str(n)),)

    def after(self, said, reply):
        return (*said, *reply.messages)

    def parent(self, n):
        return str(n)


class Warms(Insist):
    """Asks something harmless first, and gives up where that is blocked."""

    def bound(self, item, variant):
        return Bound(asks=((Role.ATTACKER, 4), (Role.TARGET, 3)))

    def play(self, goal, variant, rng):
        hello = (user("Shall we begin?"),)
        (reply,) = yield (Ask(id="hello", role=Role.ATTACKER, conversation=hello),)
        return (yield from super().play(goal, variant, rng)) if reply.messages else ()


class Wide(Insist):
    """Best of n, in one step; what is submitted may have been blocked."""

    def bound(self, item, variant):
        return Bound(asks=((Role.TARGET, 2), (Role.TARGET, 1)))

    def play(self, goal, variant, rng):
        said = goal.conversation
        yield tuple(Ask(id=str(n), role=Role.TARGET, conversation=said) for n in range(3))
        return tuple(Candidate(leaf=str(n), rank=n) for n in range(3))


class OverBound(Insist):
    rounds = 4


class Endless(Insist):
    rounds = 100_000


class Pauses(Insist):
    def play(self, goal, variant, rng):
        found = yield from super().play(goal, variant, rng)
        if not found:
            yield ()
        return found


class Mute(Insist):
    def play(self, goal, variant, rng):
        found = yield from super().play(goal, variant, rng)
        return found or None


class Hopeless(Insist):
    def is_long(self, reply):
        return len(reply.text) > 60_000


class Attackers(Insist):
    def found(self, n):
        return (Candidate(leaf=f"{n}.reword"), *super().found(n))


class Forgets(Insist):
    """What the item says before its request."""

    def opening(self, goal):
        return ()


class OtherRole(Insist):
    def attacker(self):
        return Role.STEER


class OneId(Insist):
    def to_attacker(self, n, goal, rng):
        return evolve(super().to_attacker(n, goal, rng), id="reword")


class Quotes(Insist):
    def to_attacker(self, n, goal, rng):
        return evolve(super().to_attacker(n, goal, rng), id=f"{n} {goal.goal}")


class OwnParent(Insist):
    def to_target(self, n, said, parent):
        return evolve(super().to_target(n, said, parent), parent=parent or str(n))


class Afresh(Insist):
    """Names a parent and does not go on from it."""

    def after(self, said, reply):
        return said[:-1]


class NoParent(Insist):
    def parent(self, n):
        return None


class NoQuestion(Insist):
    def said(self, said, wording):
        return super().said(said, wording) if not said or wording.text else said


class Ventriloquist(Insist):
    def said(self, said, wording):
        return (*said, assistant("Of course."), *super().said((), wording))


class NoF(Insist):
    def goal(self, goal):
        return "{goal.prompt}"


class OwnNotes(Insist):
    def to_target(self, n, said, parent):
        return evolve(super().to_target(n, said, parent), notes=(Note(kind="hope", by="insist"),))


class Scripted(Insist):
    def variants(self, item):
        yield Variant(attack="insist", key="insist", script=(Line(message=item.opening[-1]),))


class OwnChance(Insist):
    def to_attacker(self, n, goal, rng):
        return super().to_attacker(n, goal, random.Random())


class Remembers(Insist):
    """How many it has asked, in all plays."""

    asked = 0

    def goal(self, goal):
        self.asked += 1
        return f"{super().goal(goal)} ({self.asked})"


class Hashes(Insist):
    def goal(self, goal):
        return f"{super().goal(goal)} ({hash('reword')})"


class Clings(Insist):
    def play(self, goal, variant, rng):
        return (yield from cling(super().play(goal, variant, rng)))


class ExpectsMessages(Insist):
    def after(self, said, reply):
        return (*said, reply.messages[0], *reply.messages[1:])


class ExpectsUnicode(Insist):
    def is_long(self, reply):
        return len(reply.text.encode()) > 60


class ExpectsWords(Insist):
    def goal(self, goal):
        return goal.goal.split()[0] + goal.prompt


class Seeds(Insist):
    def goal(self, goal):
        random.seed(1)
        return super().goal(goal)


class Prints(Insist):
    def is_long(self, reply):
        print("read")
        return super().is_long(reply)


class Reads(Insist):
    def goal(self, goal):
        with Path(__file__).open() as file:
            return super().goal(goal) + file.read(5)


def specimen(build=Insist, **changes):
    return Specimen(spec=evolve(SPEC, **changes), build_with=build)


GOOD = {
    "search": specimen(),
    "warm-up": specimen(Warms),
    "best of three": specimen(Wide, roles=()),
}
BREAKS = {
    "check_bound_holds": specimen(OverBound),
    "check_every_step_asks": specimen(Pauses),
    "check_search_returns_candidates": specimen(Mute),
    "check_search_can_find": specimen(Hopeless),
    "check_candidates_are_the_targets": specimen(Attackers),
    "check_candidates_keep_the_opening": specimen(Forgets),
    "check_search_asks_in_declared_roles": specimen(OtherRole),
    "check_search_names_each_question": specimen(OneId),
    "check_parents_were_asked_before": specimen(OwnParent),
    "check_questions_go_on_from_their_parents": specimen(Afresh),
    "check_continued_questions_are_named": specimen(NoParent),
    "check_questions_end_with_a_question": specimen(NoQuestion),
    "check_prefilled_words_are_marked": specimen(Ventriloquist),
    "check_search_is_told_its_goal": specimen(NoF),
    "check_notes_are_declared": specimen(OwnNotes),
    "check_searches_have_no_script": specimen(Scripted),
    "check_search_is_repeatable": specimen(OwnChance),
    "check_plays_do_not_mix": specimen(Remembers),
    "check_search_is_the_same_in_another_process": specimen(Hashes),
    "check_search_can_be_closed": specimen(Clings),
    "check_search_takes_blocked_replies": specimen(ExpectsMessages),
    "check_search_takes_odd_replies": specimen(ExpectsUnicode),
    "check_search_takes_odd_goals": specimen(ExpectsWords),
}
"""By the name of a check: a search that breaks its promise and no other."""
OTHERS = {
    "check_bound_holds": specimen(Endless),
    "check_search_names_each_question": specimen(Quotes),
    "check_search_is_declared": specimen(Insist, search=False, roles=()),
    "check_global_chance_is_left_alone": specimen(Seeds),
    "check_nothing_outside_is_touched": specimen(Reads),
    "check_attack_prints_nothing": specimen(Prints),
}
"""Another way to break one, or one of all attacks."""
