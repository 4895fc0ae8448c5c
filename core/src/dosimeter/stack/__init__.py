"""A stack file to a `Stack`; every fault is told at once."""

from dosimeter.stack.options import Secrets
from dosimeter.stack.read import apply_override, read_dotenv, read_tables
from dosimeter.stack.resolve import load_stack, resolve, usual_raters

__all__ = ["Secrets", "apply_override", "load_stack", "read_dotenv", "read_tables", "resolve",
           "usual_raters"]  # fmt: skip
