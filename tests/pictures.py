"""Take the pictures of the pages: `uv run --all-groups python tests/pictures.py`, with a Chromium there.

They are of docs/examples/simulated.toml, whose targets are no language models.
"""

import base64
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "plugins" / "dosimeter-sink-html" / "tests" / "helpers"))
TOP = "document.querySelector('{}').getBoundingClientRect().top + scrollY"
PICTURES = (
    ("report.png", "body", 1140, 1310, "light"),
    ("validity.png", "#validity", 1140, 1310, "light"),
    ("charts.png", "#charts", 1140, 1330, "light"),
    ("charts-dark.png", "#charts", 420, 1100, "dark"),
)
"""File, what it begins with, width, height, and theme."""


def main() -> None:
    """Run the example and write each picture into docs/."""
    from headless import Chromium, binary

    with tempfile.TemporaryDirectory() as place:
        run = [
            sys.executable,
            "-m",
            "dosimeter",
            "run",
            ROOT / "docs" / "examples" / "simulated.toml",
        ]
        subprocess.run([*run, "--quiet", "--runs-dir", place], cwd=place, check=True)
        browser = Chromium(binary(), Path(place) / "profile")
        for name, begins, width, height, theme in PICTURES:
            browser.size(width)
            browser.media("screen", theme)
            browser.open((Path(place) / "simulated" / "report.html").as_uri())
            clip = {
                "x": 0,
                "y": browser.value(TOP.format(begins)),
                "width": width,
                "height": height,
                "scale": 1,
            }
            taken = browser("Page.captureScreenshot", captureBeyondViewport=True, clip=clip)
            (ROOT / "docs" / name).write_bytes(base64.b64decode(taken["data"]))
        browser.close()


if __name__ == "__main__":
    main()
