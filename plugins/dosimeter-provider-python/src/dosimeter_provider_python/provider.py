"""One try at a function of this process."""

import asyncio
import inspect
import threading
import weakref
from collections.abc import Awaitable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import attrs
from attrs import define, field

from dosimeter import Endpoint, Permanent, ProviderError, Reply, Request, StackError, Transient
from dosimeter_provider_python.find import Found, find, raised_at
from dosimeter_provider_python.options import PythonOptions
from dosimeter_provider_python.result import reply_of
from dosimeter_provider_python.shape import Shape, accepted, shape_of
from dosimeter_provider_python.source import enter, fault, source_of

LONGEST_CODE = 64
AGAIN = (ConnectionError, TimeoutError)
"""What a function raises where another try may go well."""


@define(eq=False)
class Threads:
    """Threads that call one module's functions; endpoints share them, as the module's state is one.

    Attributes:
        key: What they are found by.
        most: How many there are.
        stuck: Calls that were given up and are still at work.
    """

    key: tuple[str, str, int]
    most: int
    pool: ThreadPoolExecutor = field(init=False)
    stuck: set[Future[Any]] = field(factory=set)

    def __attrs_post_init__(self) -> None:
        self.pool = ThreadPoolExecutor(self.most, thread_name_prefix="function")

    async def call(self, found: Found, argument: object, given: dict[str, Any]) -> object:
        """Call a function off the event loop.

        Raises:
            Transient: If every thread is held by a call that was given up.
        """
        if len(self.stuck) >= self.most:
            raise Transient("all threads are held by calls that were given up", code="stuck")
        job = self.pool.submit(_caught, found, argument, given)
        try:
            return await asyncio.wrap_future(job)
        except asyncio.CancelledError:
            if job.running():
                self.stuck.add(job)
                job.add_done_callback(self.stuck.discard)
            raise

    async def aclose(self) -> None:
        """Take no more calls, and wait for those that are at work."""
        with _making:
            if _threads.get(self.key) is self:
                del _threads[self.key]
        await asyncio.to_thread(self.pool.shutdown)


_threads: weakref.WeakValueDictionary[tuple[str, str, int], Threads] = weakref.WeakValueDictionary()
_making = threading.Lock()


def _shared(top: str, options: PythonOptions) -> Threads:
    key = (top, options.folder, options.threads)
    with _making:
        held = _threads.get(key)
        if held is None:
            held = _threads[key] = Threads(key, options.threads)
        return held


class FunctionProvider:
    """Calls a function: async ones on the event loop, others in a thread."""

    def __init__(self, model: str, options: PythonOptions, found: Found, shape: Shape) -> None:
        self._options, self._found, self._shape = options, found, shape
        self._name = f"{model}@{options.source[:12]}"
        self._threads: Threads | None = _shared(found.top, options)
        of_class = type(found.call).__call__ if not inspect.isroutine(found.call) else None
        self._async = inspect.iscoroutinefunction(found.call) or inspect.iscoroutinefunction(
            of_class
        )

    async def generate(self, request: Request) -> Reply:
        """See `dosimeter.ModelProvider`."""
        argument, given = self._shape.arguments(request)
        if self._async:
            result = _caught(self._found, argument, given)
        else:
            assert self._threads is not None
            result = await self._threads.call(self._found, argument, given)
        if inspect.isawaitable(result):
            result = await _awaited(result, self._found.top)
        if isinstance(result, ProviderError):
            raise result
        return reply_of(result, self._options.returns, self._name)

    async def aclose(self) -> None:
        """Wait for calls that are still at work; whoever closes gives up in the end."""
        threads, self._threads = self._threads, None
        if threads is not None:
            await threads.aclose()


def _caught(found: Found, argument: object, given: dict[str, Any]) -> object:
    """Call a function; give, not raise, its failure: a future would pass on what it may quote."""
    try:
        return found.call(argument, **given)
    except BaseException as exc:  # SystemExit too ends no more than this call
        return failure(exc, found.top)


async def _awaited(result: Awaitable[Any], top: str) -> object:
    try:
        return await result
    except (asyncio.CancelledError, GeneratorExit):
        raise
    except BaseException as exc:
        return failure(exc, top)


def failure(exc: BaseException, top: str) -> ProviderError:
    """Make of what a function raised an error that tells type, module and line, and no words of it."""
    if isinstance(exc, ProviderError):
        return exc
    module, line = raised_at(exc, top)
    code = f"raised:{type(exc).__name__}:{module}:{line}"
    if len(code) > LONGEST_CODE:
        code = f"raised:{type(exc).__name__}"[:LONGEST_CODE]
    kind = Transient if isinstance(exc, AGAIN) else Permanent
    return kind(f"the function raised {type(exc).__name__} at {module}:{line}", code=code)


def prepare(endpoint: Endpoint, options: PythonOptions, folder: Path) -> PythonOptions:
    """Find the function of *endpoint*, and put into its options where it is and what its source is.

    Raises:
        StackError: Saying what is wrong, by key of the target's table.
    """
    home = (folder / options.folder).resolve()
    if not home.is_dir():
        raise fault("folder", f"there is no folder {home}")
    found = find(endpoint.model, home, options.import_seconds)
    source = source_of(found.top, home, options.files)
    if options.source and options.source != source:
        raise fault("source", f"the source is {source}, not what the stack says")
    shape = shape_of(found.call, options.takes, endpoint.sampling, endpoint.system_prompt)
    return attrs.evolve(options, folder=str(home), source=source, takes=shape.takes)


def build(model: str, options: PythonOptions) -> FunctionProvider:
    """Build the provider of one endpoint, which `prepare` has seen, maybe in another process.

    Raises:
        Permanent: If the function is not what it was then.
    """
    home = Path(options.folder)
    enter(home)
    try:
        found = find(model, home, options.import_seconds)
        source = source_of(found.top, home, options.files)
    except StackError as exc:
        why = str(exc)
    else:
        if source != options.source:
            raise Permanent("the source changed since the run was planned", code="source-changed")
        shape = Shape(takes=options.takes, accepts=accepted(found.call))
        return FunctionProvider(model, options, found, shape)
    raise Permanent(why, code="load")
