"""One try at a model that runs in this process."""

import asyncio
import os
import secrets
import threading
import weakref
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import attrs
import xllamacpp

from dosimeter import Permanent, Reply, Request, Speaker, Transient
from dosimeter.http import chat
from dosimeter_provider_llamacpp import weights
from dosimeter_provider_llamacpp.options import LlamaOptions


class _Engine:
    """A loaded model with a thread a slot. Shared by every endpoint with equal weights."""

    def __init__(self, path: Path, name: str, options: LlamaOptions) -> None:
        params = xllamacpp.CommonParams()
        params.model.path = str(path)
        params.cpuparams.n_threads = options.threads
        params.cpuparams_batch.n_threads = options.threads
        params.n_parallel = options.slots
        params.n_ctx = options.context * options.slots
        params.verbosity = -1
        params.warmup = False
        params.ui = False
        # The runtime opens a loopback port whether or not it is used.
        params.api_keys = [secrets.token_hex(16)]
        try:
            self.server = xllamacpp.Server(params)
        except RuntimeError as exc:
            msg = f"{path.name} could not be loaded as a GGUF model"
            raise Permanent(msg, code="load") from exc
        self.name = name
        self.pid = os.getpid()
        self.pool = ThreadPoolExecutor(options.slots, thread_name_prefix="llamacpp")


Key = tuple[str, int, int, int]
# Weights are loaded once however many endpoints use them; an entry lives as long as its users.
_loaded: weakref.WeakValueDictionary[Key, _Engine] = weakref.WeakValueDictionary()
_loading = threading.Lock()


def _engine(model: str, options: LlamaOptions) -> _Engine:
    path, name = weights.identify(model)
    key = (str(path.resolve()), options.slots, options.context, options.threads)
    with _loading:
        engine = _loaded.get(key)
        if engine is None:
            engine = _Engine(path, name, options)
            _loaded[key] = engine
        return engine


class LlamaProvider:
    """Chats with a GGUF model. Loads it at the first request; the runtime holds Python's lock meanwhile."""

    def __init__(self, model: str, options: LlamaOptions) -> None:
        if options.reproducible:
            options = attrs.evolve(options, slots=1)
        self._model, self._options = model, options
        self._engine: _Engine | None = None
        self._opening: asyncio.Lock | None = None

    async def _open(self) -> _Engine:
        if self._opening is None:
            self._opening = asyncio.Lock()
        async with self._opening:
            if self._engine is None:
                self._engine = await asyncio.to_thread(_engine, self._model, self._options)
        return self._engine

    async def generate(self, request: Request) -> Reply:
        """See `dosimeter.ModelProvider`."""
        if all(m.speaker is Speaker.SYSTEM for m in request.conversation):
            # The runtime would make up an answer to nothing.
            msg = "there is no message to answer"
            raise Permanent(msg, code="empty")
        if request.tools:
            msg = "tools are not offered to models in this process"
            raise Permanent(msg, code="unsupported-tools")
        engine = self._engine or await self._open()
        if engine.pid != os.getpid():
            msg = (
                "this process was forked after the model was loaded, and its threads are gone; "
                'start worker processes with the "spawn" method'
            )
            raise Permanent(msg, code="forked")
        body = chat.body(request, engine.name)
        if self._options.reproducible:
            body["cache_prompt"] = False
        data = await _answer(engine, body)
        if isinstance(data, dict) and "error" in data:
            raise _fault(data["error"])
        if isinstance(data, dict):
            data["model"] = engine.name
        return chat.reply(data)

    async def aclose(self) -> None:
        """Let the model go; it is freed when its last user does."""
        self._engine = None


async def _answer(engine: _Engine, body: dict[str, Any]) -> Any:  # noqa: ANN401  a dict, if all is well
    """Ask the runtime off the event loop.

    Raises:
        Permanent: If it cannot read the request, such as half of a surrogate pair.
    """
    loop, handle = asyncio.get_running_loop(), engine.server.handle_chat_completions
    try:
        return await loop.run_in_executor(engine.pool, handle, body)
    except RuntimeError:  # which quotes the request
        msg = "the runtime cannot read the request"
        raise Permanent(msg, code="unreadable") from None


def _fault(error: object) -> Transient | Permanent:
    """The runtime reports errors as dicts; its messages may quote the prompt, so they are dropped."""
    told = error if isinstance(error, dict) else {}
    code, kind = told.get("code"), str(told.get("type", "unknown"))
    if kind == "exceed_context_size_error":
        msg = (
            f"the conversation has {told.get('n_prompt_tokens', 'too many')} tokens, the model's"
            f" context holds {told.get('n_ctx', 'fewer')}; raise the option context"
        )
        return Permanent(msg, code="context-overflow")
    if isinstance(code, int) and code < 500:
        return Permanent(f"the model refused the request ({kind})", code=f"llamacpp-{kind}")
    return Transient(f"the model failed ({kind})", code=f"llamacpp-{kind}")


def build(model: str, options: LlamaOptions) -> LlamaProvider:
    """Build the provider of one endpoint."""
    return LlamaProvider(model, options)
