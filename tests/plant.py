"""Makes distributions out of source text, as if they were installed."""

from pathlib import Path


def plant(folder: Path, name: str, source: str) -> Path:
    """Write package *name* with its hooks into *folder*; put that on PYTHONPATH and it is found."""
    module = name.replace("-", "_")
    lay_out(folder, name, "1.0", f"{name} = {module}", {f"{module}.py": source})
    return folder


def lay_out(
    folder: Path, name: str, version: str, entries: str, files: dict[str, str], more: str = ""
) -> None:
    """Lay a distribution out as an installer would: its *files*, its metadata, its entry points."""
    for path, text in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
    info = folder / f"{name.replace('-', '_')}-{version}.dist-info"
    info.mkdir(exist_ok=True)
    head = f"Metadata-Version: 2.4\nName: {name}\nVersion: {version}\n"
    (info / "METADATA").write_text(head + more)
    (info / "entry_points.txt").write_text(f"[dosimeter]\n{entries}\n")
