"""Options of the provider of Python functions."""

from attrs import frozen
from attrs.validators import ge, gt, in_

from dosimeter import option

AUTO, PROMPT, MESSAGES = "auto", "prompt", "messages"
TEXT, VERDICT = "text", "verdict"


@frozen(kw_only=True)
class PythonOptions:
    """How a function is found, called and read."""

    takes: str = option(
        identity=True, default=AUTO, validator=in_((AUTO, PROMPT, MESSAGES)),
        help="what it is called with: the text of one message (prompt), the conversation (messages), or"
        " by the name of its first parameter (auto)",
    )  # fmt: skip
    returns: str = option(
        identity=True, default=TEXT, validator=in_((TEXT, VERDICT)),
        help="what it gives back: text, or the verdict of a guardrail",
    )  # fmt: skip
    files: tuple[str, ...] = option(
        identity=True, default=(),
        help="patterns of more files that it depends on, from the folder, such as prompts/*.txt",
    )  # fmt: skip
    source: str = option(
        identity=True, default="",
        help="hash of its source, which dosimeter fills in; given, it must be that",
    )  # fmt: skip
    folder: str = option(
        operational=True, default="",
        help="where its module is looked for before what is installed, from the folder of the stack file",
    )  # fmt: skip
    threads: int = option(
        operational=True, default=1, validator=ge(1),
        help="calls of a function without async at once; more than 1 only if it is thread-safe",
    )  # fmt: skip
    import_seconds: float = option(
        operational=True, default=60.0, validator=gt(0),
        help="seconds that the import of its module may take",
    )  # fmt: skip
