"""A key is in no byte that is written or printed, in whatever form, whatever goes wrong."""

import base64
import os
import signal
import threading
import time
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest
from ledger import Ledger, completion
from markers import forms
from plant import plant
from project import answers, remote, wait_until

AWKWARD = r"""sk-Q7"q'%2F\n\u0041${HOME}&<b>{x}`~ Zk9"""
"""Quotes of every kind, escapes, markup, places to fill: all that a header may hold."""
PLAIN = "gsk_Q7heronOtterLynx0123456789"
"""A key like most: what a server says of it would pass for a code."""
SEAL = "sëal\u202e'\"%00\\n\U0001f511 0123456789"
KEYS = {"awkward": AWKWARD, "plain": PLAIN}


def disguises(key):
    """Give every form in which a key may stand in a file: as `markers` has them, and for the web."""
    raw = key.encode()
    yield from forms(key)
    yield repr(key)[1:-1].encode()
    yield quote(key).encode()
    yield quote(key, safe="").encode()
    yield quote_plus(key).encode()
    yield raw.hex().upper().encode()
    yield raw.hex(" ").encode()
    yield raw[::-1]
    for skip in range(3):
        part = raw[skip : skip + 3 * ((len(raw) - skip) // 3)]
        yield base64.urlsafe_b64encode(part)


def leaks(project, keys, *outputs):
    """Say in which file of the project, or which output, one of *keys* stands in any form."""
    site, dotenv = project.path / "site", project.path / ".env"
    files = [
        p for p in project.path.rglob("*") if p.is_file() and site not in p.parents and p != dotenv
    ]
    assert files
    texts = {str(p): p.read_bytes() for p in files}
    texts |= {f"output {n}": text.encode() for n, text in enumerate(outputs)}
    names = {"names of files": "\n".join(texts).encode()}
    found = {form for key in keys for form in disguises(key)}
    return [(at, form) for at, text in (texts | names).items() for form in found if form in text]


def test_the_search_finds_each_form(project):
    """Else the other tests could not fail."""
    project.write()
    for n, form in enumerate(sorted(set(disguises(AWKWARD)))):
        (project.path / "x").write_bytes(b"a" + form + b"z")
        assert leaks(project, [AWKWARD]), n
    assert leaks(project, [PLAIN], f"x{PLAIN}")
    assert not leaks(project, [PLAIN], PLAIN[:-1])


def dotenv(value):
    """Put *value* into the quotes of `.env`."""
    inner = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"MY_KEY='{inner}'\nMY_SEAL='{inner}'\n"


@pytest.fixture
def own_tmp(project):
    """Have temporary files in the folder that is searched."""
    (project.path / "tmp").mkdir()
    project.env["TMPDIR"] = str(project.path / "tmp")
    return project


class Watch:
    """Reads arguments of every process below *parent*, and its environment, until it is told to stop."""

    def __init__(self, parent):
        self.parent, self.seen, self.ended = parent, {}, threading.Event()
        self.thread = threading.Thread(target=self._look)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.thread.join()

    def _look(self):
        while not self.ended.is_set():
            for pid in [self.parent, *self._below(self.parent)]:
                for name in ("cmdline", "environ"):
                    try:
                        text = Path(f"/proc/{pid}/{name}").read_bytes()
                    except OSError:
                        continue
                    self.seen.setdefault((pid, name), set()).add(text)
            time.sleep(0.02)

    def _below(self, pid):
        try:
            lists = Path(f"/proc/{pid}/task").glob("*/children")
            children = [int(n) for one in lists for n in one.read_text().split()]
        except OSError:
            return []
        return [n for child in children for n in (child, *self._below(child))]


def hostile(key):
    """Answer in every way that fails, each echoing the request with its headers; then well."""
    echo = f"Authorization: Bearer {key}"
    error = {"message": echo, "code": key, "type": key, "param": key, "metadata": {"raw": echo}}
    headers = {"X-Echo": key, "Retry-After": key, "Set-Cookie": f"k={quote(key)}"}
    ways = [
        *(
            (status, {"error": error}, headers)
            for status in (400, 404, 422, 429, 500, 503, 529, 302)
        ),
        (200, {"error": error}, headers),
        (200, {"choices": key, "id": key, "system_fingerprint": key}, headers),
        (200, [key], {}),
        (400, {"error": key}, {}),
        (0, {}, {}),
        (200, completion("Well.") | {"model": key, "id": key}, headers),
    ]
    served = iter(range(10**6))
    return lambda _: ways[next(served) % len(ways)]


SEALED = '[[sinks]]\nid = "csv"\n'


@pytest.mark.parametrize("kind", KEYS)
@pytest.mark.parametrize("form", ["text", "json"])
def test_an_endpoint_that_echoes_the_request_gives_no_key_away(own_tmp, kind, form):
    """By status, code, header, broken answer or cut line; nor is it in `ps` or a child's environment."""
    project, key = own_tmp, KEYS[kind]
    (project.path / ".env").write_text(dotenv(key), encoding="utf-8")
    with Ledger(hostile(key)) as server:
        project.write(
            remote(server.url) + 'api_key = "${MY_KEY}"\n',
            '["direct"]',
            run="max_retries = 1",
            more=SEALED,
        )
        args = ("--debug", "--log-level", "debug", "--log-format", form, "run", "stack.toml")
        process = project.begin(*args)
        with Watch(process.pid) as watch:
            out, err = process.communicate(timeout=120)
        again = project.call("report", "t", "--json", "--include-hazardous")

    assert process.returncode == 3, err
    assert server.headers[0]["Authorization"] == f"Bearer {key}"
    assert len(server.entries) > 14
    assert (process.pid, "environ") in watch.seen
    assert leaks(project, [key], out, err, again.stdout, again.stderr) == []
    for (pid, name), texts in watch.seen.items():
        assert not [f for f in disguises(key) for text in texts if f in text], (pid, name)


def test_an_endpoint_that_refuses_the_key_gives_it_not_away(own_tmp):
    """401 ends the account: event, hint and message tell the variable's name alone."""
    project = own_tmp
    error = {"message": f"Incorrect API key: {PLAIN}", "code": PLAIN, "type": PLAIN}
    with Ledger(lambda _: (401, {"error": error}, {"WWW-Authenticate": PLAIN})) as server:
        project.write(remote(server.url) + 'api_key = "${MY_KEY}"\n', '["direct"]')
        done = project.call(
            "--debug", "--log-level", "debug", "run", "stack.toml", check=3, MY_KEY=PLAIN
        )

    assert "check its API key" in done.stderr
    assert leaks(project, [PLAIN], done.stdout, done.stderr) == []


@pytest.mark.parametrize(
    "key",
    [
        f"{PLAIN}\n",
        f"{PLAIN}\r\nX-Other: y",
        f"\u201c{PLAIN}\u201d",
        f"{PLAIN}\x01",
        f"{PLAIN}\udcff",
    ],
)
def test_a_key_that_no_header_can_hold_is_told_without_it(own_tmp, key):
    """A line end or a quote that was copied with it: no defect, nothing is sent, no header is made of it."""
    project = own_tmp
    with Ledger() as server:
        project.write(remote(server.url) + 'api_key = "${MY_KEY}"\n', '["direct"]')
        done = project.call(
            "--debug",
            "--log-level",
            "debug",
            "run",
            "stack.toml",
            "--limit",
            1,
            check=3,
            MY_KEY=key,
        )

    assert server.headers == []
    assert "no header can hold its API key" in done.stderr
    assert "defect" not in done.stderr
    assert leaks(project, [PLAIN], done.stdout, done.stderr) == []


def test_ids_and_records_are_the_same_with_another_key(own_tmp):
    """Nothing that is kept or compared is made of one, so that no hash of it can be tried out."""
    project = own_tmp
    with Ledger() as server:
        project.write(remote(server.url) + 'api_key = "${MY_KEY}"\n', '["direct"]')
        project.run("--limit", 1, MY_KEY=AWKWARD)
        project.run("--limit", 1, "--set", "name=u", MY_KEY=PLAIN)

    assert {h["Authorization"] for h in server.headers} == {f"Bearer {AWKWARD}", f"Bearer {PLAIN}"}
    assert project.dump("t-limit-1") == project.dump("u-limit-1")
    assert leaks(project, KEYS.values()) == []


def test_a_killed_run_leaves_no_key(own_tmp):
    """In journal, log of the journal, lock, holder or temporary file; nor does going on with it."""
    project = own_tmp
    (project.path / ".env").write_text(dotenv(AWKWARD), encoding="utf-8")
    with Ledger(latency=0.05) as server:
        project.write(
            remote(server.url) + 'api_key = "${MY_KEY}"\n', '["direct"]', run="max_connections = 2"
        )
        process = project.start("--quiet")
        wait_until(process, lambda: answers(project) > 4)
        os.kill(process.pid, signal.SIGKILL)
        out, err = process.communicate()
        killed = leaks(project, [AWKWARD], out, err)
        done = project.run()

    assert process.returncode == -signal.SIGKILL
    assert killed == leaks(project, [AWKWARD], done.stdout, done.stderr) == []


PACK = """
from attrs import frozen
from dosimeter import *

@frozen(kw_only=True)
class Options:
    key: str = option(secret=True, default="")

class Failed(Exception):
    pass

def fail(key, error=Failed, **how):
    exc = error(f"cannot send {key}", **how)
    exc.add_note(f"the key was {key}")
    exc.key = key
    try:
        raise LookupError({"authorization": key})
    except LookupError as cause:
        cause.add_note(key)
        raise exc from cause

class Model:
    def __init__(self, way, key):
        self.way, self.key = way, key
    async def generate(self, request):
        if self.way == "raises":
            fail(self.key)
        if self.way == "group":
            raise ExceptionGroup(self.key, [ValueError(self.key)])
        if self.way in {"Permanent", "Transient", "AuthFailed"}:
            fail(self.key, globals()[self.way], code=self.key)
        if self.way == "odd":
            return {"echo": self.key}
        return Reply(messages=(assistant("Noted."),), stop=Stop.END, model="m")
    async def aclose(self):
        if self.way == "closing":
            fail(self.key)

class Rater:
    def __init__(self, key):
        self.key = key
    def rate(self, cases):
        fail(self.key)

class Sink:
    def __init__(self, key):
        self.key = key
    def write(self, report, evidence, out):
        fail(self.key)

def provider(model, options):
    if model == "factory":
        fail(options.key, PluginBroken)
    return Model(model, options.key)
def rater(options): return Rater(options.key)
def sink(options): return Sink(options.key)

MADE = "leaky_pack:{}".format

@hookimpl
def dosimeter_model_providers():
    return [ProviderSpec(id="leaky", summary="s", factory=MADE("provider"), options=Options)]
@hookimpl
def dosimeter_harm_scorers():
    return [ScorerSpec(id="leaky", summary="s", factory=MADE("rater"), options=Options,
                       scales=(Scale(name="odd", kind=ScaleKind.BOOLEAN),), sees=frozenset({Sees.REPLY}))]
@hookimpl
def dosimeter_report_sinks():
    return [SinkSpec(id="leaky", summary="s", factory=MADE("sink"), options=Options)]
"""
MODEL = """
[targets.{way}]
model = "leaky/{way}"
key = "${{MY_KEY}}"
"""
RATER = '[[raters]]\nid = "leaky"\nkey = "${MY_KEY}"\n'
SINK = '[[sinks]]\nid = "leaky"\nkey = "${MY_KEY}"\n'
RUNS = {
    ("raises", "group", "Permanent", "odd", "closing", "well"): (RATER, 3),
    ("AuthFailed",): ("", 3),
    ("factory",): ("", 2),
    ("well",): (SINK, 3),
}
"""Ways in which targets of one run fail, with what else there is, and how the run ends."""


@pytest.mark.parametrize("kind", KEYS)
def test_a_plugin_that_says_its_key_is_not_repeated(own_tmp, kind):
    """Message, note, cause, group, code: of provider, rater and sink, with all traces and the whole log."""
    project, key, said = own_tmp, KEYS[kind], []
    project.env["PYTHONPATH"] = str(plant(project.path / "site", "leaky-pack", PACK))
    for n, (ways, (more, code)) in enumerate(RUNS.items()):
        targets = "".join(MODEL.format(way=way) for way in ways)
        project.write(targets, '["direct"]', run="max_retries = 0", more=more)
        args = ("run", "stack.toml", "--limit", 1, "--set", f"name=r{n}")
        done = project.call("--debug", "--log-level", "debug", *args, check=code, MY_KEY=key)
        said += [done.stdout, done.stderr]
    failed = project.rows(
        "SELECT DISTINCT target FROM attempts WHERE state = 'failed'", "r0-limit-1"
    )

    assert {way for (way,) in failed} == {"raises", "group", "Permanent", "odd"}
    assert leaks(project, [key], *said) == []


@pytest.mark.parametrize("kind", ["seal", "key"])
def test_a_secret_in_the_wrong_place_is_not_repeated(own_tmp, kind):
    """A seal where it belongs and where nothing does: by `validate`, `plan` and `run`."""
    project = own_tmp
    (project.path / ".env").write_text(dotenv(SEAL), encoding="utf-8")
    text = (
        project.write('[targets.r]\nmodel = "simulated/graded"\n', '["direct"]').path / "stack.toml"
    )
    place = (
        'id = "physical"\nseal = "${MY_SEAL}"'
        if kind == "seal"
        else 'id = "physical"\nkey = "${MY_SEAL}"'
    )
    text.write_text(text.read_text().replace('id = "physical"', place))
    said = []
    for args in (("validate", "--json"), ("plan",), ("run", "--limit", "1")):
        done = project.call("--debug", "--log-level", "debug", args[0], "stack.toml", *args[1:])
        assert done.returncode == (0 if kind == "seal" else 2), done.stderr
        said += [done.stdout, done.stderr]

    assert leaks(project, [SEAL], *said) == []
