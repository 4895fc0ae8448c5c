"""Hooks of dosimeter-harm-file."""

from dosimeter import CategorySpec, hookimpl
from dosimeter_harm_file.spec import SPEC


@hookimpl
def dosimeter_harm_categories() -> list[CategorySpec]:
    """Declare the category."""
    return [SPEC]
