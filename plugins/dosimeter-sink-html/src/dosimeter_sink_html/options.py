"""Options of the sink."""

from attrs import frozen

from dosimeter import option


@frozen(kw_only=True)
class HtmlOptions:
    """How much the page holds."""

    attempts: int = option(operational=True, default=5000, help="most attempts on the page")
    characters: int = option(operational=True, default=600, help="most characters of one text")
