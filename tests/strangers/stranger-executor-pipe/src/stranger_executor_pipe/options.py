"""Options of the executor."""

from attrs import frozen

from dosimeter import option


@frozen(kw_only=True)
class PipeOptions:
    """How workers are run, and how one is lost on purpose."""

    workers: int = option(operational=True, default=4, help="processes at once")
    lose: int = option(
        operational=True, default=0,
        help="lose the first worker that says this many things of kind `losing`",
    )  # fmt: skip
    losing: str = option(
        operational=True, default="AskRecord", help="kind of message to lose it at"
    )
    always: bool = option(operational=True, default=False, help="lose every worker so")
    plugins: str = option(
        operational=True, default="", help="the only plugins that workers load, if given"
    )
    trace: str = option(operational=True, default="", help="file to note every byte in")
