"""Measures whether intervals, tests and gates hold what they promise, and writes docs/validation.md.

``uv run --all-groups python tests/study/run.py --write`` runs everything (about 25 minutes of one core)
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
from contextlib import nullcontext
from importlib import metadata
from pathlib import Path

from attrs import frozen

sys.path.insert(0, str(Path(__file__).parents[1]))

from study import compared, controls, decided, misfit, raters, rates
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
    few: int = 50
    families: int = 10_000
    rows: int = 5
    targets: str = "abcde"


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


def measured(size, names, folder):
    """Give every cell of the sections *names*."""
    engine = any(n.startswith("engine") or n == "controls" for n in names)
    journal = simulate(folder, size.targets, size.families, size.rows) if engine else None
    with opened(journal) if engine else nullcontext() as pool:
        for name in names:
            began = spent()
            for cell in SECTIONS[name](size, pool):
                print(shown(cell), flush=True)
                yield cell
            print(f"-- {name}: {spent() - began:.0f} s of CPU", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", choices=SECTIONS, action="append")
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    size = QUICK if given.quick else Size()
    with tempfile.TemporaryDirectory() as folder:
        cells = list(measured(size, given.only or list(SECTIONS), Path(folder)))
    told = Counter(c.verdict for c in cells)
    print(", ".join(f"{v}: {n}" for v, n in told.most_common()))
    if given.write and not given.quick and not given.only:
        page = PAGE.read_text()
        head, tail = page.split(BEGIN)[0], page.split(END)[1]
        text = "\n".join([BEGIN, "", machine(size, spent()), "", *tables(cells), END])
        PAGE.write_text(head + text + tail)


if __name__ == "__main__":
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    main()
