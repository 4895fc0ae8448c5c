"""What hooks declare, held to what a spec must be."""

import re
from collections.abc import Iterable
from typing import cast

import attrs

from dosimeter.model.questions import unaskable
from dosimeter.model.specs import (
    OPTION_CLASSES,
    AttackSpec,
    CategorySpec,
    CommandSpec,
    ExecutorSpec,
    ProviderSpec,
    ScorerSpec,
    SinkSpec,
    Spec,
    option_class,
)

SPEC_OF_HOOK: dict[str, type] = {
    "dosimeter_attack_generators": AttackSpec,
    "dosimeter_model_providers": ProviderSpec,
    "dosimeter_harm_scorers": ScorerSpec,
    "dosimeter_report_sinks": SinkSpec,
    "dosimeter_harm_categories": CategorySpec,
    "dosimeter_executors": ExecutorSpec,
    "dosimeter_commands": CommandSpec,
}
"""What each hook returns."""
FACTORY = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_][\w.]*")


def checked_specs(hook: str, given: object) -> list[Spec]:
    """Give what a hook returned, if it is what it must be.

    Raises:
        TypeError: If a spec is of another kind, or a field of it.
        ValueError: If a field has no sound value.
    """
    if isinstance(given, str | bytes) or not isinstance(given, Iterable):
        msg = f"{hook} returned {type(given).__name__}; it must return specs"
        raise TypeError(msg)
    specs = cast("list[Spec]", list(given))
    kind = SPEC_OF_HOOK[hook]
    for spec in specs:
        # By identity: a class of the plugin's own may bear any name.
        if type(spec) is not kind:
            given_kind = f"{type(spec).__module__}.{type(spec).__name__}"
            msg = f"{hook} returned a {given_kind}; it must return dosimeter.{kind.__name__}s"
            raise TypeError(msg)
        _check_words(spec)
        _check_options(spec)
        if isinstance(spec, CategorySpec):
            check_measures([spec])
    return specs


def _check_words(spec: Spec) -> None:
    """An id that is no text, or a factory that names no module, would surface far from here."""
    for name in ("id", "summary", "factory"):
        if not isinstance(getattr(spec, name), str):
            msg = f"{type(spec).__name__}.{name} must be text, got {getattr(spec, name)!r}"
            raise TypeError(msg)
    if not spec.id:
        msg = f"a {type(spec).__name__} has an empty id"
        raise ValueError(msg)
    if not FACTORY.fullmatch(spec.factory):
        msg = f'{spec.id!r}: factory {spec.factory!r} must be "module:attr"'
        raise ValueError(msg)
    for name in ("prepare", "declare", "start"):
        path = getattr(spec, name, "")
        if not isinstance(path, str) or (path and not FACTORY.fullmatch(path)):
            msg = f'{spec.id!r}: {name} {path!r} must be "module:attr"'
            raise ValueError(msg)


def _check_options(spec: Spec) -> None:
    """Every option says which class it belongs to (identity, operational, secret)."""
    options = getattr(spec, "options", None)
    if options is None:
        return
    if not attrs.has(options):
        msg = f"{spec.id!r}: options {options!r} must be an attrs class"
        raise TypeError(msg)
    for a in attrs.fields(options):
        if option_class(a) not in OPTION_CLASSES:
            msg = (
                f"{options.__name__}.{a.name} does not say whether it is identity, operational or"
                " secret; declare it with dosimeter.option(...)"
            )
            raise TypeError(msg)
        of = a.metadata.get("hash_of")
        named = attrs.fields_dict(options).get(of)
        if of and (named is None or option_class(named) != "operational"):
            msg = (
                f"{options.__name__}.{a.name}: hash_of names the operational option that holds a file's"
                f" name, and {of!r} is none"
            )
            raise TypeError(msg)


def check_measures(specs: Iterable[Spec]) -> None:
    """A measure that no mark can answer would surface in the report only.

    It is held against the scales that *specs* bring; `validate` holds it against those of others.
    """
    given = tuple(specs)
    raters = [s for spec in given if isinstance(spec, ScorerSpec) for s in spec.scales]
    for spec in given:
        if not isinstance(spec, CategorySpec):
            continue
        scales = {s.name: s for s in (*raters, *spec.scales)}
        for measure in spec.measures:
            fault = unaskable(measure, scales.get(measure.scale))
            if fault:
                msg = f"{spec.id!r}: measure {measure.id!r}: {fault}"
                raise ValueError(msg)
