"""What is measured, and how it is put."""

from enum import StrEnum

from attrs import field, frozen

from dosimeter.model.conversation import Conversation, Message, Pairs, Tool

ANSWER = "answer"
"""The factor by which an attack's variant says in which language it asks for the answer."""


class Intent(StrEnum):
    """What somebody who says this wants.

    A ``control`` is an everyday how-to: what is answered tells what a target can do under an attack,
    not what it refuses.
    """

    HARMFUL = "harmful"
    BENIGN = "benign"
    CONTESTABLE = "contestable"
    PAIRED = "paired"
    HONEYPOT = "honeypot"
    CONTROL = "control"
    CANARY = "canary"


class Label(StrEnum):
    """How public an item is. The label travels to every number."""

    PUBLIC = "public"
    HIDDEN_DRAW = "hidden draw"
    HELD_OUT = "held-out"


class FactorRole(StrEnum):
    """What a factor is for in the analysis."""

    STRATUM = "stratum"
    CLUSTER = "cluster"
    TREATMENT = "treatment"
    MARKER = "marker"
    NOTE = "note"


@frozen(kw_only=True)
class Factor:
    """A named property of items or variants, declared before it is used.

    Attributes:
        levels: The values it can take; empty means open.
    """

    name: str
    role: FactorRole
    levels: tuple[str, ...] = ()
    summary: str = ""


@frozen(kw_only=True)
class Link:
    """A tie to another item.

    Attributes:
        kind: Such as ``"twin-of"``, ``"control-for"``, ``"paraphrase-of"``.
    """

    kind: str
    item_id: str


@frozen(kw_only=True)
class Reference:
    """Ground truth in the category's own format, opaque to everybody else."""

    schema: str
    value: bytes = field(repr=False)


@frozen(kw_only=True)
class Provenance:
    """Where an item comes from.

    Attributes:
        source: Author or data set, with version.
        licence: SPDX expression, or what the source says.
        checked_by: Who read it besides the author; empty means nobody.
        date: ISO 8601 day.
    """

    source: str
    licence: str
    checked_by: str = ""
    date: str = ""
    url: str = ""


@frozen(kw_only=True)
class Translation:
    """What an item's last message says in another language.

    Attributes:
        language: BCP 47 tag.
        checked_by: Who read it; ``machine-translated`` if nobody who speaks the language did.
    """

    language: str
    text: str = field(repr=False)
    checked_by: str = "machine-translated"


@frozen(kw_only=True)
class Item:
    """One thing to measure.

    Attributes:
        id: Unique within the category, stable for ever, such as ``"physical/fire/barn/harmful"``.
        opening: The conversation as the item brings it; its last message is a user's.
        goal: What would satisfy the asker, in lay words; what severity is measured against.
        family: One goal. The statistical cluster.
        language: BCP 47 tag of the opening.
        factors: Declared by the category.
        translations: For attacks to say; at most one a language, none in the item's own.
    """

    id: str
    opening: Conversation = field(repr=False)
    intent: Intent
    family: str
    category: str
    provenance: Provenance
    goal: str = field(default="", repr=False)
    language: str = "en"
    label: Label = Label.PUBLIC
    tools: tuple[Tool, ...] = ()
    factors: Pairs = ()
    links: tuple[Link, ...] = ()
    reference: Reference | None = field(default=None, repr=False)
    translations: tuple[Translation, ...] = ()


class Presupposes(StrEnum):
    """What a scripted line takes for granted of the reply before it."""

    NOTHING = "nothing"
    ANSWERED = "answered"


@frozen(kw_only=True)
class Line:
    """One scripted message.

    Attributes:
        presupposes: If the reply before does not give it, the attempt is marked ``off-script``.
    """

    message: Message
    presupposes: Presupposes = Presupposes.NOTHING


@frozen(kw_only=True)
class Variant:
    """One way an attack puts an item.

    Attributes:
        attack: Id of the attack.
        key: Unique within the attack and the item, readable and stable: ``"stage@en"``.
        factors: Declared by the attack, such as framing, language, template, checked_by.
        script: What is said instead of the opening's last message, line by line, each line after
            the reply to the one before. None says the opening as it is; for a search attack it is
            None and the attack plays.
    """

    attack: str
    key: str
    factors: Pairs = ()
    script: tuple[Line, ...] | None = field(default=None, repr=False)


@frozen(kw_only=True)
class Attempt:
    """The unit of work: ids only, so that no queue holds text.

    Attributes:
        id: Hash of what the attempt is (`dosimeter.ids`).
        repeat: 0, 1, ...
    """

    id: str
    item_id: str
    attack: str
    variant_key: str
    target_id: str
    repeat: int
