"""What stands behind the numbers of a system card: targets, raters, and the hashes of all parts."""

from collections.abc import Iterator

from dosimeter.model.conversation import Pairs
from dosimeter.model.facts import (
    Agreement,
    CardLine,
    Component,
    JudgeFacts,
    RaterFacts,
    TargetFacts,
)
from dosimeter.model.report import Report
from dosimeter.numbers import as_amount
from dosimeter.sinks.legend import used
from dosimeter.sinks.markdown import bullets, plain, table


def targets(report: Report) -> Iterator[str]:
    """Say what was asked, as it was configured and as it answered."""
    yield "## System\n\n"
    yield from table(
        ("target", "model", "answered as", "language model", "sampling", "system prompt", "calls",
         "tokens in", "tokens out"),
        map(_target, report.targets),
    )  # fmt: skip


def _target(one: TargetFacts) -> tuple[str, ...]:
    return (
        plain(one.name), plain(f"{one.provider}/{one.model}"), _names(one.returned_models),
        "yes" if one.language_model else "**no**", _pairs(one.sampling),
        plain(one.system_prompt) or "none", as_amount(one.calls), _known(one.tokens_in),
        _known(one.tokens_out),
    )  # fmt: skip


def raters(report: Report) -> Iterator[str]:
    """Say who marked the replies, how often they err, and how far people agree with them."""
    yield "## Raters\n\n"
    yield from table(
        ("rater", "kind", "scales", "languages", "revision", "from", "files"),
        ((plain(r.name), plain(r.kind) + (", added later" if r.later else ""), _names(r.scales),
          _names(r.languages), str(r.revision), plain(r.source) or "no package", _hash(r.files_hash))
         for r in report.raters),
    )  # fmt: skip
    judges = [(r, j) for r in report.raters for j in r.asks]
    if judges:
        yield "### Judges\n\n"
        yield from table(
            ("rater", "asks", "model", "answered as", "language model", "sampling", "system prompt",
             "answers"),
            (_judge(r, j) for r, j in judges),
        )  # fmt: skip
    yield "### Reliability\n\nPublished by each rater of itself; it corrects no number.\n\n"
    yield from table(
        ("rater", "statistic", "value", "interval", "n", "measured on"),
        (_line(r, c) for r in report.raters for c in r.card),
    )
    silent = [r.name for r in report.raters if not r.card and r.kind != "person"]
    if silent:
        yield f"Nothing is known of the errors of {_names(tuple(silent))}.\n\n"
    yield "### Agreement with people\n\nCounts on replies that both marked; no estimate.\n\n"
    yield from table(
        ("rater", "person", "scale", "where", "marked by both", "marked otherwise"),
        map(_agreement, report.agreements),
    )


def _judge(rater: RaterFacts, one: JudgeFacts) -> tuple[str, ...]:
    return (
        plain(rater.name), plain(f"{one.name}, as {one.role}"), plain(f"{one.provider}/{one.model}"),
        _names(one.returned_models), "yes" if one.language_model else "**no**", _pairs(one.sampling),
        _hash(one.system_prompt_hash), as_amount(one.calls),
    )  # fmt: skip


def _line(rater: RaterFacts, one: CardLine) -> tuple[str, ...]:
    return (
        plain(rater.name), plain(one.statistic), f"{one.value:.2f}", f"{one.lower:.2f} to {one.upper:.2f}",
        str(one.n), plain(one.population),
    )  # fmt: skip


def _agreement(one: Agreement) -> tuple[str, ...]:
    where = f"{one.target}, {one.category}, {one.intent}, {one.attack}"
    return (
        plain(one.rater), plain(one.person), plain(one.scale), plain(where), str(one.both), str(one.differ),
    )  # fmt: skip


def provenance(report: Report) -> Iterator[str]:
    """Give the hashes by which each part can be told from another of its name."""
    yield "## Provenance\n\n"
    plan = (
        f"frozen on {plain(report.plan_date)}, {_hash(report.plan_hash)}"
        if report.plan_hash
        else "none"
    )
    yield from bullets((f"Stack: {_hash(report.stack_hash)}", f"Plan: {plan}"))
    panels = [c for c in report.components if c.kind == "category"]
    yield "### Panels\n\nA panel is among the files of its category's package.\n\n"
    yield from table(("category", "package", "version", "files"), (_part(c)[1:] for c in panels))
    yield "### Other parts\n\n"
    rest = (_part(c) for c in report.components if c not in panels)
    yield from table(("kind", "id", "package", "version", "files"), rest)
    yield "### Rubrics\n\n"
    yield from table(
        ("category", "scale", "marked by", "words"),
        ((plain(r.category), plain(r.title), _names(r.raters) if r.raters else "nobody", _hash(r.hash))
         for r in report.rubrics),
    )  # fmt: skip
    yield "### What it took\n\n"
    yield from bullets(plain(used(u)) for u in report.usage)


def _part(one: Component) -> tuple[str, ...]:
    named = map(plain, (one.kind, one.id, one.distribution, one.version))
    return (*named, _hash(one.files_hash))


def _hash(text: str) -> str:
    return plain(text) or "none"


def _names(names: tuple[str, ...]) -> str:
    return plain(", ".join(names)) or "not told"


def _pairs(found: Pairs) -> str:
    return plain("; ".join(f"{name} {value}" for name, value in found)) or "not told"


def _known(n: int | None) -> str:
    return "unknown" if n is None else as_amount(n)
