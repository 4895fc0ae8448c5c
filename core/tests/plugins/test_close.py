"""Providers at their end."""

import asyncio

from dosimeter import workshop
from dosimeter.workshop import InstalledWorkshop


class Provider:
    """Does *what* at its end, and says when it was asked."""

    def __init__(self, what, closed):
        self.what, self.closed = what, closed

    async def aclose(self):
        self.closed.append(self)
        await self.what()


async def hang():
    await asyncio.sleep(3600)


async def fail():
    raise RuntimeError("a socket")


async def cancel():
    raise asyncio.CancelledError


async def leave():
    raise SystemExit(3)


async def interrupt():
    raise KeyboardInterrupt


async def quote():
    try:
        await asyncio.sleep(3600)
    finally:
        raise RuntimeError("quotes a prompt")


async def nothing(): ...


class Sync:
    """Its method is no coroutine, whatever the contract says."""

    def __init__(self, closed):
        self.closed = closed

    def aclose(self):
        self.closed.append(self)


def test_a_provider_that_hangs_or_fails_at_its_end_keeps_no_other_from_it(monkeypatch, caplog):
    """The run goes on to its report."""
    monkeypatch.setattr(workshop, "CLOSE_SECONDS", 0.05)
    closed, faults = [], []
    monkeypatch.setattr(workshop, "log_fault", lambda exc, who: faults.append((who, type(exc))))
    shop = InstalledWorkshop(None, None)
    shop._providers = {
        "hang": Provider(hang, closed),
        "fail": Provider(fail, closed),
        "cancel": Provider(cancel, closed),
        "leave": Provider(leave, closed),
        "interrupt": Provider(interrupt, closed),
        "quote": Provider(quote, closed),
        "sync": Sync(closed),
        "good": Provider(nothing, closed),
    }

    released = asyncio.run(asyncio.wait_for(shop.aclose(), 5))

    assert not released
    assert len(closed) == len(shop._providers)
    assert dict(faults) == {
        "hang": TimeoutError, "fail": RuntimeError, "cancel": asyncio.CancelledError, "leave": SystemExit,
        "interrupt": KeyboardInterrupt, "quote": TimeoutError, "sync": TypeError,
    }  # fmt: skip
    assert not caplog.text


def test_providers_that_are_released_say_so():
    """Nothing of them outlives the run."""
    shop = InstalledWorkshop(None, None)
    shop._providers = {"good": Provider(nothing, []), "fail": Provider(fail, [])}

    assert asyncio.run(shop.aclose())
