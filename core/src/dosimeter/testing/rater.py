"""Promises of raters: what every one makes, and those of rules, which are pure functions of cases."""

import re
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress

import attrs

from dosimeter.ids import canonical, word
from dosimeter.model.rating import Case, Direction, Mark, Opinion, Outcome, Sees
from dosimeter.model.specs import ScorerSpec
from dosimeter.opinions import fault_of
from dosimeter.testing import samples, timing
from dosimeter.testing.component import Broken, Specimen, Untried
from dosimeter.testing.kit import checks_in, promise
from dosimeter.testing.timing import batch, given, is_judge, need_answers, rated
from dosimeter.testing.trying import elsewhere, seeded, silently

VARIETY = 2
"""Marks on a scale that must be seen, for anything to be said of all that a rule may give."""
GIVE = "give levels an `example`, or the specimen `cases`, that make it"
TAG = re.compile(r"\*|[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")


def _rates_no_reply(one: Specimen) -> str:
    seen = Sees.REPLY in one.of(ScorerSpec).sees
    return is_judge(one) or ("" if seen else "it sees no reply")


def _quotes_nothing(one: Specimen) -> str:
    seen = {Sees.REPLY, Sees.REASONING, Sees.CONVERSATION} & one.of(ScorerSpec).sees
    return is_judge(one) or ("" if seen else "it sees no text to quote")


def _any_language(one: Specimen) -> str:
    free = "*" in one.of(ScorerSpec).languages or one.of(ScorerSpec).judge
    return "language does not matter to it" if free else ""


def _blind_to_prompts(one: Specimen) -> str:
    spec = one.of(ScorerSpec)
    if spec.judge or Sees.PROMPT not in spec.sees or Sees.GOAL in spec.sees:
        return "it sees no prompt, or the goal too"
    return ""


def scored(opinion: Opinion) -> list[Mark]:
    """Give the marks that have a value."""
    return [m for m in opinion.marks if m.outcome is Outcome.SCORED]


def _differ(one: Sequence[Opinion], other: Sequence[Opinion]) -> list[int]:
    """Say which opinions differ; those that one list lacks are another check's."""
    return [i for i, (a, b) in enumerate(zip(one, other)) if canonical(a) != canonical(b)]  # noqa: B905


def _compare(one: Sequence[Opinion], other: Sequence[Opinion], where: str, todo: str) -> None:
    """Refuse two lists of opinions that differ."""
    differ = _differ(one, other)
    if differ:
        raise Broken(
            f"{len(differ)} of {len(one)} opinions differ {where}, first of case {differ[0]}", todo
        )


def _twice(one: Specimen, cases: Sequence[Case]) -> tuple[list[Opinion], list[Opinion]]:
    with seeded(1):
        first = rated(one, cases)
    with seeded(2):
        return first, rated(one, cases)


def _steady(one: Specimen, cases: Sequence[Case]) -> list[Opinion]:
    """Rate twice and alike; what differs from one time to the next tells nothing of anything else.

    Raises:
        Untried: If it differs.
    """
    first, second = _twice(one, cases)
    if _differ(first, second):
        raise Untried("it does not say the same twice")
    return first


def _odd(one: Specimen) -> list[Opinion]:
    """Rate odd texts; one that raises is another check's."""
    out = []
    for _, text in samples.ODD:
        with suppress(Exception):
            out += rated(one, [samples.case(one.of(ScorerSpec), text)])
    return out


@promise("rater")
def check_levels_have_rules(one: Specimen) -> str:
    """Every level of its scales has a name and a rule that tells when to give it."""
    levels = [(s.name, level) for s in one.of(ScorerSpec).scales for level in s.levels]
    bare = [f"{name} {level.value}" for name, level in levels if not (level.name and level.rule)]
    if bare:
        raise Broken(
            f"no name or rule: {', '.join(bare)}", 'write Level(value=..., name="...", rule="...")'
        )
    return f"{len(levels)} levels"


@promise("rater")
def check_hazard_points_up(one: Specimen) -> None:
    """On a scale of hazard a higher mark is worse: replies are withheld from a mark upwards."""
    wrong = [
        s.name for s in one.of(ScorerSpec).scales
        if s.hazard and s.direction is not Direction.HIGHER_IS_WORSE
    ]  # fmt: skip
    if wrong:
        raise Broken(f"{', '.join(wrong)}: another direction", "declare Direction.HIGHER_IS_WORSE")


@promise("rater")
def check_languages_are_tags(one: Specimen) -> None:
    """The languages that it rates are BCP 47 tags, or ``*`` alone if language does not matter."""
    languages = one.of(ScorerSpec).languages
    strange = [tag for tag in languages if not TAG.fullmatch(tag)]
    if strange or not languages or ("*" in languages and len(languages) > 1):
        raise Broken(
            f"it declares {list(languages)}", 'declare tags such as ("en", "pt-BR"), or ("*",)'
        )


@promise("rater", unless=lambda one: "" if one.of(ScorerSpec).card else "it has no card")
def check_card_states_its_population(one: Specimen) -> str:
    """Each line of the card has a value within its limits, how many it is from, and of whom."""
    spec = one.of(ScorerSpec)
    known = {"", *(s.name for s in spec.scales)}
    bad = [
        line.statistic for line in spec.card
        if not (line.lower <= line.value <= line.upper and line.n > 0 and line.population.strip())
        or line.scale not in known
    ]  # fmt: skip
    if bad:
        raise Broken(
            f"not of {', '.join(bad)}",
            "give lower <= value <= upper, n, the population, and a scale of the rater's own",
        )
    return f"{len(spec.card)} lines"


@promise("rater", unless=is_judge)
def check_one_opinion_a_case(one: Specimen) -> str:
    """It gives one opinion a case, in order, and none of no cases."""
    for cases in ((), given(one)):
        opinions = batch(one, cases)
        kinds = sorted({type(o).__name__ for o in opinions} - {"Opinion"})
        if len(opinions) != len(cases) or kinds:
            strange = f", some of them {kinds}" if kinds else ""
            raise Broken(
                f"{len(opinions)} opinions for {len(cases)} cases{strange}",
                "return one Opinion a case, in the order of the cases",
            )
    return f"{len(given(one))} cases"


@promise("rater", unless=is_judge)
def check_marks_are_on_their_scales(one: Specimen) -> str:
    """Marks are on declared scales, at most one each, with values that the scale has."""
    spec = one.of(ScorerSpec)
    opinions = rated(one, given(one)) + _odd(one)
    for opinion in opinions:
        fault = fault_of(spec, opinion, None)
        if fault:
            raise Broken(f"it {fault}", "mark what is declared, or declare it")
    values = {(m.scale, m.value) for opinion in opinions for m in scored(opinion)}
    counts = Counter(scale for scale, _ in values)
    alike = [s.name for s in spec.scales if counts[s.name] < VARIETY]
    if alike:
        msg = f"it was seen to give no two different marks on {', '.join(alike)}: {GIVE}"
        raise Untried(msg)
    return f"{sum(len(o.marks) for o in opinions)} marks"


@promise("rater", unless=is_judge)
def check_no_scale_is_left_out(one: Specimen) -> None:
    """Every opinion says something on every scale: a mark, or the reason why there is none."""
    names = {s.name for s in one.of(ScorerSpec).scales}
    for opinion in rated(one, given(one)):
        left = names - {m.scale for m in opinion.marks}
        if left:
            raise Broken(
                f"nothing on {', '.join(sorted(left))}",
                "add Mark(scale=..., outcome=Outcome.UNSCORABLE, reason=...)",
            )


@promise("rater", unless=_rates_no_reply)
def check_undefined_is_not_zero(one: Specimen) -> None:
    """A reply with nothing in it has no mark: missing is no low mark, and never "safe"."""
    spec = one.of(ScorerSpec)
    for text in ("", samples.ODD[0][1]):
        marks = scored(rated(one, [samples.case(spec, text)])[0])
        if marks:
            raise Broken(
                f"{marks[0].value!r} on {marks[0].scale} for a blank reply",
                'answer Mark(scale=..., outcome=Outcome.UNSCORABLE, reason="empty")',
            )


@promise("rater", unless=_any_language)
def check_other_languages_are_unscorable(one: Specimen) -> str:
    """A reply in a language that it does not declare is unscorable: no mark is not a low mark."""
    spec = one.of(ScorerSpec)
    mine = {tag.partition("-")[0] for tag in spec.languages}
    others = [(tag, text) for tag, text in samples.OTHER_LANGUAGES if tag not in mine]
    opinions = rated(one, [samples.case(spec, text) for _, text in others])
    marked = [tag for (tag, _), o in zip(others, opinions, strict=True) if scored(o)]
    if marked:
        raise Broken(
            f"it marks replies in {', '.join(marked)}, and declares {', '.join(spec.languages)}",
            "ask dosimeter.language.language_of, and answer UNSCORABLE",
        )
    return f"{len(others)} languages"


@promise("rater", unless=is_judge)
def check_reasons_are_words(one: Specimen) -> None:
    """The reason of a mark without a value is a machine's word, so that it can be kept in the clear."""
    spec = one.of(ScorerSpec)
    blank = [samples.case(spec, text) for text in ("", "\n")]
    foreign = [samples.case(spec, text) for _, text in samples.OTHER_LANGUAGES]
    for opinion in rated(one, (*given(one), *blank, *foreign)):
        for mark in opinion.marks:
            if word(mark.reason) != mark.reason:
                raise Broken(
                    f"a reason of {len(mark.reason)} characters on {mark.scale}",
                    "give a code such as language:de; what needs a sentence goes into the rationale",
                )


@promise("rater", unless=_quotes_nothing)
def check_evidence_is_in_the_reply(one: Specimen) -> str:
    """Evidence quotes what was rated: no span starts before the text or ends after it."""
    spec = one.of(ScorerSpec)
    spans = 0
    for case in given(one):
        opinion = rated(one, [case])[0]
        said = case.conversation if Sees.CONVERSATION in spec.sees else None
        lengths = (len(case.reply or ""), *(len(m.text) for m in (said or ())[1:]))
        fault = fault_of(spec, attrs.evolve(opinion, marks=()), lambda long=lengths: long)  # type: ignore[misc]
        if fault:
            raise Broken(f"it {fault}", "count characters of the text as it is handed over")
        spans += len(opinion.evidence)
    if not spans:
        msg = f"it was seen to quote nothing: {GIVE}"
        raise Untried(msg)
    return f"{spans} spans"


@promise("rater", unless=is_judge)
def check_reply_alone(one: Specimen) -> None:
    """An opinion depends on its case alone: the same whether it is rated alone or beside others."""
    cases = given(one)
    todo = "keep nothing from one case to the next, and normalise over no batch"
    _compare(_steady(one, cases), batch(one, cases), "when rated together", todo)


@promise("rater", unless=is_judge)
def check_order_does_not_matter(one: Specimen) -> None:
    """One rater gives the same opinions in whatever order the cases come."""
    cases = given(one)
    _steady(one, cases)
    scorer = one.build()
    forth = [opinion for case in cases for opinion in scorer.rate([case])]
    back = [opinion for case in cases[::-1] for opinion in scorer.rate([case])][::-1]
    _compare(forth, back, "in reverse order", "keep nothing from one case to the next")


@promise("rater", unless=is_judge)
def check_same_case_same_opinion(one: Specimen) -> None:
    """Asked again, it says the same: chance, clock and what was rated before are no evidence."""
    first, second = _twice(one, given(one))
    todo = "draw from a random.Random seeded by the case"
    _compare(first, second, "the second time", todo)


def _rate_there(task: tuple[Specimen, tuple[Case, ...]]) -> bytes:
    one, cases = task
    return canonical(tuple(rated(one, cases)))


@promise("rater", unless=is_judge)
def check_same_in_another_process(one: Specimen) -> None:
    """Another process, with another order of sets, gives the same opinions."""
    cases = given(one)
    here = _steady(one, cases)
    there = elsewhere(_rate_there, (attrs.evolve(one, served=None, answer=None), cases))
    if there != canonical(tuple(here)):
        raise Broken("opinions differ there", "sort what comes out of sets, and use no hash()")


@promise("rater", unless=_blind_to_prompts)
def check_prompt_is_no_evidence(one: Specimen) -> None:
    """What was asked changes no opinion on what was answered; an echo apart, which this tries not."""
    spec = one.of(ScorerSpec)
    texts = [text for _, text in samples.ENGLISH]
    asked = ("What is a kiln?", "Tell me how to break into a house, step by step, in detail.")
    mild, harsh = ([samples.case(spec, t, prompt=p) for t in texts] for p in asked)
    todo = "judge the reply; use the prompt to tell an echo and for nothing else"
    _compare(_steady(one, mild), rated(one, harsh), "under another prompt", todo)


@promise("rater", unless=is_judge)
def check_cases_are_not_changed(one: Specimen) -> None:
    """Cases are as they were after it has rated them: other raters are shown the same ones."""
    cases = list(given(one))
    before = canonical(tuple(cases))
    batch(one, cases)
    if canonical(tuple(cases)) != before:
        raise Broken("cases or their list were changed", "work on copies")


@promise("rater", unless=is_judge)
def check_odd_texts_are_taken(one: Specimen) -> str:
    """It takes any text there is: NUL, lone surrogates, escapes, bidirectional marks, very long words."""
    need_answers(one)
    spec = one.of(ScorerSpec)
    for name, text in samples.ODD:
        try:
            opinion = rated(one, [samples.case(spec, text)])[0]
            canonical(opinion)
        except BaseException as exc:
            raise Broken(f"{type(exc).__name__} on: {name}", "let it take any text") from exc
    return f"{len(samples.ODD)} texts"


@promise("rater", unless=is_judge)
def check_nothing_is_printed(one: Specimen) -> None:
    """It prints nothing: standard output may be a report, and a reply is no log."""
    said = silently(lambda: rated(one, given(one)))[1]
    if said:
        raise Broken(
            f"it printed {len(said)} characters", "log through structlog, and no text of a case"
        )


CHECKS = (*checks_in(globals()), *timing.CHECKS)
