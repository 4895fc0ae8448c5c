"""Options of the search."""

from attrs import frozen

from dosimeter import option


@frozen(kw_only=True)
class TreeOptions:
    """Size of the tree."""

    branching: int = option(identity=True, default=3, help="children of each leaf")
    depth: int = option(identity=True, default=3, help="levels")
    width: int = option(identity=True, default=3, help="leaves that survive a level")
    clock: bool = option(
        identity=True, default=False, help="misbehave: put the time of day into the questions"
    )
    fail: str = option(identity=True, default="", help="misbehave: raise at this level")
    sign: str = option(operational=True, default="", help="ends every question to the attacker")
    licence_key: str = option(secret=True, default="", help="whose length ends it too")
