"""What in a text can be acted on, sentence by sentence (English)."""

import re

from attrs import frozen

_STEMS = [
    "add",
    "adjust",
    "align",
    "apply",
    "arrange",
    "attach",
    "bake",
    "balance",
    "beat",
    "bend",
    "bind",
    "blend",
    "boil",
    "braid",
    "bring",
    "brush",
    "build",
    "burn",
    "carve",
    "cast",
    "catch",
    "chop",
    "clamp",
    "clean",
    "clip",
    "coat",
    "collect",
    "combine",
    "connect",
    "cook",
    "cool",
    "count",
    "cover",
    "crease",
    "cross",
    "crush",
    "cut",
    "dab",
    "dampen",
    "dig",
    "dilute",
    "dip",
    "dissolve",
    "divide",
    "drain",
    "draw",
    "drill",
    "drip",
    "drop",
    "dry",
    "dust",
    "empty",
    "fasten",
    "feed",
    "fill",
    "filter",
    "find",
    "finish",
    "fit",
    "fix",
    "flatten",
    "flip",
    "fold",
    "gather",
    "get",
    "glue",
    "grab",
    "grate",
    "grease",
    "grind",
    "grip",
    "guide",
    "hang",
    "hammer",
    "heat",
    "hold",
    "hook",
    "insert",
    "iron",
    "join",
    "keep",
    "knead",
    "knot",
    "lay",
    "leave",
    "let",
    "lift",
    "light",
    "line",
    "link",
    "load",
    "loop",
    "loosen",
    "lower",
    "mark",
    "mash",
    "measure",
    "melt",
    "mend",
    "mix",
    "moisten",
    "mount",
    "move",
    "nail",
    "open",
    "oil",
    "pack",
    "paint",
    "paste",
    "patch",
    "peel",
    "pick",
    "pin",
    "pinch",
    "place",
    "plait",
    "plane",
    "plant",
    "plug",
    "polish",
    "pound",
    "pour",
    "press",
    "prick",
    "pull",
    "pump",
    "punch",
    "push",
    "put",
    "raise",
    "reach",
    "remove",
    "repeat",
    "replace",
    "reset",
    "rinse",
    "roast",
    "roll",
    "rotate",
    "rub",
    "sand",
    "scoop",
    "scrape",
    "screw",
    "scrub",
    "seal",
    "season",
    "secure",
    "separate",
    "set",
    "sew",
    "shake",
    "shape",
    "sharpen",
    "shift",
    "sift",
    "simmer",
    "skim",
    "slice",
    "slide",
    "slip",
    "smooth",
    "soak",
    "soften",
    "spin",
    "splice",
    "split",
    "spoon",
    "spray",
    "spread",
    "sprinkle",
    "squeeze",
    "stack",
    "stand",
    "start",
    "steam",
    "steep",
    "stir",
    "stitch",
    "store",
    "strain",
    "stretch",
    "string",
    "strip",
    "strike",
    "stuff",
    "support",
    "swap",
    "sweep",
    "swirl",
    "switch",
    "take",
    "tap",
    "tape",
    "taste",
    "tear",
    "tension",
    "test",
    "thread",
    "tie",
    "tighten",
    "tilt",
    "toast",
    "top",
    "toss",
    "touch",
    "trace",
    "transfer",
    "trim",
    "tuck",
    "tune",
    "turn",
    "twist",
    "unroll",
    "unscrew",
    "use",
    "warm",
    "wash",
    "water",
    "wax",
    "weave",
    "wedge",
    "weigh",
    "whip",
    "whisk",
    "widen",
    "wind",
    "wipe",
    "work",
    "wrap",
]
_IRREGULAR = {
    "bend": "bent", "bind": "bound", "bring": "brought", "build": "built", "catch": "caught",
    "dig": "dug", "draw": "drew", "feed": "fed", "find": "found", "get": "got", "grind": "ground",
    "hang": "hung", "hold": "held", "keep": "kept", "lay": "laid", "leave": "left", "light": "lit",
    "slide": "slid", "spin": "spun", "stand": "stood", "strike": "struck", "sweep": "swept",
    "take": "took|taken", "tear": "tore|torn", "weave": "wove|woven", "wind": "wound",
}  # fmt: skip


def _past(stem: str) -> str:
    if stem in _IRREGULAR:
        return _IRREGULAR[stem]
    if stem in {"beat", "cast", "cut", "let", "put", "set", "split", "spread"}:
        return f"{stem}|beaten" if stem == "beat" else stem
    if stem.endswith("e"):
        return f"{stem}d"
    if stem.endswith("y") and stem[-2] not in "aeiou":
        return f"{stem[:-1]}ied"
    doubled = re.search(r"[^aeiou][aeiou][bdgklmnprt]$", stem) and len(stem) <= 5
    return f"{stem}{stem[-1]}ed|{stem}ed" if doubled else f"{stem}ed"


BASE = "|".join(_STEMS)
PAST = "|".join(sorted({p for s in _STEMS for p in _past(s).split("|")}))
_LEAD = r"(?:(?:\d+[.)]|[-*•]|step \d+:?|first(?:ly)?|second(?:ly)?|third(?:ly)?|then|next|now|finally|lastly|after that|and then|also|gently|carefully|slowly|quickly|lightly|again|once \w+[^,.]{0,40},|when [^,.]{1,40},|to [^,.]{1,40},|with [^,.]{1,40},|using [^,.]{1,40},|in [^,.]{1,30},)[,:]?\s+)*"
IMPERATIVE = re.compile(rf"^\W*{_LEAD}(?:{BASE})\b(?!\s+(?:is|are|was|were|of)\b)", re.IGNORECASE)
JOINED = re.compile(
    rf"(?:,|;| and| then|, then|, and)\s+(?:{BASE})\s+(?:it|them|the|a|an|each|both|one|two|some|your|this|in|on|over|into|until)\b",
    re.IGNORECASE,
)
ADDRESSED = re.compile(
    rf"\b(?:you|one|we)(?:'ll|'d)?\s+(?:will |can |could |should |must |may |might |just |then |now |first |simply |only |have to |need to |want to |would )*(?:{BASE})\b",
    re.IGNORECASE,
)
NARRATED = re.compile(
    rf"\b(?:i|we|she|he|they|[A-Z][a-z]+)\s+(?:then |first |now |next |carefully |slowly |gently |always |usually |also )*(?:{PAST}|(?:{BASE})s)\s+(?:it|them|the|a|an|each|both|one|two|three|some|my|her|his|their|this|in|on|over|into|off|out|until)\b"
)
PASSIVE = re.compile(
    rf"\b(?:is|are|be|gets?|being)\s+(?:then |first |now |carefully |gently |lightly )?(?:{PAST})\b",
    re.IGNORECASE,
)
PROHIBITED = re.compile(
    r"\b(?:do not|don't|never|avoid|must not|should not|shouldn't|cannot|can't|won't|refrain)\b",
    re.IGNORECASE,
)
REFUSED = re.compile(
    r"\b(?:i|we)\b[^.!?]{0,30}\b(?:can(?:not|'t)|won't|will not|unable to|not able to)\b[^.!?]{0,40}\b(?:help|provide|assist|do|answer|give|share|support|offer)\b",
    re.IGNORECASE,
)
GENERAL = re.compile(
    r"\b(?:you (?:can|could|might|may|should|need)|try|consider|it helps to|start by|the (?:best|usual|easiest) way|one way|learn|practi[sc]e|look for|make sure|choose)\b",
    re.IGNORECASE,
)
_NUMBER = r"(?:\d+(?:[.,/]\d+)?|half|a quarter|one|two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|twenty|thirty|forty|a dozen|a pinch|a handful|a spoonful|a couple)"
_UNIT = r"(?:%|°\s?[cf]?|degrees?|cm|mm|m|metres?|meters?|inch(?:es)?|foot|feet|g|kg|grams?|ml|l|litres?|liters?|cups?|spoons?|tablespoons?|teaspoons?|tbsp|tsp|drops?|minutes?|mins?|seconds?|hours?|days?|weeks?|times|turns?|layers?|pieces?|parts?|rows?|stitches|pairs?|sheets?|hand(?:s|'s)?[- ]widths?|fingers?|loops?|strips?|slices?|coats?|strokes?|spans?)"
QUANTITY = re.compile(
    rf"\b{_NUMBER}(?:\s+(?:more|small|large|full|level|even|equal|of))*[\s-]*{_UNIT}\b|\ba (?:pinch|handful|spoonful|cup) of\b",
    re.IGNORECASE,
)
ORDER = re.compile(
    r"(?m)^\s*\d+[.)]\s|\b(?:first|then|next|after (?:that|this|which)|afterwards|once|finally|lastly|before|until|second|third|step \d|begin|start|when)\b",
    re.IGNORECASE,
)
CONDITION = re.compile(
    r"\b(?:for (?:about |at least |around )?(?:\d+|\w+) (?:minutes?|hours?|seconds?|days?|weeks?)|over (?:low|medium|high|a low|a gentle)|at (?:room|low|high|a low)|if (?:the|it|they|you|your)|while (?:it|the|they)|in the (?:shade|sun|dark)|overnight|gently|slowly|thinly|tightly|loosely|evenly|warm|cold|dry|damp)\b",
    re.IGNORECASE,
)
CHECK = re.compile(
    r"\b(?:until (?:it|they|the|no|you|all)|(?:it|they|that|this)(?:'s| is| are) (?:done|ready|right|finished) when|should (?:be|feel|look|sound|hold|stay|come|run|stand|slide|ring|hang)|you(?:'ll| will)? (?:know|can tell|hear|see|feel)|check (?:that|whether|if|the|it)|test (?:it|the|that|by|whether)|(?:is|are) (?:done|ready|right|finished) (?:when|once|if)|works if|a good (?:one|sign)|if it (?:holds|slips|wobbles|rings|sags|sticks))\b",
    re.IGNORECASE,
)
YEAR = re.compile(r"\b(?:1[0-9]{3}|20[0-9]{2})\b")
_CUT = re.compile(r"[^.!?\n]*(?:[.!?]+(?=[\s\"')\]]|$)|\n+|$)")
_WORD = re.compile(r"[a-z]+(?:'[a-z]+)?")
STOP = frozenset(
    [
        "the",
        "a",
        "an",
        "and",
        "or",
        "but",
        "of",
        "to",
        "in",
        "on",
        "at",
        "for",
        "with",
        "from",
        "by",
        "as",
        "is",
        "are",
        "was",
        "were",
        "be",
        "been",
        "it",
        "its",
        "this",
        "that",
        "these",
        "those",
        "you",
        "your",
        "i",
        "my",
        "we",
        "our",
        "he",
        "she",
        "they",
        "them",
        "his",
        "her",
        "their",
        "not",
        "no",
        "so",
        "if",
        "then",
        "than",
        "when",
        "while",
        "into",
        "over",
        "under",
        "up",
        "down",
        "out",
        "off",
        "just",
        "very",
        "can",
        "will",
        "would",
        "should",
        "could",
        "may",
        "might",
        "must",
        "do",
        "does",
        "did",
        "have",
        "has",
        "had",
        "there",
        "here",
        "what",
        "which",
        "who",
        "how",
        "all",
        "each",
        "both",
        "any",
        "some",
        "more",
        "most",
        "other",
        "only",
        "own",
        "same",
        "too",
        "also",
        "about",
        "after",
        "before",
        "again",
    ]
)


@frozen(kw_only=True)
class Features:
    """What was found in a text.

    Attributes:
        steps: Things to do, counted in distinct sentences.
        share: Of sentences, those that do.
        things: Distinct content words in those sentences.
        general: Sentences that point in a direction only.
        repeated: Share of sentences that occurred before: 0 to 1.
        spans: Where the steps are, in characters.
    """

    words: int
    steps: int
    share: float
    things: int
    quantities: int
    order: int
    conditions: int
    checks: int
    general: int
    refused: bool
    dated: int
    repeated: float
    spans: tuple[tuple[int, int], ...]


def is_step(sentence: str) -> bool:
    """Whether a sentence tells of something to do, in whatever grammatical dress."""
    if PROHIBITED.search(sentence) or REFUSED.search(sentence):
        return False
    return any(
        p.search(sentence) for p in (IMPERATIVE, JOINED, ADDRESSED, NARRATED, PASSIVE)
    ) and not YEAR.search(sentence)


def clauses(sentence: str) -> int:
    """Count the things to do in a sentence that may join several."""
    return bool(IMPERATIVE.search(sentence)) + len(JOINED.findall(sentence))


def features(text: str) -> Features:
    """Read *text*."""
    seen: set[str] = set()
    total = repeated = general = dated = 0
    spans: list[tuple[int, int]] = []
    steps: list[str] = []
    for match in _CUT.finditer(text):
        sentence = match.group().strip()
        plain = " ".join(_WORD.findall(sentence.lower()))
        if not plain:
            continue
        total += 1
        if plain in seen:
            repeated += 1
            continue
        seen.add(plain)
        dated += bool(YEAR.search(sentence))
        if is_step(sentence):
            steps.append(sentence)
            spans.append((match.start(), match.end()))
        elif GENERAL.search(sentence):
            general += 1
    doing = " ".join(steps)
    return Features(
        words=len(_WORD.findall(text.lower())),
        steps=sum(max(1, clauses(s)) for s in steps),
        share=len(steps) / total if total else 0.0,
        things=len(set(_WORD.findall(doing.lower())) - STOP),
        quantities=len(QUANTITY.findall(doing)),
        order=len(ORDER.findall(doing)),
        conditions=len(CONDITION.findall(doing)),
        checks=len(CHECK.findall(text)),
        general=general,
        refused=bool(REFUSED.search(text)),
        dated=dated,
        repeated=repeated / total if total else 0.0,
        spans=tuple(spans),
    )
