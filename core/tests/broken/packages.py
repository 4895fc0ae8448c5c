"""An installed distribution that keeps every promise, and what breaks just one."""

from pathlib import Path

METADATA = """\
Metadata-Version: 2.4
Name: {name}
Version: 1.0
Summary: {summary}
License-Expression: MIT
License-File: LICENSE
Requires-Python: >=3.11
Requires-Dist: dosimeter<0.2,>=0.1
Requires-Dist: attrs

{readme}
"""
HOOKS = """\
from attrs import frozen

from dosimeter import ScorerSpec, hookimpl
{imports}

@hookimpl
def dosimeter_harm_scorers():
    return []
"""
BREAKS = {
    "check_entry_point_names_the_hooks": {"entry": "{top}"},
    "check_name_says_what_it_brings": {"name": "pots"},
    "check_core_is_a_range": {
        "drop": "Requires-Dist: dosimeter<0.2,>=0.1\n",
        "add": "dosimeter==0.1.0",
    },
    "check_python_is_named": {"drop": "Requires-Python: >=3.11\n"},
    "check_licence_is_named": {"drop": "License-File: LICENSE\n"},
    "check_readme_comes_with_it": {"readme": ""},
    "check_types_are_marked": {"typed": False},
    "check_hooks_are_hooks": {"imports": "def dosimeter_harm_scorer(): return []"},
    "check_hooks_declare_the_same_twice": {
        "imports": (
            "n = []\n@hookimpl\ndef dosimeter_executors():\n    n.append(1)\n    return list(n)\n"
        )
    },
    "check_hooks_import_nothing_heavy": {"imports": "import numpy", "add": "numpy"},
    "check_requirements_are_declared": {"imports": "def later():\n    import structlog"},
    "check_nothing_is_left_of_the_example": {"readme": "It is an example to start from: see."},
    "check_only_the_public_face_is_used": {"imports": "from dosimeter.numbers import as_digits"},
}
"""By the name of a check: how a distribution is made that breaks its promise and no other."""


def install(
    folder: Path, top: str, *, name="dosimeter-scorer-{}", entry="{top}.hooks", drop="", add="",
    readme="What it does.", typed=True, imports="", summary="Pots", goal="spoil a bowl",
):  # fmt: skip
    """Write an installed distribution into *folder*; give the name of its hooks' module."""
    package = folder / top
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    if typed:
        (package / "py.typed").touch()
    (package / "items.toml").write_text(f"[families.pots.one]\ngoal = {goal!r}\n")
    (package / "hooks.py").write_text(HOOKS.format(imports=imports))
    info = folder / f"{top}-1.0.dist-info"
    info.mkdir()
    called = name.format(top.replace("_", "-"))
    text = METADATA.format(name=called, readme=readme, summary=summary).replace(drop, "") if drop else (
        METADATA.format(name=called, readme=readme, summary=summary)
    )  # fmt: skip
    if add:
        text = text.replace("Requires-Dist: attrs", f"Requires-Dist: attrs\nRequires-Dist: {add}")
    (info / "METADATA").write_text(text)
    (info / "entry_points.txt").write_text(f"[dosimeter]\npots = {entry.format(top=top)}\n")
    return f"{top}.hooks"
