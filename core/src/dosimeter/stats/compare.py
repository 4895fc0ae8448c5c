"""Conditions compared: what may be said of two, and of several.

On different items by `dosimeter.stats.independent`, on the same ones by `dosimeter.stats.paired`; what
several tests leave of each is in `dosimeter.stats.multiplicity`, what may be said of two conditions in
`dosimeter.stats.verdicts`, of more in `dosimeter.stats.ranking`; all but pairs are to be had here.
"""

from dosimeter.stats.independent import IndependentShares, mover, newcombe_independent
from dosimeter.stats.multiplicity import Adjusted, CochranQ, cochran_q, p_adjust
from dosimeter.stats.ranking import Groups, Pair, Ranking, rank, tie_groups
from dosimeter.stats.verdicts import JointVerdict, Verdict, refusal_verdict, verdict

__all__ = [
    "Adjusted",
    "CochranQ",
    "Groups",
    "IndependentShares",
    "JointVerdict",
    "Pair",
    "Ranking",
    "Verdict",
    "cochran_q",
    "mover",
    "newcombe_independent",
    "p_adjust",
    "rank",
    "refusal_verdict",
    "tie_groups",
    "verdict",
]
