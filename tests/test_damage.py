"""Commands that write: a damaged journal is said to be one, and nothing is made of it."""

import shutil

import pytest

DAMAGE = {
    "in the middle": lambda raw: raw[:5000] + b"\xff" * 40000 + raw[45000:],
    "cut short": lambda raw: raw[:40000],
}
EDITED = {
    "a text is no UTF-8": "UPDATE run SET value = CAST(x'ff' AS TEXT) WHERE key = 'name'",
    "a rating has no subject, or no rater": "UPDATE rating SET subject = 99",
}


@pytest.fixture
def two(project):
    """A run and a copy of it."""
    project.write(attacks='["direct"]').run("--limit", 2)
    shutil.copytree(project.folder("t-limit-2"), project.folder("copy"))
    return project


def commands(project):
    yield project.call("runs", "merge", "copy", "t-limit-2", "-o", "m")
    yield project.call("runs", "merge", "t-limit-2", "copy", "-o", "m")
    yield project.call("run", "stack.toml", "--limit", "2", "--quiet")
    yield project.call("runs", "purge", "t-limit-2", "--yes")


def told(done, what):
    """Whether a command said what is the matter with which file, and that it is no defect."""
    where = "runs/t-limit-2/journal.sqlite is damaged ("
    return done.returncode == 2 and where in done.stderr and what in done.stderr


@pytest.mark.parametrize("what", DAMAGE)
def test_a_damaged_file_is_named_by_every_command_that_writes(two, what):
    """With what is wrong, whichever journal of a merge it is: by its sum, or without one by SQLite."""
    journal = two.folder("t-limit-2") / "journal.sqlite"
    journal.write_bytes(DAMAGE[what](journal.read_bytes()))
    for done in commands(two):
        assert told(done, "not as dosimeter left it"), done.stderr
    journal.with_name("journal.sqlite.sum").unlink()
    for done in commands(two):
        assert told(done, "malformed"), done.stderr
    assert not (two.folder("m") / "journal.sqlite").exists()


@pytest.mark.parametrize("what", EDITED)
def test_so_is_one_whose_rows_are_not_sound(two, what):
    """Nothing is united or deleted where something would be left out without a word."""
    two.edit(EDITED[what], name="t-limit-2")
    for done in commands(two):
        assert told(done, what), done.stderr
    assert two.rows("SELECT count(*) FROM blob WHERE codec = 'purged'", "t-limit-2") == [(0,)]


@pytest.mark.parametrize(
    ("what", "edit"),
    [
        ("a message has no parent", "DELETE FROM message WHERE k = 1"),
        ("its table evidence is not as it should be", "ALTER TABLE evidence RENAME TO other"),
    ],
)
def test_what_is_lacking_is_no_defect(two, what, edit):
    """It was a KeyError, or bare words of SQLite."""
    two.edit(edit, name="t-limit-2")
    done = two.call("runs", "merge", "copy", "t-limit-2", "-o", "m")

    assert told(done, what), done.stderr
