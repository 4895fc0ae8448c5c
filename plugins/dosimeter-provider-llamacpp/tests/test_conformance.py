"""The bundled model keeps what the conformance kit asks of every provider."""

import pytest

from dosimeter.testing import conformance, specimen
from dosimeter_provider_llamacpp import hooks
from dosimeter_provider_llamacpp.options import LlamaOptions
from dosimeter_provider_llamacpp.provider import _engine

pytestmark = pytest.mark.model
REPRODUCIBLE = LlamaOptions(context=256, slots=1, reproducible=True)


@pytest.fixture(scope="module", autouse=True)
def loaded():
    """Keep the model, which would be loaded anew for each provider that is let go."""
    return _engine("bundled", REPRODUCIBLE)


@conformance(hooks, specimen(hooks, "llamacpp", model="bundled", options=REPRODUCIBLE))
def test_it_keeps_its_promises(check):
    """Each check of the kit is a test."""
    check()
