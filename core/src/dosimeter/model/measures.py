"""What is asked of the marks: measures, the subjects that they select, and contrasts within families."""

from attrs import frozen

from dosimeter.model.conversation import Pairs
from dosimeter.model.design import Intent
from dosimeter.model.doing import Stage
from dosimeter.model.rating import Aspect, Direction, SubjectKind, Value


@frozen(kw_only=True)
class Selection:
    """Which subjects a measure is about. An empty field selects all.

    Attributes:
        factors: Name and level of declared factors of items or of attacks, all of which must hold.
        stages: At which a candidate was submitted; an attempt without one of them is no success.
    """

    intents: tuple[Intent, ...] = ()
    attacks: tuple[str, ...] = ()
    factors: Pairs = ()
    stages: tuple[Stage, ...] = ()
    kind: SubjectKind = SubjectKind.PATH
    aspect: Aspect = Aspect.ANSWER


@frozen(kw_only=True)
class Contrast:
    """Second level minus first level of one factor, within families.

    Attributes:
        factor: A declared factor of items or of attacks, or ``"target"``, ``"intent"``, ``"attack"``.
        first: Empty for each other level that there is, one contrast each.
        within: Factors over whose levels it is averaged, which weigh alike; ``"intent"`` and
            ``"attack"`` stand for those that the measure selects. A family needs a mark in every cell.
        between: Another factor's contrast: this one at its second level less this one at its first,
            which is an interaction, or a difference in differences.
    """

    factor: str
    first: str
    second: str
    within: tuple[str, ...] = ()
    between: "Contrast | None" = None


@frozen(kw_only=True)
class Measure:
    """A named question asked of the marks. It is data, and stands in the journal.

    Attributes:
        id: One question in a stack, whoever asks it: two categories that ask otherwise under one id
            are refused together.
        title: As people read it.
        estimator: ``"rate"`` (share of marks at or beyond *threshold*), ``"shares"`` (one rate a
            level), ``"mean"``, ``"flips"`` (how much oftener two wordings of a request are marked apart
            than two repeats of one), or ``"module:attr"``.
        threshold: For ``"rate"`` and ``"flips"``: the level that counts. On ordinal and real scales
            *direction* says which side; on nominal and boolean ones equality. For a contrast of
            controls by attack: the mean under which a target cannot do the task.
        by: Declared factors that findings are split by, besides target, intent, attack and rater.
        both_ways: For ``"rate"`` on a nominal scale: levels beside *threshold* that a reader may take
            for it. The number with them counted too stands beside it, and gates need both.
        across: For ``"flips"``: the declared factor that tells wordings of one request apart; the
            original may have none of its levels.
    """

    id: str
    title: str
    scale: str
    estimator: str
    select: Selection = Selection()
    contrast: Contrast | None = None
    direction: Direction = Direction.HIGHER_IS_WORSE
    threshold: Value | None = None
    by: tuple[str, ...] = ()
    both_ways: tuple[Value, ...] = ()
    across: str = ""
