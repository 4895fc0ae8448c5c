"""The command line among other programs: terminals, pipes, streams, completion."""

import contextlib
import os
import pty
import re
import subprocess
import sys
import termios
from pathlib import Path

import pytest
from ledger import Ledger
from project import ALWAYS, GATE, NEVER, remote, simulated

SLOW = simulated("latency = 0.4\n")


def on_terminal(project, columns, *args, tables=False, **env):
    """Run with standard error on a terminal of so many columns; give what stands there.

    With *tables*, standard output goes there too.
    """
    master, slave = pty.openpty()
    termios.tcsetwinsize(slave, (24, columns))
    done = subprocess.Popen(
        project.command(*args), cwd=project.path, env=project.env | env, stderr=slave,
        stdout=slave if tables else subprocess.DEVNULL, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(slave)
    told = b""
    with contextlib.suppress(OSError):  # how a terminal says that nobody writes to it any more
        while piece := os.read(master, 4096):
            told += piece
    os.close(master)
    assert done.wait() == 0
    return told.decode()


@pytest.mark.parametrize("columns", [40, 80])
def test_the_progress_line_fits_the_terminal(project, columns):
    """A line that broke could not be written over."""
    project.write(SLOW, attacks='["direct"]')
    told = on_terminal(project, columns, "run", "stack.toml", "--max-connections", "8")
    lines = [line.removeprefix("\x1b[2K") for line in re.split(r"[\r\n]+", told)]

    assert any(line.startswith("32/32 attempts") for line in lines)
    assert max(map(len, lines)) < columns


COLOUR = re.compile(r"\x1b\[(?:\d+;)*(?:3\d|4\d|9\d|10\d)[\d;]*m")
"""Bold is none."""


def test_in_a_log_a_slow_first_answer_is_waited_for_in_words(project):
    """Else a model that loads would look like a run that hangs, as the next line is due in 10 s."""
    with Ledger(latency=2.0) as server:
        project.write(remote(server.url), attacks='["direct"]')
        done = project.call("run", "stack.toml", "--limit", 1, check=0)
    waits = [line for line in done.stderr.splitlines() if "the first answer of remote" in line]

    assert len(waits) == 1
    assert waits[0].startswith("0/")


def test_no_color_leaves_log_progress_and_tables_without_colour(project):
    """Whatever it is set to; without it the log of a terminal is coloured."""
    project.write(SLOW, attacks='["direct"]').env.pop("NO_COLOR", None)
    run = ("--log-level", "info", "run", "stack.toml", "--limit")
    plain = on_terminal(project, 100, *run, "1", tables=True, TERM="xterm-256color", NO_COLOR="1")
    coloured = on_terminal(project, 100, *run, "2", TERM="xterm-256color", NO_COLOR="")

    assert "attempts, " in plain
    assert "[info" in plain
    assert "families" in plain
    assert COLOUR.findall(plain) == []
    assert COLOUR.findall(coloured)


def test_a_pipe_is_as_wide_as_columns_says(project):
    """Without COLUMNS a row is one line; with it no line is wider."""
    project.write(attacks='["direct"]').run()
    wide = project.call("report", "t", COLUMNS="").stdout
    narrow = project.call("report", "t", COLUMNS="70").stdout

    assert "direct  known" in wide
    assert max(map(len, narrow.splitlines())) <= 70 < max(map(len, wide.splitlines()))


def completed(project, words, **env):
    """What bash would offer for the last of *words*, as (type, value)."""
    done = project.call(
        _DOSIMETER_COMPLETE="bash_complete", COMP_WORDS=f"dosimeter {words}",
        COMP_CWORD=str(len(words.split(" "))), **env,
    )  # fmt: skip
    assert done.stderr == ""
    return [tuple(line.split(",", 1)) for line in done.stdout.split()]


def test_shell_completion_lists_the_commands(project):
    """As click's completion scripts ask for it."""
    assert completed(project, "pl") == [("plain", "plan"), ("plain", "plugins")]


def test_shell_completion_knows_runs_stacks_and_components(project):
    """Each argument offers what it can be; runs already given are not offered again."""
    project.write()
    (project.path / "deep").mkdir()
    (project.path / "deep" / "one.toml").touch()
    (project.path / "notes.txt").touch()
    for name in ("first", "second"):
        project.folder(name).mkdir(parents=True)
        (project.folder(name) / "journal.sqlite").touch()
    (project.path / "runs" / "no-run").mkdir()
    both = [("plain", "first"), ("plain", "second")]

    for command in ("report ", "score ", "runs show ", "runs diff ", "runs export ", "runs seal ",
                    "runs purge ", "runs merge "):  # fmt: skip
        assert completed(project, command) == both
    assert completed(project, "runs merge first ") == both[1:]
    assert completed(project, "report --runs-dir elsewhere ") == []
    assert completed(project, "report runs/f") == [("file", "runs/f")]
    for command in ("run ", "validate ", "plan "):
        assert completed(project, command) == [("dir", ""), ("plain", "stack.toml")]
    assert completed(project, "run deep/") == [("plain", "deep/one.toml")]
    assert ("plain", "refusal") in completed(project, "plugins info re")
    assert completed(project, "score first --rater act") == [("plain", "actionability")]


def test_a_reader_that_goes_away_is_no_error(project):
    """`dosimeter schema | head -1` ends quietly."""
    done = subprocess.run(
        f"{sys.executable} -m dosimeter schema | head -1", shell=True, cwd=project.path, env=project.env,
        capture_output=True, text=True,
    )  # fmt: skip

    assert done.stdout.strip() == "{"
    assert done.stderr == ""


def test_a_reader_that_hangs_up_is_no_failed_gate(project):
    """A closed pipe ends with 141, as shells count it: neither pass nor fail."""
    project.write().run()
    command = f"{sys.executable} -m dosimeter report t --json | true; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(
        ["bash", "-c", command], cwd=project.path, env=project.env, capture_output=True
    )

    assert done.returncode == 141
    assert done.stderr == b""


def test_closed_streams_break_nothing(project):
    """A caller without standard error or output, such as a scheduler, gets the exit code alone."""
    project.write().run("--limit", 2)
    program = f"{sys.executable} -m dosimeter"
    for command in (
        "run stack.toml --limit 2 2>&- >&-",
        "run stack.toml --limit 2 <&- 2>&-",
        "--help >&-",
    ):
        done = subprocess.run(
            f"{program} {command}", shell=True, cwd=project.path, env=project.env,
            capture_output=True, text=True,
        )  # fmt: skip
        assert done.returncode == 0, f"{command}: {done.stderr}"
    assert project.rows("PRAGMA integrity_check", "t-limit-2") == [("ok",)]


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_output_that_knows_few_letters_ends_no_command(project, encoding):
    """Rules are in ASCII, other letters are told by number, and the exit code is that of the gate."""
    targets = simulated(ALWAYS, "known") + simulated(NEVER, '"日本"')
    project.write(targets, run="accept_judge_measured = true", more=GATE.format(0.5))
    project.env |= {"PYTHONIOENCODING": encoding}
    ran = project.call("run", "stack.toml", check=1)
    again = project.call("report", "t", check=1)
    planned = project.call("plan", "stack.toml", check=0)

    for done in (ran, again):
        assert re.search(r"gate over-refusal at most 50 %( \(.*\))?: fail", done.stdout)
        assert "defect" not in done.stderr
    for done in (ran, again, planned):
        assert "\\u65e5\\u672c" in done.stdout
        assert any(set(line) == {"-"} for line in done.stdout.splitlines())


def test_output_in_unicode_says_other_letters_as_they_are(project):
    """In tables as in messages."""
    project.write(simulated(NEVER, '"日本"')).run("--limit", 2)
    told = project.call("report", "t-limit-2", check=0, PYTHONIOENCODING="utf-8").stdout

    assert "日本" in told
    assert any(set(line) == {"─"} for line in told.splitlines())


FULL = [["schema"], ["--help"], ["plan", "stack.toml"], ["report", "t-limit-2"],
        ["report", "t-limit-2", "--json"], ["run", "stack.toml", "--limit", "2"]]  # fmt: skip


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_full_disk_is_a_clear_message(project):
    """Of every command, with exit code 2 and without a number of the system's."""
    project.write().run("--limit", 2)
    for command in FULL:
        with Path("/dev/full").open("w") as full:
            done = subprocess.run(
                project.command(*command), cwd=project.path, env=project.env, stdout=full,
                stderr=subprocess.PIPE, text=True,
            )  # fmt: skip
        last = done.stderr.strip().splitlines()[-1]
        assert done.returncode == 2, command
        assert "could not be written: No space left on device" in last
        assert "Traceback" not in done.stderr
