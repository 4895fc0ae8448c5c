"""What was asked, read back from the journal: needs no plugin installed."""

import json

from attrs import frozen

from dosimeter.journal.reader import Reader
from dosimeter.model.answering import Gate
from dosimeter.model.rating import Scale
from dosimeter.model.specs import CategorySpec, ScorerSpec
from dosimeter.model.stackfile import RunConfig
from dosimeter.serialize import from_json, structure


@frozen(kw_only=True)
class Design:
    """What was asked, in the journal's own words."""

    run: dict[str, str]
    config: RunConfig
    gates: tuple[Gate, ...]
    categories: tuple[CategorySpec, ...]
    raters: tuple[tuple[str, str, ScorerSpec], ...]
    scales: dict[str, Scale]


def design(reader: Reader) -> Design:
    """Read the design; needs no plugin installed."""
    run = reader.run()
    categories = tuple(
        from_json(body, CategorySpec)
        for (body,) in reader.rows("SELECT body FROM spec WHERE kind = 'category' ORDER BY id")
    )
    raters = tuple(
        (name, kind, from_json(body, ScorerSpec))
        for name, kind, body in reader.rows("SELECT name, kind, body FROM rater ORDER BY name, id")
    )
    scales = {s.name: s for c in categories for s in c.scales}
    scales |= {s.name: s for _, _, spec in raters for s in spec.scales}
    gates = tuple(structure(g, Gate, where="gates") for g in json.loads(run.get("gates", "[]")))
    return Design(
        run=run,
        config=from_json(run.get("run", "{}"), RunConfig),
        gates=gates,
        categories=categories,
        raters=raters,
        scales=scales,
    )
