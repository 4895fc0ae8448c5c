"""``dosimeter targets``."""

import asyncio
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dosimeter.cli import complete
from dosimeter.cli.codes import INCOMPLETE, INTERRUPTED, PASS, USAGE, Leave
from dosimeter.cli.common import aside, emit, installed, read_stack
from dosimeter.cli.options import PLACE

if TYPE_CHECKING:
    from dosimeter.engine.ping import Pong
    from dosimeter.model.stackfile import Stack
    from dosimeter.model.work import Endpoint
    from dosimeter.registry import Registry
    from dosimeter.stack import Secrets


@click.group(name="targets")
def command() -> None:
    """Try the endpoints of a stack."""


@command.command(name="ping")
@click.argument("stack_file", type=PLACE, shell_complete=complete.stacks)
@click.argument("names", nargs=-1)
@click.option("--set", "settings", multiple=True, metavar="PATH=VALUE", help="Override a setting.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def ping(stack_file: Path, names: tuple[str, ...], settings: tuple[str, ...], as_json: bool) -> int:
    """Send one harmless request to each endpoint, or to NAMES, and explain what came back."""
    registry = installed()
    stack, secrets = read_stack(registry, stack_file, settings, None, sends=False)
    chosen = _chosen(stack, names)
    before = {*threading.enumerate()}
    try:
        with aside():
            pongs = asyncio.Runner().run(_asked(chosen, stack, secrets, registry))
    except KeyboardInterrupt:
        raise Leave(INTERRUPTED) from None
    emit(pongs, as_json=as_json, text="\n".join(map(_told, pongs)))
    code = _verdict(pongs)
    if {t for t in threading.enumerate() if not t.daemon} - before:
        raise Leave(code)  # the interpreter would join a thread in which a model computes on
    return code


def _verdict(pongs: "Sequence[Pong]") -> int:
    """Say as a run does what is worth trying again, and what is a mistake first of all."""
    from dosimeter.engine.ping import NO_SECRET

    if any(pong.code == NO_SECRET for pong in pongs):
        return USAGE
    return PASS if all(pong.answered for pong in pongs) else INCOMPLETE


def _chosen(stack: "Stack", names: Sequence[str]) -> "list[Endpoint]":
    """Give the endpoints that are asked, in the order of the stack.

    Raises:
        UsageError: If the stack has none of such a name.
    """
    from dosimeter.nearest import nearest

    every = {e.name: e for e in (*stack.targets, *stack.endpoints)}
    for name in names:
        if name not in every:
            msg = f"the stack has no endpoint {name!r}; {nearest(name, every)}"
            raise click.UsageError(msg)
    return [e for name, e in every.items() if not names or name in names]


def _roles(stack: "Stack", endpoint: "Endpoint") -> tuple[str, ...]:
    """Say what an endpoint does in the stack; an endpoint may do nothing yet."""
    choices = [a for c in stack.categories for a in c.attacks] + [r.choice for r in stack.raters]
    roles = {role.value for one in choices for role, name in one.roles if name == endpoint.name}
    return (*(["target"] if endpoint in stack.targets else []), *sorted(roles))


async def _asked(
    endpoints: "Sequence[Endpoint]", stack: "Stack", secrets: "Secrets", registry: "Registry"
) -> "list[Pong]":
    """Ask all at once: one that is silent keeps no other waiting."""
    from dosimeter.engine.ping import lacking, ping
    from dosimeter.workshop import InstalledWorkshop

    workshop = InstalledWorkshop(registry, lambda endpoint: secrets.of(endpoint.name))

    async def one(endpoint: "Endpoint") -> "Pong":
        roles = _roles(stack, endpoint)
        return lacking(endpoint, roles, secrets.lacking) or await ping(
            endpoint, roles=roles, workshop=workshop, registry=registry,
            limit=stack.run.timeout, secrets=secrets.of(endpoint.name),
        )  # fmt: skip

    try:
        return await asyncio.gather(*map(one, endpoints))
    finally:
        await workshop.aclose()


def _told(pong: "Pong") -> str:
    """Tell what came of one request in some lines."""
    where = f" at {pong.address}" if pong.address else ""
    lines = [f"{pong.name} ({', '.join(pong.roles) or 'no role'}): {pong.model}{where}"]
    lines.append("  answered" if pong.answered else f"  no answer: {pong.code}")
    if pong.seconds is not None:
        lines[-1] += f" in {pong.seconds:.1f} s" if pong.answered else f" ({pong.seconds:.1f} s)"
    if pong.stop is not None:
        told = [f"{n} tokens {way}" for n, way in ((pong.tokens_in, "in"), (pong.tokens_out, "out"))
                if n is not None]  # fmt: skip
        lines[-1] += f"; model {pong.returned or 'not told'}; stop {pong.stop}"
        lines[-1] += f"; {', '.join(told) or 'tokens not told'}"
    if pong.verdict is not None:
        lines.append(f"  verdict: {pong.verdict}")
    if pong.reply is not None:
        lines.append(f"  reply: {pong.reply}")
    if pong.advice:
        lines.append(f"  ! {pong.advice}")
    return "\n".join(lines)
