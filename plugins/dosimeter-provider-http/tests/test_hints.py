"""What a run and the page say of a failure."""

import re
from pathlib import Path

import pytest

import dosimeter_provider_http
from dosimeter_provider_http.hooks import dosimeter_model_providers

PACKAGE = Path(dosimeter_provider_http.__file__).parent
PAGE = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
RAISED = sorted({
    code for path in PACKAGE.glob("*.py")
    for code in re.findall(r'code="([a-z-]+)"', path.read_text(encoding="utf-8"))
})  # fmt: skip


@pytest.mark.parametrize("code", RAISED)
def test_each_failure_of_our_own_is_explained(code):
    """On the page, and by a hint where there is something to do."""
    (spec,) = dosimeter_model_providers()

    assert f"`{code}`" in PAGE
    assert code in dict(spec.hints) or code.startswith("unsupported-")


def test_the_page_names_each_code_that_a_run_has_a_hint_for():
    """So that who reads it finds what a run says."""
    (spec,) = dosimeter_model_providers()

    assert [code for code, _ in spec.hints if code != "bad-url" and f"`{code}`" not in PAGE] == []


def test_hints_show_placeholders_as_they_are_written():
    """No option of the stack takes their place: none is named like one."""
    (spec,) = dosimeter_model_providers()
    names = {a.name for a in spec.options.__attrs_attrs__}
    shown = {name for _, hint in spec.hints for name in re.findall(r"\{\{(\w+)\}\}", hint)}

    assert {"messages", "history", "temperature"} <= shown
    assert not shown & names
