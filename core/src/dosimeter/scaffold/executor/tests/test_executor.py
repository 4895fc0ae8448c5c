"""No more attempts are under way than the option says, and none is left out."""

import asyncio

import pytest

from dosimeter import (
    Attempt,
    Cost,
    Credentials,
    Endpoint,
    Intent,
    Item,
    Lease,
    Permit,
    Provenance,
    Role,
    State,
    Variant,
    WorkDone,
    user,
)
from dosimeter_executor_starter.executor import build
from dosimeter_executor_starter.options import StarterOptions

MODEL = Endpoint(id="e", name="echo", provider="simulated", model="echo", identity=())
ITEM = Item(
    id="t/bowl/benign",
    opening=(user("How is a bowl glazed?"),),
    intent=Intent.BENIGN,
    family="t/bowl",
    category="t",
    provenance=Provenance(source="this test", licence="Apache-2.0"),
)


class Driver:
    """Gives leave to everything, and counts what is under way."""

    def __init__(self):
        self.now, self.most, self.ended = 0, 0, []

    async def permit(self, endpoint, estimate, holder):
        self.now += 1
        self.most = max(self.most, self.now)
        await asyncio.sleep(0.01)
        return Permit(id=1, endpoint=endpoint, estimate=Cost(), expires=0.0)

    async def settle(self, permit, outcome):
        self.now -= 1

    async def record(self, done):
        if isinstance(done, WorkDone):
            self.ended.append(done)
        return True

    async def credentials(self, owner):
        return Credentials()


async def leases(n):
    for i in range(n):
        attempt = Attempt(
            id=f"a{i}", item_id=ITEM.id, attack="direct", variant_key="direct", target_id="e",
            repeat=i,
        )  # fmt: skip
        yield Lease(
            attempt=attempt, epoch=1, item=ITEM, variant=Variant(attack="direct", key="direct"),
            endpoints=((Role.TARGET, MODEL),), run_seed=1, rng_seed=1,
        )  # fmt: skip


@pytest.mark.parametrize(("at_once", "most"), [(1, 1), (3, 3), (50, 8)])
def test_so_many_are_under_way(at_once, most):
    """As the option says, or all that there are; each is done, once."""
    driver = Driver()
    asyncio.run(build(StarterOptions(at_once=at_once)).run(leases(8), driver))

    assert driver.most == most
    assert sorted(done.attempt_id for done in driver.ended) == [f"a{i}" for i in range(8)]
    assert {done.state for done in driver.ended} == {State.DONE}
