"""What a run is made of: cells of its design beside what happened, and the parts that came from packages."""

from collections import Counter
from collections.abc import Iterable

from dosimeter.analysis.load import Place
from dosimeter.analysis.stops import BLOCKED, STOP
from dosimeter.journal.reader import ATTEMPTS, CELL, Reader
from dosimeter.model.design import Intent
from dosimeter.model.facts import Component
from dosimeter.model.report import Cell


def components_of(reader: Reader) -> tuple[Component, ...]:
    """Give every part of the stack with what supplied it."""
    return tuple(
        Component(kind=kind, id=name, distribution=by, version=version, files_hash=files)
        for kind, name, by, version, files in reader.rows(
            "SELECT kind, id, distribution, version, files_hash FROM component ORDER BY kind, id"
        )
    )


def _off_by_cell(reader: Reader, off: frozenset[int]) -> Counter[Place]:
    out: Counter[Place] = Counter()
    for k in off:
        at = reader.rows(f"SELECT {CELL} FROM {ATTEMPTS} WHERE a.k = ?", (k,)).fetchone()
        out[at] += 1
    return out


def cells_of(reader: Reader, off_script: frozenset[int]) -> Iterable[Cell]:
    """Count the design beside what happened; families that never ran are in it."""
    off = _off_by_cell(reader, off_script)
    stops = {
        (t, c, i, a): (cut, blocked)
        for t, c, i, a, cut, blocked in reader.rows(
            f"SELECT {CELL}, sum(c.stop = 'length'), sum({STOP} = {BLOCKED})"
            f" FROM {ATTEMPTS} JOIN candidate d ON d.attempt = a.k JOIN call c ON c.k = d.call"
            " GROUP BY 1, 2, 3, 4"
        )
    }
    for t, c, i, a, families, planned, done, failed, still, nothing, rest in reader.rows(
        f"SELECT {CELL}, count(DISTINCT CASE WHEN a.state != 'not-needed' THEN i.family END),"
        " sum(a.state != 'not-needed'),"
        " sum(a.state IN ('done', 'no-candidate')), sum(a.state = 'failed'),"
        f" sum(a.state IN ('open', 'budget')), sum(a.state = 'no-candidate'),"
        f" sum(a.state = 'not-needed') FROM {ATTEMPTS}"
        " GROUP BY 1, 2, 3, 4 ORDER BY 2, 4, 3, 1"
    ):
        cut, blocked = stops.get((t, c, i, a), (0, 0))
        yield Cell(
            target=t, category=c, intent=Intent(i), attack=a, families=families, planned=planned,
            done=done, failed=failed, open=still, truncated=cut, blocked=blocked,
            off_script=off[t, c, i, a], no_candidate=nothing, not_needed=rest,
        )  # fmt: skip
