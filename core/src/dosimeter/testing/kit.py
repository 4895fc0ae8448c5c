"""The frame of the conformance kit: what is checked, how it is tried, and what came of it."""

import asyncio
import json
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

import attrs
from attrs import field, frozen

from dosimeter.bounded import Timeout, within
from dosimeter.errors import raised_at
from dosimeter.model.conversation import Pairs, Reply, pairs
from dosimeter.model.design import Item
from dosimeter.model.doing import Ask
from dosimeter.model.rating import Case
from dosimeter.model.specs import NoOptions, Spec
from dosimeter.model.work import Endpoint
from dosimeter.nearest import nearest

VERSION = "1.0"
"""Of the kit. A check that is added raises the number after the point, one that asks more the one before."""
SECONDS = 60.0
"""After which a check that has not ended counts as broken."""
PACKAGE = "package"
NOWHERE = "http://127.0.0.1:9"
"""Where no provider is ever asked: for options that need an address."""
SECRET = "kit-secret-8e1f"
"""Stands in secret options; an option that takes no plain word is given one with this in it."""
S = TypeVar("S", bound=Spec)


class Broken(AssertionError):
    """A promise is not kept.

    Attributes:
        seen: What was seen instead.
        todo: What to do about it.
    """

    def __init__(self, seen: str, todo: str) -> None:
        super().__init__(f"{seen}. To do: {todo}")
        self.seen, self.todo = seen, todo


class Untried(Exception):
    """A check lacks what it needs; the message says what to give. Never a promise kept."""


class CheckState(StrEnum):
    """What came of a check."""

    KEPT = "kept"
    BROKEN = "broken"
    WAIVED = "waived"
    EXPIRED = "expired"
    UNTRIED = "not tried"


def _waivers(given: Mapping[str, str] | Pairs) -> Pairs:
    return pairs(given.items() if isinstance(given, Mapping) else given)


def _bodies(given: Mapping[str, object]) -> tuple[tuple[str, bytes], ...]:
    """Give what is answered by path, in bytes."""
    made = given.items() if isinstance(given, Mapping) else given
    return tuple((k, v if isinstance(v, bytes) else json.dumps(v).encode()) for k, v in made)


@frozen(kw_only=True)
class Specimen:
    """A component, or a whole package, and how to try it.

    Attributes:
        spec: None for the package itself.
        hooks: Name of the module with the hooks, as its entry point has it.
        options: What the factory is called with; None takes the defaults.
        model: Of a provider: a name it can be asked under. Empty: it is asked nothing.
        served: Of a provider over HTTP: gives its options for the address of a server.
        says: Of a provider over HTTP: gives the body of a good answer that says a text.
        also: Of a provider over HTTP that asks more than its question, such as a login before it: what is
            answered at other paths, such as ``{"/session": {"token": "t"}}``; bytes, or what JSON can hold.
        stream: Of a provider over HTTP: whether that body is a stream of events, one a line, of which the
            last says that the answer is whole.
        items: Of an attack: items to put besides the kit's own.
        cases: Of a rater: what it can rate, besides the kit's own.
        answer: Of a judge or a search: how its questions are answered; None takes the kit's answers.
        endpoint: Of an executor: a model to work with, that answers at once and needs no network, such
            as ``simulated/echo``. None: it is given no work.
        failing: Of an executor: one whose every try fails and is worth another.
        attack: Of an executor: a framing that is installed where it works.
        waivers: Name of a check and the reason why its promise is not kept; a mapping will do.
        build_with: In place of the factory that the spec names, such as a class of a test.
    """

    spec: Spec | None = None
    hooks: str = ""
    options: attrs.AttrsInstance | None = None
    model: str = ""
    served: Callable[[str], attrs.AttrsInstance] | None = None
    says: Callable[[str], bytes] | None = None
    also: tuple[tuple[str, bytes], ...] = field(default=(), converter=_bodies)
    stream: bool = False
    items: tuple[Item, ...] = field(default=(), repr=False)
    cases: tuple[Case, ...] = field(default=(), repr=False)
    answer: Callable[[Ask], Reply] | None = None
    endpoint: Endpoint | None = None
    failing: Endpoint | None = None
    attack: str = "direct"
    waivers: Pairs = field(default=(), converter=_waivers)
    build_with: Callable[..., Any] | None = None

    @property
    def kind(self) -> str:
        """As `dosimeter plugins list` calls it, or ``"package"``."""
        return PACKAGE if self.spec is None else self.spec.kind

    @property
    def name(self) -> str:
        """Kind and id, such as ``"category:fraud"``."""
        top = self.hooks.partition(".")[0]
        return f"{self.kind}:{top if self.spec is None else self.spec.id}"

    def of(self, cls: type[S]) -> S:
        """Give the spec, typed."""
        assert isinstance(self.spec, cls)
        return self.spec

    def settings(self) -> attrs.AttrsInstance:
        """Give the options that it is built with.

        Raises:
            Untried: If one has no default and none were given.
        """
        cls = getattr(self.spec, "options", NoOptions)
        if self.options is not None:
            return self.options
        if self.served is not None:
            return self.served(NOWHERE)
        lacking = [a.name for a in attrs.fields(cls) if a.default is attrs.NOTHING]
        if lacking:
            msg = f"give the options {', '.join(lacking)}"
            raise Untried(msg)
        made: attrs.AttrsInstance = cls()
        return made

    def factory(self) -> Callable[..., Any]:
        """Import the factory.

        Raises:
            Broken: If it cannot be imported.
        """
        if self.build_with is not None:
            return self.build_with
        assert self.spec is not None
        module, _, attr = self.spec.factory.partition(":")
        try:
            found: Callable[..., Any] = getattr(import_module(module), attr)
        except (ImportError, AttributeError, SyntaxError) as exc:
            seen = f"factory {self.spec.factory!r} cannot be imported ({type(exc).__name__}: {exc})"
            raise Broken(seen, 'name it "module:attr", and declare what it imports') from exc
        return found

    def build(self, options: attrs.AttrsInstance | None = None) -> Any:  # noqa: ANN401  what it is, its kind says
        """Build the component as the engine does; anew each time.

        Raises:
            Untried: If it is a provider and has no model to be asked under.
        """
        given = self.settings() if options is None else options
        if self.kind == "command":
            return self.factory()()
        if self.kind != "provider":
            return self.factory()(self._prepared(given))
        if not self.model:
            msg = "name a model that it can be asked under"
            raise Untried(msg)
        endpoint = Endpoint(id="", name="kit", provider=self.name, model=self.model)
        return self.factory()(self.model, self._prepared(endpoint, given))

    def _prepared(self, *args: object) -> object:
        """Complete the options, which stand last, as a stack that is read does."""
        path = getattr(self.spec, "prepare", "")
        if not path or self.build_with is not None:
            return args[-1]
        module, _, attr = path.partition(":")
        return getattr(import_module(module), attr)(*args, Path.cwd())


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


def specimens(hooks: ModuleType) -> Iterator[Specimen]:
    """Give the package of a module of hooks, then every component that it declares.

    The core, which has hooks of its own, is no package of a plugin.
    """
    if hooks.__name__.partition(".")[0] != "dosimeter":
        yield Specimen(hooks=hooks.__name__)
    for name, hook in sorted(vars(hooks).items()):
        if name.startswith("dosimeter_") and callable(hook):
            for spec in hook():
                yield Specimen(spec=spec, hooks=hooks.__name__)
