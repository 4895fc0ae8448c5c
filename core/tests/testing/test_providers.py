"""How providers are tried: what is lacking is told, and a sound provider of any make passes."""

import random

import aiohttp
import attrs
import pytest
from attrs import evolve, frozen
from broken import providers

from dosimeter import Reply, Stop, Transient, assistant, option
from dosimeter.testing import SECRET, CheckState, Specimen, calling, run
from dosimeter.testing.exchange import check_secrets_stay_out_of_failures
from dosimeter.testing.spec import check_building_keeps_global_state

GOOD = providers.GOOD["endpoint"]


def lacking(one):
    return {r.reason for r in run(one) if r.state is CheckState.UNTRIED}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"served": None}, "give Specimen(served=...), the options for an address"),
        ({"says": None}, "give Specimen(says=...), the body of an answer that says a text"),
        ({"model": ""}, "name a model that it can be asked under"),
    ],
)
def test_an_endpoint_that_cannot_be_served_is_not_tried_and_told_why(change, told):
    """By its account option it is known to have an address: nothing passes untried."""
    results = list(run(evolve(GOOD, **change)))

    assert told in lacking(evolve(GOOD, **change))
    assert all(r.good for r in results)


def test_a_failure_is_told_with_its_code():
    """Without it nobody would see that the login failed, and not the question."""
    nowhere = evolve(providers.GOOD["stream"], also={"/session": {"tokens": 0}})
    (told,) = [r for r in run(nowhere) if r.check == "check_reply_is_sound"]

    assert told.seen == "a plain question gives Transient (no-token)"


def test_what_is_asked_beside_is_no_question():
    """A login is answered as the specimen says, and counts as no try of the call."""
    one = providers.GOOD["stream"]
    found = calling.served(one, calling.good(one))
    with calling.standing(one, lambda _: calling.good(one)) as server:
        calling.during(one, calling.at(one, server), lambda p: calling.got(p, calling.PLAIN))

    assert [a.path for a in found.asked] == ["/chat/completions"]
    assert [a.path for a in server.beside] == ["/session"]


def test_lines_of_json_are_no_bare_text():
    """So what is no answer is tried of a stream too; it is not where any text is one."""
    names = {
        says: {r.check: r.state for r in run(evolve(GOOD, says=says))}
        for says in (providers.streamed, str.encode)
    }
    what = "check_what_is_no_answer_is_an_error"

    assert names[providers.streamed][what] is CheckState.KEPT
    assert names[str.encode][what] is CheckState.UNTRIED


def test_a_stream_of_one_line_is_not_tried():
    """Its end could not be told from the rest."""
    one = evolve(providers.GOOD["stream"], says=lambda text: providers.said(text) + b"\n")

    assert "give by says= a body of several lines, the last of which is its end" in lacking(one)


def test_a_model_in_this_process_needs_no_server():
    """The promises of endpoints are not its own."""
    names = {r.check for r in run(providers.GOOD["model"])}

    assert "check_retry_after_is_read" not in names
    assert "check_max_tokens_is_obeyed" in names


def test_what_is_imported_for_a_component_may_draw():
    """As httpx does when it is imported: that is once a process, and no part of building."""
    once = []

    class Imports(providers.Local):
        def __init__(self, model, options):
            super().__init__(model, options)
            if not once:
                once.append(random.random())

    assert check_building_keeps_global_state(providers.local(Imports)) == ""


def header(_, attribute, value):
    if ":" not in value:
        msg = "expected 'Name: value'"
        raise ValueError(msg)


@frozen(kw_only=True)
class Headers:
    """A secret that is no plain word."""

    base_url: str = option(identity=True, account=True, help="address")
    key: str = option(secret=True, default="X-Key: none", validator=header, help="a header")


def test_a_secret_that_refuses_the_kits_word_is_to_be_given_with_it():
    """Else nothing would be looked for."""
    spec = evolve(GOOD.spec, options=Headers)
    bare = evolve(GOOD, spec=spec, served=lambda address: Headers(base_url=address))
    kept = evolve(bare, served=lambda at: Headers(base_url=at, key=f"X-Key: {SECRET}"))

    assert "give a value of key with dosimeter.testing.SECRET in it" in lacking(bare)
    assert check_secrets_stay_out_of_failures(kept) == ""


class Session:
    """Makes its session where it is built, in a loop that is there, and knows nothing of dosimeter.http."""

    def __init__(self, model, options):
        self.session = aiohttp.ClientSession(base_url=f"{options.base_url}/")

    async def generate(self, request):
        try:
            async with self.session.post("say", data=request.conversation[-1].text) as answer:
                if answer.status != 200:
                    raise Transient("it failed", code=f"http-{answer.status}")
                return Reply(messages=(assistant(await answer.text()),), stop=Stop.END)
        except aiohttp.ClientError:
            raise Transient("it is gone", code="gone") from None

    async def aclose(self):
        await self.session.close()


def test_a_plain_first_draft_is_told_what_it_breaks_and_nothing_else():
    """Its session made where it is built is no fault: the engine builds it in a loop, and so does the kit."""
    plain = Specimen(
        spec=attrs.evolve(GOOD.spec, capabilities=frozenset()), build_with=Session, model="m",
        says=str.encode, served=lambda address: providers.Options(base_url=address),
    )  # fmt: skip
    broken = {r.check for r in run(plain) if not r.good}

    assert broken == {
        "check_conversations_are_taken_whole", "check_odd_prompts_are_taken",
        "check_tools_are_offered_or_refused", "check_images_are_refused",
        "check_given_text_is_scored_or_refused", "check_settings_are_sent_or_refused",
        "check_refused_keys_are_auth_failures", "check_refused_requests_are_permanent",
        "check_too_many_requests_is_throttled", "check_retry_after_is_read",
        "check_redirects_are_not_followed",
    }  # fmt: skip
