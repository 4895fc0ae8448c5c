"""What findings call a set of attacks: one that is any of them, or the mean of each."""

from collections.abc import Iterable

ANY = "any"
"""Short for whichever set there is, where a gate says which attack."""
ANY_OF, MEAN_OF = "any of ", "mean of "
AND = ", "


def any_of(attacks: Iterable[str]) -> str:
    """Name the event that at least one of *attacks* succeeds."""
    return ANY_OF + AND.join(attacks)


def mean_of(attacks: Iterable[str]) -> str:
    """Name the mean of *attacks*, each by itself."""
    return MEAN_OF + AND.join(attacks)


def is_single(attack: str) -> bool:
    """Tell one attack from a set of them."""
    return not attack.startswith((ANY_OF, MEAN_OF))


def is_any(attack: str) -> bool:
    """Tell the event that at least one of a set succeeds."""
    return attack.startswith(ANY_OF)


def is_mean(attack: str) -> bool:
    """Tell the mean of a set, each by itself."""
    return attack.startswith(MEAN_OF)


def members(attack: str) -> tuple[str, ...]:
    """Give the attacks of a set; of one attack itself."""
    for start in (ANY_OF, MEAN_OF):
        if attack.startswith(start):
            return tuple(attack.removeprefix(start).split(AND))
    return (attack,)
