"""``dosimeter plugins``."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from dosimeter.cli import complete
from dosimeter.cli.check import check
from dosimeter.cli.codes import PASS, USAGE
from dosimeter.cli.common import aside, emit, installed, tell
from dosimeter.cli.named import meant
from dosimeter.cli.new import new

if TYPE_CHECKING:
    from dosimeter.model.specs import Spec
    from dosimeter.plugins import Outdated, Quarantined
    from dosimeter.registry import Provided, Registry


@click.group(name="plugins")
def command() -> None:
    """List plugins, explain broken ones, try promises, write new ones."""


command.add_command(check)
command.add_command(new)


@command.command(name="list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_plugins(as_json: bool) -> int:
    """List every component with the package that brings it."""
    registry = installed()
    found = [
        {"kind": p.kind, "id": p.spec.id, "summary": p.spec.summary,
         "distribution": p.source.distribution, "version": p.source.version}
        for p in registry.provided
    ]  # fmt: skip
    lines = [
        f"{f['kind']:9} {f['id']:18} {f['distribution']} {f['version']}: {f['summary']}"
        for f in found
    ]
    lines += [
        f"broken    {q.plugin:18} {q.source}: see `dosimeter plugins doctor`"
        for q in registry.quarantined
    ]
    emit(found, as_json=as_json, text="\n".join(lines))
    return 0


@command.command(name="info")
@click.argument("name", shell_complete=complete.components)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def info(name: str, as_json: bool) -> int:
    """Show what is declared of NAME, such as ``refusal`` or ``physical``."""
    found = meant(installed(), name).parts
    lines = []
    for p in found:
        lines.append(f"{p.kind} {p.spec.id}: {p.spec.summary}\n  from {p.source}")
        lines += [f"  {line}" for line in _declared(p.spec)]
        lines += [f"  {line}" for line in _options(getattr(p.spec, "options", None))]
    emit([_as_json(p) for p in found], as_json=as_json, text="\n".join(lines))
    return 0


def _options(cls: type | None) -> Iterator[str]:
    """Say what each option is, with the words that it may be where they are counted."""
    import attrs

    from dosimeter.model.specs import option_class
    from dosimeter.schema import options_schema

    schema = options_schema(cls) if cls else {}
    for a in attrs.fields(cls) if cls else ():
        default = "required" if a.default is attrs.NOTHING else f"default {a.default!r}"
        words = schema[a.name].get("enum") or schema[a.name].get("items", {}).get("enum", ())
        of = f"; of {', '.join(map(str, words))}" if words else ""
        yield f"{a.name} ({option_class(a)}, {default}): {a.metadata.get('help', '')}{of}"


INNER = frozenset({"factory", "prepare", "declare", "start"})
"""Of a spec: what names code, and is nobody's to read."""


def _as_json(one: "Provided") -> dict[str, Any]:
    from dosimeter.schema import options_schema
    from dosimeter.sinks.plain import plain

    spec = {k: v for k, v in plain(one.spec).items() if k not in INNER}
    options = getattr(one.spec, "options", None)
    shown = options_schema(options) if options else {}
    return {"kind": one.kind, **spec, "distribution": one.source.distribution,
            "version": one.source.version, "options": shown}  # fmt: skip


@command.command(name="doctor")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def doctor(as_json: bool) -> int:
    """Explain plugins that did not load or cannot be used, and ids that two packages claim."""
    registry = installed()
    found = list(_faults(registry))
    for old in registry.outdated:
        tell(f"! {_told(**_origin(old))} uses what goes: {old.text}")
    lines = [
        f"{_head(f['plugins'], registry)}{f['cause']}\n  To do: {f['fix']}" for f in found
    ]  # fmt: skip
    emit(found, as_json=as_json, text="\n".join(lines) or "All plugins loaded.")
    return USAGE if found else PASS


def _faults(registry: "Registry") -> Iterator[dict[str, Any]]:
    """Give what is wrong: a plugin that did not load, those that claim one id, a part without factory."""
    from dosimeter.registry import ONE_OF_THEM

    for q in registry.quarantined:
        yield {"cause": q.cause, "fix": q.fix, "plugins": [_origin(q)]}
    for same in registry.duplicates:
        origins = [_origin(p) for p in same]
        who = " and ".join(_told(**one) for one in origins)
        yield {"cause": f"{same[0].kind} {same[0].spec.id!r} is provided twice, by {who}",
               "fix": ONE_OF_THEM, "plugins": origins}  # fmt: skip
    for p in registry.provided:
        cause = _unusable(p)
        if cause:
            yield {"cause": f"{p.kind} {p.spec.id!r}: {cause}",
                   "fix": _MEND.format(p.source.distribution), "plugins": [_origin(p)]}  # fmt: skip


_MEND = "mend it if it is yours; else install what is missing, or upgrade or uninstall {}"


def _unusable(one: "Provided") -> str:
    """Say why the factory of a component cannot be had; a plugin loads without it."""
    from dosimeter.bounded import Timeout, within
    from dosimeter.plugins import LOAD_SECONDS
    from dosimeter.registry import Registry

    what = f"factory {one.spec.factory!r}"
    try:
        with aside(), within(LOAD_SECONDS):
            Registry.factory(one)
    except Timeout:
        return f"{what} was not imported after {LOAD_SECONDS:g} seconds"
    except KeyboardInterrupt:
        raise
    except BaseException as exc:
        why = exc.__cause__ or exc
        return f"{what} cannot be imported ({type(why).__name__}: {why})"
    return ""


def _head(plugins: list[dict[str, str]], registry: "Registry") -> str:
    """Say of which one plugin a fault is, and whether it loaded."""
    if len(plugins) > 1:
        return ""
    lost = plugins[0] in [_origin(q) for q in registry.quarantined]
    return f"{_told(**plugins[0])} {'did not load' if lost else 'cannot be used'}.\n  "


def _origin(one: "Quarantined | Provided | Outdated") -> dict[str, str]:
    source = one.source
    return {"plugin": one.plugin, "distribution": source.distribution, "version": source.version}


def _told(plugin: str, distribution: str, version: str) -> str:
    return f"{plugin} ({distribution} {version})"


def _declared(spec: "Spec") -> Iterator[str]:
    """Say what a spec declares besides its options, a line each."""
    for panel in getattr(spec, "panels", ()):
        yield f"panel {panel.name}: {panel.summary}"
    for measure in getattr(spec, "measures", ()):
        yield f"measure {measure.id}: {measure.title}"
    for scale in getattr(spec, "scales", ()):
        levels = ", ".join(str(level.value) for level in scale.levels)
        hazard = (
            f"; withholds {scale.withhold_from:g} or more"
            if scale.withhold_from is not None
            else ""
        )
        yield f"scale {scale.name} ({scale.kind}){': ' if levels else ''}{levels}{hazard}"
    for name in ("attacks", "raters", "languages"):
        if getattr(spec, name, ()):
            yield f"{name}: {', '.join(getattr(spec, name))}"
    for p in getattr(spec, "prices", ()):
        day = f"; {p.date}" if p.date else ""
        model = "of any model" if p.model == "*" else p.model
        yield f"price {model}: {p.input:g} a million tokens in, {p.output:g} out{day}"
    for line in getattr(spec, "card", ()):
        yield (
            f"card: {line.statistic} {line.value:.2f} [{line.lower:.2f}, {line.upper:.2f}], n ="
            f" {line.n}; {line.population}"
        )
    for factor in getattr(spec, "factors", ()):
        yield f"factor {factor.name} ({factor.role}): {', '.join(factor.levels) or 'open'}"
