"""Promises of every component, whatever its kind."""

import asyncio
import contextlib
import json
import random
import re

import attrs

from dosimeter.errors import DosimeterError, raised_at
from dosimeter.model.specs import NoOptions, option_class
from dosimeter.serialize import structure, to_plain
from dosimeter.testing.component import SECRET, Broken, Specimen, Untried
from dosimeter.testing.kit import checks_in, promise

ANY = ("provider", "attack", "rater", "category", "sink", "executor")
ID = re.compile(r"[a-z][a-z0-9]*(?:[-_.][a-z0-9]+)*")
LONGEST_ID, LONGEST_SUMMARY = 40, 120


def _options(one: Specimen) -> type[attrs.AttrsInstance]:
    cls: type[attrs.AttrsInstance] = getattr(one.spec, "options", NoOptions)
    return cls


def _no_options(one: Specimen) -> str:
    none = not attrs.fields(_options(one))
    return "it has no options" if none else ""


@promise(*ANY, "command")
def check_id_is_a_plain_word(one: Specimen) -> None:
    """The id is a word of small letters, digits and hyphens, as it is typed in stacks and shells."""
    assert one.spec is not None
    if not ID.fullmatch(one.spec.id) or len(one.spec.id) > LONGEST_ID:
        raise Broken(
            f"its id is {one.spec.id!r}", f"write it so, with at most {LONGEST_ID} characters"
        )


@promise(*ANY, "command")
def check_summary_is_one_line(one: Specimen) -> None:
    """The summary says in one line what the component is: lists of plugins show nothing else."""
    assert one.spec is not None
    said = one.spec.summary
    if not said.strip() or "\n" in said or len(said) > LONGEST_SUMMARY:
        raise Broken(
            f"its summary has {len(said)} characters and {said.count(chr(10)) + bool(said)} lines",
            f"write one line of at most {LONGEST_SUMMARY} characters",
        )


@promise(*ANY, "command")
def check_factory_can_be_imported(one: Specimen) -> None:
    """The factory that the spec names is there, and can be called."""
    found = one.factory()
    if not callable(found):
        raise Broken(f"the factory is a {type(found).__name__}", "name a function or a class")


@promise(*ANY, unless=_no_options)
def check_options_say_what_they_are(one: Specimen) -> None:
    """Every option has a line of help: editors, the schema and `plugins info` show it."""
    mute = [a.name for a in attrs.fields(_options(one)) if not a.metadata.get("help")]
    if mute:
        raise Broken(f"no help for {', '.join(mute)}", 'write option(..., help="...")')


@promise(*ANY, unless=_no_options)
def check_options_survive_a_journal(one: Specimen) -> None:
    """Options read back from a journal equal those that were written."""
    given = one.settings()
    names = [a.name for a in attrs.fields(type(given)) if option_class(a) != "secret"]
    secrets = [a.name for a in attrs.fields(type(given)) if option_class(a) == "secret"]
    held = {name: getattr(given, name) for name in secrets}
    try:
        kept = {name: to_plain(getattr(given, name)) for name in names}
        read = structure(json.loads(json.dumps(kept)) | held, type(given), "options")
    except (DosimeterError, TypeError, ValueError) as exc:
        raise Broken(
            f"they cannot be read back ({type(exc).__name__})",
            "use text, numbers, booleans, and tuples or records of them",
        ) from exc
    differ = [name for name in names if getattr(read, name) != getattr(given, name)]
    if differ:
        raise Broken(f"{', '.join(differ)} came back changed", "let the converter be idempotent")


def secret_options(given: attrs.AttrsInstance) -> attrs.AttrsInstance:
    """Fill secret options with the kit's secret, but for those that hold it and those that refuse it."""
    for field in attrs.fields(type(given)):
        if option_class(field) == "secret" and SECRET not in str(getattr(given, field.name)):
            with contextlib.suppress(ValueError, TypeError):
                given = attrs.evolve(given, **{field.name: SECRET})  # type: ignore[misc]
    return given


def holds_secret(given: attrs.AttrsInstance) -> None:
    """Refuse options without the kit's secret.

    Raises:
        Untried: Naming those that it should stand in.
    """
    names = [f.name for f in attrs.fields(type(given)) if option_class(f) == "secret"]
    if not any(SECRET in str(getattr(given, name)) for name in names):
        msg = f"give a value of {' or '.join(names)} with dosimeter.testing.SECRET in it"
        raise Untried(msg)


def _shown(one: Specimen, options: attrs.AttrsInstance) -> str:
    """Build it, a provider as at run time in a loop that is there, and say how it shows itself."""
    if one.kind != "provider":
        built = one.build(options)
        return f"{built!r} {built}"

    async def whole() -> str:
        built = one.build(options)
        with contextlib.suppress(Exception):
            await built.aclose()
        return f"{built!r} {built}"

    return asyncio.run(whole())


def _no_secret(one: Specimen) -> str:
    secret = any(option_class(a) == "secret" for a in attrs.fields(_options(one)))
    return "" if secret else "it has no secret option"


@promise(*ANY, unless=_no_secret)
def check_secrets_stay_out_of_reprs(one: Specimen) -> None:
    """No secret stands in the repr of options or component: those end up in logs and tracebacks."""
    filled = secret_options(one.settings())
    holds_secret(filled)
    shown = repr(filled)
    if one.kind != "provider" or one.model:
        shown += _shown(one, filled)
    if SECRET in shown:
        raise Broken(
            "a secret stands in a repr", "declare it with option(secret=True), and show no options"
        )


@promise(*ANY)
def check_building_keeps_global_state(one: Specimen) -> None:
    """Building a component again draws nothing from Python's global generator of random numbers."""
    try:
        _shown(one, one.settings())  # what is imported for it, such as httpx, may draw
    except Untried:
        raise
    except Exception as exc:
        msg = f"mend its building first, which raised {type(exc).__name__} {raised_at(exc)}"
        raise Untried(msg) from exc
    before = random.getstate()
    _shown(one, one.settings())
    if random.getstate() != before:
        raise Broken("random's global state changed", "use a random.Random of your own, seeded")


CHECKS = checks_in(globals())
