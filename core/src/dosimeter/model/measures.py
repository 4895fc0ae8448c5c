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
        factors: Name and level, all of which must hold.
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
        factor: A declared factor, or ``"target"``, ``"intent"``, ``"attack"``.
        first: Empty for each other level that there is, one contrast each.
    """

    factor: str
    first: str
    second: str


@frozen(kw_only=True)
class Measure:
    """A named question asked of the marks. It is data, and stands in the journal.

    Attributes:
        id: One question in a stack, whoever asks it: two categories that ask otherwise under one id
            are refused together.
        title: As people read it.
        estimator: ``"rate"`` (share of marks at or beyond *threshold*), ``"shares"`` (one rate a
            level), ``"mean"``, or ``"module:attr"``.
        threshold: For ``"rate"``: the level that counts. On ordinal and real scales *direction*
            says which side; on nominal and boolean ones equality. For a contrast of controls by
            attack: the mean under which a target cannot do the task.
        by: What findings are split by besides target, intent, attack and rater.
        both_ways: For ``"rate"`` on a nominal scale: levels beside *threshold* that a reader may take
            for it. The number with them counted too stands beside it, and gates need both.
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
