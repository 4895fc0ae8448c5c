"""JMESPath: where something stands in an answer, or what an answer says, true or false."""

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

import jmespath
from jmespath.exceptions import JMESPathError
from jmespath.functions import Functions

if TYPE_CHECKING:
    from attrs import Attribute

__all__ = ["compiled", "found", "of_nothing", "path"]

FUNCTIONS = sorted(Functions.FUNCTION_TABLE)


def compiled(text: str) -> Any:  # noqa: ANN401  jmespath has no types
    """Read an expression.

    Raises:
        ValueError: If it is none; *text* is not quoted, as it may be a key.
    """
    try:
        made = jmespath.compile(text)
    except JMESPathError as exc:
        at = getattr(exc, "lex_position", None)
        where = "" if at is None else f" at column {at + 1}"
        json_path = "; this is JMESPath and not JSONPath: leave out the $." if "$" in text else ""
        msg = f"is no JMESPath expression{where}{json_path}; as in choices[0].message.content"
        raise ValueError(msg) from None
    except RecursionError:
        msg = "is nested too deep"
        raise ValueError(msg) from None
    _check_functions(made.parsed)
    return made


def found(expression: Any, data: object) -> object:  # noqa: ANN401
    """Give what *expression* finds; None if that is nothing, or if a function of it finds no fit value."""
    try:
        return expression.search(data)
    except (JMESPathError, ArithmeticError, RecursionError, TypeError):
        return None


def path(_: object, attribute: "Attribute[str]", value: str) -> None:
    """Validate an option that is an expression, or empty.

    Raises:
        ValueError: If it is none.
    """
    del attribute
    if value:
        compiled(value)


def of_nothing(text: str) -> object:
    """Give what an expression finds in an answer that has nothing."""
    return found(compiled(text), {})


def _check_functions(node: dict[str, Any]) -> None:
    """Refuse functions that there are not: jmespath itself would tell it of an answer only."""
    if node["type"] == "function_expression" and node["value"] not in Functions.FUNCTION_TABLE:
        near = get_close_matches(node["value"], FUNCTIONS, 1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(FUNCTIONS)}"
        msg = f"calls a function that JMESPath does not have; {hint}"
        raise ValueError(msg)
    for inner in node.get("children", ()):
        if isinstance(inner, dict):
            _check_functions(inner)
