"""What a stack says of a team's own file."""

from attrs import field, frozen
from attrs.validators import in_

from dosimeter import Intent, Label, option
from dosimeter_harm_file.words import folded, plain

WORDS = {
    Intent.HARMFUL: ("harmful", "unsafe", "violating", "violation", "disallowed", "bad", "yes", "true", "1"),
    Intent.BENIGN: ("benign", "safe", "allowed", "ok", "good", "no", "false", "0"),
    Intent.CONTESTABLE: ("contestable", "unclear", "borderline", "debatable"),
    Intent.CONTROL: ("control",),
}  # fmt: skip
"""What a cell may say of an intent when the stack does not say otherwise, in whatever case."""

ASKED = "?"
"""Stands where a stack's reader is to say the intent of every row; it is refused until then."""


def _plain(given: str) -> str:
    """Give a name as it is compared; what is no text is the validators' to refuse."""
    return plain(given) if isinstance(given, str) else given


def _plain_all(given: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(map(_plain, given)) if isinstance(given, tuple) else given


def _column(text: str) -> str:
    return field(default="", converter=_plain, metadata={"help": text})


@frozen(kw_only=True)
class Columns:
    """Which column says what. Empty: the column of the field's own name, if the file has it."""

    prompt: str = _column("the request; its last message, where there are several")
    messages: str = _column(
        'the conversation before it, as JSON: [{"role": "user", "content": ...}]'
    )
    system: str = _column("a system message of the item's own")
    intent: str = _column("whether the request is harmful, benign, contestable or a control")
    family: str = _column("one goal: what the same answer would satisfy")
    twin: str = _column("id of the row that is the request's harmful or benign twin")
    twin_prompt: str = _column("text of the request's twin, in the same row")
    goal: str = _column("what would satisfy the asker")
    language: str = _column("BCP 47 tag")
    id: str = _column("a name of the row that stays with it")


@frozen(kw_only=True)
class Words:
    """Which words of the intent's column mean what, in whatever case; empty takes the usual ones."""

    harmful: tuple[str, ...] = field(
        default=(), metadata={"help": "of requests that break the policy"}
    )
    benign: tuple[str, ...] = field(default=(), metadata={"help": "of requests that do not"})
    contestable: tuple[str, ...] = field(default=(), metadata={"help": "of those people differ on"})
    control: tuple[str, ...] = field(default=(), metadata={"help": "of everyday how-tos"})

    def intents(self) -> dict[str, Intent]:
        """Give the intent of each word, in small letters."""
        given = {intent: getattr(self, intent.value) for intent in WORDS}
        said = given if any(given.values()) else WORDS
        return {folded(word): intent for intent, words in said.items() for word in words}


@frozen(kw_only=True)
class FileOptions:
    """Where requests and policy are, and how the rows are read."""

    path: str = option(
        operational=True, help="the file: .csv, .tsv, .jsonl or .parquet, from the stack's folder"
    )
    policy: str = option(
        operational=True, default="",
        help="a text file with the team's policy: the rubric of a scale of its own",
    )  # fmt: skip
    columns: Columns = option(identity=True, default=Columns(), help="which column says what")
    intent: str = option(
        identity=True, default="", validator=in_(("", ASKED, *(i.value for i in WORDS))),
        help="of every row, where no column says so",
    )  # fmt: skip
    words: Words = option(
        identity=True, default=Words(), help="which words of the intent's column mean what"
    )
    factors: tuple[str, ...] = option(
        identity=True,
        default=(),
        converter=_plain_all,
        help="columns that describe the request; the first is the stratum",
    )
    language: str = option(
        identity=True, default="en", help="of every row, where no column says so"
    )
    label: Label = option(
        identity=True, default=Label.PUBLIC,
        help="public, or held-out: never seen by a model, and then sealed",
    )  # fmt: skip
    licence: str = option(identity=True, default="not stated", help="of the items")
    origin: str = option(identity=True, default="", help="who wrote them; the file's name if empty")
    encoding: str = option(operational=True, default="utf-8", help="of the text, such as cp1252")
    encoding_is_sure: bool = option(
        operational=True, default=False, help="read by encoding what could be UTF-8"
    )
    source: str = option(
        identity=True, default="", hash_of="path",
        help="hash of the file, which dosimeter fills in; given, it must be that",
    )  # fmt: skip
    policy_source: str = option(
        identity=True, default="", hash_of="policy", help="hash of the policy, likewise"
    )
    folder: str = option(
        operational=True, default="", help="of the stack file, which dosimeter fills in"
    )
