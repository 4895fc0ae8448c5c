"""Which plugins failed in a run, in words for people."""

from dosimeter.journal.reader import Reader

WHY = {
    "diverged": (
        "asked something else when the run went on than before it was stopped. A search may depend"
        " only on its goal, its variant, its rng and the replies. Recorded answers are kept;"
        " nothing was paid for twice"
    ),
    "lost": "lost its worker each time it was handed out",
}


def plugin_faults(reader: Reader) -> list[str]:
    """Name the attacks whose attempts failed by a fault of their own, with who supplies them."""
    out = []
    for attack, reason, n in reader.rows(
        "SELECT attack, reason, count(*) FROM attempts WHERE state = 'failed' AND"
        " (reason IN ('diverged', 'lost') OR reason LIKE 'attack:%') GROUP BY 1, 2 ORDER BY 1, 2"
    ):
        row = reader.rows(
            "SELECT distribution, version FROM component WHERE kind = 'attack' AND id = ?",
            (attack,),
        ).fetchone()
        source = f" of {row[0]} {row[1]}" if row else ""
        why = WHY.get(reason) or f"raised {reason.partition(':')[2]}"
        attempts = "1 attempt" if n == 1 else f"{n} attempts"
        out.append(f"attack {attack!r}{source} {why} ({attempts} failed)")
    return out
