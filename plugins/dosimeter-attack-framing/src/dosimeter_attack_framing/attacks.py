"""The framings as attack generators: pure, and countable before any call."""

from collections.abc import Callable, Iterable

from attrs import frozen

from dosimeter import Item, Line, NoOptions, Presupposes, Variant, pairs, user
from dosimeter_attack_framing.options import (
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
            yield self._variant(template, fill(template, request, topic))
        if self.typos:
            yield self._noisy(with_typos(request, keep=factors.get("trigger_word", "")))

    def _variant(self, template: Template, said: tuple[str, ...]) -> Variant:
        factors = (
            ("framing", self.attack),
            ("template", template.name),
            ("wrapper", template.language),
            ("answer", ANSWER),
            ("checked_by", template.checked_by),
            *self.extra(template),
        )
        return Variant(
            attack=self.attack,
            key=f"{template.name}@{template.language}",
            factors=pairs(factors),
            script=_script(said),
        )

    def _noisy(self, text: str) -> Variant:
        factors = (("framing", self.attack), ("template", "typos"), ("wrapper", "en"), ("answer", ANSWER),
                   ("checked_by", "author"), ("noise", "typos"))  # fmt: skip
        return Variant(
            attack=self.attack, key="typos@en", factors=pairs(factors), script=_script((text,))
        )


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
        factors = (("framing", "direct"), ("template", "direct"), ("wrapper", item.language),
                   ("answer", item.language), ("checked_by", "author"))  # fmt: skip
        yield Variant(attack="direct", key="direct", factors=pairs(factors))


def direct(_: NoOptions) -> Direct:
    """Build ``direct``."""
    return Direct()


def role_play(options: RolePlayOptions) -> Framing:
    """Build ``role-play``."""
    return _translated("role-play", options)


def translation(options: TranslationOptions) -> Framing:
    """Build ``translation``."""
    return _translated("translation", options)


def multi_turn(options: LeadInOptions) -> Framing:
    """Build ``multi-turn``."""
    return _translated("multi-turn", options)


def _translated(
    attack: str, options: RolePlayOptions | TranslationOptions | LeadInOptions
) -> Framing:
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
