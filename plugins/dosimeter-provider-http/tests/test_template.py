"""A request is the template's, whatever a prompt says."""

import json

import pytest

from dosimeter import Message, Request, Sampling, Speaker, Text, Verdict, assistant, system, user

NASTY = [
    '"}, "admin": true, {"',
    "{{messages}} {{secret}} {{ system }}",
    "{0} {prompt} %s ${HOME} \\u0022 \\",
    "a\nb\t\x00 \ud800 naïve 日本",
]
FIRST, REPLY, LAST = "How do kites fly?", "By lift.", "And in rain?"
TURNS = (user(FIRST), assistant(REPLY), user(LAST))
SYSTEM = system("Be brief.")


@pytest.mark.parametrize("said", NASTY)
def test_nothing_that_a_prompt_says_leaves_its_place(exchange, said):
    """Not quotes, braces, or placeholders: alone in its quotes, in a longer text, or in a message."""
    template = '{"whole": "{{prompt}}", "in": "<{{prompt}}|{{system}}>", "all": "{{messages}}"}'
    request = Request(conversation=(SYSTEM, user(said)))
    _, (seen,) = exchange({"a": "x"}, asked=request, request=template)

    assert seen.body == {
        "whole": said,
        "in": f"<{said}|Be brief.>",
        "all": [{"role": "user", "content": said}],
    }


def test_a_value_keeps_its_kind_where_it_stands_alone(exchange):
    """Numbers are numbers and lists are lists; in a longer text they are written out."""
    template = """{"t": "{{temperature}}", "p": "{{ top_p }}", "n": "{{max_tokens}}", "s": "{{stop}}",
        "seed": "{{seed}}", "q": ["{{prompt}}", {"m": "{{model}}"}], "note": "t={{temperature}}",
        "stream": false, "deep": {"top_k": 3, "none": null}}"""
    sampling = Sampling(temperature=0.5, top_p=0.9, max_tokens=7, stop=("END", "X"))
    request = Request(conversation=(user("Why?"),), sampling=sampling, seed=11)
    _, (seen,) = exchange({"a": "x"}, asked=request, request=template)

    assert seen.body == {
        "t": 0.5, "p": 0.9, "n": 7, "s": ["END", "X"], "seed": 11, "q": ["Why?", {"m": "bot"}],
        "note": "t=0.5", "stream": False, "deep": {"top_k": 3, "none": None},
    }  # fmt: skip


def test_what_is_not_set_is_left_out_and_not_guessed(exchange):
    """Its field goes, also where it stands in a longer text or in a list."""
    template = """{"q": "{{prompt}}", "t": "{{temperature}}", "s": "{{system}}", "note": "t={{temperature}}",
        "list": ["{{stop}}", 1]}"""
    _, (seen,) = exchange({"a": "x"}, request=template)

    assert seen.body == {"q": "marzipan elephants", "list": [1]}


def test_a_conversation_goes_out_whole(exchange):
    """As messages, as those before the last, or as a text."""
    template = '{"m": "{{messages}}", "h": "{{history}}", "q": "{{prompt}}", "t": "{{transcript}}"}'
    _, (seen,) = exchange({"a": "x"}, asked=Request(conversation=(SYSTEM, *TURNS)),
                          request=template)  # fmt: skip
    said = [
        {"role": "system", "content": "Be brief."}, {"role": "user", "content": FIRST},
        {"role": "assistant", "content": REPLY}, {"role": "user", "content": LAST},
    ]  # fmt: skip

    assert seen.body == {
        "m": said,
        "h": said[:-1],
        "q": LAST,
        "t": f"System: Be brief.\n\nUser: {FIRST}\n\nAssistant: {REPLY}\n\nUser: {LAST}",
    }


def test_a_system_prompt_is_told_once(exchange):
    """Where it has a place of its own it is in no list besides."""
    template = '{"system": "{{system}}", "messages": "{{messages}}"}'
    _, (seen,) = exchange({"a": "x"}, asked=Request(conversation=(SYSTEM, user(FIRST))),
                          request=template)  # fmt: skip

    assert seen.body == {
        "system": "Be brief.",
        "messages": [{"role": "user", "content": FIRST}],
    }


def test_a_single_message_is_the_same_text_in_a_transcript(exchange):
    """So that an endpoint of one text is asked what one of messages is."""
    _, (seen,) = exchange({"a": "x"}, asked=Request(conversation=(user(FIRST),)),
                          request='"{{transcript}}"')  # fmt: skip

    assert json.loads(seen.text) == FIRST


def test_messages_take_the_form_and_names_of_the_endpoint(exchange):
    """Many have their own words for who speaks."""
    _, (seen,) = exchange(
        {"a": "x"}, asked=Request(conversation=TURNS),
        request='{"contents": "{{messages}}"}',
        message='{"by": "{{role}}", "parts": [{"text": "{{content}}"}]}',
        role_names=("assistant=model", "user = human"),
    )  # fmt: skip

    assert seen.body["contents"] == [
        {"by": "human", "parts": [{"text": FIRST}]},
        {"by": "model", "parts": [{"text": REPLY}]},
        {"by": "human", "parts": [{"text": LAST}]},
    ]


def test_each_askedhas_a_session_of_its_own(exchange):
    """An endpoint that remembers must not remember another item."""
    template = '{"q": "{{prompt}}", "s": "{{session}}"}'
    first, second = (exchange({"a": "x"}, request=template)[1][0].body for _ in range(2))

    assert len(first["s"]) == 32
    assert first["s"] != second["s"]


def test_the_models_name_may_stand_in_the_path(exchange):
    """And nothing of it leads elsewhere."""
    _, (seen,) = exchange({"a": "x"}, model="team/bot ?x", url="http://HERE/v1/{{model}}:chat",
                          query=("api-version=2024-10-01", "x=a b"))  # fmt: skip

    assert seen.path == "/v1/team%2Fbot%20%3Fx:chat?api-version=2024-10-01&x=a+b"


@pytest.mark.parametrize(
    ("asked", "template", "code"),
    [(Request(conversation=TURNS), '{"q": "{{prompt}}"}', "history-has-no-place"),
     (Request(conversation=(SYSTEM, user(LAST))), '{"q": "{{prompt}}"}', "system-has-no-place"),
     (Request(conversation=(user(LAST),), sampling=Sampling(temperature=0)),
      '{"q": "{{prompt}}"}', "setting-has-no-place"),
     (Request(conversation=(user(LAST),), sampling=Sampling(stop=("x",))),
      '{"q": "{{prompt}}", "t": "{{temperature}}"}', "setting-has-no-place"),
     (Request(conversation=(user(LAST), assistant("So", prefilled=True))),
      '{"q": "{{prompt}}", "h": "{{history}}"}', "no-user-message"),
     (Request(conversation=(user(LAST),), score=(Text(text="y"),)), '"{{prompt}}"',
      "unsupported-scoring")],
)  # fmt: skip
def test_what_has_no_place_fails_by_name_and_is_not_sent(fault, asked, template, code):
    """Never measured without its history, its system prompt or its settings."""
    found = fault({"a": "x"}, asked=asked, request=template)

    assert (found.code, found.seen) == (code, [])


def test_a_verdict_on_the_way_is_no_message(exchange):
    """A guardrail says nothing to anybody, so its next question has the user's turns alone."""
    said = Message(speaker=Speaker.ASSISTANT, parts=(Verdict(label="ok", blocked=False),))
    _, (seen,) = exchange({"a": "x"}, asked=Request(conversation=(user(FIRST), said, user(LAST))),
                          request='{"m": "{{messages}}"}')  # fmt: skip

    assert [m["content"] for m in seen.body["m"]] == [FIRST, LAST]
