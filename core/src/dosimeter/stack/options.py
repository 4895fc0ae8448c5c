"""The options of components out of their tables; what is secret goes apart, and into no message."""

import json
import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any

import attrs
from attrs import define, field, frozen

from dosimeter.limits import VARIABLE, may_be_key, variables
from dosimeter.model.specs import option_class
from dosimeter.model.stackfile import RunConfig
from dosimeter.model.work import Seal
from dosimeter.registry import quotes
from dosimeter.serialize import to_plain
from dosimeter.stack.faults import Faults, Table

FOR_SECRETS = (
    "${...} is for secrets only; it would make the run depend on where it is run; use --set"
)
USUAL = re.compile(r"[A-Z][A-Z0-9_]{0,39}")
"""How variables are named; a key that is written for one has small letters, or is long."""
OF_RUN = attrs.fields_dict(RunConfig)
"""What other tools have as an option of a model, a seed or a timeout say, may be a setting of the run."""
UNSET_END = " holds, which is not set"
UNSET = f"what {{}}{UNSET_END}"
"""Stands for the value of a variable where nothing is sent; long enough for a seal."""
WRITTEN_OUT = (
    "a secret is written out; write ${NAME} instead, with --set in single quotes, and set NAME in the"
    " environment or in .env"
)
ONE_TEXT = (
    "a secret is one text with ${NAME} in it, no list or table; of several lines, between three quotes"
    " on each side"
)


def _without(secrets: Collection[str], words: str) -> str:
    """Give a fault's words without the value of a secret, in whatever quotes it stands.

    Words of a plugin's validator may quote any option: `got` is the rule of those that are hidden.
    """
    if not any(quotes(words, s) for s in secrets):
        return words
    expected = words.partition(", got ")[0]
    if any(quotes(expected, s) for s in secrets):
        return "an option is refused; why is not told, as it quotes what may be a key"
    return f"{expected}, got text (not shown, as it may be a key)"


def _source(variable: str | None) -> str:
    """Say of a fault which variable the value is from, if it does not stand in the file."""
    return f" (from {variable} of the environment)" if variable else ""


@frozen
class Secrets:
    """Secrets of a stack. Shows nothing of itself.

    Attributes:
        values: Secret options by endpoint name, or by ``kind:name`` of another component.
        seals: Seals of panels by category id.
        lacking: Where a variable is not set, and what to do; its name stands for its value.
    """

    values: dict[str, dict[str, str]] = field(factory=dict, repr=False)
    seals: dict[str, Seal] = field(factory=dict, repr=False)
    lacking: tuple[tuple[str, str], ...] = ()

    def of(self, owner: str) -> dict[str, str]:
        """Give the secret options of one endpoint or component."""
        return self.values.get(owner, {})


@define
class OptionReader:
    """Reads options, and keeps the secrets among them by owner.

    Attributes:
        note: Why a variable may be lacking.
        unset: Notes variables that are not set, where that is no fault.
    """

    environ: Mapping[str, str] = field(repr=False)
    faults: Faults
    note: str = ""
    unset: Faults | None = None
    secrets: dict[str, dict[str, str]] = field(factory=dict, repr=False)

    def read(
        self, path: str, cls: type, raw: Table, owner: str, known_too: Iterable[str] = ()
    ) -> tuple[Any, Any]:
        """Sort options into identity and operational pairs; secrets go to *owner*."""
        attrs.resolve_types(cls)
        known = attrs.fields_dict(cls)
        given: Table = {}
        for key, value in raw.items():
            if key not in known and key in OF_RUN and key not in known_too:
                self.faults.add(f"{path}.{key}", f"unknown key; of the whole run it is run.{key}")
            elif key not in known:
                self.faults.unknown(path, key, [*known, *known_too])
            else:
                secret = option_class(known[key]) == "secret"
                given[key] = self.filled(f"{path}.{key}", value, secret=secret)
        told = {k for k, v in given.items() if v is None}
        sources = self._from_environment(known, given)
        lent = {name: self.environ[variable] for name, variable in sources.items()}
        given = {k: v for k, v in {**given, **lent}.items() if v is not None}
        before = len(self.faults.told)
        made = self.faults.build(path, given, cls, told)
        if made is None:
            secrets = [
                str(v) for n, entries in given.items()
                for v in (entries if isinstance(entries, list | tuple) else (entries,))
                if option_class(known[n]) == "secret" or may_be_key(v)
            ]  # fmt: skip
            read = {f"{path}.{name}": variable for name, variable in sources.items()}
            self.faults.told[before:] = [
                (where, _without(secrets, words + _source(read.get(where))))
                for where, words in self.faults.told[before:]
            ]
            return (), ()
        own = {n: getattr(made, n) for n, a in known.items() if option_class(a) == "secret"}
        self._keep(path, owner, {name: to_plain(value) for name, value in own.items() if value})
        return self.by_class(made, known)

    def _from_environment(
        self, known: "dict[str, attrs.Attribute[Any]]", given: Table
    ) -> dict[str, str]:
        """Give the options that the stack leaves out and a variable fills, with its name."""
        found = {n: self._variables(a, known, given) for n, a in known.items() if n not in given}
        return {name: variables[0] for name, variables in found.items() if variables}

    def _variables(
        self, a: "attrs.Attribute[Any]", known: "dict[str, attrs.Attribute[Any]]", given: Table
    ) -> list[str]:
        """Name the variables that could fill an option and are set."""
        says = {n: given.get(n, other.default) for n, other in known.items()}
        return [name for name in variables(a, says) if self.environ.get(name)]

    def by_class(
        self, made: Any, known: "dict[str, attrs.Attribute[Any]]"  # noqa: ANN401
    ) -> tuple[Any, Any]:  # fmt: skip
        """Give identity and operational options as pairs; no secret is in either."""
        sorted_: dict[str, list[tuple[str, str]]] = {"identity": [], "operational": []}
        for name, a in known.items():
            group = option_class(a)
            if group != "secret":
                plain = to_plain(getattr(made, name))
                sorted_[group].append((name, json.dumps(plain, sort_keys=True)))
        return tuple(sorted(sorted_["identity"])), tuple(sorted(sorted_["operational"]))

    def _keep(self, path: str, owner: str, own: dict[str, str]) -> None:
        """Keep the secrets of *owner*, which has one set of them wherever the stack uses it."""
        held = self.secrets.setdefault(owner, own)
        for name in sorted(n for n in {*held, *own} if held.get(n) != own.get(n)):
            if any(UNSET_END in one.get(name, "") for one in (held, own)):
                continue  # two that are not set may be the same
            why = f"{owner} is used elsewhere in this stack with another value; give both the same"
            self.faults.add(f"{path}.{name}", why)

    def filled(self, path: str, value: Any, *, secret: bool) -> Any:  # noqa: ANN401
        """Put variables of the environment into a secret; None if that cannot be done."""
        names = re.findall(VARIABLE, value) if isinstance(value, str) else []
        if secret and not names:
            several = isinstance(value, list | dict)
            self.faults.add(path, ONE_TEXT if several else WRITTEN_OUT)
            return None
        if names and not secret:
            self.faults.add(path, FOR_SECRETS)
            return None
        lacking = list(filter(None, map(self._lacking, names)))
        for why in lacking:
            (self.unset or self.faults).add(path, why)
        if lacking and self.unset is None:
            return None
        return re.sub(VARIABLE, self._value, value) if secret else value

    def _lacking(self, name: str) -> str:
        """Say that a variable has no value, and what to do; empty if it has one."""
        if self.environ.get(name):
            return ""
        if not USUAL.fullmatch(name):
            return (
                "the environment has no such variable (its name is not shown, as it may be a key):"
                " ${...} holds the name of a variable, not the key"
            )
        if name not in self.environ:
            return f"the environment has no {name}; set it or put it in .env{self.note}"
        return f"{name} of the environment is empty; give it a value"

    def _value(self, found: re.Match[str]) -> str:
        """Give the value of a variable, or what stands for it."""
        return self.environ.get(found.group(1)) or UNSET.format(found.group(1))
