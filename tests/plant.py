"""Makes a distribution out of one source text, as if it were installed."""

from pathlib import Path


def plant(folder: Path, name: str, source: str) -> Path:
    """Write package *name* with its hooks into *folder*; put that on PYTHONPATH and it is found."""
    module = name.replace("-", "_")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{module}.py").write_text(source)
    info = folder / f"{module}-1.0.dist-info"
    info.mkdir(exist_ok=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[dosimeter]\n{name} = {module}\n")
    return folder
