"""Measures what dosimeter costs and writes the table of docs/performance.md.

``uv run --all-groups python tests/benchmarks/run.py --write`` runs everything (about 20 minutes on
two quiet cores) and rewrites the table; ``--quick`` uses small sizes and writes nothing;
``--only NAME`` runs one section. All traffic stays on 127.0.0.1.
"""

import argparse
import platform
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from importlib import metadata
from pathlib import Path
from statistics import median

from attrs import frozen

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.children import CHEAP, DOSIMETER, HERE, SHIPPED, bare, child, journal, run
from benchmarks.estimates import (
    alpha,
    alpha_by_library,
    cpu,
    intervals,
    resampled,
    textbook_loop,
    write_journal,
)
from benchmarks.rating import WORDS, rated
from benchmarks.server import entries, loopback

from dosimeter.asking import PROVIDER_SEED_BITS
from dosimeter.ids import derive_seed
from dosimeter.plural import plural

PAGE = Path(__file__).parents[2] / "docs" / "performance.md"
BEGIN, END = "<!-- begin measured -->", "<!-- end measured -->"


@frozen(kw_only=True)
class Size:
    """How much is done; the quick size shows that the scripts work, not what things cost."""

    short: int = 2_000
    long: int = 10_000
    repeats: int = 3
    small: int = 2_000
    large: int = 200_000
    kept: int = 4_000
    rated: int = 2_000
    loops: int = 200
    marks: int = 1_000_000


QUICK = Size(short=200, long=1_000, repeats=1, small=200, large=2_000, kept=400, rated=200,
             loops=10, marks=2_000)  # fmt: skip
Row = tuple[str, str, str]
RATERS = {CHEAP: "a rater that costs nothing", SHIPPED: "both shipped rule raters"}


def bound(text, *, held):
    """Give a bound with the verdict that goes with it."""
    return text if held else f"{text}, **missed**"


def per_unit(short, long, n, m):
    """Give milliseconds of CPU for one unit beyond start-up: two sizes, their difference."""
    return (long.cpu - short.cpu) / (m - n) * 1000


def cost(size, one):
    """Take the median over repeats of what one more unit costs; *one* runs a given number."""
    return median(
        per_unit(one(size.short), one(size.long), size.short, size.long)
        for _ in range(size.repeats)
    )


def transports(size, _) -> Iterator[Row]:
    """Compare a bare loop over each transport."""
    for connections in (32, 256):
        for name in ("aiohttp", "httpx-aiohttp", "httpx"):
            m = size.long if name != "httpx" else size.short
            n = m // 4
            with loopback() as url:
                pairs = [
                    (bare(url, n, connections, name), bare(url, m, connections, name))
                    for _ in range(size.repeats)
                ]
            ms = median(per_unit(a, b, n, m) for a, b in pairs)
            rate = median((m - n) / (float(b.output) - float(a.output)) for a, b in pairs)
            yield (
                f"bare loop over {name}, {connections} connections",
                f"{ms:.2f} ms CPU a request, {rate:,.0f}/s",
                "",
            )


def attempts(size, folder) -> Iterator[Row]:
    """CPU an attempt, everything on, 32 connections at 0 ms."""
    with loopback() as url:
        base = cost(size, lambda n: bare(url, n, 32))
        yield "bare aiohttp loop, 32 connections, 0 ms", f"{base:.2f} ms CPU a request", ""
        for raters in (CHEAP, SHIPPED):
            ms = cost(size, lambda n, r=raters: run(folder, url, n, 32, r))
            yield (
                f"everything on, {RATERS[raters]}",
                f"{ms:.2f} ms CPU an attempt, {ms / base:.1f} times bare",
                bound("1.0 ms", held=ms <= 1.0),
            )


def wall(size, folder) -> Iterator[Row]:
    """256 connections at 50 ms."""
    n = size.short
    with loopback(0.05) as url:
        ideal = bare(url, n, 256)
        yield f"bare aiohttp loop, {n:,} requests, 256 x 50 ms", f"{float(ideal.output):.2f} s", ""
        for raters in (CHEAP, SHIPPED):
            got = median(run(folder, url, n, 256, raters).wall for _ in range(size.repeats))
            least = median(run(folder, url, 2, 256, raters).wall for _ in range(size.repeats))
            yield (
                f"{n:,} attempts, 256 x 50 ms, {RATERS[raters]}, from shell to report",
                f"{got:.2f} s, of which {least:.2f} s are start-up and an empty report",
                bound("3 s", held=got <= 3),
            )


def memory(size, folder) -> Iterator[Row]:
    """Peak memory from small to large, and a large journal read back."""
    with loopback() as url:
        few = run(folder, url, size.small, 32)
        many = run(folder, url, size.large, 32)
    mb = journal(folder).stat().st_size / 1e6
    yield (
        f"peak memory, {size.small:,} and {size.large:,} attempts",
        f"{few.peak:.0f} and {many.peak:.0f} MB: {many.peak / few.peak:.2f} times"
        f" ({many.wall:.0f} s, {many.cpu / size.large * 1000:.2f} ms CPU an attempt, all in all)",
        bound("1.5 times", held=many.peak <= 1.5 * few.peak),
    )
    read = child([*DOSIMETER, "report", "bench", "-o", "again.json"], cwd=folder)
    yield (
        f"journal of {size.large:,} attempts ({mb:,.0f} MB) opened and reported, with JSON",
        f"{read.wall:.1f} s, {read.cpu:.1f} s CPU, {read.peak:.0f} MB",
        bound("60 s, 400 MB", held=read.wall <= 60 and read.peak <= 400),
    )


def delays(folder, n, connections, latency, raters):
    """Give two lists of milliseconds to the commit of each call.

    From when the server had handed the answer's last byte to its kernel, and from when the client had
    read it.
    """
    sent_file, kept_file = folder / "sent", folder / "kept"
    for file in (sent_file, kept_file):
        file.unlink(missing_ok=True)
    program = (sys.executable, HERE / "watched.py", kept_file)
    with loopback(latency, sent_file) as url:
        run(folder / "run", url, n, connections, raters, program=program)
    sent = {seed: at for at, seed in entries(sent_file)}
    kept = {seed: at for at, seed in entries(kept_file)}
    with closing(sqlite3.connect(journal(folder / "run"))) as db:
        rows = db.execute("SELECT lower(hex(call)), started + seconds FROM try WHERE failure = ''")
        had = {derive_seed(call, bits=PROVIDER_SEED_BITS): at for call, at in rows}
    assert sent.keys() == kept.keys() == had.keys()
    return tuple(sorted(1000 * (kept[s] - since[s]) for s in kept) for since in (sent, had))


def durable(size, folder) -> Iterator[Row]:
    """How soon an answer is in the journal."""
    for connections, latency in ((16, 0.05), (64, 0.2), (32, 0.0), (256, 0.05)):
        ms, read = delays(folder, size.kept, connections, latency, SHIPPED)
        late = sum(m > 50 for m in ms) / len(ms)
        busy = (
            " (saturated: the client is the slower side)" if latency / connections < 0.001 else ""
        )
        yield (
            f"answer sent to answer durable, {connections} connections, {1000 * latency:.0f} ms,"
            f" both raters{busy}",
            f"p50 {ms[len(ms) // 2]:.0f}, p99 {ms[int(len(ms) * 0.99)]:.0f}, max {ms[-1]:.0f} ms;"
            f" {late:.1%} above 50; once read by the client: p99 {read[int(len(read) * 0.99)]:.0f},"
            f" max {read[-1]:.0f} ms",
            bound("50 ms", held=ms[-1] <= 50),
        )


def start(size, _) -> Iterator[Row]:
    """What --help costs."""
    times = 5 * size.repeats
    nothing = median(child([sys.executable, "-c", "pass"]).cpu for _ in range(times))
    helped = median(child([*DOSIMETER, "--help"]).cpu for _ in range(times))
    yield (
        "`--help` against `python -c pass`",
        f"{1000 * helped:.0f} and {1000 * nothing:.0f} ms CPU: {helped / nothing:.1f} times",
        bound("2.5 times", held=helped <= 2.5 * nothing),
    )


def raters(size, _) -> Iterator[Row]:
    """Replies a second of each shipped rater, alone."""
    for rater, least in (("refusal", 0), ("actionability", 1_000)):
        rate = rated(rater, size.rated, size.repeats)
        yield (
            f"replies of {WORDS} words rated by `{rater}` on one core",
            f"{rate:,.0f} a second of CPU",
            bound(f"{least:,}/s", held=rate >= least) if least else "",
        )


def statistics(size, folder) -> Iterator[Row]:
    """Estimates beside a textbook's loop and another library, and a report of many marks."""
    ours, loop = cpu(resampled()), 10_000 / size.loops * cpu(textbook_loop(size.loops), 1)
    yield (
        "BCa limits of 10,000 rows in 1,000 families, 10,000 resamples, beside the textbook's loop",
        f"{ours:.3f} s CPU against {loop:.1f}: {loop / ours:.0f} times",
        bound("0.15 s", held=ours <= 0.15),
    )
    ours, other = cpu(alpha()), 1_000 / size.loops * cpu(alpha_by_library(size.loops), 1)
    yield (
        "ordinal alpha of 5,000 units and 3 raters with its interval, beside krippendorff with 1,000"
        " resamples",
        f"{ours:.3f} s CPU against {other:.1f}: {other / ours:.0f} times",
        bound("0.05 s", held=ours <= 0.05),
    )
    took = {name: 1000 * cpu(work, 15) for name, work in intervals().items()}
    yield (
        "default intervals of 10,000 rows",
        ", ".join(f"`{name}` {ms:.2f}" for name, ms in took.items()) + " ms CPU",
        bound("1 ms each", held=max(took.values()) <= 1),
    )
    for targets in (1, 2):
        with tempfile.TemporaryDirectory(dir=folder) as made:
            write_journal(Path(made), size.marks, targets)
            read = child([*DOSIMETER, "report", "marks"], cwd=made)
        yield (
            f"journal of {size.marks:,} marks of {plural(targets, 'target')} reported",
            f"{read.cpu:.1f} s CPU, {read.peak:.0f} MB",
            bound("60 s, 500 MB", held=read.cpu <= 60 and read.peak <= 500),
        )


SECTIONS = {
    f.__name__: f for f in (start, transports, raters, attempts, wall, durable, memory, statistics)
}


def machine():
    """Name what it was measured on, without names."""
    cpu = next(
        (li.split(":")[1].strip() for li in Path("/proc/cpuinfo").read_text().splitlines()
         if li.startswith("model name")), platform.machine(),
    )  # fmt: skip
    import os

    versions = ", ".join(
        f"{d} {metadata.version(d)}" for d in ("aiohttp", "httpx", "httpx-aiohttp")
    )
    return (
        f"{time.strftime('%Y-%m-%d')}; {cpu}, {os.cpu_count()} cores, load"
        f" {os.getloadavg()[0]:.1f} at the start; {platform.system()}, Python"
        f" {platform.python_version()}, SQLite {sqlite3.sqlite_version}; {versions}."
    )


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", choices=SECTIONS)
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    size = QUICK if given.quick else Size()
    lines = [machine(), "", "| what | measured | bound |", "|---|---|---|"]
    print("\n".join(lines), flush=True)
    with tempfile.TemporaryDirectory() as folder:
        for name, section in SECTIONS.items():
            if given.only in {None, name}:
                for row in section(size, Path(folder)):
                    lines.append(f"| {' | '.join(row)} |")
                    print(lines[-1], flush=True)
    if given.write and not given.quick and not given.only:
        page = PAGE.read_text()
        head, tail = page.split(BEGIN)[0], page.split(END)[1]
        PAGE.write_text(head + "\n".join([BEGIN, "", *lines, "", END]) + tail)


if __name__ == "__main__":
    main()
