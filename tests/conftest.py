"""A project to run, alone or with strangers' packages beside."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
sys.path.append(str(Path(__file__).parent.parent / "core" / "tests"))  # for `journals`
sys.path.append(str(Path(__file__).parents[1] / "plugins/dosimeter-sink-html/tests"))
sys.path.append(str(Path(__file__).parents[1] / "plugins/dosimeter-sink-html/tests/helpers"))

from project import Project
from strangers import STRANGERS, build_all, build_wheel, install


@pytest.fixture
def project(tmp_path):
    return Project(tmp_path)


@pytest.fixture(scope="session")
def wheels(tmp_path_factory):
    """A folder with a wheel of each of our distributions; `strangers.wheel_of` finds one."""
    return build_all(tmp_path_factory.mktemp("ours"))


@pytest.fixture(scope="session")
def strangers(tmp_path_factory):
    """A folder outside the repository with strangers' packages, for PYTHONPATH."""
    wheels, target = tmp_path_factory.mktemp("wheels"), tmp_path_factory.mktemp("strangers")
    for name in sorted(path.name for path in STRANGERS.iterdir()):
        install(build_wheel(name, wheels), target)
    return target


@pytest.fixture
def outside(project, strangers):
    """A project that finds the strangers' packages."""
    project.env |= {"PYTHONPATH": str(strangers)}
    return project
