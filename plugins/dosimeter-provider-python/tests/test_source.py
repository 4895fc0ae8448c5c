"""The hash of a function's source: what is in it, and what is not."""

import sys

import pytest

from dosimeter_provider_python.source import enter, source_of


@pytest.fixture
def hashed(tmp_path, monkeypatch):
    """Write files and hash the module `teambot`, in a folder that may be named."""
    monkeypatch.setattr(sys, "path", [*sys.path])

    def go(files, *more, folder="one"):
        home = tmp_path / folder
        for name, text in files.items():
            (home / name).parent.mkdir(parents=True, exist_ok=True)
            (home / name).write_text(text)
        enter(home)
        try:
            return source_of("teambot", home, more)
        finally:
            sys.path.remove(str(home))

    return go


BOT = {"teambot.py": "import helper\ndef f(prompt):\n    import late\n", "helper.py": "import deep.inner", "late.py": "",
       "deep/__init__.py": "", "deep/inner.py": "", "other.py": "", "notes.txt": ""}  # fmt: skip


@pytest.mark.parametrize(
    "name", ["teambot.py", "helper.py", "late.py", "deep/__init__.py", "deep/inner.py"]
)
def test_what_a_module_imports_from_its_folder_counts(hashed, name):
    """However deep, and inside of functions."""
    assert hashed(BOT) != hashed({name: BOT[name] + "\n# other"})


@pytest.mark.parametrize("name", ["other.py", "notes.txt", "deep/data.json"])
def test_what_it_does_not_import_does_not(hashed, name):
    """Nor what is no Python; that is for the option `files`."""
    assert hashed(BOT) == hashed({name: "other"})


def test_the_place_does_not_count(hashed):
    """A clone at another place, even one whose folder has the module's name, hashes alike."""
    assert hashed(BOT) == hashed(BOT, folder="deeper/teambot")


def test_two_files_of_one_name_both_count(hashed):
    """A package within a package of its name hides none of either's files."""
    files = {
        "teambot/__init__.py": "",
        "teambot/a.py": "",
        "teambot/teambot/__init__.py": "",
        "teambot/teambot/a.py": "",
    }
    first = hashed(files)

    assert hashed({"teambot/a.py": "x = 1"}) != first
    assert hashed({"teambot/a.py": "", "teambot/teambot/a.py": "x = 1"}) != first


def test_a_module_that_cannot_be_parsed_is_hashed_all_the_same(hashed):
    """Its import says what is wrong."""
    assert hashed({"teambot.py": "def f(:"}) != hashed({"teambot.py": "def f(::"})


def test_an_installed_function_is_hashed_with_its_package(hashed, tmp_path):
    """Of what that imports, nothing: distributions have versions."""
    (tmp_path / "one").mkdir()

    assert source_of("dosimeter_provider_python", tmp_path / "one", ()) == source_of(
        "dosimeter_provider_python", tmp_path, ()
    )
