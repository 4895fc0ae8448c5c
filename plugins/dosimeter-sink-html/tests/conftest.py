"""What the tests of the page share."""

import sys
from pathlib import Path

# Not this folder itself: tests elsewhere import a `conftest` of their own by that name.
sys.path.insert(0, str(Path(__file__).parent / "helpers"))
