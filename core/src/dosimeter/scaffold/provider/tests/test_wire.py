"""What is sent and read is the endpoint's format."""

import asyncio
import sys
from pathlib import Path

import pytest

from dosimeter import Request, Sampling, Stop, Transient, system, user
from dosimeter_provider_starter import wire
from dosimeter_provider_starter.options import StarterOptions
from dosimeter_provider_starter.provider import build

sys.path.insert(0, str(Path(__file__).parent))

from demo import demo

REQUEST = Request(conversation=(system("Be brief."), user("How are quills bent?")), seed=7)


async def asked(address, request):
    provider = build("m", StarterOptions(base_url=f"{address}/"))
    try:
        return await provider.generate(request)
    finally:
        await provider.aclose()


def test_the_demo_endpoint_answers():
    """The whole way: over a socket, and back to a reply with its counts."""
    with demo() as address:
        reply = asyncio.run(asked(address, REQUEST))

    assert reply.text.startswith("First soak the quills")
    assert (reply.stop, reply.model, reply.usage.input) == (Stop.END, "m", 6)


def test_what_is_left_open_is_not_sent():
    """A default that nobody chose would be measured as if somebody had."""
    bare = wire.body(REQUEST, "m", send_seed=False)
    full = Request(conversation=REQUEST.conversation, sampling=Sampling(max_tokens=5), seed=7)

    assert set(bare) == {"model", "turns"}
    sent = wire.body(full, "m", send_seed=True)

    assert (sent["most_tokens"], sent["seed"]) == (5, 7)


def test_a_block_is_a_reply_and_nonsense_is_none():
    """What was blocked is measured, with the words before it; what says nothing is no block."""
    blocked = wire.reply({"text": "", "ended": "filter"})

    silent = wire.reply({"text": "", "ended": "end"})
    cut = wire.reply({"text": "First,", "ended": "filter"})

    assert (blocked.messages, blocked.stop) == ((), Stop.FILTERED)
    assert (silent.messages, silent.stop) == ((), Stop.END)
    assert (cut.text, cut.stop) == ("First,", Stop.FILTERED)
    assert blocked.usage.output is None
    for data in (None, [], {}, {"text": "x"}, {"text": "x", "ended": "lunch"}, {"ended": "end"}):
        with pytest.raises(Transient):
            wire.reply(data)
