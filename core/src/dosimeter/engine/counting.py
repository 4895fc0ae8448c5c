"""What one attempt and its ratings ask of which endpoint: counted before anything is sent."""

from collections import Counter
from collections.abc import Mapping, Sequence

from attrs import define, field, frozen

from dosimeter.asking import CHARS_PER_TOKEN, GUESSED_REPLY_TOKENS
from dosimeter.contracts import SearchAttack
from dosimeter.engine.languages import asked_for, undeclared
from dosimeter.engine.plan import Planned
from dosimeter.errors import PlanError
from dosimeter.model.doing import Role
from dosimeter.model.rating import Scale, Sees, SubjectKind
from dosimeter.model.specs import ScorerSpec
from dosimeter.model.stackfile import RaterChoice
from dosimeter.model.work import Endpoint
from dosimeter.moves import most_asks


@define
class Demand:
    """What one endpoint is asked."""

    calls: int = 0
    t_in: int = 0
    t_out: int = 0


@define
class Demands:
    """What is asked of each endpoint, by its name."""

    by_name: dict[str, Demand] = field(factory=dict)

    def add(self, endpoint: Endpoint, calls: int, chars: int) -> None:
        """Add *calls* that each send *chars* characters and may take the whole token limit."""
        spent = self.by_name.setdefault(endpoint.name, Demand())
        spent.calls += calls
        spent.t_in += calls * (chars // CHARS_PER_TOKEN)
        spent.t_out += calls * reply_tokens(endpoint)


@frozen(kw_only=True)
class TurnSize:
    """A reply and what comes before it, in characters.

    Attributes:
        said: All that is sent for it, the system prompt included.
        line: The last message of that.
    """

    said: int
    line: int
    reply: int


@frozen(kw_only=True)
class Judge:
    """A judge as a stack uses it, with its endpoints."""

    spec: ScorerSpec
    choice: RaterChoice
    endpoints: tuple[Endpoint, ...]


def reply_tokens(endpoint: Endpoint) -> int:
    """Give the most tokens of a reply, or a guess where nothing limits it."""
    return endpoint.sampling.max_tokens or GUESSED_REPLY_TOKENS


def turns_of(one: Planned) -> list[TurnSize]:
    """Give what the target is asked, in order; of a search the most, each with the opening alone."""
    opening = one.item.opening
    said = sum(len(m.text) for m in opening[:-1]) + len(one.target.system_prompt)
    reply = reply_tokens(one.target) * CHARS_PER_TOKEN
    if one.part.spec.search:
        line = len(opening[-1].text)
        asks = _bound(one)[Role.TARGET]
        return [TurnSize(said=said + line, line=line, reply=reply)] * asks
    script = one.variant.script
    out = []
    for message in [opening[-1]] if script is None else [line.message for line in script]:
        said += len(message.text)
        out.append(TurnSize(said=said, line=len(message.text), reply=reply))
        said += reply
    return out


def _bound(one: Planned) -> Counter[Role]:
    search: SearchAttack = one.part.generator  # type: ignore[assignment]
    return most_asks(search.bound(one.item, one.variant))


def count_attempt(
    into: Demands, one: Planned, turns: Sequence[TurnSize], endpoints: Mapping[str, Endpoint]
) -> None:
    """Add what an attempt asks: the target each turn, other roles what the search may ask them.

    Raises:
        PlanError: If a search counts on a role that it does not declare.
    """
    for turn in turns:
        into.add(one.target, 1, turn.said)
    if not one.part.spec.search:
        return
    served = dict(one.part.choice.roles)
    chars = sum(len(m.text) for m in one.item.opening) + len(one.item.goal)
    for role, asks in _bound(one).items():
        if role is Role.TARGET:
            continue
        if role not in served:
            msg = (
                f"attack {one.part.spec.id!r} counts asks in role {str(role)!r}, which its spec does not"
                " declare, so that no endpoint serves it; its authors add it to `roles`"
            )
            raise PlanError(msg)
        by = endpoints[served[role]]
        into.add(by, asks, chars + len(by.system_prompt))


def count_ratings(
    into: Demands, one: Planned, turns: Sequence[TurnSize], judge: Judge, rubric: Sequence[Scale]
) -> None:
    """Add what *judge* asks about an attempt: a vote is one question to each of its endpoints.

    A path is rated once, however many candidates a search may submit.
    """
    if undeclared(judge.spec, asked_for(one.variant.factors, one.item.language)):
        return
    kinds = judge.spec.subjects
    rated = list(turns[:-1]) if SubjectKind.TURN in kinds else []
    rated += turns[-1:] if SubjectKind.PATH in kinds else []
    for turn in rated:
        shown = _shown(judge.spec, one, turn, rubric)
        for by in judge.endpoints:
            into.add(by, judge.choice.votes, shown + len(by.system_prompt))


def _shown(spec: ScorerSpec, one: Planned, turn: TurnSize, rubric: Sequence[Scale]) -> int:
    """Count the characters of what a judge sees; its own words are not known."""
    texts = [s.summary for s in rubric]
    texts += [t for s in rubric for level in s.levels for t in (level.rule, level.example)]
    parts = {
        Sees.REPLY: turn.reply,
        Sees.PROMPT: turn.line,
        Sees.CONVERSATION: turn.said,
        Sees.GOAL: len(one.item.goal),
        Sees.REFERENCE: len(one.item.reference.value) if one.item.reference else 0,
        Sees.RUBRIC: sum(map(len, texts)),
    }
    if Sees.CONVERSATION in spec.sees and Sees.REPLY not in spec.sees:
        parts[Sees.CONVERSATION] += turn.reply
    return sum(n for what, n in parts.items() if what in spec.sees)
