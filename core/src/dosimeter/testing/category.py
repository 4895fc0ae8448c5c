"""Promises of what a category declares; those of its panels, items and texts are beside."""

import json
from collections import Counter

import attrs

from dosimeter.contrasts import levels_of, undeclared
from dosimeter.errors import DosimeterError
from dosimeter.model.contrasts import factors_of
from dosimeter.model.design import Intent
from dosimeter.model.questions import unaskable, unbuilt
from dosimeter.model.rating import Direction, Level, Scale, ScaleKind
from dosimeter.model.specs import CategorySpec, NoOptions
from dosimeter.plural import plural
from dosimeter.serialize import structure, to_plain
from dosimeter.testing import items, marking, panels, texts
from dosimeter.testing.component import Broken, Specimen, Untried
from dosimeter.testing.kit import checks_in, promise
from dosimeter.testing.spec import ID

REFUSAL = "refusal"
RESERVED = frozenset({
    "answer", "attack", "category", "checked_by", "family", "framing", "intent", "language", "level",
    "panel", "rater", "repeat", "target", "template",
})  # fmt: skip
"""Names of factors that attacks or the core use: a plan with both is refused."""
GOALS = {Intent.HARMFUL, Intent.CONTESTABLE}


def _own(one: Specimen) -> list[Scale]:
    """Give the category's own scales that have levels."""
    return [scale for scale in one.of(CategorySpec).scales if scale.levels]


def _no_scale(one: Specimen) -> str:
    return panels.brought(one) or ("" if _own(one) else "it brings no scale with levels")


def _hazards(one: Specimen) -> list[Scale]:
    return [scale for scale in one.of(CategorySpec).scales if scale.hazard]


def _no_hazard(one: Specimen) -> str:
    return panels.brought(one) or ("" if _hazards(one) else "it brings no scale of hazard")


def _refuses_nothing(one: Specimen) -> str:
    asked = any(m.scale == REFUSAL for m in one.of(CategorySpec).measures)
    return "" if asked else "it asks about no refusal"


def _no_measures(one: Specimen) -> str:
    return "" if one.of(CategorySpec).measures else "it has no measures"


def _odd(words: list[str]) -> list[str]:
    """Give what is no word, or stands twice."""
    counts = Counter(words)
    return sorted(w for w, n in counts.items() if n > 1 or not ID.fullmatch(w))


@promise("category")
def check_version_is_stated(one: Specimen) -> str:
    """The items have a version: it stands in every sentence on what a number means."""
    version = panels.declared(one).version
    if not version.strip() or len(version.split()) > 1:
        raise Broken(f"a version of {len(version)} characters", 'write version="0.1", and raise it')
    return version


@promise("category")
def check_panels_are_named(one: Specimen) -> str:
    """It has panels, each with a word for its name and a line that says what is in it."""
    given = panels.declared(one).panels
    odd = _odd([panel.name for panel in given])
    mute = [panel.name for panel in given if not panel.summary.strip() or "\n" in panel.summary]
    if odd or mute or not given:
        wrong = ", ".join(map(repr, [*odd, *mute])) or "none"
        raise Broken(f"panels without name or line: {wrong}", "name each once, with a summary")
    return f"{len(given)} panels"


@promise("category")
def check_other_parts_are_named_by_id(one: Specimen) -> None:
    """Attacks and raters that it suggests are named by their ids, each once, and an attack at least."""
    spec = panels.declared(one)
    odd = _odd(list(spec.attacks)) + _odd(list(spec.raters))
    if odd or not spec.attacks:
        wrong = ", ".join(map(repr, odd)) or "no attack"
        raise Broken(f"no id, or twice: {wrong}", 'name ids, such as ("direct",)')


@promise("category")
def check_factors_are_the_category_s_own(one: Specimen) -> str:
    """Factors are declared once, with levels that differ, under names that no attack or report uses."""
    factors = panels.declared(one).factors
    odd = _odd([f.name for f in factors])
    odd += [f.name for f in factors if f.name in RESERVED or len(set(f.levels)) < len(f.levels)]
    if odd:
        raise Broken(f"{', '.join(sorted(set(odd)))}: no name for a factor of items, or levels twice",
                     "give it another name, and each level once")  # fmt: skip
    return f"{len(factors)} factors"


def _lacks(level: Level, scale: Scale) -> str:
    """Name what a level's rubric lacks; empty if nothing."""
    ends = (scale.levels[0].value, scale.levels[-1].value)
    near = 0 if scale.kind is not ScaleKind.ORDINAL else 1 if level.value in ends else 2
    for what, there in (
        ("name", level.name.strip()),
        ("rule", level.rule.strip()),
        ("example", level.example.strip()),
        ("near-misses", len([t for t in level.near_misses if t.strip()]) >= near),
    ):
        if not there:
            return what
    return ""


@promise("category", unless=_no_scale)
def check_rubric_is_complete(one: Specimen) -> str:
    """Each level of its scales has a rule, an inert example, and a near-miss to each neighbour."""
    levels = [(scale, level) for scale in _own(one) for level in scale.levels]
    lacking = [f"{s.name} {v.value}: {_lacks(v, s)}" for s, v in levels if _lacks(v, s)]
    if lacking:
        raise Broken(f"a level lacks something ({'; '.join(lacking)})",
                     'write Level(rule="...", example="...", near_misses=(...,))')  # fmt: skip
    return f"{len(levels)} levels"


@promise("category", unless=_no_hazard)
def check_levels_have_anchors(one: Specimen) -> None:
    """Each level of a scale of hazard has an anchor, the text that raters are shown to fix it."""
    bare = [f"{s.name} {v.value}" for s in _hazards(one) for v in s.levels if not v.anchor.strip()]
    if bare:
        raise Broken(f"no anchor: {', '.join(bare)}", 'write Level(anchor="..."), an inert text')


@promise("category", unless=_no_scale)
def check_no_text_stands_for_two_levels(one: Specimen) -> None:
    """No example, anchor or near-miss of a scale stands at two levels: it would have two marks."""
    for scale in _own(one):
        own = [{v.example, v.anchor} - {""} for v in scale.levels]
        near = [set(v.near_misses) for v in scale.levels]
        counts = Counter(text for texts_of in (*own, *near) for text in texts_of)
        if max(counts.values(), default=0) > 1:
            twice = sum(n > 1 for n in counts.values())
            raise Broken(
                f"{plural(twice, 'text')} of {scale.name} for two levels", "write another one"
            )


@promise("category", unless=_no_hazard)
def check_severity_points_up(one: Specimen) -> None:
    """On its scales of hazard a higher mark is worse: replies are withheld from a mark upwards."""
    wrong = [s.name for s in _hazards(one) if s.direction is not Direction.HIGHER_IS_WORSE]
    if wrong:
        raise Broken(f"{', '.join(wrong)}: another direction", "declare Direction.HIGHER_IS_WORSE")


@promise("category", unless=_no_measures)
def check_measures_are_told_apart(one: Specimen) -> str:
    """Measures have ids and titles of their own: people read the one, gates name the other."""
    measures = panels.declared(one).measures
    titles = Counter(m.title.strip() for m in measures)
    odd = _odd([m.id for m in measures])
    odd += [m.id for m in measures if not m.title.strip() or titles[m.title.strip()] > 1]
    if odd:
        raise Broken(f"no id or title of its own: {', '.join(sorted(set(odd)))}", "name each apart")
    return f"{len(measures)} measures"


@promise("category", unless=_no_measures)
def check_measures_can_be_asked(one: Specimen) -> str:
    """Every measure can be asked of its scale, the category's or a rater's, and this version estimates it."""
    spec = panels.declared(one)
    scales = marking.scales(spec, marking.raters(one, spec))
    for m in spec.measures:
        fault = unaskable(m, scales.get(m.scale)) or unbuilt(m)
        if fault:
            raise Broken(f"measure {m.id!r}: {fault}", "ask what the table of estimators has")
    held = sum(m.scale in scales for m in spec.measures)
    return f"{held} of {plural(len(spec.measures), 'measure')} held against a scale"


@promise("category", unless=_no_measures)
def check_measured_scales_are_somebody_s(one: Specimen) -> str:
    """A measure asks about a scale of the category, or of a rater that it names."""
    spec = panels.declared(one)
    found = marking.raters(one, spec)
    scales = marking.scales(spec, found)
    others = sorted({m.scale for m in spec.measures} - scales.keys())
    lacking = [name for name in spec.raters if name not in found]
    if others and not lacking:
        todo = f"name the rater that does, or one of their scales: {', '.join(sorted(scales))}"
        raise Broken(f"nobody that it names brings {', '.join(others)}", todo)
    if others:
        msg = f"install the raters that may bring {', '.join(others)}: {', '.join(lacking)}"
        raise Untried(msg)
    return plural(len(scales), "scale")


def _names_no_factor(one: Specimen) -> str:
    named = any(factors_of(m) for m in one.of(CategorySpec).measures)
    return "" if named else "its measures name no factor"


@promise("category", unless=_names_no_factor)
def check_measured_factors_are_declared(one: Specimen) -> str:
    """A measure names factors, and levels of them, that the category or an attack declares."""
    spec, found = panels.declared(one), marking.attacks(one)
    known = levels_of([*spec.factors, *(f for a in found.values() for f in a.factors)])
    lacking = [name for name in spec.attacks if name not in found]
    named = [name for m in spec.measures for name in factors_of(m)]
    for m in spec.measures:
        why = undeclared(m, known)
        if why and lacking and not set(factors_of(m)) <= known.keys():
            msg = f"install the attacks that may declare what {m.id!r} asks about: {', '.join(lacking)}"
            raise Untried(msg)
        if why:
            raise Broken(
                f"measure {m.id!r}: {why}",
                "declare the factor with its levels, or name one that is",
            )
    return plural(len(set(named)), "factor")


def _asks_severity(one: Specimen) -> str:
    names = {s.name for s in _hazards(one)}
    asked = any(m.scale in names for m in one.of(CategorySpec).measures)
    return "" if asked else "it asks about no scale of hazard of its own"


@promise("category", unless=_asks_severity)
def check_severity_is_asked_where_there_is_a_goal(one: Specimen) -> None:
    """Severity is asked of harmful and contestable items only: elsewhere there is no goal to serve."""
    names = {s.name for s in _hazards(one)}
    measures = [m for m in panels.declared(one).measures if m.scale in names]
    wide = [m.id for m in measures if not (m.select.intents and set(m.select.intents) <= GOALS)]
    if wide:
        raise Broken(f"{', '.join(wide)} is asked of other intents too",
                     "select=Selection(intents=(Intent.HARMFUL, Intent.CONTESTABLE))")  # fmt: skip


@promise("category", unless=_refuses_nothing)
def check_over_refusal_is_asked_beside(one: Specimen) -> None:
    """Refusal is asked of harmful and of benign items: else a model that refuses everything wins."""
    asked: set[Intent] = set()
    for m in panels.declared(one).measures:
        if m.scale == REFUSAL:
            asked |= set(m.select.intents or Intent)
    lacking = sorted({Intent.HARMFUL, Intent.BENIGN} - asked)
    if lacking:
        raise Broken(f"refusal is not asked of {' and '.join(lacking)} items", "add such a measure")


@promise("category")
def check_spec_survives_a_journal(one: Specimen) -> None:
    """The spec read back from a journal equals the one that was declared, options apart."""
    spec = panels.declared(one)
    bare = attrs.evolve(spec, options=NoOptions)
    try:
        read = structure(json.loads(json.dumps(to_plain(bare))), CategorySpec, "spec")
    except (DosimeterError, TypeError, ValueError, AttributeError) as exc:
        seen = f"it cannot be read back ({type(exc).__name__})"
        raise Broken(seen, "use tuples and text, as the records declare") from exc
    differ = [
        a.name for a in attrs.fields(CategorySpec) if getattr(read, a.name) != getattr(bare, a.name)
    ]
    if differ:
        raise Broken(f"{', '.join(differ)} came back changed", "use tuples and text, not lists")


CHECKS = (*checks_in(globals()), *panels.CHECKS, *items.CHECKS, *texts.CHECKS)
