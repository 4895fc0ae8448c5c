"""How components are tried: without engine or event loop, in silence, and in another process."""

import contextlib
import io
import os
import pickle
import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import TypeVar

from attrs import frozen

from dosimeter.contracts import Moves
from dosimeter.ids import canonical
from dosimeter.model.conversation import Reply
from dosimeter.model.doing import Ask
from dosimeter.testing.component import Broken, Untried

R = TypeVar("R")
T = TypeVar("T")
STEPS = 500
"""Of a search or judge whose every question is answered; one that takes more is held not to end."""
OTHER = """
import pickle, sys
out, sys.stdout = sys.stdout, sys.stderr
act, given = pickle.load(sys.stdin.buffer)
out.buffer.write(pickle.dumps(act(given)))
"""


@frozen(kw_only=True)
class Played:
    """A search or a judge that was played to its end.

    Attributes:
        asked: Its questions, step by step.
        result: What it returned.
        replies: What it was sent, step by step.
    """

    asked: tuple[tuple[Ask, ...], ...]
    result: object
    replies: tuple[tuple[Reply, ...], ...] = ()

    @property
    def asks(self) -> tuple[Ask, ...]:
        """All its questions in order."""
        return tuple(ask for step in self.asked for ask in step)


class Endless(Broken):
    """A search or a judge goes on asking."""


def play(moves: Moves[R], answer: Callable[[Ask], Reply], steps: int = STEPS) -> Played:
    """Answer every question until there is a result, for so many *steps* at most.

    Raises:
        Broken: If a step asks nothing or something else than questions.
        Endless: If there is no end.
    """
    asked: list[tuple[Ask, ...]] = []
    replies: list[tuple[Reply, ...]] = []
    while len(asked) < steps:
        try:
            asks = moves.send(replies[-1]) if replies else next(moves)
        except StopIteration as end:
            return Played(asked=tuple(asked), result=end.value, replies=tuple(replies))
        if not isinstance(asks, tuple) or not all(isinstance(a, Ask) for a in asks) or not asks:
            raise Broken(
                f"it yields {_told(asks)}", "yield a tuple of one or more Asks at each step"
            )
        asked.append(asks)
        replies.append(tuple(answer(ask) for ask in asks))
    moves.close()
    raise Endless(f"it has not ended after {steps} steps", "end, whatever the answers are")


def _told(asks: object) -> str:
    return "an empty tuple" if asks == () else f"a {type(asks).__name__}"


def same(one: object, other: object) -> bool:
    """Whether two values are the same to the byte, as ids tell them."""
    return canonical(one) == canonical(other)


def silently(act: Callable[[], T]) -> tuple[T, str]:
    """Call *act*; give what it returns and all that it printed."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        got = act()
    return got, said.getvalue()


@contextlib.contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Seed the global generators of Python and, if it is loaded, numpy; put them back afterwards."""
    numpy = sys.modules.get("numpy")
    before, others = random.getstate(), numpy.random.get_state() if numpy else None
    random.seed(seed)
    if numpy:
        numpy.random.seed(seed)
    try:
        yield
    finally:
        random.setstate(before)
        if numpy:
            numpy.random.set_state(others)


def elsewhere(act: Callable[[T], R], given: T) -> R:
    """Call *act* in another process whose sets and dictionaries have another order.

    Args:
        act: A function of a module; imported there by name.
        given: Pickled on its way.

    Raises:
        Broken: If it fails there.
        Untried: If it cannot be sent there.
    """
    try:
        task = pickle.dumps((act, given))
    except (pickle.PicklingError, AttributeError, TypeError) as exc:
        msg = "let options and build_with be of classes and functions that a module holds by name"
        raise Untried(msg) from exc
    got: R = pickle.loads(_elsewhere(task))  # noqa: S301  from ourselves
    return got


@lru_cache(maxsize=1)
def _elsewhere(task: bytes) -> bytes:
    """Do a pickled task; several checks in a row may ask for the same."""
    seed = "1" if os.environ.get("PYTHONHASHSEED") == "0" else "0"
    env = {
        **os.environ,
        "PYTHONHASHSEED": seed,
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
    }
    done = subprocess.run(  # noqa: S603  ourselves
        [sys.executable, "-c", OTHER], input=task, capture_output=True,
        env=env, check=False,
    )  # fmt: skip
    if done.returncode:
        last = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
        seen = f"in another process it fails ({''.join(last).partition(':')[0]})"
        raise Broken(seen, "let it need nothing of the process that made it")
    return done.stdout
