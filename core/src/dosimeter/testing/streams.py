"""Promises of model providers whose answer comes in pieces, and of those that read a stream of events."""

import json
from collections.abc import Iterator
from itertools import accumulate, pairwise

import attrs

from dosimeter.errors import ProviderError, Transient
from dosimeter.model.conversation import Reply
from dosimeter.testing.calling import Got, bodied, good, no_address, served
from dosimeter.testing.component import Broken, Specimen, Untried
from dosimeter.testing.kit import checks_in, promise

SCRIPTS = "Sieve 釉 twice, rührt es — and fire it.\nThen é \U0001f3a8."
"""Says in letters of several bytes what an answer may be cut in."""
SHORT = "Sieve the glaze twice."
NOISE = b"upstream busy"
MOST = 24
"""Cuts of one answer, which take time."""


def _spread(found: list[int]) -> list[int]:
    """Give at most `MOST` of what was found, from all over it."""
    step = -(-len(found) // MOST)
    return found[:: max(1, step)]


def _spelt(line: bytes) -> bytes:
    """Give a line with the letters of its JSON as they are, in place of escapes, which say the same."""
    head, brace, _ = line.partition(b"{")
    try:
        said = json.loads(line[len(head) :])
    except (ValueError, RecursionError):
        return line
    end = line[len(line.rstrip()) :]
    return head + json.dumps(said, ensure_ascii=False).encode() + end if brace else line


def _in_pieces(body: bytes) -> tuple[bytes, ...]:
    """Cut a body within its letters and in the middle of its lines."""
    letters = [
        n for n, byte in enumerate(body) if 0x80 <= byte < 0xC0
    ]  # never the first of a letter's
    ends = [0, *accumulate(len(line) for line in body.splitlines(keepends=True))]
    middles = [(a + b) // 2 for a, b in pairwise(ends)]
    cuts = sorted({*_spread(letters), *_spread(middles)} - {0})
    return tuple(body[a:b] for a, b in pairwise([0, *cuts, len(body)]))


@promise("provider", unless=no_address)
def check_pieces_make_one_answer(one: Specimen) -> str:
    """An answer that comes in pieces, cut within letters and lines, is the same reply as the whole."""
    plain = good(one, SCRIPTS)
    body = b"".join(map(_spelt, plain.body.splitlines(keepends=True)))
    whole, pieces = served(one, bodied(body)).reply, _in_pieces(body)
    if not isinstance(whole, Reply):
        raise Untried("it does not answer a plain question")
    found = served(one, attrs.evolve(bodied(body), pieces=pieces))
    if found.reply is None or found.reply.messages != whole.messages:
        raise Broken(
            f"{found.what} of an answer in {len(pieces)} pieces that is a reply of"
            f" {len(whole.text)} characters when it is whole",
            "keep bytes until a line is whole, and decode it then",
        )
    return f"{len(pieces)} pieces"


def _no_stream(one: Specimen) -> str:
    return no_address(one) or ("" if one.stream else "its answer is no stream of events")


def _lines(one: Specimen) -> list[bytes]:
    """Give the lines of a good stream; what is blank goes with the line before.

    Raises:
        Untried: If it is none.
    """
    lines: list[bytes] = []
    for line in good(one, SHORT).body.splitlines(keepends=True):
        if line.strip() or not lines:
            lines.append(line)
        else:
            lines[-1] += line
    if len(lines) < 2:
        raise Untried("give by says= a body of several lines, the last of which is its end")
    return lines


def _cut_short(lines: list[bytes]) -> Iterator[tuple[str, bytes]]:
    """End a stream after each line but the last, and in the middle of each, as if it were whole."""
    for n in _spread(list(range(1, len(lines)))):
        yield f"after line {n} of {len(lines)}", b"".join(lines[:n])
    for n in {*_spread(list(range(len(lines)))), len(lines) - 1}:
        line = lines[n].rstrip()
        before = b"".join(lines[:n]) + line[: len(line) // 2]
        yield f"in the middle of line {n + 1} of {len(lines)}", before


@promise("provider", unless=_no_stream)
def check_streams_without_an_end_are_transient(one: Specimen) -> str:
    """A stream that ends before its last line, however cleanly, raises Transient: half of it is no reply."""
    lines, n = _lines(one), 0
    _answered(one, lines)
    for where, body in _cut_short(lines):
        _is_transient(where, served(one, bodied(body)))
        n += 1
    broken = attrs.evolve(bodied(b"".join(lines)), cut=True)
    _is_transient("by a lost connection", served(one, broken))
    return f"{n + 1} ends"


def _answered(one: Specimen, lines: list[bytes]) -> Reply:
    """Give the reply to the whole stream.

    Raises:
        Untried: If it is none.
    """
    reply = served(one, bodied(b"".join(lines))).reply
    if not isinstance(reply, Reply):
        raise Untried("it does not answer a plain question")
    return reply


def _is_transient(where: str, found: Got) -> None:
    if not isinstance(found.fault, Transient):
        raise Broken(
            f"a stream that ends {where} gives {found.what}",
            'wait for the event that ends it, and raise Transient("...", code="stream-broken") if it'
            " does not come",
        )


def _no_events(lines: list[bytes]) -> Iterator[tuple[str, bytes, bool]]:
    """Put what is no event among a stream's: half of a line in its place, and a line of another's.

    The third says whether it may pass, if the reply is the same: half of a remark is a remark.
    """
    for n in _spread(list(range(len(lines)))):
        line = lines[n].rstrip()
        half = line[: len(line) // 2] + lines[n][len(line) :]
        yield f"half of line {n + 1}", b"".join([*lines[:n], half, *lines[n + 1 :]]), True
    data = next((line for line in lines if b"{" in line), None)
    if data is not None:
        noise = data.partition(b"{")[0] + NOISE + data[len(data.rstrip()) :]
        yield "a line that is no JSON", b"".join([lines[0], noise, *lines[1:]]), False


@promise("provider", unless=_no_stream)
def check_lines_that_are_no_events_are_errors(one: Specimen) -> str:
    """A line of a stream that is no event raises ProviderError: words that were in it are not left out."""
    lines, n = _lines(one), 0
    whole = _answered(one, lines)
    for what, body, may_pass in _no_events(lines):
        found = served(one, bodied(body))
        n += 1
        same = found.reply is not None and found.reply.messages == whole.messages
        if not isinstance(found.fault, ProviderError) and not (may_pass and same):
            raise Broken(
                f"{what} among the lines of a stream gives {found.what}",
                'raise Transient("...", code="malformed") of a line that is no event',
            )
    return f"{n} lines"


CHECKS = checks_in(globals())
