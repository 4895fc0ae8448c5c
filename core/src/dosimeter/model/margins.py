"""What may be the margin of a difference: one check, for stacks, commands and audits."""

import math


def margin_fault(margin: float, widest: float) -> str:
    """Say why *margin* is none; empty if it is one.

    Args:
        margin: Largest difference that is not to matter.
        widest: The largest difference that there can be: 1 of shares, 4 of means on a scale of 1 to 5,
            infinite on a scale without ends.

    >>> margin_fault(0.05, 1), margin_fault(float("nan"), 1), margin_fault(5, 1)
    ('', 'a margin is a finite number above 0', 'no difference is larger than 1')
    """
    if not 0 < margin < math.inf:
        return "a margin is a finite number above 0"
    return f"no difference is larger than {widest:g}" if margin >= widest else ""
