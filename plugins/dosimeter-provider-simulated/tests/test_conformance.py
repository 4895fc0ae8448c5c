"""The simulated model and the replay keep what the conformance kit asks of every provider."""

import csv
import tempfile
from pathlib import Path

from dosimeter.testing import conformance, specimen
from dosimeter.testing.calling import PLAIN, WORDS, worded
from dosimeter_provider_simulated import hooks
from dosimeter_provider_simulated.options import ReplayOptions, SimulatedOptions

FOLDER = tempfile.TemporaryDirectory()
RECORD = Path(FOLDER.name) / "record.csv"
with RECORD.open("w", encoding="utf-8", newline="") as file:
    rows = csv.writer(file)
    rows.writerow(("prompt", "reply"))
    for asked in (PLAIN, *map(worded, range(len(WORDS)))):
        prompt = asked.conversation[-1].text
        rows.writerows((prompt, f"{prompt} {n}") for n in range(3))


@conformance(
    hooks,
    specimen(hooks, "simulated", model="graded", options=SimulatedOptions(latency=0.02)),
    specimen(hooks, "replay", model="record", options=ReplayOptions(path=str(RECORD))),
)
def test_they_keep_their_promises(check):
    """Each check of the kit is a test."""
    check()
