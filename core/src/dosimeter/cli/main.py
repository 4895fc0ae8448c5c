"""``dosimeter``: finds the command and turns errors into one clear message."""

import errno
import importlib
import io
import os
import sys
import traceback
from typing import Any, cast

import click

from dosimeter.cli.codes import HUNG_UP, INCOMPLETE, INTERRUPTED, USAGE, Leave

COMMANDS = {
    "init": ("dosimeter.cli.init:command", "Write a commented stack to start from."),
    "validate": ("dosimeter.cli.validate:command", "Check a stack; needs no network."),
    "targets": ("dosimeter.cli.targets:command", "Try the endpoints of a stack."),
    "plan": ("dosimeter.cli.plan:command", "Show what a run would attempt, take and cost."),
    "run": ("dosimeter.cli.run:command", "Run a stack, or go on with it."),
    "score": ("dosimeter.cli.score:command", "Rate the replies of a finished run."),
    "report": ("dosimeter.cli.report:command", "Make the report of a run again."),
    "compare": ("dosimeter.cli.compare:command", "Compare targets on the prompts that they share."),
    "audit": ("dosimeter.cli.audit:command", "Audit results of others, and claims about them."),
    "calibrate": (
        "dosimeter.cli.calibrate:command",
        "Hold a rater against people's labels, and make its card.",
    ),
    "runs": ("dosimeter.cli.runs:command", "List, show, compare, export, merge, seal, purge runs."),
    "cache": ("dosimeter.cli.cache:command", "See or clear the answers kept across runs."),
    "plugins": (
        "dosimeter.cli.plugins:command",
        "List plugins, explain broken ones, try promises, write new ones.",
    ),
    "schema": ("dosimeter.cli.schema:command", "Print the JSON Schema of a stack."),
}
FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
NO_LEAVE = {errno.EACCES, errno.EPERM, errno.EROFS}


class Lazy(click.Group):
    """Knows its commands by name and imports the one that is called.

    Verbs of plugins are looked up only when a name is none of the core's, so that ``--help`` loads
    nothing.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Give the core's names in the order of use."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command."""
        if cmd_name not in COMMANDS:
            return _from_plugin(cmd_name)
        module, _, attr = COMMANDS[cmd_name][0].partition(":")
        found: click.Command = getattr(importlib.import_module(module), attr)
        return found

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Name the nearest command for a misspelt one."""
        name = args[0] if args else ""
        if name and not name.startswith("-") and self.get_command(ctx, name) is None:
            from dosimeter.nearest import closest

            near = closest(name, COMMANDS)
            hint = f" Did you mean {near!r}?" if near else " See `dosimeter --help`."
            msg = f"There is no command {name!r}.{hint}"
            raise click.UsageError(msg)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, about) for name, (_, about) in COMMANDS.items()])
        formatter.write_paragraph()
        formatter.write_text("Plugins may add commands: `dosimeter plugins list`.")


def _from_plugin(name: str) -> click.Command | None:
    """Build the verb *name* of an installed plugin."""
    from dosimeter.cli.common import installed

    registry = installed()
    if name not in registry.ids("command"):
        return None
    return cast("click.Command", registry.build("command", name))


@click.group(cls=Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--debug", is_flag=True, help="Show tracebacks.")
@click.option(
    "--log-format", type=click.Choice(["text", "json"]), default="text", help="Form of the log."
)
@click.option(
    "--log-level", type=click.Choice(["debug", "info", "warning", "error"]), default="warning",
    help="Lowest level that is logged.",
)  # fmt: skip
@click.version_option(package_name="dosimeter")
@click.pass_context
def cli(ctx: click.Context, debug: bool, log_format: str, log_level: str) -> None:
    """Measure harm from language models: a dose on a scale, with a known error.

    Exit codes: 0 pass, 1 a gate failed, 2 usage or configuration, 3 incomplete, 4 inconclusive,
    130 interrupted.
    """
    ctx.obj = {"debug": debug, "log_format": log_format, "log_level": log_level}


def _first(exc: BaseException) -> BaseException:
    """Give the one error to tell of a group: a bug before what a user can act on."""
    from dosimeter.errors import DosimeterError

    if not isinstance(exc, BaseExceptionGroup):
        return exc
    inner = [_first(e) for e in exc.exceptions]
    return next((e for e in inner if not isinstance(e, DosimeterError)), inner[0])


def worded(exc: BaseException) -> str:
    """Put an error into words. The words of one that is not ours may quote a prompt or a reply."""
    from sqlite3 import Error as JournalFault

    from dosimeter.errors import DosimeterError

    if isinstance(exc, OSError):
        return _of_the_system(exc)
    if isinstance(exc, DosimeterError | JournalFault):
        who = "journal: " if isinstance(exc, JournalFault) else ""
        return f"{who}{exc}"
    where = "a place unknown"
    for at in traceback.extract_tb(exc.__traceback__)[-1:]:
        where = f"{os.path.basename(at.filename)}:{at.lineno}"  # noqa: PTH119  pathlib is not loaded
    return (
        f"a defect of dosimeter or of a plugin: {type(exc).__name__} at {where}; please report it,"
        " with what `dosimeter --debug ...` prints"
    )


def _of_the_system(exc: OSError) -> str:
    """Say what could not be read or written, where and why, without the system's number for it."""
    where = f"{exc.filename}: " if exc.filename else ""
    if not exc.filename and exc.errno in {*FULL, errno.EBADF, errno.EIO}:
        where = "the output could not be written: "
    todo = "; make room, or name another place" if exc.errno in FULL else ""
    if exc.filename and exc.errno in NO_LEAVE:
        todo = "; give leave, or copy what is there to a place of your own"
    return f"{where}{exc.strerror or exc}{todo}"


def traced(exc: BaseException, seen: frozenset[int] = frozenset()) -> list[str]:
    """Give a traceback without the words of exceptions that are not ours: they may quote a reply."""
    from dosimeter.errors import DosimeterError

    seen |= {id(exc)}
    lines: list[str] = []
    before = exc.__cause__ or (None if exc.__suppress_context__ else exc.__context__)
    if before is not None and id(before) not in seen:
        how = "caused" if exc.__cause__ else "was being handled before"
        lines += [*traced(before, seen), f"The above {how} the following.", ""]
    lines += ["Traceback (most recent call last):"]
    lines += [line.rstrip("\n") for line in traceback.format_tb(exc.__traceback__)]
    kind = f"{type(exc).__module__}.{type(exc).__qualname__}".removeprefix("builtins.")
    lines.append(f"{kind}: {exc}" if isinstance(exc, DosimeterError) else kind)
    for inner in exc.exceptions if isinstance(exc, BaseExceptionGroup) else ():
        lines += ["", "In the group:", *traced(inner, seen)]
    return lines


def _code_of(exc: BaseException) -> int:
    """Usage for what a user can set right; a crash is an incomplete run, never a failed gate."""
    from sqlite3 import Error as JournalFault

    from dosimeter.errors import DosimeterError

    return USAGE if isinstance(exc, DosimeterError | OSError | JournalFault) else INCOMPLETE


def _fill_streams() -> None:
    """Open what the caller closed: else the journal would get the number of standard error."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123, SIM115


def _let_any_text_out() -> None:
    """Have what a stream's encoding lacks told by number: no letter of a name ends a command."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.errors in {"strict", "surrogateescape"}:
            stream.reconfigure(errors="backslashreplace")


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit."""
    _fill_streams()
    _let_any_text_out()
    arguments = sys.argv[1:] if arguments is None else arguments
    try:
        code: Any = cli.main(args=arguments, prog_name="dosimeter", standalone_mode=False)
    except click.exceptions.Exit as exc:
        sys.exit(exc.exit_code)
    except click.NoSuchOption as exc:
        from dosimeter.cli.hints import hint

        told = f"There is no option {exc.option_name!r}"
        near = hint(exc)
        click.UsageError(f"{told}; {near}" if near else told, exc.ctx).show()
        sys.exit(USAGE)
    except click.ClickException as exc:
        from dosimeter.cli.common import tell

        usage = io.StringIO()
        exc.show(usage)
        tell(usage.getvalue().rstrip("\n"))
        sys.exit(USAGE)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(INTERRUPTED)
    except Leave:
        raise
    except (BrokenPipeError, SystemExit):
        # click turns a closed pipe into exit 1, which would say that a gate failed.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(HUNG_UP)
    except BaseException as raised:  # native code in a plugin panics with one
        from dosimeter.cli.common import tell

        one = _first(raised)
        if "--debug" in arguments:
            tell("\n".join(traced(raised)))
        tell(f"dosimeter: {worded(one)}")
        sys.exit(_code_of(one))
    sys.exit(code if isinstance(code, int) else 0)
