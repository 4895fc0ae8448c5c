"""What tries are charged: as the endpoint says, and what was set aside where it says nothing."""

from collections.abc import Iterable, Mapping

from attrs import frozen

from dosimeter.http import broke_off
from dosimeter.model.work import Cost, Endpoint, Price, Try

GIVEN_UP = frozenset({"timeout", "cancelled"})
"""Tries that the endpoint may have answered all the same, as it may those that broke off."""


@frozen
class Charges:
    """Charges by the prices of models.

    Attributes:
        prices: By ``provider/model``.
    """

    prices: Mapping[str, Price]

    @classmethod
    def by(cls, prices: Iterable[Price]) -> "Charges":
        """Charge by *prices*."""
        return cls({p.model: p for p in prices})

    def _price(self, endpoint: Endpoint) -> Price | None:
        return self.prices.get(f"{endpoint.provider}/{endpoint.model}")

    def most(self, endpoint: Endpoint, cost: Cost) -> Cost:
        """Give *cost* with the most that its tokens can cost in money."""
        price = self._price(endpoint)
        if price is None:
            return cost
        money = cost.tokens * max(price.input, price.output) / 1e6
        return Cost(requests=cost.requests, tokens=cost.tokens, money=money)

    def spent(self, endpoint: Endpoint, estimate: Cost, outcome: Try) -> Cost:
        """Give what a try cost: what was not said was not nothing, unless it failed before an answer."""
        told = outcome.tokens_in is not None or outcome.tokens_out is not None
        billed = outcome.status in GIVEN_UP or broke_off(outcome.status)
        if outcome.failure and not told and not billed:
            return Cost(requests=1, tokens=0, money=0.0)
        t_in, t_out = outcome.tokens_in or 0, outcome.tokens_out or 0
        price = self._price(endpoint)
        money = None if price is None else (t_in * price.input + t_out * price.output) / 1e6
        spent = Cost(requests=1, tokens=t_in + t_out, money=money)
        whole = outcome.tokens_in is not None and outcome.tokens_out is not None
        if whole or (outcome.failure and not billed):
            return spent
        return Cost(
            requests=1,
            tokens=max(spent.tokens, estimate.tokens),
            money=None if money is None else max(money, estimate.money or 0.0),
        )
