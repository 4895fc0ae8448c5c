"""Searches and judges, driven by the answers to what they ask."""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import TypeVar

from dosimeter.asking import Scope, ask, diverged, request_of
from dosimeter.bounded import STEP_SECONDS, finite, within
from dosimeter.contracts import Moves
from dosimeter.faultlog import log_fault
from dosimeter.ids import word
from dosimeter.model.conversation import Reply
from dosimeter.model.doing import Ask, Bound, Role

OVER_BOUND, NO_ROLE = "over-bound", "undeclared-role"
"""Kinds of fault of a plugin that asks more than its `bound` says, or in a role that no endpoint serves."""
R = TypeVar("R")
T = TypeVar("T")


class PluginFault(Exception):
    """A search or a judge raised; *kind* is the type, as the words may quote text.

    Whatever it raised: a plugin can make a `DosimeterError` as well as we can. So every step into a
    plugin's code is guarded on its own, and a `DosimeterError` beside that is the core's.
    """

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


def guarded(who: str, step: Callable[[], T]) -> T:
    """Do one step in the code of the plugin *who*.

    Raises:
        PluginFault: If it raises, whatever it raises, or takes too long.
    """
    try:
        with within(STEP_SECONDS):
            return step()
    except BaseException as exc:  # native code panics with one, and quotes the text it was given
        log_fault(exc, who)
        kind = word(type(exc).__name__)
    # Out of the handler: the exception of the plugin must not hang on this one as its context.
    raise PluginFault(kind)


def _advance(
    moves: Moves[R], replies: tuple[Reply, ...] | None
) -> tuple[tuple[Ask, ...], tuple[R, ...]]:
    """Hand over *replies*; give what is asked next, or the result as the second."""
    try:
        asks = finite(next(moves) if replies is None else moves.send(replies))
    except StopIteration as end:
        return (), (end.value,)
    if not asks:
        # It would go on for ever without a pause in which anybody could stop it.
        msg = "a step without an ask"
        raise ValueError(msg)
    if not all(isinstance(one, Ask) for one in asks):
        raise TypeError
    return asks, ()


def most_asks(bound: Bound) -> Counter[Role]:
    """Give the most that a search may ask, by role; what it lists twice it may ask twice."""
    total: Counter[Role] = Counter()
    for role, asks in bound.asks:
        total[role] += asks
    return total


class _Allowance:
    """What a search may still ask, by role: never more than it told `plan` and budget."""

    def __init__(self, most: Mapping[Role, int] | None) -> None:
        self._left = None if most is None else dict(most)

    def take(self, asks: Sequence[Ask]) -> None:
        """Count *asks*.

        Raises:
            PluginFault: If they are more than were announced.
        """
        if self._left is None:
            return
        for one in asks:
            self._left[one.role] = self._left.get(one.role, 0) - 1
        if min(self._left.values()) < 0:
            raise PluginFault(OVER_BOUND)


async def play_moves(
    scope: Scope, begin: Callable[[], Moves[R]], most: Mapping[Role, int] | None = None
) -> R:
    """Drive a search or a judge: ask what it yields, hand it the replies, return its result.

    Args:
        scope: Where its answers come from and go to.
        begin: Starts it.
        most: How many asks a role it announced; None bounds nothing.

    Raises:
        PluginFault: If it raises, yields a step without an ask, asks more than *most*, or in a role
            that its spec does not declare.
    """
    who, allowance = scope.blame, _Allowance(most)
    moves = guarded(who, begin)
    replies: tuple[Reply, ...] | None = None
    step = 0
    try:
        while True:
            asks, result = guarded(who, partial(_advance, moves, replies))
            _check_roles(scope, asks)
            _check_replay(scope, asks, step, last=bool(result))
            if result:
                return result[0]
            allowance.take(asks)
            replies = await _together(scope, asks, step)
            step += 1
    finally:
        with suppress(PluginFault):
            guarded(who, moves.close)


def _check_roles(scope: Scope, asks: Sequence[Ask]) -> None:
    """Name a role that no endpoint serves: the stack binds those that a spec declares."""
    for one in asks:
        if one.role not in scope.endpoints:
            raise PluginFault(word(f"{NO_ROLE}:{one.role}"))


def _check_replay(scope: Scope, asks: Sequence[Ask], step: int, *, last: bool = False) -> None:
    """Hold a step against the journal before anything of it is sent: a stray search pays nothing.

    Raises:
        AttackDiverged: If the journal has other questions at this step, or more of them.
    """
    for index, question in enumerate(asks):
        if (step, index) in scope.answered:
            request_of(scope, question, step, index)
    for at, index in scope.answered:
        if (at == step and index >= len(asks)) or (last and at > step):
            raise diverged(scope, f"{at}.{index}")


async def _together(scope: Scope, asks: Sequence[Ask], step: int) -> tuple[Reply, ...]:
    """Ask all of one step at once; if one fails, let the others finish: they are paid for."""
    jobs = [ask(scope, a, step=step, index=i) for i, a in enumerate(asks)]
    if len(jobs) == 1:
        return (await jobs[0],)
    got = await asyncio.gather(*jobs, return_exceptions=True)
    for one in got:
        if isinstance(one, BaseException):
            raise one
    return tuple(one for one in got if isinstance(one, Reply))
