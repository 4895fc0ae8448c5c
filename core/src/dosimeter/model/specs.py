"""What plugins declare: a spec names a thing and says where its factory is.

A factory is a ``"module:attr"`` string, imported on first use, and is called with the options (an
instance of the spec's options class); a provider's with the model name first.
"""

from collections.abc import Callable
from enum import StrEnum
from typing import ClassVar, TypeVar

import attrs
from attrs import field, frozen

from dosimeter.model.answering import Caveat
from dosimeter.model.conversation import Pairs
from dosimeter.model.design import Factor
from dosimeter.model.doing import Role
from dosimeter.model.facts import CardLine
from dosimeter.model.measures import Measure
from dosimeter.model.rating import Scale, Sees, SubjectKind
from dosimeter.model.work import Price

T = TypeVar("T")

OPTION_CLASSES = ("identity", "operational", "secret")


def option(
    *,
    default: T = attrs.NOTHING,  # type: ignore[assignment]
    identity: bool = False,
    operational: bool = False,
    secret: bool = False,
    help: str = "",  # noqa: A002  the word that JSON Schema's readers know from every CLI
    env: tuple[str, ...] = (),
    account: bool = False,
    hash_of: str = "",
    validator: Callable[[attrs.AttrsInstance, "attrs.Attribute[T]", T], None] | None = None,
    converter: Callable[[T], T] | None = None,
) -> T:
    """Declare one option of a plugin, in exactly one class.

    Args:
        default: Without one the option must be given.
        identity: Changes what is measured: part of ids; a resume with another value is refused.
        operational: Timeouts, limits, prices: may change between start and resume.
        secret: Never printed, logged, journalled or hashed.
        help: One line for people and editors.
        env: Environment variables that fill it when the stack does not, first match wins.
            ``{name}`` in one stands for what option *name* says, in capitals.
        account: Tells one account or server from another: endpoints of one provider whose
            account options and secrets are equal share one limiter.
        hash_of: The option that names a file whose hash this one is: where a run goes on with
            another, that file is named.
        validator: An attrs validator.
        converter: Gives values that mean the same one form: that which is measured, compared and kept.
            It lets through what it cannot read, for the validator to refuse.

    Raises:
        ValueError: Unless exactly one class is given.
    """
    given = [
        name for name, on in zip(OPTION_CLASSES, (identity, operational, secret), strict=True) if on
    ]
    if len(given) != 1:
        msg = f"an option is exactly one of {', '.join(OPTION_CLASSES)}; got {given or 'none'}"
        raise ValueError(msg)
    return field(
        default=default,
        repr=not secret,
        validator=validator,
        converter=converter,
        metadata={
            "dosimeter": given[0],
            "help": help,
            "env": env,
            "account": account,
            "hash_of": hash_of,
        },
    )


def option_class(attribute: "attrs.Attribute[T]") -> str:
    """Give the class that an option is declared in, of `OPTION_CLASSES`; empty for any other field."""
    return str(attribute.metadata.get("dosimeter", ""))


@frozen(kw_only=True)
class NoOptions:
    """For plugins without options."""


class Capability(StrEnum):
    """What a provider can do: what it declares, the kit tries; the engine asks the same of all.

    Attributes:
        CHAT: Answers a conversation in words.
        LOGPROBS: Gives log-probabilities of its reply where `Request.want` asks for them.
        SCORING: Gives those of the text in `Request.score`, in place of a reply.
        SEED: Passes `Request.seed` on.
        TOOLS: Offers `Request.tools`; without it a request with tools is refused with `Permanent`.
        IMAGES: Carries `Media`; likewise.
        VERDICT_ONLY: Answers with a `Verdict` under `Stop.VERDICT`: a guardrail.
        DETERMINISTIC: Gives the same reply to the same request with the same seed, built anew too.
    """

    CHAT = "chat"
    LOGPROBS = "logprobs"
    SCORING = "scoring"
    SEED = "seed"
    TOOLS = "tools"
    IMAGES = "images"
    VERDICT_ONLY = "verdict only"
    DETERMINISTIC = "deterministic"


@frozen(kw_only=True)
class ProviderSpec:
    """A model provider.

    Attributes:
        id: The part before the slash in ``provider/model``.
        summary: One line, for lists of plugins.
        options: Class of its options, of `option` alone.
        capabilities: What it can do.
        language_model: False labels every output "not a language model".
        connections: Calls at once that suit it when the stack does not say.
        factory: Called with the model name and the options; returns a `ModelProvider`.
        prepare: ``"module:attr"``, called with each endpoint (without an id yet), its options and the
            folder of the stack file when a stack is read; returns the options with what was found
            out about the model in them, such as a hash of its files. A `StackError` with faults of
            ``(key, why)`` tells what is wrong with the endpoint's table, such as a ``temperature`` that
            cannot be passed on. Nothing is sent.
        hints: Codes of its failures, each with what to do about it. They are told after a run;
            messages of exceptions are not, as they may quote what was said. ``{model}``, and
            ``{name}`` of an option that is no secret, stand for what the stack says; ``{at}`` for
            " at" and the address, ``{key}`` for ":" and what fills its secret options; both are
            empty where there is none.
        prices: Dated prices of its models, for endpoints whose account options are the default
            ones; a stack's own [[prices]] go before them.
    """

    kind: ClassVar[str] = "provider"
    id: str
    summary: str
    factory: str
    options: type = NoOptions
    hints: Pairs = ()
    prices: tuple[Price, ...] = ()
    capabilities: frozenset[Capability] = frozenset({Capability.CHAT})
    language_model: bool = True
    connections: int = 16
    prepare: str = ""


@frozen(kw_only=True)
class AttackSpec:
    """An attack generator.

    Attributes:
        revision: Raised whenever the attack would put an item differently; part of ids.
        search: Whether the factory builds a `SearchAttack`.
        roles: Endpoints besides the target that the stack must name.
        factors: Every factor its variants carry.
        notes: Kinds of notes of its own; any other than these and the core's is shown as
            ``unclear``, as it might quote.
    """

    kind: ClassVar[str] = "attack"
    id: str
    summary: str
    factory: str
    revision: int = 1
    options: type = NoOptions
    search: bool = False
    roles: tuple[Role, ...] = ()
    factors: tuple[Factor, ...] = ()
    notes: tuple[str, ...] = ()


@frozen(kw_only=True)
class ScorerSpec:
    """A rater: rule, classifier or judge.

    Attributes:
        revision: Raised whenever a mark could come out differently; part of the rater's identity.
        sees: Exactly what a `Case` shows it.
        languages: BCP 47 tags it can rate; ``("*",)`` or none only if language does not matter.
            A reply that was asked for in another is unscorable, and the rater is not asked.
        subjects: Kinds of subject it is given.
        judge: Whether the factory builds a `JudgeScorer`.
        card: Published sensitivity, specificity and the like.
    """

    kind: ClassVar[str] = "rater"
    id: str
    summary: str
    factory: str
    scales: tuple[Scale, ...]
    sees: frozenset[Sees] = frozenset({Sees.REPLY})
    languages: tuple[str, ...] = ("en",)
    subjects: tuple[SubjectKind, ...] = (SubjectKind.PATH,)
    revision: int = 1
    options: type = NoOptions
    judge: bool = False
    roles: tuple[Role, ...] = ()
    card: tuple[CardLine, ...] = ()


@frozen(kw_only=True)
class PanelInfo:
    """A named selection of a category's items."""

    name: str
    summary: str


@frozen(kw_only=True)
class CategorySpec:
    """A harm category.

    Attributes:
        version: Of the items; travels to every estimand.
        panels: The first is the default.
        scales: Those of the category itself, with rubrics; raters bring their own.
        attacks: Ids used when the stack names none.
        raters: Ids suggested when the stack names none.
        measures: Asked of every run of the category.
        languages: BCP 47 tags of its items, not of translations; none if only the items tell.
        notices: What a reader of any number should know of the items: of code ``"alike-items"``
            beside every number, of any other above the tables alone.
        prepare: ``"module:attr"``, called with the options and the folder of the stack file when a stack
            is read, as a provider's is: returns the options with what was found out in them.
        declare: ``"module:attr"``, called with the options: returns this spec as they make it, with
            version, scales, factors, measures and languages of its own. For items that a team brings.
        start: ``"module:attr"``, called with the path of a file and how a stack is to write it: returns
            a stack to start from, as text, or nothing if it cannot measure such a file.
            ``dosimeter init --from`` asks it, and tells the lines of comment that end in a question mark.
        named: What stands for the version in an estimand, such as the names of a team's files; the version
            if empty. No hash holds it.
    """

    kind: ClassVar[str] = "category"
    id: str
    summary: str
    factory: str
    version: str
    panels: tuple[PanelInfo, ...]
    options: type = NoOptions
    scales: tuple[Scale, ...] = ()
    factors: tuple[Factor, ...] = ()
    attacks: tuple[str, ...] = ("direct",)
    raters: tuple[str, ...] = ()
    measures: tuple[Measure, ...] = ()
    languages: tuple[str, ...] = ("en",)
    notices: tuple[Caveat, ...] = ()
    prepare: str = ""
    declare: str = ""
    start: str = ""
    named: str = ""


@frozen(kw_only=True)
class SinkSpec:
    """A report sink.

    Attributes:
        suffix: How names end that ``-o FILE`` recognises it by, the longest that fits: a suffix with
            the dot, or a whole name such as ``card.md``; empty for none.
    """

    kind: ClassVar[str] = "sink"
    id: str
    summary: str
    factory: str
    options: type = NoOptions
    suffix: str = ""

    @property
    def usual(self) -> str:
        """The file that it writes into a run's folder; empty if it has no suffix."""
        return f"report{self.suffix}" if self.suffix.startswith(".") else self.suffix


@frozen(kw_only=True)
class ExecutorSpec:
    """Something that runs attempts."""

    kind: ClassVar[str] = "executor"
    id: str
    summary: str
    factory: str
    options: type = NoOptions


@frozen(kw_only=True)
class CommandSpec:
    """A CLI verb; the factory returns a click command."""

    kind: ClassVar[str] = "command"
    id: str
    summary: str
    factory: str


Spec = ProviderSpec | AttackSpec | ScorerSpec | CategorySpec | SinkSpec | ExecutorSpec | CommandSpec
