"""Markers in texts, and where they stand in what a run leaves or prints."""

import base64
import html
import json


def forms(marker):
    """*marker* as it may stand in a file: raw, JSON, HTML, UTF-16, hex, base64 at each offset."""
    raw = marker.encode()
    yield raw
    yield json.dumps(marker)[1:-1].encode()
    yield json.dumps(marker, ensure_ascii=False)[1:-1].encode()
    yield html.escape(marker).encode()
    yield marker.encode("utf-16-le")
    yield marker.encode("utf-16-be")
    yield raw.hex().encode()
    for skip in range(3):
        part = raw[skip : skip + 3 * ((len(raw) - skip) // 3)]
        yield base64.b64encode(part)


def places(project, markers, output=""):
    """Say which of *markers* stand in a file of the project, plugins aside, or in *output*."""
    files = [p for p in project.path.rglob("*") if p.is_file() and project.site not in p.parents]
    texts = {f"in {p.name}": p.read_bytes() for p in files} | {"printed": output.encode()}
    return [
        f"{name} {where}"
        for name, marker in markers.items() for form in forms(marker)
        for where, text in texts.items() if form in text
    ]  # fmt: skip
