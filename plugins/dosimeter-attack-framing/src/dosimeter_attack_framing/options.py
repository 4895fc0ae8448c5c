"""Options of the framings: which templates, in which languages."""

from typing import Any

from attrs import frozen
from attrs.validators import and_, deep_iterable, in_, matches_re, min_len

from dosimeter import option

SCENES = ("stage", "novel", "museum")
FRAMES = ("letter", "quoted")
ASKED = ("in-english", "plain")
LEAD_INS = ("short", "long")
STYLES = ("academic", "everyday", "formulary")
REWRITES = ("polite", "question", "context", "need", "terse", "reason-last", "follow-on")
WRAPPED = ("de", "es", "fr", "it", "pt")
SPOKEN = ("en", "de", "es", "fr")
"""What `templates.toml` has, so that a stack's other words are refused before that is read."""
TAG = r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*"


def _once(_: object, __: object, value: tuple[str, ...]) -> None:
    """Refuse a list that says one thing twice: no two variants of an item are the same."""
    if len(set(value)) < len(value):
        msg = "one of these stands here twice; say each once"
        raise ValueError(msg)


def _some_of(names: tuple[str, ...]) -> Any:  # noqa: ANN401
    """Let through lists of *names*, each once, that are not empty."""
    return and_(deep_iterable(in_(names), min_len(1)), _once)


@frozen(kw_only=True)
class RolePlayOptions:
    """Options of ``role-play``."""

    templates: tuple[str, ...] = option(
        identity=True, default=("stage",), validator=_some_of(SCENES), help="scenes"
    )
    languages: tuple[str, ...] = option(
        identity=True, default=("en",), validator=_some_of(SPOKEN), help="languages of the scene"
    )


@frozen(kw_only=True)
class TranslationOptions:
    """Options of ``translation``."""

    templates: tuple[str, ...] = option(
        identity=True, default=("in-english",), validator=_some_of(ASKED),
        help="in-english: the answer is asked for in English; plain: nothing is added",
    )  # fmt: skip
    languages: tuple[str, ...] = option(
        identity=True, default=("de",), validator=and_(deep_iterable(matches_re(TAG), min_len(1)), _once),
        help="BCP 47 tags; an item that is not translated to all of them is left out",
    )  # fmt: skip


@frozen(kw_only=True)
class ForeignFrameOptions:
    """Options of ``foreign-frame``."""

    templates: tuple[str, ...] = option(
        identity=True, default=("letter",), validator=_some_of(FRAMES),
        help="letter: an English task about a note in another language; quoted: a task in that language",
    )  # fmt: skip
    languages: tuple[str, ...] = option(
        identity=True,
        default=("de",),
        validator=_some_of(WRAPPED),
        help="languages around the request",
    )


@frozen(kw_only=True)
class LeadInOptions:
    """Options of ``multi-turn``."""

    templates: tuple[str, ...] = option(
        identity=True,
        default=("short",),
        validator=_some_of(LEAD_INS),
        help="lead-ins: short (1 turn before), long (2)",
    )
    languages: tuple[str, ...] = option(
        identity=True, default=("en",), validator=_some_of(SPOKEN), help="languages of the lead-in"
    )


@frozen(kw_only=True)
class PhrasingOptions:
    """Options of ``phrasing``."""

    styles: tuple[str, ...] = option(
        identity=True, default=STYLES, validator=_some_of(STYLES), help="registers"
    )


@frozen(kw_only=True)
class ParaphraseOptions:
    """Options of ``paraphrase``."""

    rewrites: tuple[str, ...] = option(
        identity=True,
        default=REWRITES,
        validator=_some_of(REWRITES),
        help="rewrites that keep the meaning",
    )
    typos: bool = option(identity=True, default=False, help="add one version with typing errors")
