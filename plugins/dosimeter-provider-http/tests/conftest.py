"""A loopback server of any form, and a stack with one target of this provider."""

import asyncio
import json
from types import SimpleNamespace

import pytest
from aiohttp import web

from dosimeter import ProviderError, Request, user
from dosimeter.plugins import load
from dosimeter.registry import Registry
from dosimeter.stack import load_stack
from dosimeter_provider_http.options import HttpOptions
from dosimeter_provider_http.provider import build

PROMPT = "marzipan elephants"
QUESTION = Request(conversation=(user(PROMPT),))
USUAL = {"request": '{"q": "{{prompt}}"}', "reply": "a"}
STACK = """
[targets.a]
model = "http/bot"
{}
[[categories]]
id = "physical"
[[raters]]
id = "refusal"
"""


@pytest.fixture
def exchange():
    """Ask a server that gives *answers* in turn, the last for ever; give the reply and what it got."""

    async def once(answers, asked, options, model):
        seen, left = [], list(answers)

        async def handle(http):
            text = await http.text()
            seen.append(
                SimpleNamespace(
                    method=http.method, path=http.raw_path, headers=http.headers.copy(), text=text,
                    body=json.loads(text) if text and http.method != "GET" else None,
                )
            )  # fmt: skip
            answer = left.pop(0) if len(left) > 1 else left[0]
            if callable(answer):
                answer = await answer(http)
            if isinstance(answer, web.StreamResponse):
                return answer
            return web.json_response(answer)

        app = web.Application()
        app.router.add_route("*", "/{any:.*}", handle)
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = site._server.sockets[0].getsockname()[1]
        options["url"] = options.get("url", "http://HERE/chat").replace("HERE", f"127.0.0.1:{port}")
        provider = build(model, HttpOptions(**options))
        try:
            return await provider.generate(asked), seen
        except ProviderError as exc:
            exc.seen = seen
            raise
        finally:
            await provider.aclose()
            await runner.cleanup()

    def go(*answers, asked=QUESTION, model="bot", **options):
        return asyncio.run(once(answers, asked, USUAL | options, model))

    return go


@pytest.fixture
def fault(exchange):
    """Give what is raised instead of a reply; it quotes neither prompt nor answer."""

    def go(*answers, **options):
        with pytest.raises(ProviderError) as caught:
            exchange(*answers, **options)
        told = f"{caught.value!r} {caught.value.__cause__!r} {caught.value.code}"
        assert not [word for word in ("marzipan", "nougat", "sk-key") if word in told]
        return caught.value

    return go


@pytest.fixture(scope="session")
def registry():
    return Registry.of(load())


@pytest.fixture
def loaded(tmp_path, registry):
    """Load a stack whose target has these lines; give it and its secrets."""

    def go(target="", environ=(), **how):
        path = tmp_path / "s.toml"
        path.write_text(STACK.format(target))
        return load_stack(path, registry=registry, environ=dict(environ), **how)

    return go
