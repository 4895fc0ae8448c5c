"""A function is called as it declares, and what it returns is taken for nothing else."""

import asyncio
import sys
from pathlib import Path

import pytest

from dosimeter import (
    Endpoint,
    Message,
    Permanent,
    Request,
    Sampling,
    Speaker,
    StackError,
    Stop,
    Transient,
    Unknown,
    Usage,
    Verdict,
    assistant,
    system,
    user,
)
from dosimeter_provider_python.options import PythonOptions
from dosimeter_provider_python.provider import build, prepare

HEAD = "import dosimeter, functools, time, threading, asyncio\n"


@pytest.fixture
def team(tmp_path):
    """Write a module and give the provider of one of its functions; it is forgotten afterwards."""
    before, path = set(sys.modules), list(sys.path)
    name = f"team_{tmp_path.name}".replace("-", "_")

    def go(source, function="f", /, sampling=None, system_prompt=None, **options):
        (tmp_path / f"{name}.py").write_text(HEAD + source)
        end = Endpoint(id="", name="a", provider="python", model=f"{name}:{function}",
                       sampling=sampling or Sampling(), system_prompt=system_prompt)  # fmt: skip
        return build(end.model, prepare(end, PythonOptions(**options), tmp_path))

    go.name = name
    yield go
    sys.path[:] = path
    for module in set(sys.modules) - before:
        if Path(getattr(sys.modules[module], "__file__", None) or "/").is_relative_to(tmp_path):
            del sys.modules[module]


def said(provider, *messages, **request):
    async def go():
        got = await provider.generate(Request(conversation=messages or (user("Hi"),), **request))
        await provider.aclose()
        return got

    return asyncio.run(go())


FORMS = """
def prompt(prompt): return prompt.upper()
def text(text): return text.upper()
def messages(messages): return messages[-1]["content"].upper()
async def later(prompt):
    await asyncio.sleep(0)
    return prompt.upper()
class Bot:
    def __call__(self, prompt): return prompt.upper()
    def method(self, prompt): return prompt.upper()
class Later:
    async def __call__(self, messages): return messages[-1]["content"].upper()
bot, later_bot = Bot(), Later()
def two(strength, prompt): return prompt.upper() * strength
partial = functools.partial(two, 1)
wrapped = lambda prompt: later(prompt)
def odd(question): return question.upper()
"""


@pytest.mark.parametrize(
    ("function", "options"),
    [
        ("prompt", {}), ("text", {}), ("messages", {}), ("later", {}), ("bot", {}), ("bot.method", {}),
        ("later_bot", {}), ("partial", {}), ("wrapped", {}), ("odd", {"takes": "prompt"}),
    ],
)  # fmt: skip
def test_a_callable_of_any_kind_answers(team, function, options):
    """Sync and async, functions, instances, methods and partials; the reply names function and source."""
    reply = said(team(FORMS, function, **options))

    assert (reply.text, reply.stop) == ("HI", Stop.END)
    assert reply.model.startswith(f"{team.name}:{function}@")


def test_a_conversation_is_given_whole(team):
    """Roles and contents, the system prompt first."""
    source = "def f(messages): return ' '.join(m['role'] + '=' + m['content'] for m in messages)"
    reply = said(team(source), system("s"), user("a"), assistant("b"), user("c"))

    assert reply.text == "system=s user=a assistant=b user=c"


@pytest.mark.parametrize(
    ("messages", "code"),
    [
        ((system("s"), user("a")), "system-message"),
        ((user("a"), assistant("b"), user("c")), "several-messages"),
        ((assistant("b", prefilled=True),), "several-messages"),
        ((Message(speaker=Speaker.USER, parts=(Unknown(kind="image", raw="x"),)),), "not-text"),
    ],
)  # fmt: skip
def test_nothing_that_a_function_would_not_see_is_dropped(team, messages, code):
    """A function of one prompt is asked nothing that it would see a part of."""
    with pytest.raises(Permanent) as caught:
        said(team("def f(prompt): return prompt"), *messages)

    assert caught.value.code == code


def test_a_verdict_of_a_turn_before_is_no_part_of_the_conversation(team):
    """A guardrail in a scripted conversation sees what was said, not its own judgement."""
    before = Message(speaker=Speaker.ASSISTANT, parts=(Verdict(label="x", blocked=False),))
    source = "def f(messages): return len(messages) == 2"
    reply = said(team(source, returns="verdict"), user("a"), before, user("b"))

    assert reply.messages[0].parts == (Verdict(label="blocked", blocked=True),)


RETURNS = """
class Record:
    text, model, usage, stop = "hi", "m-1", {"input": 3, "output": 4}, "length"
def answer(prompt): return {"text": "hi", "model": "m-1", "usage": {"input": 3, "output": 4}, "stop": "length"}
def record(prompt): return Record()
def reply(prompt):
    return dosimeter.Reply(messages=(dosimeter.assistant("hi"),), stop=dosimeter.Stop.LENGTH, model="m-1",
                           usage=dosimeter.Usage(input=3, output=4))
"""


@pytest.mark.parametrize("function", ["answer", "record", "reply"])
def test_a_reply_says_more_than_text_by_dict_record_or_reply(team, function):
    """Model id, tokens and why it ended."""
    reply = said(team(RETURNS, function))

    assert (reply.text, reply.model, reply.stop) == ("hi", "m-1", Stop.LENGTH)
    assert reply.usage == Usage(input=3, output=4)


@pytest.mark.parametrize(
    ("given", "verdict"),
    [
        ("True", Verdict(label="blocked", blocked=True)),
        ("False", Verdict(label="passed", blocked=False)),
        ("{'blocked': True, 'label': 'violence', 'score': 0.9}", Verdict(label="violence", blocked=True, score=0.9)),
        ("{'blocked': None}", Verdict(label="", blocked=None)),
        ("dosimeter.Verdict(label='x')", Verdict(label="x")),
    ],
)  # fmt: skip
def test_a_guardrail_gives_a_verdict(team, given, verdict):
    """A bool, a dict, or the record; not saying is not "passed"."""
    reply = said(team(f"def f(prompt): return {given}", returns="verdict"))

    assert reply.stop is Stop.VERDICT
    assert reply.messages[0].parts == (verdict,)
    assert reply.text == ""


@pytest.mark.parametrize(
    ("given", "returns", "code"),
    [
        ("True", "text", "returned:bool"),
        ("None", "text", "returned:NoneType"),
        ("dosimeter.Verdict(label='x', blocked=True)", "text", "returned:Verdict"),
        ("{'answer': 'private words'}", "text", "returned:dict"),
        ("{'text': 3}", "text", "returned:text:int"),
        ("{'text': 'a', 'usage': {'input': '3'}}", "text", "returned:input:str"),
        ("{'text': 'a', 'stop': 'private'}", "text", "returned:stop:str"),
        ("(p for p in prompt)", "text", "returned:generator"),
        ("'private words'", "verdict", "returned:str"),
        ("1", "verdict", "returned:int"),
        ("None", "verdict", "returned:NoneType"),
        ("{'label': 'x'}", "verdict", "returned:dict"),
        ("{'blocked': 1}", "verdict", "returned:blocked:int"),
        ("{'blocked': True, 'score': float('nan')}", "verdict", "returned:score:float"),
        ("dosimeter.Reply(messages=(dosimeter.assistant('x'),), stop=dosimeter.Stop.END)", "verdict", "returned:Reply"),
    ],
)  # fmt: skip
def test_what_is_none_of_the_forms_is_refused_by_its_type(team, given, returns, code):
    """A bool is never text, text never a verdict; what was returned is not quoted."""
    with pytest.raises(Permanent) as caught:
        said(team(f"def f(prompt): return {given}", returns=returns))

    assert caught.value.code == code
    assert "private" not in str(caught.value)


RAISES = """
def deep(prompt): raise ValueError("private " + prompt)
def f(prompt): return deep(prompt)
async def later(prompt): raise KeyError(prompt)
def library(prompt):
    import json
    return json.loads(prompt)
def away(prompt): raise ConnectionResetError(prompt)
def busy(prompt): raise dosimeter.Transient("x", code="http-429", throttled=True)
def leaves(prompt): raise SystemExit(3)
def stops(prompt): raise StopIteration(prompt)
"""


@pytest.mark.parametrize(
    ("function", "kind", "code"),
    [
        ("f", Permanent, "raised:ValueError:{}:3"), ("later", Permanent, "raised:KeyError:{}:5"),
        ("library", Permanent, "raised:JSONDecodeError:{}:8"),
        ("away", Transient, "raised:ConnectionResetError:{}:9"), ("busy", Transient, "http-429"),
        ("leaves", Permanent, "raised:SystemExit:{}:11"), ("stops", Permanent, "raised:StopIteration:{}:12"),
    ],
)  # fmt: skip
def test_an_error_is_told_by_type_module_and_line(team, monkeypatch, function, kind, code):
    """The line of the team's own code, never the words; a fault of the network is tried again."""
    with pytest.raises(kind) as caught:
        said(team(RAISES, function), user("private"))
    short = (
        f"raised:{code.split(':')[1]}"
        if len(code.format(team.name)) > 64
        else code.format(team.name)
    )

    assert caught.value.code == short
    assert "private" not in str(caught.value)
    assert caught.value.__context__ is None


def test_a_sync_function_keeps_nobody_waiting_and_runs_alone(team):
    """It works in a thread, one call at a time unless `threads` says that it may be called by several."""
    source = """
now, most = 0, 0
def f(prompt):
    global now, most
    now += 1
    most = max(most, now)
    time.sleep(0.05)
    now -= 1
    return str(most)
"""

    async def go(provider):
        turns, asked = (
            0,
            [
                asyncio.create_task(provider.generate(Request(conversation=(user("x"),))))
                for _ in range(4)
            ],
        )
        while not all(a.done() for a in asked):
            turns += 1
            await asyncio.sleep(0.005)
        return turns, max(int(a.result().text) for a in asked)

    turns, most = asyncio.run(go(team(source)))
    _, several = asyncio.run(go(team(source, threads=4)))

    assert turns > 8
    assert most == 1
    assert several > 1


def test_targets_of_one_module_share_its_thread(team):
    """Two functions of one module share what the module holds, so they are not called at once."""
    source = "def f(prompt): return str(threading.get_ident())\ng = f"
    one, other = team(source), team(source, "g")

    async def go():
        got = [await p.generate(Request(conversation=(user("x"),))) for p in (one, other)]
        await one.aclose()
        await other.aclose()
        return {r.text for r in got}

    assert len(asyncio.run(go())) == 1
    assert said(team(source)).text.isdigit()


def test_a_call_that_was_given_up_holds_its_thread(team):
    """Nothing can end it, so what is asked meanwhile is told at once instead of waiting in vain."""
    source = "go = threading.Event()\ndef f(prompt):\n    go.wait(20)\n    return 'late'"
    provider = team(source)
    request = Request(conversation=(user("x"),))

    async def go():
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(provider.generate(request), 0.1)
        with pytest.raises(Transient) as caught:
            await provider.generate(request)
        sys.modules[team.name].go.set()
        await asyncio.sleep(0.2)
        return caught.value.code, (await provider.generate(request)).text

    assert asyncio.run(go()) == ("stuck", "late")


def test_sampling_reaches_the_parameters_that_take_it(team):
    """And the seed; what the stack does not set is the function's own default."""
    source = "def f(prompt, temperature=9, stop=None, seed=0, top_p=7): return repr((temperature, stop, seed, top_p))"
    sampling = Sampling(temperature=0.5, stop=("x",))
    reply = said(team(source, sampling=sampling), sampling=sampling, seed=3)

    assert reply.text == "(0.5, ['x'], 3, 7)"


def test_sampling_that_a_judge_asks_for_is_not_dropped_either(team):
    """A question may have sampling of its own."""
    with pytest.raises(Permanent) as caught:
        said(team("def f(prompt): return prompt"), sampling=Sampling(max_tokens=5))

    assert caught.value.code == "cannot-take:max_tokens"


@pytest.mark.parametrize(
    ("source", "function", "options", "key", "says"),
    [
        ("def f(prompt): ...", "f", {"sampling": Sampling(temperature=1.0)}, "temperature", "has no parameter 'temperature'"),
        ("def f(prompt): ...", "f", {"system_prompt": "s"}, "system", "takes a prompt alone"),
        ("def f(question): ...", "f", {}, "takes", "say takes"),
        ("def f(): ...", "f", {"takes": "prompt"}, "model", "takes no argument"),
        ("async def f(*, prompt): ...", "f", {}, "model", "takes no argument"),
        ("def f(*prompt): ...", "f", {}, "takes", "say takes"),
        ("def f(prompt, other): ...", "f", {}, "model", "needs 'other'"),
        ("def answer(prompt): ...", "anwser", {}, "model", "did you mean 'answer'?"),
        ("class F: ...", "F", {}, "model", "is a class"),
        ("f = 3", "f", {}, "model", "is no function, but int"),
        ("import no_such_thing", "f", {}, "model", "there is no module 'no_such_thing' (at"),
        ("raise RuntimeError('private')", "f", {}, "model", "it raised RuntimeError at {}:2"),
        ("def f(:", "f", {}, "model", "SyntaxError in {}.py, line 2"),
        ("import sys\nsys.exit(3)", "f", {}, "model", "it raised SystemExit at {}:3"),
        ("time.sleep(3)", "f", {"import_seconds": 0.2}, "model", "was not done after 0.2 s"),
        ("def f(prompt): ...", "f", {"folder": "nowhere"}, "folder", "there is no folder"),
        ("def f(prompt): ...", "f", {"files": ("*.txt",)}, "files", "matches '*.txt'"),
        ("def f(prompt): ...", "f", {"files": ("/etc/*",)}, "files", "is no pattern"),
        ("def f(prompt): ...", "f", {"source": "0" * 32}, "source", "not what the stack says"),
        ("def f(prompt): ...", "f(x)", {}, "model", 'expected "python:module:function"'),
    ],
)  # fmt: skip
def test_what_cannot_work_is_told_before_anything_is_asked(
    team, source, function, options, key, says
):
    """Under the key of the target's table that it is about, without words of the module's."""
    with pytest.raises(StackError) as caught:
        team(source, function, **options)

    ((told, why),) = caught.value.faults
    assert told == key
    assert says.format(team.name) in why
    assert "private" not in why


def test_all_that_would_be_lost_is_told_at_once(team):
    """Each under its key."""
    sampling = Sampling(temperature=1.0, max_tokens=5)
    with pytest.raises(StackError) as caught:
        team("def f(prompt): ...", sampling=sampling, system_prompt="s")

    assert [key for key, _ in caught.value.faults] == ["temperature", "max_tokens", "system"]


def test_a_module_that_is_not_there_is_told_with_the_nearest(tmp_path):
    """And with the folder that was looked through."""
    (tmp_path / "mybot.py").write_text("")
    end = Endpoint(id="", name="a", provider="python", model="mybott:answer")
    with pytest.raises(
        StackError, match=f"neither in {tmp_path} nor installed; did you mean 'mybot'"
    ):
        prepare(end, PythonOptions(), tmp_path)


def test_another_module_of_the_name_is_not_taken_for_the_teams(tmp_path):
    """One that is loaded already would be measured in its place."""
    (tmp_path / "asyncio.py").write_text("def answer(prompt): return prompt")
    end = Endpoint(id="", name="a", provider="python", model="asyncio:answer")
    with pytest.raises(StackError, match="another module of that name is loaded; rename it"):
        prepare(end, PythonOptions(), tmp_path)
