"""What an endpoint answers, read by paths: what is not there is no answer."""

import pytest
from aiohttp import web

from dosimeter import Permanent, Stop, Transient, Verdict

BODY = {
    "id": "r1", "model": "bot-2026", "usage": {"in": 9, "out": 4},
    "choices": [{"message": {"content": "Nougat is sweet."}, "finish": "stop"}],
}  # fmt: skip
PATHS = {
    "reply": "choices[0].message.content", "model_id": "model",
    "tokens_in": "usage.in", "tokens_out": "usage.out",
    "cut": "choices[0].finish == 'length'", "refused": "choices[0].finish == 'declined'",
    "filtered": "contains(['blocked', 'filter'], choices[0].finish)",
}  # fmt: skip


def finished(how, text="Nougat is sweet."):
    return BODY | {"choices": [{"message": {"content": text}, "finish": how}]}


def test_text_model_and_tokens_are_read(exchange):
    """Each by its path."""
    reply, _ = exchange(BODY, **PATHS)

    assert (reply.text, reply.stop, reply.model) == ("Nougat is sweet.", Stop.END, "bot-2026")
    assert (reply.usage.input, reply.usage.output) == (9, 4)


def test_what_is_not_said_is_unknown(exchange):
    """Not 0, and no model that was asked for in place of the one that answered."""
    reply, _ = exchange({"choices": BODY["choices"], "model": 7, "usage": {"in": "9", "out": True}},
                        **PATHS)  # fmt: skip

    assert reply.model is reply.usage.input is reply.usage.output is None


@pytest.mark.parametrize(
    ("how", "stop"),
    [("stop", Stop.END), ("length", Stop.LENGTH), ("declined", Stop.REFUSED),
     ("blocked", Stop.FILTERED), ("filter", Stop.FILTERED), (None, Stop.END)],
)  # fmt: skip
def test_trap_21_stop_reasons_are_kept_apart(exchange, how, stop):
    """By whatever words the endpoint has for them."""
    reply, _ = exchange(finished(how), **PATHS)

    assert (reply.stop, reply.text) == (stop, "Nougat is sweet.")


@pytest.mark.parametrize("how", ["declined", "blocked"])
def test_a_refusal_or_a_block_needs_no_words(exchange, how):
    """It is an answer by itself."""
    reply, _ = exchange(finished(how, None), **PATHS)

    assert reply.messages == ()
    assert reply.stop is not Stop.END


@pytest.mark.parametrize("body", [{}, [], None, {"choices": []}, finished("stop", None), "nougat"])
def test_nothing_at_the_path_is_a_failure_with_a_reason(fault, body):
    """And no empty answer, which would pass for a refusal; it is not asked again, as that costs."""
    found = fault(web.json_response(body), **PATHS)

    assert type(found) is Permanent
    assert (found.code, len(found.seen)) == ("no-reply-at-path", 1)


@pytest.mark.parametrize("text", [7, True, ["nougat"], {"text": "nougat"}])
def test_what_is_no_text_at_the_path_is_a_failure_with_a_reason(fault, text):
    """Nothing is made a text that is none."""
    assert fault(finished("stop", text), **PATHS).code == "reply-not-text"


def test_several_texts_can_be_joined(exchange):
    """By JMESPath's own function; where there are none, nothing is found."""
    reply, _ = exchange({"parts": [{"t": "So"}, {"t": "up."}]}, reply="join(' ', parts[*].t)")

    assert reply.text == "So up."


def test_a_function_that_finds_no_fit_value_finds_nothing(fault):
    """It is no defect of the provider."""
    found = fault({"parts": 3}, reply="join(' ', parts[*].t)")

    assert found.code == "no-reply-at-path"


def test_an_empty_text_is_an_empty_answer(exchange):
    """The endpoint did answer: nothing."""
    reply, _ = exchange({"a": ""})

    assert (reply.messages, reply.stop) == ((), Stop.END)


def test_an_error_with_status_200_is_asked_again(fault):
    """If the stack says how to tell; what it cost is told."""
    found = fault({"error": "nougat", "n": 7}, failed="error != null", tokens_in="n")

    assert isinstance(found, Transient)
    assert found.usage.input == 7
    assert found.code == "answer-failed"


@pytest.mark.parametrize("value", ["false", 0, 1, "", [], {}])
def test_what_is_neither_true_nor_false_is_not_guessed(fault, value):
    """JMESPath takes 0 and "false" for true."""
    assert fault({"a": "x", "f": value}, refused="f").code == "not-true-or-false"


def test_plain_text_is_taken_whole(exchange):
    """Where the endpoint gives no JSON."""
    reply, _ = exchange(web.Response(text="Up they go.\n"), reply="", plain_text=True)

    assert (reply.text, reply.stop) == ("Up they go.\n", Stop.END)


def test_a_page_is_no_plain_text(fault):
    """A login page must not be measured."""
    page = web.Response(text="<html>nougat</html>", content_type="text/html")

    assert fault(page, reply="", plain_text=True).code == "html"


# -- guardrails -------------------------------------------------------------------------------


GUARD = {"reply": "", "blocked": "action == 'BLOCK'", "allowed": "action == 'ALLOW'"}


@pytest.mark.parametrize(
    ("body", "verdict"),
    [({"action": "BLOCK", "why": "S1", "p": 0.75}, Verdict(label="S1", blocked=True, score=0.75)),
     ({"action": "ALLOW", "p": 0}, Verdict(label="allowed", blocked=False, score=0.0)),
     ({"action": "BLOCK"}, Verdict(label="blocked", blocked=True))],
)  # fmt: skip
def test_a_guardrail_answers_with_a_verdict(exchange, body, verdict):
    """And with no text."""
    reply, _ = exchange(body, **GUARD, label="why", score="p")

    assert (reply.stop, reply.text) == (Stop.VERDICT, "")
    assert [m.parts for m in reply.messages] == [(verdict,)]


@pytest.mark.parametrize("body", [{}, {"action": None}, {"action": "ERROR"}, {"action": True}, []])
def test_a_guardrail_that_says_neither_has_no_verdict(fault, body):
    """What is missing never lets a text through."""
    assert fault(web.json_response(body), **GUARD).code == "no-verdict-at-path"


@pytest.mark.parametrize(
    ("flag", "code"), [("false", "no-verdict-at-path"), (1, "no-verdict-at-path"), (None, "no-verdict-at-path")]
)  # fmt: skip
def test_a_flag_of_a_guardrail_is_true_or_false(fault, flag, code):
    """A path alone will do, if what stands there is one of them."""
    assert fault({"flagged": flag}, reply="", blocked="flagged").code == code


def test_a_flag_alone_is_a_verdict(exchange):
    """Both ways."""
    found = [
        exchange({"flagged": flag}, reply="", blocked="flagged")[0].messages[0].parts[0].blocked
        for flag in (True, False)
    ]

    assert found == [True, False]


def test_a_score_can_be_compared(exchange, fault):
    """And a missing one decides nothing."""
    options = {"reply": "", "blocked": "score >= `0.5`", "score": "score"}
    reply, _ = exchange({"score": 0.5}, **options)

    assert reply.messages[0].parts == (Verdict(label="blocked", blocked=True, score=0.5),)
    assert fault({}, **options).code == "no-verdict-at-path"


@pytest.mark.parametrize(
    ("body", "code"),
    [({"action": "BLOCK", "why": ["nougat"]}, "label-not-text"),
     ({"action": "BLOCK", "p": "nougat"}, "score-not-number"),
     ({"action": "BLOCK", "p": True}, "score-not-number"),
     ({"action": "BLOCK", "p": float("nan")}, "score-not-number"),
     ({"action": "BLOCK", "p": 10**400}, "score-not-number")],
)  # fmt: skip
def test_label_and_score_are_what_they_should_be(fault, body, code):
    """A text and a number, or not there."""
    assert fault(body, **GUARD, label="why", score="p").code == code
