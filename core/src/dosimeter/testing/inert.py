"""Promises of sinks about text of models and plugins: in the file of whatever suffix, it is only text."""

import csv
import io
import json
import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import NoReturn

from dosimeter.model.specs import SinkSpec
from dosimeter.testing import reports, samples
from dosimeter.testing.component import Broken, Specimen
from dosimeter.testing.kit import checks_in, promise
from dosimeter.testing.seen import PAGES, page, texts
from dosimeter.testing.sink import Files, written

TAG, HANDLER = "kitmark", "onkit"
ENDS = "</title></style></script></textarea></template></table></svg>--> ]]>"
QUOTES = f"\" {HANDLER}=\"1\" x='' ' {HANDLER}='1' x=\"\" ` {HANDLER}=1 <!-- {{{{7*7}}}}"
MARKUP = (f"{ENDS}<{TAG} {HANDLER}=1>{QUOTES}", f"{QUOTES}{ENDS}<{TAG}>", "javascript:kitmark()")
FORMULAS = ("=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1+1", "\r=1+1", "\n=1+1")
COMPUTED = ("=", "+", "-", "@", "\t", "\r", "\n")
NUMBER = re.compile(r"[-+]?\d+([.,]\d+)*([eE][-+]?\d+)?\s?%?")
DELIMITERS = {".csv": ",", ".tsv": "\t"}
LINES = (".jsonl", ".ndjson")
LOADING = ("src", "srcset", "poster", "data", "background")
LOADED = re.compile(r"(?:[a-z]+:)?//", re.IGNORECASE)
STYLE = re.compile(r"(?:@import|url\()\W*(?:https?:)?//", re.IGNORECASE)
TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
HEARD = frozenset("\n\r\t")


def _suffix(one: Specimen) -> str:
    return one.of(SinkSpec).suffix.casefold()


def _only(*suffixes: str) -> Callable[[Specimen], str]:
    def unless(one: Specimen) -> str:
        return "" if _suffix(one) in suffixes else f"its files are not {' or '.join(suffixes)}"

    return unless


def _for_machines(one: Specimen) -> str:
    machines = _suffix(one) in (".json", *LINES)
    return "its files are read by programs" if machines else ""


def hostile(one: Specimen, text: str) -> Files:
    """Let it write a report of which every word is *text*. One that it does not take is another check's."""
    try:
        return written(one, *reports.hostile(text))
    except Exception:
        return {}


@promise("sink", unless=_only(*PAGES))
def check_page_holds_no_markup_of_others(one: Specimen) -> str:
    """Text on a page makes no element, attribute or address of its own, wherever it stands."""
    for text in MARKUP:
        for data in hostile(one, text).values():
            for tag, attributes in page(data).tags:
                _refuse_markup(tag, attributes)
    return f"{len(MARKUP)} texts"


def _refuse_markup(tag: str, attributes: Mapping[str, str]) -> None:
    todo = "escape &, <, >, \" and ' wherever a text goes, and quote every attribute"
    if tag == TAG:
        raise Broken("a text made an element", todo)
    if HANDLER in attributes:
        raise Broken(f"a text made an attribute of <{tag}>", todo)
    active = [n for n, v in attributes.items() if v.strip().casefold().startswith("javascript:")]
    addresses = {"href", "src", "action", "formaction", "data", "xlink:href"} & set(active)
    if addresses:
        raise Broken(f"a text is the {', '.join(addresses)} of <{tag}>", "make no link of a text")


@promise("sink", unless=_only(*PAGES))
def check_page_loads_nothing(one: Specimen) -> None:
    """A page is whole: it loads neither script, style, font nor image from anywhere."""
    for data in written(one, reports.report()).values():
        made = page(data)
        for tag, attributes in made.tags:
            names = (*LOADING, "href") if tag == "link" else LOADING
            away = [n for n in names if LOADED.match(attributes.get(n, "").strip())]
            if away:
                raise Broken(f"<{tag}> has its {away[0]} elsewhere", "put it into the page itself")
        styles = [*made.inside, *(a.get("style", "") for _, a in made.tags)]
        if any(STYLE.search(style) for style in styles):
            raise Broken("a style loads from elsewhere", "put it into the page itself")


@promise("sink", unless=_only(*DELIMITERS))
def check_table_computes_nothing(one: Specimen) -> str:
    """No text in a table is a formula to a spreadsheet, and every row has its columns."""
    for text in (*FORMULAS, 'a "quoted", text;\twith\r\nlines'):
        for said in texts(hostile(one, text)):
            delimiter = DELIMITERS[_suffix(one)]
            try:
                rows = list(csv.reader(io.StringIO(said, ""), delimiter=delimiter, strict=True))
            except csv.Error as exc:
                raise Broken("it cannot be read back", "write it with the csv module") from exc
            widths = {len(row) for row in rows}
            if len(widths) > 1:
                raise Broken(f"rows have {sorted(widths)} columns", "write it with the csv module")
            _refuse_formulas([cell for row in rows for cell in row])
    return f"{len(FORMULAS)} formulas"


def _refuse_formulas(cells: list[str]) -> None:
    bad = [c for c in cells if c[1:] and c.startswith(COMPUTED) and not NUMBER.fullmatch(c)]
    if bad:
        raise Broken(
            f"{len(bad)} cells begin with {bad[0][0]!r}",
            "put an apostrophe before what begins with =, +, -, @, a tab or a line's end",
        )


def _no_constant(_: str) -> NoReturn:
    raise ValueError


@promise("sink", unless=_only(".json", *LINES))
def check_json_can_be_read(one: Specimen) -> str:
    """Any program reads the file: strict JSON in UTF-8, without NaN, whatever texts say."""
    odd = [text for _, text in samples.ODD]
    for text in odd:
        for data in hostile(one, text).values():
            try:
                whole = data.decode()
                parts = whole.splitlines() if _suffix(one) in LINES else [whole]
                for part in parts:
                    json.loads(part, parse_constant=_no_constant)
            except ValueError as exc:
                raise Broken(
                    f"it cannot be read back ({type(exc).__name__})",
                    "write it with json.dumps, with ensure_ascii and without NaN",
                ) from exc
    return f"{len(odd)} texts"


def _steers(char: str) -> bool:
    return char in TURNING or (char not in HEARD and unicodedata.category(char) in {"Cc", "Cs"})


@promise("sink", unless=_for_machines)
def check_text_steers_nothing(one: Specimen) -> str:
    """No text rings, moves the cursor, hides or turns the direction of what is around it."""
    if any(b"\0" in data for data in written(one, reports.report()).values()):
        return "not a text"
    for name, text in samples.ODD:
        files = hostile(one, text)
        try:
            b"".join(files.values()).decode()
        except UnicodeDecodeError as exc:
            raise Broken(f"no UTF-8 on: {name}", 'encode("utf-8", "replace")') from exc
        found = {c for said in texts(files) for c in set(said) if _steers(c)}
        if found:
            codes = ", ".join(f"U+{ord(c):04X}" for c in sorted(found))
            raise Broken(f"{codes} on: {name}", "show control and direction marks by their names")
    return f"{len(samples.ODD)} texts"


CHECKS = checks_in(globals())
