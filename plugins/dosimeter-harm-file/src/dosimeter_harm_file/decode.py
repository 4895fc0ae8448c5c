"""Bytes of a file as text: what they are is found out or told, never guessed in silence."""

import codecs

from dosimeter import StackError

WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""What .xlsx and .xls begin with, whatever their name."""
AS_CSV = "is an Excel workbook: save it as CSV UTF-8 (Save as, File type) and name that file"
UTF16 = (b"\xff\xfe", b"\xfe\xff")
UTF8 = ("utf-8", "utf-8-sig")
OF_WINDOWS = "cp1252"


def decoded(name: str, data: bytes, encoding: str, *, sure: bool = False) -> str:
    """Give the text of a file.

    Args:
        name: Of the file, for messages.
        data: What is in it.
        encoding: What the stack says that it is; a mark of byte order says more.
        sure: Whether it is that although it could be UTF-8.

    Raises:
        StackError: If it is no such text; with the line.
    """
    if data.startswith(WORKBOOKS):
        msg = f"{name} {AS_CSV}"
        raise StackError(msg)
    codec = "utf-16" if data.startswith(UTF16) else _codec(encoding)
    if codec in UTF8:
        codec = "utf-8-sig"
    elif not (sure or data.isascii() or codec.startswith("utf-16")) and is_utf8(data):
        msg = (
            f"{name} is UTF-8, and the stack says {encoding}, by which ä would be asked as Ã¤: leave"
            f" encoding out; if it really is {encoding}, say so with encoding_is_sure = true"
        )
        raise StackError(msg)
    try:
        return data.decode(codec)
    except UnicodeDecodeError as exc:
        line = data.count(b"\n", 0, exc.start) + 1
        msg = f"{name}, line {line}: not {encoding}; {_instead(name, encoding)}"
        raise StackError(msg) from None


def encoding_of(data: bytes) -> str:
    """Guess the encoding of a file that nobody has said anything of: UTF-8, or else that of Windows."""
    return "utf-8" if data.startswith((*UTF16, *WORKBOOKS)) or is_utf8(data) else OF_WINDOWS


def is_utf8(data: bytes) -> bool:
    """Say whether bytes are text in UTF-8."""
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _instead(name: str, encoding: str) -> str:
    """Say how to save a file of this kind; what the stack says of encoding is about the table."""
    match name.lower().rpartition(".")[2]:
        case "csv" | "tsv":
            return f"save the file as CSV UTF-8{_or_name(encoding)}"
        case "jsonl" | "ndjson":
            return f"save the file as UTF-8{_or_name(encoding)}"
        case _:
            return "save the file as UTF-8"


def _or_name(encoding: str) -> str:
    if encoding.lower().replace("_", "-") in {*UTF8, "utf8"}:
        return f', or say what it is, such as encoding = "{OF_WINDOWS}"'
    return " and leave encoding out"


def _codec(encoding: str) -> str:
    try:
        return codecs.lookup(encoding).name
    except LookupError:
        msg = f"encoding {encoding!r} is not known to Python; try utf-8, utf-16 or cp1252"
        raise StackError(msg) from None
