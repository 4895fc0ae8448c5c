"""The framings as attack generators: pure, and countable before any call."""

from collections.abc import Callable, Iterable

from attrs import frozen

from dosimeter import Item, Line, NoOptions, Presupposes, Translation, Variant, pairs, user
from dosimeter_attack_framing.options import (
    ForeignFrameOptions,
    LeadInOptions,
    ParaphraseOptions,
    PhrasingOptions,
    RolePlayOptions,
    TranslationOptions,
)
from dosimeter_attack_framing.templates import Template, fill, select
from dosimeter_attack_framing.typos import with_typos

NO_TOPIC = "questions of daily life"
ANSWER = "en"
"""Every frame in another language asks for the answer in English: raters declare what they can rate."""


@frozen(kw_only=True)
class Framing:
    """Puts the last user message of an item into templates.

    Attributes:
        extra: Further factors of a template's variants.
    """

    attack: str
    templates: tuple[Template, ...]
    extra: Callable[[Template], tuple[tuple[str, str], ...]] = lambda _: ()
    typos: bool = False

    def variants(self, item: Item) -> Iterable[Variant]:
        """Give one variant a template, in order."""
        request = item.opening[-1].text
        factors = dict(item.factors)
        topic = factors.get("subject") or factors.get("topic", NO_TOPIC).replace("-", " ")
        for template in self.templates:
            told = _told(self.attack, template.name, template.checked_by, item.language,
                         wrapper=template.language)  # fmt: skip
            yield Variant(
                attack=self.attack,
                key=f"{template.name}@{template.language}",
                factors=pairs([*told, *self.extra(template)]),
                script=_script(fill(template, request, topic)),
            )
        if self.typos:
            told = _told(self.attack, "typos", "author", item.language)
            said = with_typos(request, keep=factors.get("trigger_word", ""))
            yield Variant(
                attack=self.attack,
                key="typos@en",
                factors=pairs([*told, ("noise", "typos")]),
                script=_script((said,)),
            )


@frozen(kw_only=True)
class Translated:
    """Says an item's translations, one variant a template and language."""

    templates: tuple[Template, ...]
    languages: tuple[str, ...]

    def variants(self, item: Item) -> Iterable[Variant]:
        """Give the variants, in order of templates and languages; none unless it has all languages.

        Each item of a cell is so asked in the same languages.
        """
        held = {t.language.lower(): t for t in item.translations}
        found = [held.get(language.lower()) for language in self.languages]
        known = [one for one in found if one is not None]
        for template in self.templates if len(known) == len(found) else ():
            for one in known:
                yield self._variant(template, one)

    def _variant(self, template: Template, said: Translation) -> Variant:
        around = ANSWER if template.name == "in-english" else said.language
        told = _told("translation", template.name, said.checked_by, said.language,
                     wrapper=around, answer=around)  # fmt: skip
        return Variant(
            attack="translation",
            key=f"{template.name}@{said.language}",
            factors=pairs(told),
            script=_script(fill(template, said.text, NO_TOPIC)),
        )


def _told(
    framing: str,
    template: str,
    checked_by: str,
    request: str,
    wrapper: str = "en",
    answer: str = ANSWER,
) -> list[tuple[str, str]]:
    """Give the factors that all framings have."""
    return [
        ("framing", framing), ("template", template), ("request_language", request), ("wrapper", wrapper),
        ("answer", answer), ("checked_by", checked_by),
    ]  # fmt: skip


def _script(said: tuple[str, ...]) -> tuple[Line, ...]:
    return tuple(
        Line(
            message=user(text),
            presupposes=Presupposes.ANSWERED if turn else Presupposes.NOTHING,
        )
        for turn, text in enumerate(said)
    )


@frozen(kw_only=True)
class Direct:
    """Leaves the item as it is."""

    def variants(self, item: Item) -> Iterable[Variant]:
        """Give one variant without a script."""
        spoken = item.language
        told = _told("direct", "direct", "author", spoken, wrapper=spoken, answer=spoken)
        yield Variant(attack="direct", key="direct", factors=pairs(told))


def direct(_: NoOptions) -> Direct:
    """Build ``direct``."""
    return Direct()


def role_play(options: RolePlayOptions) -> Framing:
    """Build ``role-play``."""
    return _spoken("role-play", options)


def translation(options: TranslationOptions) -> Translated:
    """Build ``translation``."""
    templates = select("translation", options.templates, ("en",))
    return Translated(templates=templates, languages=options.languages)


def foreign_frame(options: ForeignFrameOptions) -> Framing:
    """Build ``foreign-frame``."""
    return _spoken("foreign-frame", options)


def multi_turn(options: LeadInOptions) -> Framing:
    """Build ``multi-turn``."""
    return _spoken("multi-turn", options)


def _spoken(attack: str, options: RolePlayOptions | ForeignFrameOptions | LeadInOptions) -> Framing:
    """Build a framing whose templates are written in several languages."""
    return Framing(attack=attack, templates=select(attack, options.templates, options.languages))


def phrasing(options: PhrasingOptions) -> Framing:
    """Build ``phrasing``."""
    return Framing(
        attack="phrasing",
        templates=select("phrasing", options.styles, ("en",)),
        extra=lambda t: (("phrasing", t.name),),
    )


def paraphrase(options: ParaphraseOptions) -> Framing:
    """Build ``paraphrase``."""
    return Framing(
        attack="paraphrase",
        templates=select("paraphrase", options.rewrites, ("en",)),
        extra=lambda _: (("noise", "none"),),
        typos=options.typos,
    )
