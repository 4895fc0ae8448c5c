"""What the tests of the page share.

Tests marked `browser` want a Chromium, which nothing of ours installs: `apt-get install chromium`, or
name one in `DOSIMETER_CHROMIUM`, then `uv run --all-groups pytest -m browser`. Without one they are
skipped, and the skip says so.
"""

import sys
from pathlib import Path

import pytest

# Not this folder itself, or its `conftest` would go before others'.
sys.path.insert(0, str(Path(__file__).parent / "helpers"))


def pytest_configure(config):
    """Declare the marker here, where it is used."""
    config.addinivalue_line("markers", "browser: opens the page in a Chromium, if there is one")


@pytest.fixture(scope="session")
def chromium(tmp_path_factory):
    """Give a headless browser, or skip."""
    from headless import Chromium, binary

    path = binary()
    if path is None:
        pytest.skip("no chromium found: install it, or name it in DOSIMETER_CHROMIUM")
    browser = Chromium(path, tmp_path_factory.mktemp("profile"))
    yield browser
    browser.close()
