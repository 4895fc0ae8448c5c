"""Promises of what items say: no means, nobody's address, its own language, its own wording."""

import re
from collections import Counter, defaultdict
from importlib.util import find_spec

from dosimeter.ids import digest
from dosimeter.language import LIKELY, language_of
from dosimeter.lint import LENGTH, MEANS, Spot, lint
from dosimeter.lint.moulds import MOST_WIDER, SKELETON_WORDS, Moulds, moulds, near_duplicates
from dosimeter.model.design import FactorRole, Intent, Item
from dosimeter.plural import plural
from dosimeter.testing.component import Broken, Specimen, Untried
from dosimeter.testing.items import first
from dosimeter.testing.kit import checks_in, promise
from dosimeter.testing.panels import brought, declared, every, panels

TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
MOST_STRANGE, MOST_NEAR = 0.2, 0.05
"""Share of texts that the identifier may take for another language; of items that are nearly others'."""


def _spots(one: Specimen, rules: set[str], *, those: bool) -> list[Spot]:
    return [s for s in lint(every(one)) if (s.rule in rules) is those]


def _told(spots: list[Spot]) -> str:
    """Say which rules were broken how often and where first; never the words."""
    counted = ", ".join(
        f"{rule} ({n})" for rule, n in sorted(Counter(s.rule for s in spots).items())
    )
    hidden = f", hidden as {spots[0].decoded}" if spots[0].decoded else ""
    return f"{counted}; first in {spots[0].item_id!r}, {spots[0].where}{hidden}"


def _clean(spots: list[Spot], todo: str) -> None:
    if spots:
        raise Broken(_told(spots), todo)


@promise("category", unless=brought)
def check_no_means_are_named(one: Specimen) -> str:
    """Items that mean harm, and their twins, name no means, in whatever encoding: no quantity, no steps."""
    _clean(
        _spots(one, {name for name, _ in MEANS}, those=True),
        "name the goal in lay words; dosimeter.lint.lint(items) gives each place",
    )
    return plural(len(every(one)), "item")


@promise("category", unless=brought)
def check_nobody_can_be_reached(one: Specimen) -> str:
    """No item has an address or a phone number, and none that means harm the name of a person."""
    others = {name for name, _ in MEANS} | set(LENGTH)
    _clean(
        _spots(one, others, those=False),
        "take it out; made-up persons are waived with the reason that they are",
    )
    return plural(len(every(one)), "item")


@promise("category", unless=brought)
def check_harmful_requests_are_short(one: Specimen) -> str:
    """A harmful request is one or two sentences of at most 60 words."""
    _clean(_spots(one, set(LENGTH), those=True), "say what is wanted, and nothing else")
    lengths = [
        len(i.opening[-1].text.split()) for i in every(one)
        if i.intent is Intent.HARMFUL and i.opening
    ]  # fmt: skip
    return f"{max(lengths, default=0)} words at most"


@promise("category")
def check_languages_are_those_of_items(one: Specimen) -> str:
    """Languages are BCP 47 tags, and the spec declares those of its items: a stack chooses among them."""
    items, given = every(one), declared(one).languages
    tags = [
        *given,
        *(i.language for i in items),
        *(t.language for i in items for t in i.translations),
    ]
    strange = sorted({t for t in tags if not TAG.fullmatch(t)})
    if strange:
        raise Broken(f"no tag: {', '.join(map(repr, strange))}", 'write such as "en" or "pt-BR"')
    there = {i.language for i in items}
    if there != set(given):
        raise Broken(
            f"items are in {', '.join(sorted(there))}, and the spec declares {', '.join(given)}",
            "declare each language that an item is in; those of translations are not declared",
        )
    return ", ".join(sorted(set(tags)))


@promise("category", unless=brought)
def check_texts_are_in_their_language(one: Specimen) -> str:
    """Requests and translations are in the language that they say."""
    if find_spec("py3langid") is None:
        msg = "install dosimeter[language]"
        raise Untried(msg)
    said = defaultdict(list)
    for item in every(one):
        if item.opening:
            said[item.language].append(item.opening[-1].text)
        for translation in item.translations:
            said[translation.language].append(translation.text)
    counted = []
    for tag, texts in sorted(said.items()):
        base = tag.partition("-")[0].lower()
        if base in LIKELY:
            strange = sum(language_of(text) != base for text in texts)
            counted.append(f"{tag} {len(texts) - strange} of {len(texts)}")
            if strange > max(1, MOST_STRANGE * len(texts)):
                seen = (
                    f"{strange} of {len(texts)} texts that say {tag!r} look like another language"
                )
                raise Broken(seen, "correct language=..., or the texts")
    return ", ".join(counted)


@promise("category")
def check_translations_are_others(one: Specimen) -> str:
    """An item has at most one translation a language, none in its own, and each says something else."""
    items = every(one)
    wrong = first(i.id for i in items if not _translated(i))
    if wrong:
        raise Broken(
            f"two texts in one language, or a text that is none's translation: {wrong}",
            "give one Translation a language, with words of that language",
        )
    return plural(sum(len(i.translations) for i in items), "translation")


def _translated(item: Item) -> bool:
    tags = [tag.lower() for tag in (item.language, *(t.language for t in item.translations))]
    own = item.opening[-1].text if item.opening else ""
    texts = [" ".join(t.casefold().split()) for t in (own, *(t.text for t in item.translations))]
    return len(set(tags)) == len(tags) and len(set(texts)) == len(texts) and all(texts[1:])


@promise("category", unless=brought)
def check_no_text_stands_twice(one: Specimen) -> str:
    """No opening stands in two families or under two intents: one text is one thing to measure."""
    held: dict[str, set[tuple[str, str]]] = defaultdict(set)
    ids: dict[str, str] = {}
    for item in every(one):
        text = digest("text", (item.opening, item.tools, item.reference))
        held[text].add((item.family, item.intent.value))
        ids.setdefault(text, item.id)
    wrong = first(ids[text] for text, where in held.items() if len(where) > 1)
    if wrong:
        raise Broken(f"a text that stands elsewhere too: {wrong}", "keep one of the two")
    return f"{len(held)} texts"


def _clusters(one: Specimen) -> tuple[str, ...]:
    factors = declared(one).factors
    return tuple(f.name for f in factors if f.role is FactorRole.CLUSTER)


def _best(items: list[Item], clusters: tuple[str, ...]) -> Moulds:
    """Count the moulds by family and by each cluster; give the count that repeats the least."""
    return min((moulds(items, name) for name in ("", *clusters)), key=lambda m: m.wider)


@promise("category", unless=brought)
def check_moulds_are_clusters(one: Specimen) -> str:
    """Families do not share the mould of their wording, or a factor of role cluster names the mould."""
    counted = []
    for name, items in panels(one).items():
        for intent in sorted({i.intent for i in items}):
            mine = [i for i in items if i.intent is intent and i.opening]
            found = _best(mine, _clusters(one))
            if found.wider > MOST_WIDER:
                raise Broken(
                    f"panel {name!r}, {intent.value}: {found.units} families or clusters have"
                    f" {plural(found.templates, 'skeleton')} of {SKELETON_WORDS} words; intervals would be"
                    f" {found.wider:.1f} times wider if those were the clusters",
                    'word them otherwise, or declare Factor(name="mould", role=FactorRole.CLUSTER)',
                )
        whole = _best([i for i in items if i.opening], _clusters(one))
        counted.append(
            f"{name}: {plural(len(items), 'item')}, {plural(whole.units, 'unit')},"
            f" {plural(whole.templates, 'skeleton')} of {SKELETON_WORDS} words"
        )
    return "; ".join(counted)


@promise("category", unless=brought)
def check_near_duplicates_are_few(one: Specimen) -> str:
    """Hardly an item says nearly what an item of another family says."""
    items = [i for i in every(one) if i.opening]
    near = near_duplicates(items, _clusters(one))
    involved = {i for pair in near for i in pair}
    if len(involved) > MOST_NEAR * len(items):
        raise Broken(
            f"{len(involved)} of {len(items)} items, first {near[0][0]!r} and {near[0][1]!r}",
            "word them otherwise, or put them into one family or cluster",
        )
    return f"{plural(len(near), 'pair')} of near-duplicates among {plural(len(items), 'item')}"


CHECKS = checks_in(globals())
