"""Options of the sink."""

from attrs import frozen

from dosimeter import option


@frozen(kw_only=True)
class StarterOptions:
    """What stands on the page besides findings."""

    attempts: bool = option(
        operational=True, default=False, help="list the attempts, with replies that may be shown"
    )
