"""What is put before a model: system prompts composed, and what a search is shown of its item."""

from dosimeter.errors import Permanent
from dosimeter.model.conversation import Conversation, Speaker, system
from dosimeter.model.design import Item
from dosimeter.model.rating import Case
from dosimeter.model.work import Compose, Endpoint, Lease


def compose(endpoint: Endpoint, conversation: Conversation) -> Conversation:
    """Put the endpoint's system prompt before a conversation, by its declared rule.

    Raises:
        Permanent: If both have one and the rule is to refuse.
    """
    if not endpoint.system_prompt:
        return conversation
    own = system(endpoint.system_prompt)
    if not conversation or conversation[0].speaker is not Speaker.SYSTEM:
        return (own, *conversation)
    match endpoint.compose:
        case Compose.REPLACE:
            return conversation
        case Compose.REFUSE:
            msg = f"target {endpoint.name!r} and the item both bring a system prompt"
            raise Permanent(msg, code="two-system-prompts")
        case _:
            both = f"{endpoint.system_prompt}\n\n{conversation[0].text}"
            return (system(both), *conversation[1:])


def goal_case(lease: Lease) -> Case:
    """Give what a search attack is shown of its item."""
    return goal_of(lease.item)


def goal_of(item: Item) -> Case:
    """Give what a search attack is shown of *item*."""
    return Case(
        prompt=item.opening[-1].text,
        conversation=item.opening,
        goal=item.goal,
        language=item.language,
        factors=item.factors,
    )
