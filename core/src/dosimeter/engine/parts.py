"""The parts of a stack, built: attacks, categories and raters with what the stack says of them."""

from functools import cached_property

from attrs import field, frozen

from dosimeter.contracts import AttackGenerator, HarmCategory, HarmScorer, JudgeScorer
from dosimeter.engine.rules import Rule
from dosimeter.errors import PlanError
from dosimeter.ids import digest
from dosimeter.model.design import Item, Label
from dosimeter.model.doing import Role
from dosimeter.model.specs import AttackSpec, CategorySpec, ScorerSpec
from dosimeter.model.stackfile import CategoryChoice, Choice, RaterChoice
from dosimeter.model.work import OPEN, Endpoint, Seal


@frozen(kw_only=True)
class AttackPart:
    """An attack as one category uses it, built.

    Attributes:
        roles: Ids of the endpoints that serve it, by role.
        source: Distribution and version that supply it.
    """

    spec: AttackSpec
    choice: Choice
    generator: AttackGenerator
    roles: tuple[tuple[str, str], ...] = ()
    source: str = ""

    @property
    def told(self) -> str:
        """Name the attack, with who supplies it."""
        return f"attack {self.spec.id!r}" + (f" of {self.source}" if self.source else "")

    @cached_property
    def identity(self) -> str:
        """Hash of what the attack is, its role endpoints included."""
        return digest(
            "attack", (self.spec.id, self.spec.revision, self.choice.identity, self.roles)
        )


@frozen(kw_only=True)
class CategoryPart:
    """A category as a stack uses it, built.

    Attributes:
        seal: Owner of the text of its items that are not public.
    """

    spec: CategorySpec
    choice: CategoryChoice
    category: HarmCategory
    attacks: tuple[AttackPart, ...]
    seal: Seal = OPEN

    def owner(self, item: Item) -> Seal:
        """Give the owner of *item*'s text.

        Raises:
            PlanError: If it is not public and the stack gives no secret.
        """
        if item.label is Label.PUBLIC:
            return OPEN
        if not self.seal.key:
            msg = (
                f"item {item.id!r} of category {self.spec.id!r} is {item.label.value}: its text may"
                ' only be kept sealed; add seal = "${NAME}" to [[categories]], and the panel\'s'
                " secret to the environment"
            )
            raise PlanError(msg)
        return self.seal


@frozen(kw_only=True)
class RaterPart:
    """A rater as a stack uses it, built.

    Attributes:
        options: Of the rater, from which a rule is built once more where it is asked.
        source: Distribution and version that supply it.
    """

    spec: ScorerSpec
    choice: RaterChoice
    scorer: HarmScorer | JudgeScorer
    endpoints: tuple[tuple[Role, Endpoint], ...] = ()
    options: object = field(default=None, repr=False)
    source: str = ""

    @cached_property
    def rule(self) -> Rule:
        """What a worker needs to build it."""
        return Rule(id=self.id, name=self.spec.id, factory=self.spec.factory, options=self.options)

    @cached_property
    def id(self) -> str:
        """Hash of what the rater is: options and role endpoints included, name not."""
        roles = tuple((role.value, e.id) for role, e in self.endpoints)
        return digest(
            "rater", (self.spec.id, self.spec.revision, self.choice.choice.identity, roles)
        )
