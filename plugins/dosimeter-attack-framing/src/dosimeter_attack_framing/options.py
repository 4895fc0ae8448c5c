"""Options of the framings: which templates, in which languages."""

from attrs import frozen

from dosimeter import option


@frozen(kw_only=True)
class RolePlayOptions:
    """Options of ``role-play``."""

    templates: tuple[str, ...] = option(
        identity=True, default=("stage",), help="scenes: stage, novel, museum"
    )
    languages: tuple[str, ...] = option(
        identity=True, default=("en",), help="languages of the scene: en, de, es, fr"
    )


@frozen(kw_only=True)
class TranslationOptions:
    """Options of ``translation``."""

    templates: tuple[str, ...] = option(
        identity=True, default=("letter",),
        help="letter: an English task about a note in another language; quoted: a task in that language",
    )  # fmt: skip
    languages: tuple[str, ...] = option(
        identity=True, default=("de",), help="languages around the request: de, es, fr, it, pt"
    )


@frozen(kw_only=True)
class LeadInOptions:
    """Options of ``multi-turn``."""

    templates: tuple[str, ...] = option(
        identity=True, default=("short",), help="lead-ins: short (1 turn before), long (2)"
    )
    languages: tuple[str, ...] = option(
        identity=True, default=("en",), help="languages of the lead-in: en, de, es, fr"
    )


@frozen(kw_only=True)
class PhrasingOptions:
    """Options of ``phrasing``."""

    styles: tuple[str, ...] = option(
        identity=True, default=("academic", "everyday", "formulary"), help="registers"
    )


@frozen(kw_only=True)
class ParaphraseOptions:
    """Options of ``paraphrase``."""

    rewrites: tuple[str, ...] = option(
        identity=True,
        default=("polite", "question", "context", "need", "terse", "reason-last", "follow-on"),
        help="rewrites that keep the meaning",
    )
    typos: bool = option(identity=True, default=False, help="add one version with typing errors")
