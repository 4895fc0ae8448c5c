"""A function by its name, ``module:function``: imported, looked up, and each failure explained."""

import importlib
import re
import threading
from collections.abc import Callable
from difflib import get_close_matches
from pathlib import Path
from types import ModuleType
from typing import Any

from attrs import frozen

from dosimeter_provider_python.source import enter, fault, home_of

NAME = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*:[^\W\d]\w*(?:\.[^\W\d]\w*)*")
EXPECTED = 'expected "python:module:function", such as "python:mybot.chat:answer"'


@frozen(kw_only=True)
class Found:
    """A function, with the top module of its code."""

    call: Callable[..., Any]
    top: str


def find(model: str, folder: Path, seconds: float) -> Found:
    """Import the module of *model* and look its function up.

    Raises:
        StackError: Saying what is wrong with the name, the import or the function.
    """
    if not NAME.fullmatch(model):
        raise fault("model", EXPECTED)
    name, _, path = model.partition(":")
    top = name.partition(".")[0]
    enter(folder)
    home = home_of(top, folder)
    if home is None:
        raise fault("model", f"there is no module {top!r}, {_sought(top, folder)}")
    if not home.own and (
        (folder / f"{top}.py").exists() or (folder / top / "__init__.py").exists()
    ):
        why = f"{top!r} of {folder} cannot be had: another module of that name is loaded; rename it"
        raise fault("model", why)
    return Found(call=_looked_up(_imported(name, top, seconds), path, name), top=top)


def _sought(top: str, folder: Path) -> str:
    """Say where a module was looked for, and which one may have been meant."""
    there = (
        {p.stem for p in folder.iterdir() if p.suffix == ".py" or p.is_dir()}
        if folder.is_dir()
        else ()
    )
    near = get_close_matches(top, sorted(there), 1)
    hint = f"did you mean {near[0]!r}?" if near else "name its folder with the option folder"
    return f"neither in {folder} nor installed; {hint}"


def _imported(name: str, top: str, seconds: float) -> ModuleType:
    """Import a module in a thread that nobody has to wait for.

    Raises:
        StackError: If it fails, or takes longer than *seconds*.
    """
    got: list[ModuleType | BaseException] = []

    def job() -> None:
        try:
            got.append(importlib.import_module(name))
        except BaseException as exc:  # a module may even call sys.exit
            got.append(exc)

    thread = threading.Thread(target=job, daemon=True, name="import")
    thread.start()
    thread.join(seconds)
    if not got:
        why = (
            f"the import of {name!r} was not done after {seconds:g} s: what a module does when it is"
            ' imported belongs under `if __name__ == "__main__":`; or raise import_seconds'
        )
        raise fault("model", why)
    if isinstance(got[0], ModuleType):
        return got[0]
    # Not from the exception: its words may quote what the module read.
    raise fault("model", f"{name!r} cannot be imported: {_why(got[0], top)}")


def _why(exc: BaseException, top: str) -> str:
    """Say why an import failed: names, modules and lines, not the exception's words."""
    if isinstance(exc, SyntaxError):
        return f"SyntaxError in {Path(exc.filename or '').name}, line {exc.lineno}"
    where = "at {}:{}".format(*raised_at(exc, top))
    if isinstance(exc, ModuleNotFoundError) and exc.name:
        return f"there is no module {exc.name!r} ({where}); install it, or mend the import"
    return f"it raised {type(exc).__name__} {where}"


def raised_at(exc: BaseException, top: str) -> tuple[str, int]:
    """Give module and line in which *exc* was raised: the last of the team's own code, if any was."""
    at, last, own = exc.__traceback__, ("", 0), ("", 0)
    while at is not None:
        module = str(at.tb_frame.f_globals.get("__name__", ""))
        last = (module, at.tb_lineno)
        own = last if module.partition(".")[0] == top else own
        at = at.tb_next
    return own if own[0] else last


def _looked_up(module: ModuleType, path: str, name: str) -> Callable[..., Any]:
    """Give what is called *path* in *module*.

    Raises:
        StackError: If there is no such thing, or it cannot be called.
    """
    found: Any = module
    for part in path.split("."):
        if not hasattr(found, part):
            known = [
                n for n in dir(found) if not n.startswith("_") and callable(getattr(found, n, None))
            ]
            near = get_close_matches(part, known, 1)
            hint = (
                f"did you mean {near[0]!r}?" if near else f"there are {', '.join(known) or 'none'}"
            )
            raise fault("model", f"module {name!r} has no {path!r}; {hint}")
        found = getattr(found, part)
    if isinstance(found, type):
        raise fault(
            "model", f"{path!r} of {name!r} is a class: name an instance that can be called"
        )
    if not callable(found):
        raise fault("model", f"{path!r} of {name!r} is no function, but {type(found).__name__}")
    call: Callable[..., Any] = found
    return call
