"""``dosimeter plugins check``: the conformance kit's door for people and CI."""

import os
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dosimeter.cli import complete
from dosimeter.cli.codes import FAILED, PASS
from dosimeter.cli.common import aside, emit, installed
from dosimeter.cli.named import meant
from dosimeter.cli.options import Place

if TYPE_CHECKING:
    from dosimeter.cli.specimens import Told
    from dosimeter.registry import Provided, Registry
    from dosimeter.testing import Result, Specimen

UNTRIED = "not tried"
MORE = "What was not tried lacks what stands beside it, and is not kept."
GIVE = (
    " `--with FILE` takes it from the `specimen(...)` of a file of tests, such as the package's"
    " tests/test_conformance.py."
)


@click.command(name="check")
@click.argument("name", shell_complete=complete.components)
@click.option(
    "--with",
    "files",
    multiple=True,
    type=Place(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Try as the specimens in a Python file say, such as tests/test_conformance.py; it is run.",
)
@click.option("--model", default="", help="Ask a provider under this name; it may cost money.")
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="OPTION=VALUE",
    help="Build with an option; ${NAME} of a secret is read from the environment.",
)
@click.option(
    "--waive",
    "waived",
    multiple=True,
    metavar="CHECK=REASON",
    help="Expect a promise not to be kept; told when it is.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def check(
    name: str,
    files: tuple[Path, ...],
    model: str,
    settings: tuple[str, ...],
    waived: tuple[str, ...],
    as_json: bool,
) -> int:
    """Try what NAME, a component or a package, promises; exit 1 if a promise is broken."""
    from dosimeter.cli.specimens import told_of
    from dosimeter.testing import VERSION

    if files and (model or settings):
        msg = "--with says how a component is tried: leave it out, or --model and --set"
        raise click.UsageError(msg)
    chosen = list(_specimens(installed(), name))
    given = _pairs(settings, "--set")
    _check_known(chosen, given)
    built = [_built(one, model, given) for one in chosen]
    ready = _waiving(told_of(files, name, built), _pairs(waived, "--waive"))
    results = list(_tried(ready, aloud=not as_json))
    counts = Counter(str(r.state) for r, _ in results)
    told = ", ".join(f"{n} {state}" for state, n in counts.items())
    every = [{**r.as_json(), **({"specimen": s} if s else {})} for r, s in results]
    data = {"kit": VERSION, "counts": counts, "results": every}
    text = f"{name}: {told} (kit {VERSION})"
    if counts[UNTRIED]:
        text += f"\n{MORE}{'' if files else GIVE}"
    emit(data, as_json=as_json, text=text)
    return PASS if all(r.good for r, _ in results) else FAILED


def _tried(ready: "Iterable[Told]", *, aloud: bool) -> "Iterator[tuple[Result, str]]":
    """Give each result with the name of its specimen in a file; tell it meanwhile, if *aloud*."""
    from dosimeter.testing import run

    for one in ready:
        if aloud:
            click.echo(str(one))
        results = run(one.specimen)
        while result := _next(results):
            if aloud:
                click.echo(_line(result))
            yield result, one.label


def _next(results: "Iterator[Result]") -> "Result | None":
    """Try the next check; what is printed meanwhile is none of the output."""
    with aside():
        return next(results, None)


def _line(one: "Result") -> str:
    """Tell a result under the name of its component."""
    more = one.reason or one.counted
    head = f"  {one.state:9} {one.check}{f' ({more})' if more else ''}"
    if one.good:
        return head
    told = (f"Promise: {one.promise}", f"Seen: {one.seen}.", f"To do: {one.todo}.")
    return "\n".join([head, *(f"            {line}" for line in told)])


def _specimens(registry: "Registry", name: str) -> "Iterator[Specimen]":
    """Give what *name* means: a component by id, or all that an entry point or a distribution brings.

    Raises:
        UsageError: If there is no such thing, or it did not load.
    """
    from dosimeter.testing import Specimen

    found = meant(registry, name)
    hooks = _modules()
    if found.whole:
        for module in sorted({hooks[key] for p in found.parts if (key := _key(p)) in hooks}):
            yield Specimen(hooks=module)
    for p in found.parts:
        yield Specimen(spec=p.spec, hooks=hooks.get(_key(p), ""))


def _key(one: "Provided") -> tuple[str, str]:
    return one.plugin, one.source.distribution


def _modules() -> dict[tuple[str, str], str]:
    """Give the modules of hooks by entry point and distribution."""
    from importlib import metadata

    from dosimeter.plugins import GROUP

    points = metadata.entry_points(group=GROUP)
    return {(p.name, p.dist.name): p.value for p in points if p.dist is not None}


def _pairs(given: Sequence[str], flag: str) -> dict[str, str]:
    out = {}
    for one in given:
        key, is_pair, value = one.partition("=")
        if not is_pair or not key:
            msg = f"{flag} takes NAME=VALUE"
            raise click.UsageError(msg)
        out[key] = value
    return out


def _check_known(specimens: "Sequence[Specimen]", given: Mapping[str, str]) -> None:
    """Refuse an option that none of the components has.

    Raises:
        UsageError: Naming it, with the nearest.
    """
    import attrs

    from dosimeter.nearest import nearest

    classes = [cls for one in specimens if (cls := getattr(one.spec, "options", None))]
    known = {name for cls in classes for name in attrs.fields_dict(cls)}
    for name in given:
        if name not in known:
            msg = f"--set {name}: no such option; {nearest(name, known)}"
            raise click.UsageError(msg)


def _built(one: "Specimen", model: str, given: Mapping[str, str]) -> "Specimen":
    """Add what a specimen is to be built with: options that are given, and those of the environment."""
    import attrs

    from dosimeter.limits import variables
    from dosimeter.serialize import structure

    cls = getattr(one.spec, "options", None)
    if cls is None:
        return one
    fields = attrs.fields_dict(cls)
    raw = {k: _value(v) for k, v in given.items() if k in fields}
    says = {n: raw.get(n, a.default) for n, a in fields.items()}
    for n, a in fields.items():
        found = next((v for v in variables(a, says) if os.environ.get(v)), "")
        if n not in raw and found:
            raw[n] = os.environ[found]
    options = structure(raw, cls, "--set") if raw else None
    return attrs.evolve(one, options=options, model=model if one.kind == "provider" else "")


def _value(text: str) -> Any:  # noqa: ANN401  TOML
    if text.startswith("${") and text.endswith("}"):
        return os.environ.get(text[2:-1], "")
    try:
        return tomllib.loads(f"v = {text}")["v"]
    except tomllib.TOMLDecodeError:
        return text


def _waiving(told: "Sequence[Told]", waived: Mapping[str, str]) -> "list[Told]":
    """Add to each specimen the waivers of checks that apply to it.

    Raises:
        UsageError: For a waiver that is of no check of any, or has no reason.
    """
    import attrs

    from dosimeter.nearest import nearest
    from dosimeter.testing import checks_of

    names = [{c.name for c in checks_of(one.specimen)} for one in told]
    known = set().union(*names)
    for name, reason in waived.items():
        if name not in known or not reason.strip():
            why = "needs a reason" if name in known else nearest(name, known)
            msg = f"--waive {name}: {why}"
            raise click.UsageError(msg)
    out = []
    for one, mine in zip(told, names, strict=True):
        more = {k: v for k, v in waived.items() if k in mine}
        both = {**dict(one.specimen.waivers), **more}
        out.append(attrs.evolve(one, specimen=attrs.evolve(one.specimen, waivers=both)))
    return out
