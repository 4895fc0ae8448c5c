"""What this package promises, by the kit."""

from pathlib import Path

from dosimeter.testing import conformance, specimen
from dosimeter_harm_file import hooks
from dosimeter_harm_file.options import Columns, FileOptions

EXAMPLES = Path(__file__).parents[3] / "docs" / "examples"
OWN = specimen(
    hooks,
    "category:file",
    options=FileOptions(
        path="items.csv",
        folder=str(EXAMPLES),
        columns=Columns(prompt="Question", intent="Label", twin="Pair", id="ID"),
        licence="Apache-2.0",
    ),
)


@conformance(hooks, OWN)
def test_a_promise_is_kept(check):
    """Of the package and its category."""
    check()
