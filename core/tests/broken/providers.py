"""An endpoint's provider, a model's and a guardrail's that keep every promise, and what breaks just one."""

import asyncio
import contextlib
import json
import random
import time
from collections.abc import Callable

import httpx
from attrs import evolve, frozen

from dosimeter import (
    Capability,
    Media,
    Message,
    Permanent,
    ProviderSpec,
    Reply,
    Speaker,
    Stop,
    Text,
    TokenScores,
    Transient,
    Usage,
    Verdict,
    Want,
    assistant,
    option,
)
from dosimeter.http import chat, client, failure, post_json, transport_failure
from dosimeter.testing import Specimen

PATH = "chat/completions"
JSON = {"content-type": "application/json"}
LOST = (httpx.HTTPError, OSError)
WORDS = ("dip", "sieve", "fire", "drip", "stir", "wipe")
LEFT = []


@frozen(kw_only=True)
class Options:
    """Where it is, and a key."""

    base_url: str = option(
        identity=True, account=True, default="http://127.0.0.1:9", help="address"
    )
    key: str = option(secret=True, default="", help="opens nothing")


SPEC = ProviderSpec(
    id="chat",
    summary="Chat completions",
    factory="broken.providers:Chat",
    options=Options,
    hints=(("http-404", "there is no {model}{at}; set ${NAME}"),),
    capabilities=frozenset(
        {Capability.CHAT, Capability.LOGPROBS, Capability.SEED, Capability.TOOLS}
    ),
)
LOCAL = ProviderSpec(
    id="local",
    summary="Words that are drawn here",
    factory="broken.providers:Local",
    capabilities=frozenset(
        {Capability.CHAT, Capability.LOGPROBS, Capability.SCORING, Capability.DETERMINISTIC}
    ),
)
GUARD = evolve(SPEC, id="guard", capabilities=frozenset({Capability.VERDICT_ONLY}))


class Chat:
    """Asks an endpoint."""

    def __init__(self, model, options):
        self.model, self.options, self.http = model, options, None

    def client(self):
        if self.http is None:
            key = {"authorization": f"Bearer {self.options.key}"}
            self.http = client(f"{self.options.base_url}/", headers=key)
        return self.http

    async def generate(self, request):
        response = await self.send(self.encoded(self.body(request)))
        if not response.is_success:
            raise self.fault(response)
        return self.read(response)

    def body(self, request):
        return chat.body(request, self.model)

    def encoded(self, body):
        return json.dumps(body).encode("ascii")

    async def send(self, content):
        try:
            return await self.client().post(PATH, content=content, headers=JSON)
        except LOST as exc:
            raise self.lost(exc) from None

    def lost(self, exc):
        return transport_failure(exc)

    def fault(self, response):
        return failure(response)

    def read(self, response):
        try:
            data = json.loads(response.content)
        except (ValueError, RecursionError):
            raise Transient("no JSON came", code="malformed") from None
        return self.reply(data)

    def reply(self, data):
        return chat.reply(data)

    async def aclose(self):
        if self.http is not None:
            await self.http.aclose()


class DropsSystem(Chat):
    def body(self, request):
        said = tuple(m for m in request.conversation if m.speaker is not Speaker.SYSTEM)
        return super().body(evolve(request, conversation=said))


class OnlyUnicode(Chat):
    def encoded(self, body):
        return json.dumps(body, ensure_ascii=False).encode()


class DropsTools(Chat):
    def body(self, request):
        return super().body(evolve(request, tools=()))


class OneForAll(Chat):
    async def generate(self, request):
        self.request = request
        await asyncio.sleep(0)
        return await super().generate(self.request)


class Remembers(Chat):
    said = ()

    def body(self, request):
        self.said += request.conversation
        return super().body(evolve(request, conversation=self.said))


def lets_all(endpoint, options, folder):
    """Declared by those that take every setting, and by one that does not."""
    return options


class RefusesTopP(Chat):
    def body(self, request):
        if request.sampling.top_p is not None:
            raise Permanent("it takes no top_p", code="setting")
        return super().body(request)


class Uncancelled(Chat):
    async def send(self, content):
        try:
            return await super().send(content)
        except asyncio.CancelledError:
            raise Transient("it was cancelled", code="cancelled") from None


class Blocks(Chat):
    async def send(self, content):
        with httpx.Client(base_url=self.options.base_url, verify=False, timeout=None) as http:
            try:
                return http.post(PATH, content=content, headers=JSON)
            except LOST as exc:
                raise self.lost(exc) from None


class StaysOpen(Chat):
    async def send(self, content):
        response = await super().send(content)
        url = httpx.URL(self.options.base_url)
        LEFT.append(await asyncio.open_connection(url.host, url.port))
        return response


class AsksEarly(Chat):
    def __init__(self, model, options):
        super().__init__(model, options)
        with contextlib.suppress(*LOST):
            httpx.get(f"{options.base_url}/models", verify=False, trust_env=False, timeout=0.2)


class Bare(Chat):
    def lost(self, exc):
        return exc


class BadKeyIsPermanent(Chat):
    def fault(self, response):
        fault = super().fault(response)
        return fault if response.status_code != 401 else Permanent("401", code="http-401")


class TriesTheRefused(Chat):
    def fault(self, response):
        fault = super().fault(response)
        return fault if response.status_code != 422 else Transient("422", code="http-422")


class GivesUpEarly(Chat):
    def fault(self, response):
        fault = super().fault(response)
        return fault if response.status_code != 502 else Permanent("502", code="http-502")


class CutIsPermanent(Chat):
    def lost(self, exc):
        fault = super().lost(exc)
        cut = isinstance(exc, httpx.RemoteProtocolError)
        return Permanent("cut", code=fault.code) if cut else fault


class Unthrottled(Chat):
    def fault(self, response):
        fault = super().fault(response)
        if isinstance(fault, Transient):
            fault.throttled = False
        return fault


class NeverWaits(Chat):
    def fault(self, response):
        fault = super().fault(response)
        if isinstance(fault, Transient):
            fault.retry_after = None
        return fault


class TriesAgain(Chat):
    async def send(self, content):
        response = await super().send(content)
        return response if response.status_code != 503 else await super().send(content)


class NothingIsAnswer(Chat):
    def reply(self, data):
        return super().reply(data) if data else Reply(messages=(), stop=Stop.END)


class NoCode(Chat):
    def fault(self, response):
        fault = super().fault(response)
        if response.status_code == 404:
            return Permanent("there is no such model")
        return fault


class Follows(Chat):
    async def send(self, content):
        response = await super().send(content)
        if response.is_redirect:
            return await self.client().post(
                response.headers["location"], content=content, headers=JSON
            )
        return response


class ShowsKey(Chat):
    def fault(self, response):
        fault = super().fault(response)
        if response.status_code == 401:
            fault.add_note(f"tried {response.request.headers['authorization']}")
        return fault


class Quotes(Chat):
    def fault(self, response):
        fault = super().fault(response)
        if response.status_code == 400:
            return Permanent(response.json()["error"]["message"][:30], code=fault.code)
        return fault


class NoSeed(Chat):
    def body(self, request):
        return super().body(evolve(request, seed=None))


class DropsTopP(Chat):
    def body(self, request):
        return super().body(evolve(request, sampling=evolve(request.sampling, top_p=None)))


class NoLogprobs(Chat):
    def body(self, request):
        return super().body(evolve(request, want=frozenset()))


class Strips(Chat):
    def reply(self, data):
        reply = super().reply(data)
        return evolve(reply, messages=(assistant(reply.text.strip()),))


class SilenceIsABlock(Chat):
    def reply(self, data):
        reply = super().reply(data)
        return (
            reply if reply.text or reply.stop is not Stop.END else evolve(reply, stop=Stop.FILTERED)
        )


class Stream(Chat):
    """Logs in, and reads events, one a line, of which the last says that nothing follows."""

    token = ""

    def body(self, request):
        return super().body(request) | {"stream": True}

    async def login(self):
        response = await post_json(self.client(), "session", {"key": self.options.key})
        try:
            self.token = json.loads(response.content)["token"]
        except (ValueError, RecursionError, KeyError, TypeError):
            raise Transient("the login gave no token", code="no-token") from None

    async def generate(self, request):
        content = self.encoded(self.body(request))
        if not self.token:
            await self.login()
        said, ended = [], False
        try:
            async with self.client().stream("POST", PATH, content=content, headers=JSON) as got:
                if not got.is_success:
                    await got.aread()
                    raise self.fault(got)
                async for line in self.lines(got):
                    event = self.event(line)
                    said.append(event.get("said", ""))
                    ended = ended or "end" in event
        except LOST as exc:
            raise self.lost(exc) from None
        if not ended:
            raise self.unended()
        text = "".join(said)
        return Reply(messages=(assistant(text),) if text else (), stop=Stop.END)

    async def lines(self, got):
        rest = b""
        async for piece in got.aiter_bytes():
            *lines, rest = (rest + piece).split(b"\n")
            for line in lines:
                yield line
        if rest:
            yield rest

    def event(self, line):
        try:
            event = json.loads(line)
        except (ValueError, RecursionError):
            raise Transient("a line is no event", code="malformed") from None
        if not isinstance(event, dict) or not event.keys() & {"said", "end"}:
            raise Transient("a line is no event", code="malformed")
        return event

    def unended(self):
        return Transient("the stream broke off", code="stream-broken")


class EndsAnyhow(Stream):
    """Takes the end of a body for the end of the answer, if anything came."""

    async def lines(self, got):
        line = b""
        async for line in super().lines(got):
            yield line
        if line:
            yield b'{"end": "stop"}'


class DecodesChunks(Stream):
    async def lines(self, got):
        rest = ""
        async for piece in got.aiter_bytes():
            *lines, rest = (rest + piece.decode("utf-8", "replace")).split("\n")
            for line in lines:
                yield line
        if rest:
            yield rest


class SkipsLines(Stream):
    """But for one that a stream ends in, which may be half of one that came."""

    def event(self, line):
        try:
            return super().event(line)
        except Transient:
            return {}


class BareLogin(Stream):
    async def login(self):
        response = await post_json(self.client(), "session", {"key": self.options.key})
        self.token = json.loads(response.content)["token"]


class Guard(Chat):
    """Reads any word as a verdict."""

    def body(self, request):
        if request.tools:
            raise Permanent("no tools", code="unsupported-tools")
        return super().body(request)

    def reply(self, data):
        text = super().reply(data).text
        said = Message(
            speaker=Speaker.ASSISTANT, parts=(Verdict(label="steps", blocked=bool(text)),)
        )
        return Reply(messages=(said,), stop=Stop.VERDICT)


class TextGuard(Guard):
    def reply(self, data):
        return evolve(chat.reply(data), stop=Stop.VERDICT)


class Local:
    """Draws words by the conversation and the seed."""

    def __init__(self, model, options):
        self.held = None

    async def generate(self, request):
        self.check(request)
        await asyncio.sleep(0.002)
        said = "".join(m.text for m in request.conversation)
        rng = self.chance(f"{said!r} {request.seed}")
        words = self.cut(rng.choices(WORDS, k=6), request.sampling.max_tokens)
        stop = Stop.LENGTH if len(words) < 6 else Stop.END
        return Reply(
            messages=self.messages(words), stop=stop, usage=Usage(output=self.count(words)),
            scores=self.scores(request, words),
        )  # fmt: skip

    def check(self, request):
        parts = [part for message in request.conversation for part in message.parts]
        if request.tools or any(isinstance(part, Media) for part in parts):
            raise Permanent("text only", code="unsupported-part")

    def chance(self, seed):
        return random.Random(seed)

    def cut(self, words, most):
        return words[:most]

    def messages(self, words):
        return (assistant(" ".join(words)),)

    def count(self, words):
        return len(words)

    def scores(self, request, words):
        if request.score is not None:
            words = "".join(p.text for p in request.score if isinstance(p, Text)).split()
        elif Want.LOGPROBS not in request.want:
            return None
        return TokenScores(tokens=tuple(words), logprobs=(-0.5,) * len(words))

    async def aclose(self):
        pass


class NegativeCount(Local):
    def count(self, words):
        return -1


class Mute(Local):
    def messages(self, words):
        return ()


class Throws(Local):
    def chance(self, seed):
        return random.Random()


class Endless(Local):
    def cut(self, words, most):
        return words


class Blind(Local):
    def check(self, request):
        if request.tools:
            raise Permanent("text only", code="unsupported-part")


class Unscored(Local):
    def scores(self, request, words):
        return super().scores(request, words) if request.want else None


class Positive(Local):
    def scores(self, request, words):
        scores = super().scores(request, words)
        return evolve(scores, logprobs=(0.5,) * len(words)) if request.want else scores


class StandsStill(Local):
    """Where it is looked for: elsewhere it only takes time."""

    async def generate(self, request):
        if len(asyncio.all_tasks()) > 1 and "glaze" in request.conversation[0].text:
            time.sleep(1.2)
        return await super().generate(request)


class ClosesNothing(Local):
    async def generate(self, request):
        self.held = self
        return await super().generate(request)

    async def aclose(self):
        self.held.check = None


class Prints(Local):
    async def generate(self, request):
        print("asking")
        return await super().generate(request)


def said(text):
    """Give a chat completion."""
    choice = {"finish_reason": "stop", "message": {"role": "assistant", "content": text}}
    return json.dumps({"model": "m-1", "choices": [choice]}).encode()


def streamed(text):
    """Give a stream that says a text in two events."""
    half = len(text) // 2
    events = ({"said": text[:half]}, {"said": text[half:]}, {"end": "stop"})
    return b"".join(json.dumps(event).encode() + b"\n" for event in events)


def streaming(build: Callable[..., object] = Stream):
    return Specimen(
        spec=evolve(SPEC, id="stream"), build_with=build, model="m", says=streamed, stream=True,
        served=lambda address: Options(base_url=address), also={"/session": {"token": "t-1"}},
    )  # fmt: skip


def served(build: Callable[..., object] = Chat, spec=SPEC, **changes):
    return Specimen(
        spec=evolve(spec, **changes), build_with=build, model="m", says=said,
        served=lambda address: Options(base_url=address),
    )  # fmt: skip


def local(build: Callable[..., object] = Local, **changes):
    return Specimen(spec=evolve(LOCAL, **changes), build_with=build, model="m")


PREPARE = "broken.providers:lets_all"
GOOD = {
    "endpoint": served(prepare=PREPARE),
    "stream": streaming(),
    "model": local(),
    "guardrail": served(Guard, GUARD),
}
BREAKS = {
    "check_hints_can_be_filled": served(
        hints=(("http-401", "{key} is wrong: it is not {key_id}"),)
    ),
    "check_reply_is_sound": local(NegativeCount),
    "check_ended_reply_says_something": local(Mute),
    "check_silence_is_a_reply": served(SilenceIsABlock),
    "check_same_seed_same_reply": local(Throws),
    "check_conversations_are_taken_whole": served(DropsSystem),
    "check_odd_prompts_are_taken": served(OnlyUnicode),
    "check_max_tokens_is_obeyed": local(Endless),
    "check_tools_are_offered_or_refused": served(DropsTools),
    "check_images_are_refused": local(Blind),
    "check_given_text_is_scored_or_refused": local(Unscored),
    "check_logprobs_come_when_wanted": local(Positive),
    "check_verdicts_are_no_text": served(TextGuard, GUARD),
    "check_requests_at_once_get_their_own_answers": served(OneForAll),
    "check_earlier_requests_do_not_matter": served(Remembers),
    "check_cancellation_releases": served(Uncancelled),
    "check_loop_goes_on_while_the_endpoint_thinks": served(Blocks),
    "check_loop_goes_on": local(StandsStill),
    "check_it_can_be_closed": local(ClosesNothing),
    "check_closing_ends_connections": served(StaysOpen),
    "check_building_sends_nothing": served(AsksEarly),
    "check_provider_prints_nothing": local(Prints),
    "check_failures_are_provider_errors": served(Bare),
    "check_refused_keys_are_auth_failures": served(BadKeyIsPermanent),
    "check_refused_requests_are_permanent": served(TriesTheRefused),
    "check_endpoint_faults_are_transient": served(GivesUpEarly),
    "check_lost_connections_are_transient": served(CutIsPermanent),
    "check_too_many_requests_is_throttled": served(Unthrottled),
    "check_retry_after_is_read": served(NeverWaits),
    "check_one_try_a_call": served(TriesAgain),
    "check_what_is_no_answer_is_an_error": served(NothingIsAnswer),
    "check_codes_say_what_failed": served(NoCode),
    "check_redirects_are_not_followed": served(Follows),
    "check_secrets_stay_out_of_failures": served(ShowsKey),
    "check_prompts_stay_out_of_failures": served(Quotes),
    "check_failures_beside_the_question_are_told": streaming(BareLogin),
    "check_pieces_make_one_answer": streaming(DecodesChunks),
    "check_streams_without_an_end_are_transient": streaming(EndsAnyhow),
    "check_lines_that_are_no_events_are_errors": streaming(SkipsLines),
    "check_seed_is_sent": served(NoSeed),
    "check_settings_are_sent_or_refused": served(DropsTopP),
    "check_refused_settings_are_told_early": served(RefusesTopP, prepare=PREPARE),
    "check_replies_are_kept_as_they_came": served(Strips),
}
"""By the name of a check: a provider that breaks its promise and no other."""
