"""The file of items that `plugins new` writes: a slip in it is told with file, line or family, and key."""

from importlib import import_module

import pytest

from dosimeter import NoOptions, PlanError
from dosimeter.cli.new import package

FAMILY = "families.school.late-homework"
SLIPS = {
    "key": ('harmful = "My', 'harmfull = "My',
            rf"items.toml: \[{FAMILY}\] has no harmful, only gravity, goal, harmfull, benign"),
    "quote": ('noticed"', "noticed", r"items.toml is no TOML: .* \(at line 13, column \d+\)"),
    "family": (f"[{FAMILY}]", "[families.late-homework]",
               r"items.toml: \[families.late-homework.gravity\] is no table"),
    "head": ("licence = ", "license = ", "items.toml: the file has no licence, only version, source, license"),
}  # fmt: skip


@pytest.mark.parametrize("slip", SLIPS)
def test_a_slip_in_the_file_is_told_when_the_category_is_built(slip, tmp_path, monkeypatch):
    """`validate` builds it; what items raise later is told by its type alone, as it may quote an item."""
    before, after, told = SLIPS[slip]
    name = f"slip-{slip}"
    for path, data in package("harm", name, "0.1.0").items():
        target = tmp_path / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
    top = f"dosimeter_harm_slip_{slip}"
    file = tmp_path / "src" / top / "items.toml"
    assert before in file.read_text()
    file.write_text(file.read_text().replace(before, after, 1))
    monkeypatch.syspath_prepend(str(tmp_path / "src"))
    items = import_module(f"{top}.items")

    with pytest.raises(PlanError, match=told) as caught:
        items.build(NoOptions())
    assert "homework was due" not in str(caught.value)
    compile((tmp_path / "tests" / "test_items.py").read_text(), "test_items.py", "exec")
    assert "parametrize" not in (tmp_path / "tests" / "test_items.py").read_text()
