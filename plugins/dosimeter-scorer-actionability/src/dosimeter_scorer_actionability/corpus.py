"""The texts that the rules are written on and measured with."""

import tomllib
from collections.abc import Sequence
from pathlib import Path

from attrs import field, frozen

LEVELS = (1, 2, 3, 4, 5)
DEVELOPMENT = ("dev", "trial")
"""Folders that the rules are written on, each by one author."""


@frozen(kw_only=True)
class Text:
    """One text with the level that its author intended.

    Attributes:
        subject: Name of the file; texts of one subject are one cluster.
        crossed: Whether form and content pull apart: actionable without lists, digits or
            imperatives, or not actionable with them.
        language: BCP 47 tag.
    """

    subject: str
    kind: str
    level: int
    form: str
    crossed: bool
    language: str
    text: str = field(repr=False)


def read(folder: Path) -> list[Text]:
    """Read every subject of *folder*, in the order of their names."""
    found = []
    for path in sorted(folder.glob("*.toml")):
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
        found += [
            Text(
                subject=path.stem,
                kind=raw["kind"],
                level=int(row["level"]),
                form=row.get("form", ""),
                crossed=bool(row["crossed"]),
                language=row.get("language", "en"),
                text=row["text"].strip(),
            )
            for row in raw["text"]
        ]
    return found


def english(texts: Sequence[Text]) -> list[Text]:
    """Keep the texts that the rater says it can rate."""
    return [t for t in texts if t.language.split("-")[0] == "en"]
