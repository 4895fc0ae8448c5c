"""A component as the kit tries it, with what its author gives for that."""

import json
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

import attrs
from attrs import field, frozen

from dosimeter.model.conversation import Pairs, Reply, pairs
from dosimeter.model.design import Item
from dosimeter.model.doing import Ask
from dosimeter.model.rating import Case
from dosimeter.model.specs import NoOptions, Spec
from dosimeter.model.work import Endpoint

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
