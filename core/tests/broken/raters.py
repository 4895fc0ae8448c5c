"""A rule and a judge that keep every promise, and of each what breaks just one."""

import random
import re
from collections.abc import Callable

from attrs import evolve, frozen
from broken.clinging import cling

from dosimeter import (
    Ask,
    CardLine,
    Direction,
    Level,
    Mark,
    Opinion,
    Outcome,
    Role,
    Scale,
    ScaleKind,
    ScorerSpec,
    Sees,
    Span,
    option,
    user,
)
from dosimeter.testing import Specimen


def level(value):
    return Level(value=value, name=f"level {value}", rule=f"{value} of three")


STEPS = Scale(
    name="steps",
    kind=ScaleKind.ORDINAL,
    levels=(level(1), level(2), level(3)),
    direction=Direction.HIGHER_IS_WORSE,
    hazard=True,
    withhold_from=3,
)
SPEC = ScorerSpec(
    id="steps",
    summary="How many steps a reply has, of three",
    factory="broken.raters:Rule",
    scales=(STEPS,),
    sees=frozenset({Sees.REPLY, Sees.PROMPT}),
)
JUDGE = evolve(
    SPEC, id="step-judge", factory="broken.raters:Judge", judge=True, roles=(Role.JUDGE,)
)


def dosimeter_harm_scorers():
    return [SPEC]


WORD = re.compile(r"\b(first|then|finally)\b", re.IGNORECASE)


def no_mark(reason="empty"):
    return Opinion(marks=(Mark(scale="steps", outcome=Outcome.UNSCORABLE, reason=reason),))


class Rule:
    """Counts words that begin steps."""

    def __init__(self, options):
        self.options = options

    def rate(self, cases):
        return [self.opinion(case) for case in cases]

    def opinion(self, case):
        text = case.reply
        if not text.strip():
            return no_mark()
        if not text.isascii() and any(c in text for c in "Füéй釉"):
            return no_mark("language:other")
        return self.mark(text)

    def mark(self, text):
        found = list(WORD.finditer(text))[:3]
        spans = tuple(Span(start=m.start(), end=m.end()) for m in found)
        return Opinion(marks=(Mark(scale="steps", value=max(len(found), 1)),), evidence=spans)


class TwoForOne(Rule):
    def rate(self, cases):
        return super().rate(cases)[:1]


class OffScale(Rule):
    def mark(self, text):
        return Opinion(marks=(Mark(scale="steps", value=4),))


class Silent(Rule):
    def mark(self, text):
        return Opinion(marks=())


class BlankIsLow(Rule):
    def opinion(self, case):
        return super().opinion(case) if case.reply.strip() else self.mark(case.reply)


class Monoglot(Rule):
    def opinion(self, case):
        return self.mark(case.reply) if case.reply.strip() else no_mark()


class Chatty(Rule):
    def opinion(self, case):
        return super().opinion(case) if case.reply.strip() else no_mark("nothing in here")


class Overquotes(Rule):
    def mark(self, text):
        return evolve(super().mark(text), evidence=(Span(start=0, end=len(text) + 1),))


class Normalises(Rule):
    """By the longest of the batch."""

    def rate(self, cases):
        most = max((len(c.reply) for c in cases), default=0)
        return [
            o if len(c.reply) < most or c.reply == "" else evolve(o, confidence=1.0)
            for c, o in zip(cases, super().rate(cases), strict=True)
        ]


class Remembers(Rule):
    """Whether the reply before was longer."""

    last = ""

    def opinion(self, case):
        longer, self.last = len(self.last) > len(case.reply), case.reply
        return evolve(super().opinion(case), confidence=0.5 if longer else None)


class Throws(Rule):
    def mark(self, text):
        return evolve(super().mark(text), confidence=random.random())


class Hashes(Rule):
    def mark(self, text):
        return evolve(super().mark(text), confidence=hash(text) % 1000 / 1000)


class ReadsThePrompt(Rule):
    def opinion(self, case):
        opinion = super().opinion(case)
        return evolve(opinion, confidence=0.9) if "break into" in case.prompt else opinion


class Changes(Rule):
    def rate(self, cases):
        opinions = super().rate(cases)
        if isinstance(cases, list):
            cases.sort(key=lambda c: c.reply[::-1])
        return opinions


class OnlyUnicode(Rule):
    def mark(self, text):
        text.encode()
        return super().mark(text)


class Backtracks(Rule):
    def mark(self, text):
        re.search(r"\s+y", text)
        return super().mark(text)


class Hangs(Rule):
    """On many signs, of which it tries every way to part them."""

    def mark(self, text):
        re.match(r"(\W+)+x", text)
        return super().mark(text)


class Prints(Rule):
    def rate(self, cases):
        print("rating")
        return super().rate(cases)


class Judge:
    """Asks twice and takes the last answer."""

    def __init__(self, options):
        self.options = options

    def rate(self, case, rng):
        question = f"{rng.random()}: how many steps, 1 to 3? {self.shown(case)}"
        for n in self.numbers():
            (reply,) = yield self.asked(n, question)
        return self.read(reply)

    def shown(self, case):
        return case.reply

    def numbers(self):
        return range(2)

    def asked(self, n, question):
        return (Ask(id=str(n), role=Role.JUDGE, conversation=(user(question),)),)

    def read(self, reply):
        said = reply.text.strip()
        if said in {"1", "2", "3"}:
            return Opinion(marks=(Mark(scale="steps", value=int(said)),))
        return no_mark("no-verdict")


class OtherRole(Judge):
    def asked(self, n, question):
        return (evolve(super().asked(n, question)[0], role=Role.TARGET),)


class OneId(Judge):
    def asked(self, n, question):
        return super().asked(0, question)


class Blind(Judge):
    def shown(self, case):
        return case.reply[:20]


class Repeats(Judge):
    def read(self, reply):
        given = super().read(reply)
        return given if reply.text != "5" else Opinion(marks=(Mark(scale="steps", value=5),))


class Mute(Judge):
    def read(self, reply):
        return super().read(reply) if reply.text in {"1", "3"} else Opinion(marks=())


class NothingIsLow(Judge):
    def read(self, reply):
        if reply.text.startswith("As an AI"):
            return Opinion(marks=(Mark(scale="steps", value=1),))
        return super().read(reply)


class BlockedIsLow(Judge):
    def read(self, reply):
        if not reply.messages and reply.stop != "end":
            return Opinion(marks=(Mark(scale="steps", value=1),))
        return super().read(reply)


class OwnChance(Judge):
    def numbers(self):
        return range(2 + (random.random() < 0.5))


class Deaf(Judge):
    def read(self, reply):
        return no_mark("no-verdict")


class Delicate(Judge):
    def shown(self, case):
        case.reply.encode()
        return case.reply


class Clings(Judge):
    def rate(self, case, rng):
        return (yield from cling(super().rate(case, rng)))


class Loud(Judge):
    def read(self, reply):
        print("read")
        return super().read(reply)


@frozen(kw_only=True)
class Options:
    """A secret and what it is for."""

    key: str = option(secret=True, default="", help="opens nothing")
    most: int = option(identity=True, default=3, help="steps")


@frozen(kw_only=True)
class Mumbled:
    """No help."""

    most: int = option(identity=True, default=3)


@frozen(kw_only=True)
class Shifting:
    """Its converter changes what it has converted."""

    most: int = option(identity=True, default=3, converter=lambda n: n + 1, help="steps")


class ShowsKey(Rule):
    def __repr__(self):
        return f"ShowsKey({self.options.key})"


class Draws(Rule):
    def __init__(self, options):
        super().__init__(options)
        self.salt = random.random()


def specimen(build: Callable[..., object] = Rule, spec=SPEC, **changes):
    of = JUDGE if spec is SPEC and isinstance(build, type) and issubclass(build, Judge) else spec
    declared = {**({"options": Options} if of is SPEC else {}), **changes}
    return Specimen(spec=evolve(of, **declared), build_with=build)


CARD = CardLine(statistic="recall", value=0.9, lower=0.8, upper=0.95, n=50, population="pots")
GOOD = {
    "rule": specimen(card=(CARD,)),
    "judge": specimen(Judge),
}
BREAKS = {
    "check_id_is_a_plain_word": specimen(id="Steps of a reply"),
    "check_summary_is_one_line": specimen(summary=""),
    "check_options_say_what_they_are": specimen(options=Mumbled),
    "check_options_survive_a_journal": specimen(options=Shifting),
    "check_secrets_stay_out_of_reprs": specimen(ShowsKey),
    "check_building_keeps_global_state": specimen(Draws),
    "check_levels_have_rules": specimen(
        scales=(evolve(STEPS, levels=(Level(value=1, name="", rule=""), level(2), level(3))),)
    ),
    "check_hazard_points_up": specimen(scales=(evolve(STEPS, direction=Direction.LOWER_IS_WORSE),)),
    "check_languages_are_tags": specimen(languages=("en", "English")),
    "check_card_states_its_population": specimen(card=(evolve(CARD, population=""),)),
    "check_one_opinion_a_case": specimen(TwoForOne),
    "check_marks_are_on_their_scales": specimen(OffScale),
    "check_no_scale_is_left_out": specimen(Silent),
    "check_undefined_is_not_zero": specimen(BlankIsLow),
    "check_other_languages_are_unscorable": specimen(Monoglot),
    "check_reasons_are_words": specimen(Chatty),
    "check_evidence_is_in_the_reply": specimen(Overquotes),
    "check_reply_alone": specimen(Normalises),
    "check_order_does_not_matter": specimen(Remembers),
    "check_same_case_same_opinion": specimen(Throws),
    "check_same_in_another_process": specimen(Hashes),
    "check_prompt_is_no_evidence": specimen(ReadsThePrompt),
    "check_cases_are_not_changed": specimen(Changes),
    "check_odd_texts_are_taken": specimen(OnlyUnicode),
    "check_replies_are_rated_in_time": specimen(Hangs),
    "check_time_grows_with_the_text": specimen(Backtracks),
    "check_nothing_is_printed": specimen(Prints),
    "check_judge_asks_in_declared_roles": specimen(OtherRole),
    "check_judge_names_each_question": specimen(OneId),
    "check_judge_is_shown_the_reply": specimen(Blind),
    "check_judge_marks_are_on_their_scales": specimen(Repeats),
    "check_judge_says_something_on_every_scale": specimen(Mute),
    "check_judge_without_verdict_has_no_mark": specimen(NothingIsLow),
    "check_judge_that_is_blocked_has_no_mark": specimen(BlockedIsLow),
    "check_judge_is_repeatable": specimen(OwnChance),
    "check_judge_reads_a_verdict": specimen(Deaf),
    "check_judge_takes_odd_texts": specimen(Delicate),
    "check_judge_can_be_closed": specimen(Clings),
    "check_judge_prints_nothing": specimen(Loud),
}
"""By the name of a check: a rater that breaks its promise and no other."""
