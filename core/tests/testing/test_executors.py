"""The core's own executor keeps every promise; what cannot be tried is not called kept."""

import asyncio

import pytest
from broken import executors

from dosimeter import ExecutorSpec
from dosimeter.engine.local import LocalExecutor
from dosimeter.testing import Broken, CheckState, Specimen, checks_of, run
from dosimeter.testing.doors import Trial
from dosimeter.testing.ending import check_cancellation_ends_it

SPEC = ExecutorSpec(
    id="local", summary="A task a lease", factory="dosimeter.engine.local:LocalExecutor"
)
LOCAL = Specimen(
    spec=SPEC, endpoint=executors.TARGET, failing=executors.DOWN,
    build_with=lambda _: LocalExecutor(executors.Workshop()),
)  # fmt: skip


@pytest.mark.parametrize("check", checks_of(LOCAL), ids=lambda check: check.name)
def test_the_executor_of_the_core_keeps_its_promises(check):
    """With providers in memory; with installed ones it is tried by whoever installs them."""
    Trial(check, LOCAL)()


def test_an_executor_without_a_model_is_given_no_work():
    """Its checks are not tried, and say what to give."""
    bare = executors.specimen(endpoint=None, failing=None)
    left = {r.check: r.reason for r in run(bare) if r.state is CheckState.UNTRIED}

    assert "simulated/echo" in left["check_every_lease_is_done_once"]
    assert "broken" in left["check_another_try_is_the_hosts_to_say"]
    assert "check_no_leases_no_work" not in left


def test_an_executor_that_does_not_let_itself_be_cancelled_is_told_so():
    """It is waited for, and not for ever."""

    class Stubborn(executors.Tasks):
        async def run(self, leases, host):
            try:
                await super().run(leases, host)
            except asyncio.CancelledError:
                await asyncio.sleep(4)

    with pytest.raises(Broken, match="or it is cancelled"):
        check_cancellation_ends_it(executors.specimen(Stubborn))
