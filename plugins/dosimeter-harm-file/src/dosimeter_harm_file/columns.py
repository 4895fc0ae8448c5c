"""Which column of a file says what."""

from attrs import fields_dict

from dosimeter import StackError
from dosimeter_harm_file.nearest import listed, nearest
from dosimeter_harm_file.options import ASKED, Columns, FileOptions
from dosimeter_harm_file.table import Table
from dosimeter_harm_file.words import shown


def columns_of(table: Table, options: FileOptions, name: str) -> dict[str, str]:
    """Give the column of each field that has one.

    Args:
        table: The file.
        options: What the stack says.
        name: Of the file, for messages.

    Raises:
        StackError: If one that the stack names is not there, or none says what is asked.
    """
    faults = list(_absent(table, options, name))
    found = {}
    for one in fields_dict(Columns):
        column = getattr(options.columns, one)
        if column or one in table.columns:
            found[one] = column or one
    faults += _lacking(table, options, found, name)
    if faults:
        raise StackError("\n".join(why for _, why in faults), tuple(faults))
    return found


def _absent(table: Table, options: FileOptions, name: str) -> list[tuple[str, str]]:
    """Tell columns that the stack names and the file does not have."""
    given = [(f"columns.{one}", getattr(options.columns, one)) for one in fields_dict(Columns)]
    given += [("factors", column) for column in options.factors]
    return [
        (key, _no_column(table, name, column) + _of_conversations(table, key))
        for key, column in given
        if column and column not in table.columns
    ]


def _no_column(table: Table, name: str, column: str) -> str:
    return f"{name} has no column {shown(column)}; {nearest(column, table.columns)}"


def _of_conversations(table: Table, key: str) -> str:
    """Say how a file of whole conversations becomes one of requests."""
    if key != "columns.prompt" or "messages" not in table.columns:
        return ""
    return (
        "; of a conversation the last message of the user is the request: write it into a column prompt,"
        " and leave in messages what was said before it"
    )


def _lacking(
    table: Table, options: FileOptions, found: dict[str, str], name: str
) -> list[tuple[str, str]]:
    """Tell what no column says, and what two of them say."""
    out = []
    if "prompt" not in found:
        title = "; if its first row is a title, delete it" if len(table.columns) == 1 else ""
        why = (
            f"no column of {name} is called 'prompt'; say which one holds the request, such as columns ="
            f' {{ prompt = "..." }}; it has {listed(table.columns)}{title}'
        )
        out.append(("columns.prompt", why + _of_conversations(table, "columns.prompt")))
    unsaid = {"intent", "twin_prompt"}.isdisjoint(found) and not options.intent
    if unsaid or options.intent == ASKED:
        why = (
            "no column says whether a request is harmful or benign; name the column that does, such as"
            ' columns = { intent = "..." }, or give intent = "harmful" or "benign" for all; it has'
            f" {listed(table.columns)}"
        )
        out.append(("intent", why))
    if {"twin", "twin_prompt"} <= found.keys():
        why = (
            "twin names the row of a request's twin and twin_prompt the column of its text; give one of"
            " the two"
        )
        out.append(("columns.twin_prompt", why))
    return out
