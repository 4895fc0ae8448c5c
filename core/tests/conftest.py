"""Plugins made of source text, and registries of them: never what happens to be installed."""

import sys
from importlib.metadata import Distribution, EntryPoint
from pathlib import Path

import pytest
from hypothesis import settings

sys.path.append(str(Path(__file__).parent))

from journals import Made

from dosimeter.plugins import Source, load
from dosimeter.registry import Registry
from dosimeter.sinks import hooks as own_hooks

HEAD = """
from collections.abc import Iterable
from dosimeter import *
from dosimeter import hookimpl, option
import dosimeter
from attrs import frozen
"""


class Planted(Distribution):
    """A distribution as `importlib.metadata` would find it."""

    def __init__(self, name):
        self._name = name

    def read_text(self, filename):
        return f"Metadata-Version: 2.1\nName: {self._name}\nVersion: 1.2\n"

    def locate_file(self, path):
        return Path(path)


@pytest.fixture
def made(tmp_path):
    """Give a journal to write attempts into."""
    one = Made(tmp_path / "runs" / "made" / "journal.sqlite")
    yield one
    one.store.close()


@pytest.fixture
def plant(tmp_path):
    """Write a plugin's module and give its entry point; modules are forgotten afterwards."""
    sys.path.insert(0, str(tmp_path))
    made = []

    def make(name, source, head=HEAD):
        module = f"planted_{name}_{tmp_path.name}".replace("-", "_")
        (tmp_path / f"{module}.py").write_text(head + source)
        made.append(module)
        point = EntryPoint(name, module, "dosimeter")
        vars(point).update(dist=Planted(f"dosimeter-{name}"))
        return point

    yield make
    sys.path.remove(str(tmp_path))
    for module in made:
        sys.modules.pop(module, None)


@pytest.fixture
def registry_of(plant):
    """Build a registry of planted plugins and the core's own sinks."""

    def make(**sources):
        points = [plant(name, source) for name, source in sources.items()]
        own = [("core", own_hooks, Source(distribution="dosimeter", version="0"))]
        return Registry.of(load(points, builtins=own))

    return make


TOY = """
@frozen(kw_only=True)
class Options:
    base: float = option(default=0.0, identity=True, help="Shift of every answer")
    timeout: float = option(default=9.0, operational=True)
    key: str = option(default="", secret=True, env=("TOY_KEY",))

@hookimpl
def dosimeter_model_providers():
    return [ProviderSpec(id="toy", summary="Toy", factory=f"{__name__}:provider", options=Options)]

@hookimpl
def dosimeter_attack_generators():
    return [AttackSpec(id=i, summary="As it is", factory=f"{__name__}:Plain_{i}") for i in ("direct", "again")]

@hookimpl
def dosimeter_harm_scorers():
    scale = Scale(name="refusal", summary="r", kind=ScaleKind.NOMINAL,
                  levels=(Level(value="yes", name="yes"), Level(value="no", name="no")))
    return [ScorerSpec(id="word", summary="Rule", factory=f"{__name__}:scorer", scales=(scale,))]

@hookimpl
def dosimeter_harm_categories():
    rate = Measure(id="under", title="Under", scale="refusal", estimator="rate", threshold="no")
    return [CategorySpec(id="toys", summary="Toys", factory=f"{__name__}:Toys", version="1",
                         panels=(PanelInfo(name="small", summary="20"), PanelInfo(name="huge", summary="200000")),
                         measures=(rate,))]

class Toys:
    walked = 0
    def __init__(self, options): ...
    def items(self, panel):
        for i in range(20 if panel == "small" else 200_000):
            type(self).walked += 1
            yield Item(id=f"toys/{i}", opening=(user(f"question {i}"),), intent=Intent.HARMFUL,
                       family=f"f{i}", category="toys",
                       provenance=Provenance(source="toy", licence="CC0-1.0"))

class Plain_direct:
    name = "direct"
    def __init__(self, options): ...
    def variants(self, item):
        yield Variant(attack=self.name, key="as-is")

class Plain_again(Plain_direct):
    name = "again"

def provider(model, options): ...
def scorer(options): ...
"""


@pytest.fixture
def toy(registry_of):
    """A registry with one of each kind."""
    return registry_of(toy=TOY)


@pytest.fixture
def toy_source():
    """The source of the toy plugin, to plant beside others."""
    return TOY


# A busy machine is no fault of what is tested.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")
