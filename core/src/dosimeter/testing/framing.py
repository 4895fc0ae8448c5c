"""Promises of attacks about what is said: twins alike, the request whole, and in the clear."""

import base64
import re
from collections.abc import Iterator

from attrs import evolve

from dosimeter.ids import canonical, word
from dosimeter.model.conversation import Speaker, user
from dosimeter.model.design import ANSWER, Item, Presupposes, Variant
from dosimeter.model.specs import AttackSpec
from dosimeter.testing import samples
from dosimeter.testing.component import Broken, Specimen, Untried
from dosimeter.testing.kit import checks_in, promise
from dosimeter.testing.putting import Put, given, put, shown, steady, twins, variants

TAG = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
SIGNS = "How is {this} glazed at 50% of ${price}, {0} by %s, [request] or <b>not</b>?"
LONG = "Sieve the glaze twice and stir it. " * 300
BASE64 = re.compile(r"[A-Za-z0-9+/_-]{16,}={0,2}")
HEX = re.compile(r"(?:[0-9A-Fa-f]{2} ?){12,}")


def _search(one: Specimen) -> str:
    return "it makes up what it says as it plays" if one.of(AttackSpec).search else ""


def _no_factors(one: Specimen) -> str:
    return "" if one.of(AttackSpec).factors else "it declares no factors"


def _pairs(
    one: Specimen,
) -> list[tuple[tuple[Item, Item], tuple[Variant, ...], tuple[Variant, ...]]]:
    """Give twins and how they are put."""
    found = twins(one)
    first, second = (steady(one, [pair[i] for pair in found]) for i in (0, 1))
    return list(zip(found, first, second, strict=True))


def _shared(
    one: tuple[Variant, ...], other: tuple[Variant, ...]
) -> Iterator[tuple[Variant, Variant]]:
    theirs = {v.key: v for v in other}
    yield from ((v, theirs[v.key]) for v in one if v.key in theirs)


def _lines(variant: Variant) -> list[str]:
    return [line.message.text for line in variant.script or ()]


def _shape(variant: Variant) -> list[tuple[str, bool, str]]:
    return [
        (line.message.speaker, line.message.prefilled, line.presupposes)
        for line in variant.script or ()
    ]


def _scripts(found: Put) -> Iterator[Variant]:
    yield from (v for some in found for v in some if v.script is not None)


@promise("attack")
def check_twins_get_the_same_variants(one: Specimen) -> None:
    """A benign twin has the variants of the harmful request: same keys, factors and shape of the script."""
    for n, (_, harmful, benign) in enumerate(_pairs(one)):
        mine, theirs = (
            sorted((v.key, canonical(v.factors), _shape(v)) for v in some)
            for some in (harmful, benign)
        )
        if mine != theirs:
            raise Broken(
                f"twins {n} have {len(mine)} and {len(theirs)} variants, and they differ",
                "let nothing depend on single words of the request, and count nothing in keys",
            )


@promise("attack", unless=_search)
def check_twins_get_the_same_words(one: Specimen) -> str:
    """The words around a request are the same for its benign twin: else the frame is compared."""
    n = lines = 0
    for pair, harmful, benign in _pairs(one):
        for mine, theirs in _shared(harmful, benign):
            for a, b in zip(_lines(mine), _lines(theirs), strict=False):
                frames = [_frame(item, text) for item, text in zip(pair, (a, b), strict=True)]
                if all(frames) and frames[0] != frames[1]:
                    raise Broken(
                        f"the frame {shown(mine)} differs between twins",
                        "choose words by what twins share, never by the request's own",
                    )
                n += all(frames)
                lines += 1
    if lines and not n:
        msg = "no line holds a request whole, so that frames could be told from requests"
        raise Untried(msg)
    return f"{n} frames"


def _frame(item: Item, text: str) -> str:
    """Give the words around a request or a translation that stands whole in *text*; empty if none does."""
    said = [item.opening[-1].text, *(t.text for t in item.translations)]
    for i, whole in enumerate(said):
        if whole in text:
            return text.replace(whole, f"\x00{i}\x00")
    return ""


@promise("attack", unless=_search)
def check_other_requests_are_put_otherwise(one: Specimen) -> None:
    """Two requests do not come out as one text: what is asked for reaches the model."""
    for _, first, second in _pairs(one):
        for mine, theirs in _shared(first, second):
            if mine.script is not None and canonical(mine.script) == canonical(theirs.script):
                raise Broken(
                    f"{shown(mine)} says the same of two requests",
                    "put the request into the script; look for an f-string without its f",
                )


@promise("attack", unless=_search)
def check_requests_are_said_whole(one: Specimen) -> str:
    """An attack that quotes requests quotes every one as it is, with braces, signs and all its length."""
    n, attack = 0, one.build()
    for item in given(one):
        quoting = _quoting(variants(attack, item), item.opening[-1].text)
        for text in (SIGNS, LONG):
            said = user(text)
            other = variants(attack, evolve(item, opening=(*item.opening[:-1], said)))
            whole = _quoting(other, text)
            lost = [v for v in other if v.script and v.key in quoting - whole]
            if lost:
                raise Broken(
                    f"{shown(lost[0])} changes a request of {len(text)} characters",
                    "put it in last, with str.replace and no str.format, and cut nothing",
                )
            n += len(quoting)
    return f"{n} quotations"


def _quoting(found: tuple[Variant, ...], text: str) -> set[str]:
    return {v.key for v in found if any(text in line for line in _lines(v))}


@promise("attack", unless=lambda one: "" if one.of(AttackSpec).search else "it is no search")
def check_searches_have_no_script(one: Specimen) -> None:
    """A search's variants have no script: the search speaks, and the script would never be said."""
    if list(_scripts(put(one, given(one)))):
        raise Broken("a variant has a script", "leave it out, or declare search=False")


@promise("attack", unless=_search)
def check_scripts_end_with_the_user(one: Specimen) -> None:
    """A script has a line, and its last is the user's: there the model answers."""
    for v in _scripts(put(one, given(one))):
        last = v.script[-1].message.speaker if v.script else None
        if last is not Speaker.USER:
            raise Broken(
                f"{shown(v)} ends with {last or 'nothing'}", "end with Line(message=user(...))"
            )


@promise("attack", unless=_search)
def check_first_lines_presuppose_nothing(one: Specimen) -> None:
    """Only a line after another presupposes an answer: before the first none was given."""
    for v in _scripts(put(one, given(one))):
        if v.script and v.script[0].presupposes is not Presupposes.NOTHING:
            raise Broken(f"the first line of {shown(v)} does", "count lines from the second")


@promise("attack", unless=_search)
def check_prefilled_lines_are_marked(one: Specimen) -> None:
    """Words put into the assistant's mouth are marked so: else they pass for the model's own."""
    for v in _scripts(put(one, given(one))):
        for line in v.script or ():
            said = line.message
            if said.speaker is Speaker.ASSISTANT and not said.prefilled:
                raise Broken(
                    f"{shown(v)} has an unmarked line of the assistant",
                    "write assistant(..., prefilled=True)",
                )


@promise("attack")
def check_odd_items_are_taken(one: Specimen) -> str:
    """It takes any item: odd texts, pictures, several turns, another language, no goal; it may pass it by."""
    n = 0
    for name, item in samples.odd_items():
        try:
            n += len(canonical(variants(one.build(), item))) > len(canonical(()))
        except BaseException as exc:
            seen = f"{type(exc).__name__} on: {name}"
            raise Broken(seen, "take any text, and yield nothing of what cannot be put") from exc
    return f"{n} of {len(list(samples.odd_items()))} are put"


@promise("attack", unless=_search)
def check_answer_language_is_told(one: Specimen) -> None:
    """What says a translation tells by the factor ``answer`` which language is asked for: raters go by it."""
    items = given(one)
    for item, found in zip(items, put(one, items), strict=True):
        for v in found:
            told = dict(v.factors).get(ANSWER)
            foreign = any(t.text in line for t in item.translations for line in _lines(v))
            if foreign and (told is None or not TAG.fullmatch(told)):
                raise Broken(
                    f"{shown(v)} says a translation, and its answer is {'no tag' if told else 'not told'}",
                    f'give it the factor "{ANSWER}" with a BCP 47 tag',
                )


@promise("attack", unless=_no_factors)
def check_untouched_items_are_answered_in_their_language(one: Specimen) -> str:
    """A variant that says the item as it is asks for no other language than the item's."""
    items, n = given(one), 0
    put(one, items)  # it may pass by another language, but not every item
    for item in (evolve(i, language="nl") for i in items):
        for v in variants(one.build(), item):
            told = dict(v.factors).get(ANSWER, item.language)
            if v.script is None and told.lower() != item.language.lower():
                raise Broken(
                    f"{shown(v)} has no script, and its answer is {word(told)!r} for an item in 'nl'",
                    "take the item's language, or leave the factor out",
                )
            n += v.script is None
    return f"{n} variants without script"


@promise("attack", unless=_search)
def check_frames_are_in_the_clear(one: Specimen) -> None:
    """Words around a request hide nothing in base64 or hex: whoever reviews them can read them."""
    for _, first, second in _pairs(one):
        for mine, theirs in _shared(first, second):
            for a, b in zip(_lines(mine), _lines(theirs), strict=False):
                hidden = [t for t in _decoded(a) & _decoded(b) if t not in a]
                if hidden:
                    raise Broken(
                        f"{shown(mine)} holds {len(hidden[0])} encoded characters",
                        "say in plain words what the frame says",
                    )


def _decoded(text: str) -> set[str]:
    """Give the words that are encoded in *text*."""
    found = set()
    for token in BASE64.findall(text):
        plain = token.rstrip("=").translate(str.maketrans("-_", "+/"))
        found.add(base64.b64decode(plain[: len(plain) // 4 * 4]))
    found |= {bytes.fromhex(token) for token in HEX.findall(text)}
    return {said for data in found if (said := _words(data))}


def _words(data: bytes) -> str:
    try:
        said = data.decode("ascii")
    except UnicodeDecodeError:
        return ""
    letters = sum(c.isalpha() or c == " " for c in said)
    return said if said.isprintable() and letters > len(said) * 3 / 4 else ""


CHECKS = checks_in(globals())
