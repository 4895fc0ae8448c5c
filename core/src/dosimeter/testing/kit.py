"""The frame of the conformance kit: what is checked, how it is tried, and what came of it."""

import asyncio
import threading
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum

import attrs
from attrs import frozen

from dosimeter.bounded import Timeout, within
from dosimeter.errors import raised_at
from dosimeter.nearest import nearest
from dosimeter.testing.component import Broken, Specimen, Untried

VERSION = "1.0"
"""Of the kit. A check that is added raises the number after the point, one that asks more the one before."""
SECONDS = 60.0
"""After which a check that has not ended counts as broken."""


class CheckState(StrEnum):
    """What came of a check."""

    KEPT = "kept"
    BROKEN = "broken"
    WAIVED = "waived"
    EXPIRED = "expired"
    UNTRIED = "not tried"


def _always(_: Specimen) -> str:
    return ""


@frozen(kw_only=True)
class Check:
    """One promise, as a function that raises `Broken`.

    Attributes:
        kinds: Of components that make the promise.
        promise: In a sentence.
        since: Version of the kit that brought it.
        unless: Says why it does not apply to a specimen, by what that declares; empty if it does.
        act: Tries it; gives what it counted, as words, if it counts anything.
    """

    name: str
    kinds: frozenset[str]
    promise: str
    since: str
    unless: Callable[[Specimen], str]
    act: Callable[[Specimen], str | None]

    def applies(self, specimen: Specimen) -> bool:
        """Say whether *specimen* makes this promise."""
        return specimen.kind in self.kinds and not self.unless(specimen)

    def __call__(self, specimen: Specimen, *, seconds: float = SECONDS) -> str:
        """Try it, for so many *seconds* at most; give what was counted, as words.

        Raises:
            Broken: If the promise is not kept.
            Untried: If something is lacking.
        """
        try:
            return _bounded(lambda: self.act(specimen), seconds) or ""
        except (Broken, Untried, KeyboardInterrupt):
            raise
        except BaseException as exc:
            seen = f"it raised {type(exc).__name__} {raised_at(exc)}"
            raise Broken(seen, "let it take what the check gives it") from exc


def promise(
    *kinds: str, unless: Callable[[Specimen], str] = _always, since: str = VERSION
) -> Callable[[Callable[[Specimen], str | None]], Check]:
    """Make a check of a function: its name is the check's, its docstring the promise."""

    def made(act: Callable[[Specimen], str | None]) -> Check:
        said = " ".join((act.__doc__ or "").split())
        return Check(
            name=act.__name__, kinds=frozenset(kinds), promise=said, since=since, unless=unless,
            act=act,
        )  # fmt: skip

    return made


def checks_in(names: Mapping[str, object]) -> tuple[Check, ...]:
    """Give the checks among the names of a module, in their order."""
    return tuple(one for one in names.values() if isinstance(one, Check))


def _bounded(act: Callable[[], str | None], seconds: float) -> str | None:
    """Call *act*; in the main thread, as only there a regular expression can be interrupted.

    Raises:
        Broken: If it has not ended in time.
    """
    try:
        if threading.current_thread() is not threading.main_thread() or _in_a_loop():
            return _aside(act, seconds)
        with within(seconds):
            return act()
    except Timeout:
        seen = f"it had not ended after {seconds:g} seconds"
        raise Broken(seen, "find what waits, or goes on for ever") from None


def _in_a_loop() -> bool:
    """Say whether an event loop runs in this thread: checks run loops of their own."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def _aside(act: Callable[[], str | None], seconds: float) -> str | None:
    """Call *act* in a thread of its own, which is left behind if it does not end.

    Raises:
        Timeout: If it has not ended in time.
    """
    got: list[str | None] = []
    faults: list[BaseException] = []

    def work() -> None:
        try:
            got.append(act())
        except BaseException as exc:
            faults.append(exc)

    thread = threading.Thread(target=work, name="check", daemon=True)
    thread.start()
    thread.join(seconds)
    if faults:
        raise faults[0]
    if not got:
        raise Timeout
    return got[0]


@frozen(kw_only=True)
class Result:
    """What came of one check of one specimen.

    Attributes:
        counted: What it counted, kept or not.
        reason: Of the waiver, or what is lacking.
    """

    check: str
    component: str
    promise: str
    state: CheckState
    seen: str = ""
    todo: str = ""
    counted: str = ""
    reason: str = ""

    @property
    def good(self) -> bool:
        """Whether nothing has to be done."""
        return self.state not in {CheckState.BROKEN, CheckState.EXPIRED}

    def __str__(self) -> str:
        """Give the promise, what was seen and what to do."""
        head = f"{self.component} {self.check}: {self.state}"
        match self.state:
            case CheckState.BROKEN | CheckState.EXPIRED:
                return f"{head}\n  Promise: {self.promise}\n  Seen: {self.seen}.\n  To do: {self.todo}."
            case CheckState.WAIVED | CheckState.UNTRIED:
                return f"{head} ({self.reason})"
            case _:
                return f"{head}{f' ({self.counted})' if self.counted else ''}"

    def as_json(self) -> dict[str, str]:
        """Give all that there is, for machines."""
        return {k: str(v) for k, v in attrs.asdict(self).items() if v}


def tried(check: Check, specimen: Specimen, *, seconds: float = SECONDS) -> Result:
    """Try one check, and hold it against the specimen's waivers."""
    why = dict(specimen.waivers).get(check.name, "")
    made = {"check": check.name, "component": specimen.name, "promise": check.promise}
    try:
        counted = check(specimen, seconds=seconds)
    except Untried as exc:
        return Result(**made, state=CheckState.UNTRIED, reason=str(exc))
    except Broken as exc:
        state = CheckState.WAIVED if why else CheckState.BROKEN
        return Result(**made, state=state, seen=exc.seen, todo=exc.todo, reason=why)
    if why:
        seen, todo = "the promise is kept now", "delete the waiver"
        return Result(**made, state=CheckState.EXPIRED, seen=seen, todo=todo, reason=why)
    return Result(**made, state=CheckState.KEPT, counted=counted)


def check_waivers(specimen: Specimen, known: Iterable[Check]) -> None:
    """Refuse a waiver of nothing, and one without a reason.

    Raises:
        ValueError: Naming it.
    """
    names = [c.name for c in known if c.applies(specimen)]
    for name, reason in specimen.waivers:
        if name not in names:
            msg = f"{specimen.name}: a waiver of {name!r}; {nearest(name, names, there='checks:')}"
            raise ValueError(msg)
        if not reason.strip():
            msg = f"{specimen.name}: the waiver of {name!r} needs a reason"
            raise ValueError(msg)
