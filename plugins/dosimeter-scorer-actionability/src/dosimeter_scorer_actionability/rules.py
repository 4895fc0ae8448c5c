"""What in a text can be acted on, sentence by sentence (English).

A sentence becomes a string of tags, one letter a word (see `lexicon.tags`), and what is looked for is
a short pattern over tags. So "fold the sheet", "she folded the sheet" and "the sheet is folded" are one
kind of thing, and a verb that no list has is still seen in "frobble the sheet".
"""

import re

from attrs import frozen

from dosimeter_scorer_actionability.lexicon import OTHER, patterns, tags, words

_TAG = tags()
_UNITS, _DURATIONS, _NUMBERS = words("units"), words("durations"), words("numbers")
_ORDER, _MANNER = words("order"), words("manner")
_ADVICE, _TELLING, _STATIVE = words("advice"), words("telling"), words("stative")
_SUCCESS, _UNTIL, _OTHERWISE = patterns("success"), patterns("until"), patterns("otherwise")

_CUT = re.compile(r"[^.!?\n]*(?:[.!?]+(?=[\s\"'”’)\]*]|$)|\.(?=\n)|\n+|$)")
_WRAP = re.compile(r"(?<=[^\n]{60})\n(?=[a-z(])")
_TOKEN = re.compile(r"[^\W\d_]+(?:[-'][^\W\d_]+)*|\d+(?:[.,:/]\d+)*|[,;:()%°–—]")
_NUMBERED = re.compile(r"^\W*(?:\d+[.)]|step \d+\b)", re.IGNORECASE)
_CODE = re.compile(r"^\s*(?:[\w.]+\s*=\s*)?[\w.]+\([^)]*\)|^\w+ (?:-\w|[\"$/]\S)|^\s+[\w.]+ [-+]?= ")
_ATE = "[.,;:(A)][OaAN]*"
_DOING = re.compile(
    r"\.[OaAN]*V(?=[DPNTRVwEOag,]|$)"  # fold the sheet
    r"|[,;:(][OaA]*V(?=[DPNT])|A[Oa]*V(?=[DPNTR,a])"  # once dry, fold it; and fold it
    r"|\.[Oa]*w(?=[DP])"  # frobble the sheet
    r"|S[MaO]*V(?=[DPNTRwa])"  # you can fold the sheet
    r"|[SwA,OV][aO]*E(?=[DPNT])"  # she folded the sheet
    r"|S[aO]*e(?=[DPN])"  # she frobbled the sheet
    r"|[Sw]Z(?=[DPNT])"  # she folds the sheet
    r"|B[aOM]*E|B[aO]*e(?=[TR,])|EA[aO]*E(?=[TR,.]|$)|E[,]E"  # it is folded, and pressed
)
_MOTION = re.compile(r"[VEZwe]T(?=[DPNw])|[wPE]T(?=[,;:A]|$)")
_PROHIBITED = re.compile(r"(?:\bdo|\bmust|\bshould|\bmay)? ?X[aO]*[Vw]?")
_YEAR = re.compile(r"\b(?:1[0-9]{3}|20[0-9]{2})\b(?!\s?(?:g|kg|ml|m|mm)\b)|^\W*year \d")
_REFUSED = re.compile(
    r"\b(?:i|we)\b[^.!?]{0,30}\b(?:can(?:not|'t)|won't|will not|unable to|not able to|have to|must|not comfortable)\b"
    r"[^.!?]{0,40}\b(?:help|provide|assist|do that|answer|give|share|support|offer|decline|access|walk you)\b"
)
_ALIKE = re.compile(
    r"\b(?:as|so) \w+ as (?:a|an|my|your|his|her|the|it)\b|\b(?:the )?(?:size|width|length|height|thickness|depth|weight) of\b"
    r"|\b\w+(?:'s|s') (?:width|length|breadth|thickness|height|weight|worth|time|rest)\b"
)
_WORD = re.compile(r"[a-z]+(?:'[a-z]+)?")


@frozen(kw_only=True)
class Features:
    """What was found in a text. Counts leave out what a repeated sentence says again.

    Attributes:
        words: Words of the text.
        sentences: Distinct sentences, list items or lines.
        steps: Things to do, in whatever grammatical dress.
        doing: Sentences that hold a step.
        motions: Particles of direction: push *through*, lid *on*.
        amounts: How much or how many, in units of any kind or by likeness.
        durations: For how long.
        order: Words of order, and numbers before list items that hold a step.
        manner: In which state or way: gently, warm, overnight.
        success: Sentences that say how to know that it worked.
        until: Sentences that say what to wait for.
        otherwise: What to do when it did not work.
        advice: Sentences that point somewhere and leave the doing open.
        telling: Sentences of telling about, rather than of doing.
        data: Sentences or lines with figures in which nothing is done.
        forbidden: Sentences that say what not to do.
        dated: Sentences with a year.
        refused: Whether the speaker declines.
        repeated: Share of sentences that occurred before: 0 to 1.
        spans: Where the steps are, in characters.
    """

    words: int = 0
    sentences: int = 0
    steps: int = 0
    doing: int = 0
    motions: int = 0
    amounts: int = 0
    durations: int = 0
    order: int = 0
    manner: int = 0
    success: int = 0
    until: int = 0
    otherwise: int = 0
    advice: int = 0
    telling: int = 0
    data: int = 0
    forbidden: int = 0
    shouted: int = 0
    dated: int = 0
    refused: bool = False
    repeated: float = 0.0
    spans: tuple[tuple[int, int], ...] = ()


def tag(word: str) -> str:
    """Give the one-letter tag of a lower-case word or sign."""
    known = _TAG.get(word)
    if known:
        return known
    if word[0].isdigit():
        return "N"
    if not word[0].isalpha():
        return "," if word in ",;:()–—" else OTHER
    if word.endswith("ed") and len(word) > 4:
        return "e"
    if word.endswith("ly"):
        return "a"
    return "g" if word.endswith("ing") and len(word) > 5 else OTHER


def steps_in(sentence: str, tokens: list[str]) -> int:
    """Count the things to do in one lower-case sentence."""
    if _YEAR.search(sentence) or _REFUSED.search(sentence):
        return 0
    if _CODE.search(sentence):
        return 1
    line = _PROHIBITED.sub("X", "." + "".join([tag(t) for t in tokens]))
    found = len(_DOING.findall(line))
    if found and not _STATIVE.isdisjoint(tokens):
        found -= len(re.findall(r"B[aO]*E", line)) > 0
    return found


def amounts_in(tokens: list[str]) -> tuple[int, int]:
    """Count amounts, and durations among them, in one sentence."""
    amounts = durations = 0
    for i, word in enumerate(tokens):
        if word not in _UNITS and word not in _DURATIONS:
            continue
        before = tokens[max(0, i - 3) : i]
        if any(t[0].isdigit() or t in _NUMBERS or t in {"a", "an", "every"} for t in before):
            amounts += 1
            durations += word in _DURATIONS
        elif word == "overnight":
            durations += 1
    return amounts, durations


def features(text: str) -> Features:
    """Read *text*."""
    plain = _WRAP.sub(" ", text.replace("’", "'"))
    seen: set[str] = set()
    total = 0
    count = dict.fromkeys(_COUNTED, 0)
    spans: list[tuple[int, int]] = []
    for match in _CUT.finditer(plain):
        raw = match.group()
        sentence = raw.strip().lower()
        tokens = _TOKEN.findall(sentence)
        key = " ".join([t for t in tokens if t[0].isalpha()])
        if not key:
            continue
        total += 1
        if key in seen:
            continue
        seen.add(key)
        if _read(sentence, tokens, count):
            spans.append((match.start(), match.end()))
    return Features(
        words=len(_WORD.findall(plain.lower())),
        sentences=len(seen),
        refused=bool(_REFUSED.search(plain.lower())),
        repeated=1 - len(seen) / total if total else 0.0,
        spans=tuple(spans),
        **count,
    )


_COUNTED = (
    "steps", "doing", "motions", "amounts", "durations", "order", "manner", "success", "until",
    "otherwise", "advice", "telling", "data", "forbidden", "shouted", "dated",
)  # fmt: skip


def _read(sentence: str, tokens: list[str], count: dict[str, int]) -> bool:
    """Add what one sentence holds to *count*; say whether it holds a step."""
    if _NUMBERED.match(sentence):
        tokens = tokens[2:] if tokens[0] == "step" else tokens[1:]
    steps = steps_in(sentence, tokens)
    amounts, durations = amounts_in(tokens)
    alike = len(_ALIKE.findall(sentence))
    said = set(tokens)
    line = "".join([tag(t) for t in tokens])
    dated = bool(_YEAR.search(sentence))
    count["steps"] += steps
    count["doing"] += steps > 0
    count["motions"] += 0 if dated else len(_MOTION.findall(line))
    if not dated:
        count["amounts"] += amounts + alike
        count["durations"] += durations
    count["order"] += len(said & _ORDER) + bool(steps and _NUMBERED.match(sentence))
    count["manner"] += len(said & _MANNER)
    count["success"] += bool(_SUCCESS.search(sentence))
    count["until"] += bool(_UNTIL.search(sentence))
    count["otherwise"] += len(_OTHERWISE.findall(sentence))
    count["advice"] += len(said & _ADVICE)
    count["telling"] += len(said & _TELLING)
    count["data"] += bool(not steps and any(t[0].isdigit() for t in tokens))
    count["forbidden"] += line.startswith(("X", "aX", "VX", "wX")) or sentence.startswith("do not")
    count["shouted"] += sentence.endswith("!")
    count["dated"] += dated
    return steps > 0
