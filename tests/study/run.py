"""Measures whether intervals, tests and gates hold what they promise, and writes docs/validation.md.

``uv run --all-groups python tests/study/run.py --write`` runs everything (about twenty minutes of CPU)
and rewrites the tables; ``--quick`` uses small sizes and writes nothing; ``--only NAME`` runs one section.
"""

import argparse
import os
import platform
import resource
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from contextlib import nullcontext
from importlib import metadata
from pathlib import Path

from attrs import frozen

sys.path.insert(0, str(Path(__file__).parents[1]))

from study import compared, controls, decided, misfit, raters, rates, within
from study.pool import opened, simulate

PAGE = Path(__file__).parents[2] / "docs" / "validation.md"
BEGIN, END = "<!-- begin measured -->", "<!-- end measured -->"
COMMAND = "python tests/study/run.py --write"


@frozen(kw_only=True)
class Size:
    """How much is simulated.

    Attributes:
        runs: Of each cell out of arrays.
        some: Of each cell that is dear.
        few: Of each that is only compared with another way.
        families: That the engine asks, of each target.
        rows: Items of each family.
    """

    runs: int = 2000
    some: int = 1000
    few: int = 25
    families: int = 40_000
    rows: int = 3
    targets: str = "abcd"


QUICK = Size(runs=200, some=100, few=4, families=400, rows=2, targets="abc")
SECTIONS = {
    "engine-rates": rates.through_engine,
    "engine-comparisons": compared.through_engine,
    "engine-gates": decided.through_engine,
    "engine-raters": raters.through_engine,
    "rates": rates.grid,
    "graded": rates.graded_grid,
    "comparisons": compared.grid,
    "families": compared.families_of,
    "power": compared.plans,
    "within": within.every,
    "gates": decided.grid,
    "sequential": decided.sequential,
    "labels": raters.ppi_grid,
    "cards": raters.card_grid,
    "queues": raters.queue_grid,
    "agreement": raters.agreement_grid,
    "bootstrap": raters.bootstrap_grid,
    "controls": controls.every,
    "misspecified": misfit.every,
}
READ = {n for n in SECTIONS if n.startswith("engine")} | {"controls"}
"""Sections that read the journal of the run."""
HEAD = "| truth | of what | runs | share | band | missed below, above | | |\n|---|---|---|---|---|---|---|---|"


def shown(cell):
    """Write a cell as a row of its table."""
    sides = "" if cell.below != cell.below else f"{cell.below:.1%}, {cell.above:.1%}"
    warned = f"{cell.unwarned:.1%} missed without a warning" if cell.kind == "hard" else ""
    note = "; ".join(part for part in (warned, cell.note) if part)
    row = (cell.truth, cell.what, f"{cell.runs:,}", f"{cell.share:.1%}",
           f"{cell.least:.1%} to {cell.most:.1%}", sides, cell.verdict, note)  # fmt: skip
    return f"| {' | '.join(row)} |"


def tables(cells):
    """Write every section as a table, and what there is of each verdict."""
    by = {}
    for cell in cells:
        by.setdefault(cell.section, []).append(cell)
    for section, mine in by.items():
        told = Counter(c.verdict for c in mine)
        yield f"### {section}\n\n{', '.join(f'{v}: {n}' for v, n in told.most_common())}.\n\n{HEAD}"
        yield from map(shown, mine)
        yield ""


def machine(size, seconds):
    """Say when, by which versions, and with how much it was measured."""
    versions = ", ".join(f"{d} {metadata.version(d)}" for d in ("dosimeter", "numpy", "scipy"))
    return (
        f"{time.strftime('%Y-%m-%d')}; `{COMMAND}`, {seconds / 60:.0f} minutes of CPU; engine: seed 7,"
        f" {len(size.targets)} targets, {size.families:,} families of {size.rows} items each; arrays: seeds"
        f" out of each cell's parameters, {size.runs:,} runs a cell ({size.some:,} where dear);"
        f" {versions}, Python {platform.python_version()}, {platform.system()}."
    )


def spent():
    """Give the seconds of CPU that this process and its children took."""
    return sum(
        sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )


def tasks(names):
    """Put sections that read the journal of the engine into one task, and each other into one of its own."""
    reading = [n for n in names if n in READ]
    return [reading, *([n] for n in names if n not in READ)] if reading else [[n] for n in names]


def work(size, names, folder):
    """Give every cell of some sections; run the engine first if one of them reads its journal."""
    journal = (
        simulate(folder, size.targets, size.families, size.rows) if set(names) & READ else None
    )
    found = []
    with opened(journal) if journal else nullcontext() as pool:
        for name in names:
            began = spent()
            found += [(name, cell) for cell in SECTIONS[name](size, pool)]
            print(f"-- {name}: {spent() - began:.0f} s of CPU", file=sys.stderr, flush=True)
    return found, spent()


def measured(size, names, folder, jobs):
    """Give every cell of the sections *names*, in their order, and the seconds of CPU that they took."""
    with ProcessPoolExecutor(jobs, max_tasks_per_child=1) as workers:
        done = [workers.submit(work, size, part, folder) for part in tasks(names)]
        told = [one.result() for one in done]
    cells = sorted((pair for found, _ in told for pair in found), key=lambda p: names.index(p[0]))
    return [cell for _, cell in cells], sum(seconds for _, seconds in told)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", choices=SECTIONS, action="append")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--jobs", type=int, default=2)
    given = parser.parse_args()
    size = QUICK if given.quick else Size()
    names = [n for n in SECTIONS if n in (given.only or SECTIONS)]
    with tempfile.TemporaryDirectory() as folder:
        cells, seconds = measured(size, names, Path(folder), given.jobs)
    print("\n".join(tables(cells)))
    told = Counter(c.verdict for c in cells)
    print(", ".join(f"{v}: {n}" for v, n in told.most_common()))
    if given.write and not given.quick and not given.only:
        page = PAGE.read_text()
        head, tail = page.split(BEGIN)[0], page.split(END)[1]
        text = "\n".join([BEGIN, "", machine(size, seconds), "", *tables(cells), END])
        PAGE.write_text(head + text + tail)


if __name__ == "__main__":
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    main()
