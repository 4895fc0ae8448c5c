"""The conformance kit: what a plugin promises, as checks that say which promise it broke.

A public interface of its own version, `VERSION`. It drives components with made-up questions, answers
and texts, without engine, journal or model.
"""

from dosimeter.testing.component import SECRET, Broken, Specimen, Untried, specimens
from dosimeter.testing.doors import CHECKS, checks_of, conformance, run, specimen
from dosimeter.testing.kit import VERSION, Check, CheckState, Result

__all__ = [
    "CHECKS",
    "SECRET",
    "VERSION",
    "Broken",
    "Check",
    "CheckState",
    "Result",
    "Specimen",
    "Untried",
    "checks_of",
    "conformance",
    "run",
    "specimen",
    "specimens",
]
