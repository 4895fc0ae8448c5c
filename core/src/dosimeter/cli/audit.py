"""``dosimeter audit``."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from dosimeter.cli.codes import FAILED, INCONCLUSIVE, PASS
from dosimeter.cli.common import emit
from dosimeter.cli.options import PLACE, Finite

if TYPE_CHECKING:
    from dosimeter.audit.outcomes import Scale
    from dosimeter.audit.run import Audit
    from dosimeter.audit.table import Where

F = TypeVar("F", bound=Callable[..., object])
SUFFIXES = (".md", ".json")
SCALE = re.compile(r"(-?\d+(?:\.\d+)?)-(-?\d+(?:\.\d+)?)")


def _of_columns(f: F) -> F:
    """Add the options that name columns."""
    for flag, help_ in reversed((
        ("--item", "Column: what was asked. Rows of one item are one question, put again."),
        ("--outcome", "Column: what is counted, or a mark that is averaged."),
        ("--system", "Column: what was asked of; without it each file is a system."),
        ("--group", "Column: attack, language or part of the benchmark; never pooled."),
        ("--cluster", "Column: which items belong together; without it each stands alone."),
        ("--repeat", "Column: which repeat a row is; then none may come twice."),
        ("--submitted", "Column: 1 where there was something to judge, else 0."),
    )):  # fmt: skip
        f = click.option(flag, default="", metavar="COLUMN", help=help_)(f)
    return f


def _of_values(f: F) -> F:
    """Add the options that say what values mean, and which rows are taken."""
    for flag, name, meta, help_ in reversed((
        ("--rater", "raters", "COLUMN", "Column: labels of a rater; twice or more for agreement."),
        ("--judge", "judges", "COLUMN", "Column: labels of a machine, held against the outcome."),
        ("--outcome-is", "outcome_is", "VALUE=WORD",
         "What a value of the outcome means: event, other or missing; may be repeated."),
        ("--missing", "missing", "VALUE", "Value that says that there is no outcome; may be repeated."),
        ("--where", "where", "COLUMN=PATTERN", "Take these rows alone; != for all but these."),
        ("--claim", "claims", "TEXT", "What is claimed, such as 'PAIR vicuna 0.69' or 'a > b'."),
    )):  # fmt: skip
        f = click.option(flag, name, multiple=True, metavar=meta, help=help_)(f)
    return f


@click.command(name="audit")
@click.argument("files", nargs=-1, required=True, type=PLACE, metavar="FILE ...")
@_of_columns
@_of_values
@click.option("--scale", metavar="LOW-HIGH", help="Average marks on this scale, such as 1-5.")
@click.option("--attempted", type=click.IntRange(1),
              help="Items attempted with each system and group: the denominator.")  # fmt: skip
@click.option("--items", type=PLACE, help="File that lists all items, instead of --attempted.")
@click.option("--claims", "claims_file", type=PLACE, help="TOML file of claims.")
@click.option("--margin", type=Finite(min=0, min_open=True),
              help="Largest difference that does not matter, fixed beforehand.")  # fmt: skip
@click.option("--level", type=Finite(0.5, 1, min_open=True, max_open=True), default=0.95,
              show_default=True, help="Confidence level.")  # fmt: skip
@click.option("-o", "outputs", multiple=True, type=PLACE, help="Write the audit: .md or .json.")
@click.option("--json", "as_json", is_flag=True, help="Print the audit as JSON.")
def command(**given: Any) -> int:  # noqa: ANN401  click's own
    """Recompute somebody else's results: intervals, clusters, pairs, multiplicity, and their claims.

    FILE is CSV, TSV, JSON lines or a list of JSON, also packed with gzip, or a log of Inspect (.json),
    lm-eval (samples), garak (report) or promptfoo (results). A row is one observation of one item
    under one system. The exit code is 1 if a claim is overstated or contradicted,
    and else 4 if one cannot be judged.
    """
    from dosimeter.audit.report import markdown
    from dosimeter.audit.run import audit

    read = [p for p in (*given["files"], given["items"], given["claims_file"]) if p is not None]
    _check_outputs(given["outputs"], read)
    asked, claims = _asked(given), _claims(given)
    found = audit(
        asked, claims, attempted=given["attempted"], items=given["items"], margin=given["margin"],
        level=given["level"],
    )  # fmt: skip
    for path in given["outputs"]:
        _write(path, found)
    if given["as_json"] or not given["outputs"]:
        emit(found, as_json=given["as_json"], text=markdown(found).rstrip("\n"))
    else:
        for path in given["outputs"]:
            click.echo(f"Written: {path}")
    return FAILED if found.spoilt else INCONCLUSIVE if found.open else PASS


def _asked(given: dict[str, Any]) -> Any:  # noqa: ANN401  imported only when called
    from dosimeter.audit.columns import Columns
    from dosimeter.audit.load import Asked
    from dosimeter.audit.outcomes import Outcomes

    _check_together(given)
    one = {
        n: given[n]
        for n in ("item", "outcome", "system", "group", "cluster", "repeat", "submitted")
    }
    columns = Columns(raters=given["raters"], judges=given["judges"], **one)
    outcomes = Outcomes(meanings=_meanings(given["outcome_is"]), scale=_scale(given["scale"]),
                        missing=frozenset(given["missing"]))  # fmt: skip
    where = tuple(map(_where, given["where"]))
    return Asked(files=given["files"], columns=columns, outcomes=outcomes, where=where)


def _check_together(given: dict[str, Any]) -> None:
    """Refuse flags that do not go together."""
    twice = _twice(given["raters"]) or _twice([given["outcome"], *given["judges"]])
    for wrong, msg in (
        (given["attempted"] is not None and given["items"] is not None,
         "--attempted and --items both say what was attempted; give one of them"),
        (len(given["raters"]) == 1,
         "--rater: agreement takes two; a single one is held against the outcome with --judge"),
        (given["judges"] and given["scale"] is not None,
         "--judge: marks have no right and wrong; give both columns as --rater, for agreement"),
        (given["judges"] and not given["outcome"] and given["raters"],
         "--judge is held against the outcome; name its column with --outcome"),
        (twice, f"column {twice!r} is held against itself, and agrees with itself; name another"),
    ):  # fmt: skip
        if wrong:
            raise click.UsageError(msg)


def _twice(columns: Sequence[str]) -> str:
    """Give the first column that is named twice; empty if none is."""
    return next((c for i, c in enumerate(columns) if c and c in columns[:i]), "")


def _claims(given: dict[str, Any]) -> list[Any]:
    from dosimeter.audit import claims

    of_file = claims.read(given["claims_file"]) if given["claims_file"] is not None else ()
    return [*map(claims.parse, given["claims"]), *of_file]


def _meanings(given: tuple[str, ...]) -> dict[str, str]:
    from dosimeter.audit.outcomes import MEANINGS
    from dosimeter.nearest import nearest

    found = {}
    for one in given:
        value, sign, word = one.rpartition("=")
        if not sign or word not in MEANINGS:
            msg = f"--outcome-is {one!r}: write VALUE=WORD, the word being {', '.join(MEANINGS)}"
            near = nearest(word, tuple(MEANINGS), there="there are")
            raise click.UsageError(f"{msg}; {near}" if sign else msg)
        found[value] = word
    return found


def _scale(given: str | None) -> "Scale | None":
    if given is None:
        return None
    found = SCALE.fullmatch(given)
    scale = (float(found[1]), float(found[2])) if found else (0.0, 0.0)
    if not scale[0] < scale[1]:
        msg = f"--scale {given!r}: write the lowest and the highest mark, such as 1-5 or 0-1"
        raise click.UsageError(msg)
    return scale


def _where(given: str) -> "Where":
    from dosimeter.audit.table import Where

    column, sign, pattern = given.partition("=")
    if not sign or not column.rstrip("!"):
        msg = f"--where {given!r}: write COLUMN=PATTERN, or COLUMN!=PATTERN for all other rows"
        raise click.UsageError(msg)
    return Where(column=column.removesuffix("!"), pattern=pattern, unlike=column.endswith("!"))


def _check_outputs(outputs: Sequence[Path], files: Sequence[Path]) -> None:
    """Refuse to write what is no audit, or over what is read."""
    for path in outputs:
        if path.suffix.lower() not in SUFFIXES:
            msg = f"-o {path}: give a file that ends in {' or '.join(SUFFIXES)}"
            raise click.UsageError(msg)
        if any(path.exists() and one.exists() and path.samefile(one) for one in files):
            msg = f"-o {path} is what is read; name another file"
            raise click.UsageError(msg)


def _write(path: Path, found: "Audit") -> None:
    from dosimeter.audit.report import markdown
    from dosimeter.jsontext import encode_finite
    from dosimeter.sinks.plain import plain

    if path.suffix.lower() == ".md":
        path.write_text(markdown(found), encoding="utf-8")
    else:
        path.write_bytes(encode_finite(plain(found)))
