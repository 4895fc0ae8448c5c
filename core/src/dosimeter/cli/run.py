"""``dosimeter run``."""

import asyncio
import gc
import os
import signal
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from dosimeter.cli.codes import INTERRUPTED, Leave
from dosimeter.cli.common import again, aside, check_place, installed, journal_of, read_stack, tell
from dosimeter.cli.freezing import lock_for
from dosimeter.cli.gates import check_baselines, check_gates
from dosimeter.cli.options import PLACE, Finite, outputs_option, runs_dir_option, stack_options

if TYPE_CHECKING:
    from dosimeter.engine.meter import Meter
    from dosimeter.engine.run import Control, Session
    from dosimeter.model.stackfile import Stack
    from dosimeter.registry import Registry
    from dosimeter.stack import Secrets
    from dosimeter.workshop import InstalledWorkshop

CUT_SECONDS = 2.0
SIGNALS = (signal.SIGINT, signal.SIGTERM)
HANGUP = getattr(signal, "SIGHUP", None)
"""What a terminal that closes says; not every system has one."""


@click.command(name="run")
@stack_options
@runs_dir_option
@click.option("--seed", type=int, help="Same as --set run.seed=N.")
@click.option("--max-connections", type=click.IntRange(1), help="Calls at once to each account.")
@click.option("--max-retries", type=click.IntRange(0), help="Tries after the first; 0 means none.")
@click.option(
    "--plan", "plan_file", type=PLACE,
    help="Frozen plan to run under; same as run.plan.",
)  # fmt: skip
@click.option("--cache-days", type=Finite(0), help="Take answers of earlier runs so young.")
@click.option("--no-cache", is_flag=True, help="Take and keep no answers of other runs.")
@click.option("--fork", is_flag=True, help="Go on although files of parts changed; recorded.")
@click.option("--include-hazardous", is_flag=True, help="Show withheld replies; recorded.")
@outputs_option
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@click.option("--quiet", is_flag=True, help="No progress and no table.")
@click.pass_context
def command(
    ctx: click.Context,
    stack_file: Path,
    settings: tuple[str, ...],
    limit: int | None,
    runs_dir: Path,
    seed: int | None,
    max_connections: int | None,
    max_retries: int | None,
    plan_file: Path | None,
    cache_days: float | None,
    no_cache: bool,
    fork: bool,
    include_hazardous: bool,
    outputs: tuple[Path, ...],
    as_json: bool,
    quiet: bool,
) -> int:
    """Run a stack. The same command goes on with a run that was stopped."""
    import structlog

    from dosimeter import logs
    from dosimeter.cli.ending import tell_faults, tell_source
    from dosimeter.cli.reporting import (
        check_outputs,
        files_of,
        report_command,
        write_reports,
    )
    from dosimeter.cli.unread import check_unread
    from dosimeter.engine.meter import Meter
    from dosimeter.engine.run import GRACE_SECONDS, Control

    logs.configure(ctx.obj["log_format"], ctx.obj["log_level"])
    named = (("seed", seed), ("max_connections", max_connections), ("max_retries", max_retries),
             ("cache_days", 0.0 if no_cache else cache_days))  # fmt: skip
    settings += tuple(f"run.{name}={value}" for name, value in named if value is not None)
    with aside():
        registry = installed()
        check_outputs(registry, outputs)
        stack, secrets = read_stack(registry, stack_file, settings, limit)
        check_unread(outputs, stack.text)
        journal = journal_of(runs_dir, stack.name, limit)
        folder = journal.parent
        session, workshop = _open(
            stack_file, stack, secrets, registry, journal, plan_file=plan_file, fork=fork
        )
    log = structlog.get_logger()
    log.info("run.start", run=folder.name, stack_hash=stack.hash)
    control = Control(ctx.obj.get("grace", GRACE_SECONDS))
    meter = Meter(phase="the plan")
    with aside():
        complete = _complete(session, workshop, control, meter, quiet=quiet or as_json)
    stopped = control.stop_soon.is_set()
    if stopped:
        _let_go()  # the output was aside, and is back
    try:
        code = write_reports(
            session.journal, registry, stack.sinks, outputs=outputs, as_json=as_json,
            include_hazardous=include_hazardous, quiet=quiet, secrets=secrets, stopped=stopped,
        )  # fmt: skip
        if code or stopped or not quiet:
            tell_faults(session.journal, registry, session.raters, meter.told)
        tell_source(session.journal, meter, complete=complete)
    except KeyboardInterrupt:
        files = [*files_of(session.journal, stack.sinks), *map(str, outputs)]
        report = report_command(session.journal, files)
        click.echo(f"Interrupted at the report, which can be made again:\n  {report}", err=True)
        code, stopped = INTERRUPTED, stopped or not complete
    log.info("run.end", run=folder.name, complete=complete, stopped=stopped, verdict=code)
    if stopped:
        click.echo(f"Stopped. Nothing received is lost; go on with:\n  {again()}", err=True)
        code = INTERRUPTED
    if control.behind:
        raise Leave(code)
    return code


def _open(
    stack_file: Path, stack: "Stack", secrets: "Secrets", registry: "Registry", journal: Path,
    *, plan_file: Path | None, fork: bool,
) -> "tuple[Session, InstalledWorkshop]":  # fmt: skip
    """Build what a run needs, and refuse what could not end well; nothing is asked yet."""
    import attrs

    from dosimeter.analysis.looks import see
    from dosimeter.engine.build import build_session
    from dosimeter.engine.cache import cache_file
    from dosimeter.journal.damage import reading
    from dosimeter.model.stackfile import StopRule

    check_place(journal)
    check_baselines(stack_file, stack, journal)
    lock = lock_for(stack_file, stack, plan_file)
    session, workshop = build_session(
        stack, secrets, registry, journal, fork=fork, lock=lock, answers=cache_file(os.environ)
    )
    if stack.run.stop is StopRule.WHEN_DECIDED:
        session = attrs.evolve(session, look=see)
    with reading(journal):
        unrated = check_gates(stack_file, stack, session.parts, session.raters, journal)
    for rater, words in unrated:
        tell(f"dosimeter: {rater}: {words}")
    # Rating works in a thread; the loop must not wait 5 ms for it at each turn to keep an answer.
    sys.setswitchinterval(0.0005)
    return session, workshop


def _complete(
    session: "Session",
    workshop: "InstalledWorkshop",
    control: "Control",
    meter: "Meter",
    *,
    quiet: bool,
) -> bool:
    """Run a session to its end. True if nothing is left open.

    Raises:
        UsageError: If the folder cannot hold a run.
    """
    from dosimeter.journal.damage import reading

    folder, runner = session.journal.parent, asyncio.Runner()
    before = {*threading.enumerate()}
    try:
        with reading(session.journal):
            return runner.run(_run(session, workshop, control, meter, quiet=quiet))
    except OSError as exc:
        if not str(exc.filename).startswith((str(folder), str(folder.resolve()))):
            raise
        msg = f"{folder} cannot hold a run ({exc.strerror}); name another place with --runs-dir"
        raise click.UsageError(msg) from exc
    finally:
        left = {t for t in threading.enumerate() if not t.daemon} - before
        control.behind = control.behind or bool(left)
        if not control.behind:  # else it would wait for the threads of what was given up
            runner.close()


async def _run(
    session: "Session",
    workshop: "InstalledWorkshop",
    control: "Control",
    meter: "Meter",
    *,
    quiet: bool,
) -> bool:
    """Run a session under signals and a progress display. True if nothing is left open."""
    from dosimeter.cli.progress import display
    from dosimeter.engine.run import run_session

    loop = asyncio.get_running_loop()
    for number in SIGNALS:
        loop.add_signal_handler(number, control.interrupt)
    _stop_at_hangup(control)
    shown = asyncio.create_task(display(meter, quiet=quiet))
    try:
        complete = await run_session(session, meter=meter, control=control, ready=_settle)
    finally:
        meter.finished = True
        await shown
        if not control.behind:  # else a provider may wait for what still computes
            control.behind = not await _release(workshop)
        control.behind = control.behind or not await _cancel_rest(loop)
        for number in SIGNALS:
            loop.remove_signal_handler(number)
        if HANGUP is not None and loop.remove_signal_handler(HANGUP):
            signal.signal(HANGUP, _cut_short)
        if control.cut:
            signal.signal(signal.SIGINT, signal.SIG_DFL)
        else:
            # What is left is the report: asked to end, it says how it is made again.
            signal.signal(signal.SIGTERM, signal.default_int_handler)
    return complete


def _stop_at_hangup(control: "Control") -> None:
    """Let a closed terminal stop the run as SIGTERM does, but not under nohup."""
    if HANGUP is None or signal.getsignal(HANGUP) is signal.SIG_IGN:
        return

    def hang_up(*_: object) -> None:
        _let_go()
        if not control.stop_soon.is_set():  # it may come with a signal, and more than once
            control.interrupt()

    asyncio.get_running_loop().add_signal_handler(HANGUP, hang_up)


def _cut_short(*_: object) -> NoReturn:
    """End the report: whoever would read it is gone."""
    _let_go()
    raise KeyboardInterrupt


def _let_go() -> None:
    """Write no more to a terminal that is gone: each line would raise."""
    for number in (1, 2):
        try:
            os.write(number, b"")
        except OSError:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, number)
            os.close(nowhere)


async def _release(workshop: "InstalledWorkshop") -> bool:
    """Close the providers, until an interrupt. True if nothing of them is left."""
    closing = asyncio.create_task(workshop.aclose())
    for number in SIGNALS:
        asyncio.get_running_loop().add_signal_handler(number, closing.cancel)
    try:
        return await closing
    except asyncio.CancelledError:
        return False


async def _cancel_rest(loop: asyncio.AbstractEventLoop) -> bool:
    """Cancel the tasks that plugins left. True if that ends them; else nobody waits for them."""
    rest = asyncio.all_tasks(loop) - {asyncio.current_task(loop)}
    for task in rest:
        task.cancel()
    return not rest or not (await asyncio.wait(rest, timeout=CUT_SECONDS))[1]


def _settle() -> None:
    """Take what is loaded by now out of the garbage collector's sight.

    Walking the modules stops every thread for 30 to 140 ms, longer than an answer may stay unwritten.
    """
    gc.collect()
    gc.freeze()
