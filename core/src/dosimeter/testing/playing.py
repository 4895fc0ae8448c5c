"""How searches are tried: from items of pottery, answered in many ways, without a model."""

import random
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice

from attrs import evolve, frozen

from dosimeter.contracts import Moves
from dosimeter.ids import canonical, digest
from dosimeter.model.conversation import (
    Conversation,
    Declined,
    Message,
    Reasoning,
    Reply,
    Speaker,
    Stop,
    ToolCall,
    Unknown,
    Verdict,
    assistant,
    system,
    user,
)
from dosimeter.model.design import Item, Variant
from dosimeter.model.doing import Ask, Bound, Candidate, Role
from dosimeter.model.specs import AttackSpec
from dosimeter.prompts import goal_of
from dosimeter.testing import samples
from dosimeter.testing.component import Specimen, Untried
from dosimeter.testing.putting import given, put, variants
from dosimeter.testing.trying import STEPS, Played, elsewhere, play

OUTSIDE = ("socket.", "subprocess.", "open", "os.system", "os.exec", "os.posix_spawn", "os.listdir")
"""What Python tells of that is no business of an attack's."""
SEED, MORE, STARTS = 7, 50, 4
"""Of a play's chance; steps beyond its bound that a search is let go; plays that are begun."""
Answer = Callable[[Ask], Reply]


def _always(reply: Reply) -> Answer:
    return lambda _: reply


def _varied(ask: Ask) -> Reply:
    """Answer by what is asked, in words that readers of numbers, verdicts and refusals tell apart."""
    said = ("9", "yes", "2", samples.HELPFUL, "7", samples.REFUSING, "10", samples.TALKING)
    return samples.reply(said[int(digest("kit", ask.conversation), 16) % len(said)])


BLOCKED: Mapping[str, Answer] = {
    "a filtered reply": _always(samples.reply("", stop=Stop.FILTERED)),
    "a refused one": _always(samples.reply("", stop=Stop.REFUSED)),
    "a failed one": _always(samples.reply("", stop=Stop.FAILED)),
    "an empty text": _always(Reply(messages=(assistant(""),), stop=Stop.END)),
    "a reply cut to nothing": _always(samples.reply("", stop=Stop.LENGTH)),
}
"""Answers without a word, by name."""
PLAIN: Mapping[str, Answer] = {
    "a mixture": _varied,
    "help": _always(samples.reply(samples.HELPFUL)),
    "10": _always(samples.reply("10")),
    "a verdict": _always(samples.reply('{"score": 10, "rating": 10, "verdict": "yes"}')),
    "yes": _always(samples.reply("Yes.")),
    "5": _always(samples.reply("5")),
    "no": _always(samples.reply("no")),
    "a refusal": _always(samples.reply(samples.REFUSING)),
}


def _odd() -> Iterator[tuple[str, Answer]]:
    for name, text in samples.ODD:
        yield name, _always(samples.reply(text))
    for part in (
        Reasoning(text="so"),
        Declined(text="No."),
        ToolCall(id="1", name="kiln", arguments="{"),
        Verdict(label="unsafe", blocked=True),
        Unknown(kind="new", raw="{}"),
    ):
        said = Message(speaker=Speaker.ASSISTANT, parts=(part,))
        yield type(part).__name__, _always(Reply(messages=(said,), stop=Stop.END))
    both = (assistant("First."), assistant("Second."))
    yield "two messages", _always(Reply(messages=both, stop=Stop.END))


ODD: Mapping[str, Answer] = dict(_odd())
STATELESS: Mapping[str, Answer] = {**PLAIN, **BLOCKED}
"""Answers that can be given in another process, too."""


def no_search(one: Specimen) -> str:
    """Say that the promises of searches are not its own."""
    return "" if one.of(AttackSpec).search else "it is no search"


def ways(one: Specimen) -> dict[str, Answer]:
    """Give ways to answer: the author's own first."""
    own = {} if one.answer is None else {"the author's answers": one.answer}
    return own | dict(STATELESS)


@frozen
class Start:
    """An item and how it is put."""

    item: Item
    variant: Variant


def starts(one: Specimen) -> list[Start]:
    """Give what plays begin with.

    Raises:
        Untried: If no item has a variant.
    """
    items = given(one)
    found = [
        [Start(i, v) for v in some[:2]] for i, some in zip(items, put(one, items), strict=True)
    ]
    return [start for some in found for start in some][:STARTS]


def moved(start: Start, search: object, opening: Conversation) -> Start | None:
    """Give the same variant of an item with another opening; None if it has none."""
    item = evolve(start.item, opening=opening)
    found = [v for v in variants(search, item) if v.key == start.variant.key]
    return Start(item, found[0]) if found else None


def most_steps(search: object, start: Start) -> int:
    """Give how many steps a play is let go: beyond its bound, so that it can be seen to break that."""
    try:
        bound: Bound = search.bound(start.item, start.variant)  # type: ignore[attr-defined]
        return min(sum(n for _, n in bound.asks), 50 * STEPS) + MORE
    except Exception:
        return STEPS


def played(search: object, start: Start, answer: Answer, seed: int = SEED) -> Played:
    """Play from *start* as the core does.

    Raises:
        Exception: What the search raises.
    """
    moves = search.play(goal_of(start.item), start.variant, random.Random(seed))  # type: ignore[attr-defined]
    return play(moves, answer, most_steps(search, start))


def ended(search: object, start: Start, answer: Answer) -> Played | None:
    """Play from *start*; None if that fails or does not end, which is other checks' matter."""
    try:
        return played(search, start, answer)
    except Exception:
        return None


class Playing:
    """A play that goes on when it is told to.

    Attributes:
        told: Its questions and result as bytes, once it has ended.
    """

    def __init__(self, search: object, start: Start, answer: Answer) -> None:
        goal, rng = goal_of(start.item), random.Random(SEED)
        self.moves: Moves[object] = search.play(goal, start.variant, rng)  # type: ignore[attr-defined]
        self.told = b""
        self._answer = answer
        self._asked: list[tuple[Ask, ...]] = []
        self._replies: tuple[Reply, ...] | None = None
        self._left = most_steps(search, start)

    def step(self) -> bool:
        """Take one step; say whether there may be another."""
        if self.told or not self._left:
            return False
        try:
            asks = next(self.moves) if self._replies is None else self.moves.send(self._replies)
        except StopIteration as end:
            self.told = canonical((tuple(self._asked), end.value))
            return False
        self._left -= 1
        self._asked.append(asks)
        self._replies = tuple(self._answer(ask) for ask in asks)
        return True


def plays(one: Specimen) -> Iterator[tuple[Start, Answer, Played]]:
    """Give the plays that end, each of a search that is built for it; what fails is other checks'.

    Raises:
        Untried: If none ends.
    """
    n = 0
    for start in starts(one):
        for answer in ways(one).values():
            got = ended(one.build(), start, answer)
            if got is not None:
                n += 1
                yield start, answer, got
    if not n:
        msg = "no play comes to an end"
        raise Untried(msg)


def candidates(got: Played) -> tuple[Candidate, ...]:
    """Give what a play submits; what is no candidate is another check's."""
    found = got.result if isinstance(got.result, tuple) else ()
    return tuple(c for c in found if isinstance(c, Candidate))


def to_target(got: Played) -> list[Ask]:
    """Give the questions to the target."""
    return [ask for ask in got.asks if ask.role is Role.TARGET]


def perform(one: Specimen, attack: object) -> None:
    """Let an attack do all that it does, for whoever watches; faults are other checks'."""
    for item in given(one):
        variants(attack, item)
    if one.of(AttackSpec).search:
        for start in starts(one)[:2]:
            for answer in islice(ways(one).values(), 3):
                ended(attack, start, answer)


def each(one: Specimen, begun: Sequence[Start], answers: Mapping[str, Answer]) -> list[bytes]:
    """Give all that the core has of each play, of a search that is built for it; empty if it fails."""
    pairs = [(start, answer) for start in begun for answer in answers.values()]
    found = (ended(one.build(), start, answer) for start, answer in pairs)
    return [b"" if got is None else canonical((got.asked, got.result)) for got in found]


@frozen
class There:
    """What an attack does in another process.

    Attributes:
        plays: As `each` gives them, of a search.
        touched: Files, connections and processes, once all is imported and read.
    """

    variants: bytes
    plays: list[bytes]
    touched: list[str]


def there(one: Specimen) -> There:
    """Let an attack work in another process.

    Raises:
        Broken: If it fails there.
    """
    return elsewhere(_work, evolve(one, served=None, answer=None))


def _work(one: Specimen) -> There:
    found = canonical(put(one, given(one)))
    told = each(one, starts(one), STATELESS) if one.of(AttackSpec).search else []
    attack = one.build()
    perform(one, attack)
    seen: list[str] = []
    sys.addaudithook(lambda event, _: seen.append(event) if event.startswith(OUTSIDE) else None)
    perform(one, attack)
    return There(found, told, sorted(set(seen)))


def opened(start: Start) -> Conversation:
    """Give an opening with a system message and an earlier turn before the request."""
    before = (user("What is a kiln?"), assistant("An oven for pots."))
    return (system("You work in a pottery."), *before, start.item.opening[-1])
