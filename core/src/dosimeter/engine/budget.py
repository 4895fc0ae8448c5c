"""The most a run may spend, over all its sessions."""

import asyncio
import time
from collections.abc import Callable

from attrs import define

from dosimeter.errors import BudgetSpent
from dosimeter.model.stackfile import Budget
from dosimeter.model.work import Cost


@define
class Spent:
    """What tries have cost, those of earlier sessions included."""

    requests: int = 0
    tokens: int = 0
    money: float = 0.0
    seconds: float = 0.0


class Purse:
    """Reserves before a try and settles after it, so that calls in flight cannot overspend."""

    def __init__(
        self, budget: Budget, spent: Spent, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.budget, self.spent = budget, spent
        self._clock = clock
        self._began = clock()
        self._reserved = Cost(requests=0, tokens=0, money=0.0)
        self._changed = asyncio.Event()

    @property
    def seconds(self) -> float:
        """Engine time of all sessions until now."""
        return self.spent.seconds + self._clock() - self._began

    def _over(self, more: Cost, held: Cost) -> str:
        """Name the bound that *more* would break; empty if none."""
        b, s = self.budget, self.spent
        if b.requests is not None and s.requests + held.requests + more.requests > b.requests:
            return f"{b.requests} requests"
        if b.tokens is not None and s.tokens + held.tokens + more.tokens > b.tokens:
            return f"{b.tokens} tokens"
        money = s.money + (held.money or 0.0) + (more.money or 0.0)
        if b.money is not None and money > b.money:
            return f"{b.money} of money"
        minutes = self.seconds / 60
        if b.minutes is not None and minutes >= b.minutes:
            return f"{b.minutes} minutes"
        return ""

    async def reserve(self, cost: Cost) -> None:
        """Set *cost* aside, waiting for calls in flight if their reserves stand in the way.

        Raises:
            BudgetSpent: If what is left does not cover it.
        """
        while True:
            if not self._over(cost, self._reserved):
                self._shift(cost, 1)
                return
            bound = self._over(cost, Cost(requests=0, money=0.0))
            if bound:
                msg = f"the budget of {bound} is spent"
                raise BudgetSpent(msg)
            self._changed.clear()
            await self._changed.wait()

    def settle(self, reserved: Cost, actual: Cost) -> None:
        """Replace a reserve by what was spent."""
        self._shift(reserved, -1)
        self.spent.requests += actual.requests
        self.spent.tokens += actual.tokens
        self.spent.money += actual.money or 0.0
        self._changed.set()

    def correct(self, counted: Cost, actual: Cost) -> None:
        """Replace what was *counted* as spent, when it comes out later what was."""
        self.spent.requests += actual.requests - counted.requests
        self.spent.tokens += actual.tokens - counted.tokens
        self.spent.money += (actual.money or 0.0) - (counted.money or 0.0)
        self._changed.set()

    def _shift(self, cost: Cost, sign: int) -> None:
        held = self._reserved
        self._reserved = Cost(
            requests=held.requests + sign * cost.requests,
            tokens=held.tokens + sign * cost.tokens,
            money=(held.money or 0.0) + sign * (cost.money or 0.0),
        )
