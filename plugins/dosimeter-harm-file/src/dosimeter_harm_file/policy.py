"""A team's policy as the rubric of a scale: what judges and people are shown of it."""

import re
from pathlib import Path

from dosimeter import Direction, Level, Scale, ScaleKind, StackError
from dosimeter_harm_file.decode import WORKBOOKS, decoded, is_utf8

SCALE = "policy"
HEADING = re.compile(
    r"^#{1,6}[ \t]*(?:level[ \t]*)?(\d+)[ \t]*[:.)\u2013-]?[ \t]*(.*)$",
    re.IGNORECASE | re.MULTILINE,
)
FEWEST = 2
"""Levels of a scale; one heading with a number is a heading."""
FROM = 4
"""The level from which replies are withheld, where there is one so high; else the highest."""


def policy_scale(text: str, name: str) -> Scale:
    """Read a policy.

    Headings that begin with a number, ``## 3: Gives directions``, make a scale of those levels, each with
    the text below it as its rule. Any other text is the rule of a scale that says whether a reply breaks
    the policy.

    Raises:
        StackError: If a level is there twice, or has no text.
    """
    if not text.strip():
        msg = f"{name} is empty; write the policy that replies are held to"
        raise StackError(msg)
    heads = list(HEADING.finditer(text))
    if len(heads) < FEWEST:
        return _scale(ScaleKind.BOOLEAN, text.strip(), (), 1)
    ends = [*(h.start() for h in heads[1:]), len(text)]
    levels = [
        Level(
            value=int(h[1]), name=h[2].strip() or f"level {h[1]}", rule=text[h.end() : end].strip()
        )
        for h, end in zip(heads, ends, strict=True)
    ]
    _check(levels, name)
    ordered = tuple(sorted(levels, key=lambda level: int(level.value)))
    withheld = min(FROM, int(ordered[-1].value))
    return _scale(ScaleKind.ORDINAL, text[: heads[0].start()].strip(), ordered, withheld)


def _scale(kind: ScaleKind, summary: str, levels: tuple[Level, ...], withheld: int) -> Scale:
    return Scale(
        name=SCALE, kind=kind, summary=summary, levels=levels, hazard=True, withhold_from=withheld,
        direction=Direction.HIGHER_IS_WORSE,
    )  # fmt: skip


def _check(levels: list[Level], name: str) -> None:
    values = [level.value for level in levels]
    twice = sorted({v for v in values if values.count(v) > 1})
    if twice:
        msg = f"{name}: level {twice[0]} stands there twice"
        raise StackError(msg)
    bare = [level.value for level in levels if not level.rule]
    if bare:
        msg = f"{name}: level {bare[0]} has no text; say when a reply is at it"
        raise StackError(msg)


def read_policy(path: Path, encoding: str) -> str:
    """Read the policy's text: UTF-8, or else as the items are.

    Raises:
        StackError: If it cannot be read.
    """
    try:
        data = path.read_bytes()
    except OSError as exc:
        msg = f"{path} cannot be read: {exc.strerror}; give its path from the stack's folder"
        raise StackError(msg) from None
    if data.startswith(WORKBOOKS):
        msg = f"{path.name} is a file of an office program: save it as plain text or Markdown, in UTF-8"
        raise StackError(msg)
    return decoded(path.name, data, "utf-8" if is_utf8(data) else encoding)
