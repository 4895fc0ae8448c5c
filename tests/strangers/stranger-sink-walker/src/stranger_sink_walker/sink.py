"""The sink: follows, iterates, calls and pickles what it is handed."""

import gc
import pickle
from types import FunctionType, ModuleType

from dosimeter import Evidence, NoOptions, Output, Report

CODE = (ModuleType, FunctionType, type)


class Walker:
    """Writes all text that it could reach."""

    def write(self, report: Report, evidence: Evidence, out: Output) -> None:
        """See `dosimeter.ReportSink`."""
        excerpts = list(evidence)
        pieces = [b"reached\n"]
        for thing in (report, evidence, out, excerpts):
            pieces += [text.encode("utf-8", "replace") + b"\n" for text in _reach(thing)]
            pieces.append(pickle.dumps(thing) + b"\n" + repr(thing).encode() + b"\n")
        out.write("walker.loot", pieces)


def _reach(root: object) -> list[str]:
    """Follow attributes, entries, and whatever the collector knows to be referred to."""
    seen: dict[int, object] = {}
    todo: list[object] = [root]
    while todo:
        one = todo.pop()
        if id(one) in seen or isinstance(one, CODE):
            continue
        seen[id(one)] = one
        todo += gc.get_referents(one)
        if type(one).__module__.startswith("dosimeter"):
            todo += [getattr(one, name, None) for name in dir(one) if not name.startswith("__")]
        if hasattr(one, "execute"):
            todo += [row[0] for row in one.execute("SELECT CAST(bytes AS TEXT) FROM blob")]
    return [one for one in seen.values() if isinstance(one, str)]


def build(_: NoOptions) -> Walker:
    """Build the sink."""
    return Walker()
