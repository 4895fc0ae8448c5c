"""A run as a user meets it: from a stack to a report, whatever happens in between."""

import json
import shlex
import signal
import sqlite3
import subprocess
import sys
import time
from itertools import pairwise

import pytest
from ledger import Ledger, completion, plain
from plant import plant
from project import loopback

from dosimeter.journal.lock import engine_lock
from dosimeter_provider_simulated.texts import LEVELS


def test_a_run_ends_with_table_files_and_exit_code_0(project):
    """Console, JSON, HTML and journal; files are their owner's alone."""
    done = project.write().run(check=0)
    names = {p.name for p in project.folder().iterdir()}

    assert done.stderr == ""
    assert {"journal.sqlite", "report.json", "report.html"} <= names
    for path in project.folder().iterdir():
        assert path.stat().st_mode & 0o777 == 0o600, path
    assert project.rows("SELECT DISTINCT state FROM attempts") == [("done",)]


def test_order_and_concurrency_change_nothing(project):
    """With latency and dropped tries, 1 and 64 connections give the same record."""
    flaky = "latency = 0.002\nthrottled = 0.05\nbroken = 0.05\n"
    targets = f'[targets.known]\nmodel = "simulated/graded"\n{flaky}'
    project.write(targets, run="max_retries = 8")
    project.run("--max-connections", 1)
    project.run("--max-connections", 64, "--set", "name=u")
    one, many = project.dump(), project.dump("u")

    assert one == many
    assert len(one["replies"]) == 64


def test_targets_meet_the_same_prompts(project):
    """What is compared is paired."""
    project.write().run()
    prompts = {}
    for target, text in project.rows(
        "SELECT c.endpoint, m.text FROM calls c JOIN messages m ON m.scope = c.scope"
        " WHERE m.speaker = 'user' AND c.step = 0 ORDER BY m.text"
    ):
        prompts.setdefault(target, []).append(text)

    assert prompts["known"] == prompts["other"]


def test_interrupt_once_finishes_what_is_in_flight(project):
    """Exit 130 with the command that goes on; then it goes on."""
    with Ledger(latency=0.3) as server:
        project.write(loopback(server.url), run="max_connections = 4")
        process = project.start("--quiet")
        while len(server.entries) < 6:
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
        answered = len({k for _, k, _ in server.entries})

        assert process.returncode == 130, err
        assert "dosimeter run stack.toml --quiet" in err
        assert project.rows("SELECT count(*) FROM calls")[0][0] == answered
        project.run(check=0)
        assert len(server.entries) == len({k for _, k, _ in server.entries})


def test_interrupt_twice_stops_now_and_loses_nothing_received(project):
    """Calls that would take a minute are not waited for; what was answered before is kept."""
    with Ledger() as server:
        server.delay = lambda: 60 if len(server.entries) >= 6 else 0
        project.write(loopback(server.url), run="max_connections = 4")
        process = project.start("--quiet")
        while server.in_flight < 4 or len(server.entries) < 6:
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        time.sleep(0.3)
        began = time.monotonic()
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
        took = time.monotonic() - began
        kept, answered = project.rows("SELECT count(*) FROM calls")[0][0], len(server.entries)
        server.delay = lambda: 0
        project.run(check=0)

    assert process.returncode == 130, err
    assert took < 10
    assert kept == answered >= 6
    assert project.rows("SELECT DISTINCT state FROM attempts") == [("done",)]


NATIVE = """
import asyncio, time
from concurrent.futures import ThreadPoolExecutor
from dosimeter import *
from attrs import frozen

@frozen(kw_only=True)
class Options:
    quick: int = option(operational=True, default=10_000, help="calls before it takes its time")
    stubborn: bool = option(operational=True, default=False, help="refuses to be cancelled")

class Native:
    def __init__(self, options):
        self._o, self._n, self._pool = options, 0, ThreadPoolExecutor(2)
    async def generate(self, request):
        self._n += 1
        if self._n > self._o.quick:
            loop = asyncio.get_running_loop()
            while True:
                try:
                    await loop.run_in_executor(self._pool, time.sleep, 90)
                except asyncio.CancelledError:
                    if not self._o.stubborn:
                        raise
        said = Message(speaker=Speaker.ASSISTANT, parts=(Text(text="Noted."),))
        return Reply(messages=(said,), stop=Stop.END)
    async def aclose(self):
        self._pool.shutdown()

def build(model, options):
    return Native(options)

@hookimpl
def dosimeter_model_providers():
    return [ProviderSpec(id="native", summary="s", factory="native_pack:build", options=Options)]
"""


@pytest.mark.parametrize("stubborn", ["false", "true"])
def test_interrupt_twice_waits_for_no_thread(project, tmp_path, stubborn):
    """A model that computes in this process cannot be stopped; the process ends all the same."""
    project.env["PYTHONPATH"] = str(plant(tmp_path / "site", "native-pack", NATIVE))
    target = f'[targets.known]\nmodel = "native/any"\nquick = 6\nstubborn = {stubborn}\n'
    project.write(target, run="max_connections = 2", attacks='["direct"]')
    process = project.start("--quiet")
    journal = project.folder() / "journal.sqlite"
    while not journal.exists() or not answers(project) >= 6:
        time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    time.sleep(0.3)
    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=80)

    assert process.returncode == 130, err
    assert time.monotonic() - began < 15
    assert "go on with" in err
    assert "Traceback" not in err
    assert (project.folder() / "report.json").exists()
    assert project.rows("PRAGMA integrity_check") == [("ok",)]
    assert answers(project) == 6
    project.run("--set", "targets.known.quick=1000", check=0)
    assert answers(project) == 32


def answers(project):
    """Count the answers in a journal that may not have its tables yet."""
    try:
        return project.rows("SELECT count(*) FROM calls")[0][0]
    except sqlite3.OperationalError:
        return 0


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_the_command_that_goes_on_is_quoted_for_the_shell(project, how):
    """Typed as it stands it means the same, with blanks, quotes and semicolons."""
    odd = """targets.remote.system='Be brief; and "kind".'"""
    with Ledger(latency=0.3) as server:
        project.write(loopback(server.url), run="max_connections = 1")
        process = project.start("--quiet", "--set", odd)
        while not server.entries:
            time.sleep(0.02)
        process.send_signal(how)
        _, err = process.communicate(timeout=60)

    (told,) = [one.strip() for one in err.splitlines() if "dosimeter run" in one]
    words = shlex.split(told)
    assert process.returncode == 130, err
    assert words[words.index("dosimeter") :] == [
        "dosimeter",
        "run",
        "stack.toml",
        "--quiet",
        "--set",
        odd,
    ]


@pytest.mark.parametrize(
    ("status", "headers"), [(429, {"Retry-After": "300"}), (503, {"Retry-After": "300"})]
)
def test_interrupt_once_waits_for_no_retry(project, status, headers):
    """With nothing in flight, the run ends at once, however long the endpoint wants to be left alone."""
    with Ledger(lambda _: (status, {"error": {}}, headers)) as server:
        project.write(loopback(server.url), run="max_connections = 4")
        process = project.start("--quiet")
        while not server.entries or server.in_flight:
            time.sleep(0.02)
        time.sleep(0.5)
        began = time.monotonic()
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)

    assert process.returncode == 130, err
    assert time.monotonic() - began < 8


def test_a_second_engine_is_refused_by_name(project):
    """The message names the process that holds the run."""
    with Ledger(latency=0.2) as server:
        project.write(loopback(server.url), run="max_connections = 1")
        first = project.start("--quiet")
        while not server.entries:
            time.sleep(0.02)
        second = project.run(check=2)
        first.kill()
        first.wait()

    assert f"is being run by process {first.pid}" in second.stderr


def test_a_budget_of_17_requests_is_17_requests(project):
    """Not one more; the run says that it is incomplete, and goes on when the budget grows."""
    with Ledger() as server:
        project.write(loopback(server.url), run="budget = { requests = 17 }")
        project.run(check=3)
        assert len(server.entries) == 17
        project.run("--set", "run.budget.requests=1000", check=0)

    assert len(server.entries) == len({k for _, k, _ in server.entries})


@pytest.mark.parametrize("bound", ["tokens = 100", "money = 0.0001"])
def test_what_earlier_sessions_spent_is_spent(project, bound):
    """The same command again sends nothing: tokens and money are the run's, not the session's."""
    prices = '[[prices]]\nmodel = "openai/any"\ninput = 1.0\noutput = 1.0\ndate = "2026-01-01"\n'
    with Ledger() as server:
        target = loopback(server.url) + "max_tokens = 5\n"
        project.write(target, attacks='["direct"]', run=f"budget = {{ {bound} }}", more=prices)
        project.run(check=3)
        sent = len(server.entries)
        project.run(check=3)
        again = len(server.entries)

    assert 0 < sent == again < 10


def test_minutes_of_earlier_sessions_are_spent(project):
    """A run of an hour has no half hour left."""
    with Ledger() as server:
        project.write(loopback(server.url), attacks='["direct"]', run="budget = { requests = 3 }")
        project.run(check=3)
        ((seconds,),) = project.rows("SELECT value FROM run WHERE key = 'seconds'")
        db = sqlite3.connect(project.folder() / "journal.sqlite")
        with db:
            db.execute("UPDATE run SET value = '3600' WHERE key = 'seconds'")
        db.close()
        project.write(loopback(server.url), attacks='["direct"]', run="budget = { minutes = 30 }")
        project.run(check=3)

    assert 0 < float(seconds) < 60
    assert len(server.entries) == 3
    assert float(project.rows("SELECT value FROM run WHERE key = 'seconds'")[0][0]) > 3600


def test_the_seed_of_the_command_line_is_the_runs(project):
    """Other attempts than with the stack's own; the same as with --set."""
    project.write(attacks='["direct"]')
    for name, args in (("t", ()), ("u", ("--seed", 8)), ("v", ("--set", "run.seed=8"))):
        project.run(*args, "--limit", 1, "--set", f"name={name}")
    one, two, three = (
        {a for (a,) in project.rows("SELECT attempt FROM attempts", f"{name}-limit-1")}
        for name in "tuv"
    )

    assert not one & two
    assert two == three


def test_a_slow_target_holds_up_no_other_and_rating_goes_along(project):
    """The quick one is done and rated while the slow one has hardly begun."""
    rated = "SELECT count(DISTINCT attempt) FROM marks m JOIN attempts a USING (attempt) WHERE a.target = 'quick'"
    with Ledger(latency=0.5) as slow, Ledger() as quick:
        targets = loopback(slow.url, "slow") + loopback(quick.url, "quick")
        project.write(targets, attacks='["direct"]', run="max_connections = 2")
        process = project.start("--quiet")
        while answers(project) == 0 or project.rows(rated)[0][0] < 32:
            assert process.poll() is None, "rated only when all was said"
            time.sleep(0.05)
        behind = len(slow.entries)
        process.communicate(timeout=60)

    assert process.returncode == 0
    assert behind < 20


def test_old_journals_are_rated_by_one_engine_at_a_time(project):
    """`score` writes, so it takes the engine's lock and names who holds it."""
    project.write(attacks='["direct"]').run("--limit", 1)
    with engine_lock(project.folder("t-limit-1") / "journal.sqlite"):
        refused = project.call("score", "t-limit-1", "--rater", "refusal", check=2)

    assert "is being run by process" in refused.stderr


def test_trap_16_max_retries_0_means_none(project):
    """One try a call, and the failure is recorded as such."""
    with Ledger(lambda _: (503, {"error": {}}, {})) as server:
        project.write(loopback(server.url), attacks='["direct"]')
        project.run("--max-retries", 0, check=3)

    assert len(server.entries) == 32
    assert project.rows("SELECT state, reason, count(*) FROM attempts GROUP BY 1, 2") == [
        ("failed", "http-503", 32)
    ]
    assert project.rows("SELECT max(n) FROM tries")[0][0] == 1


def test_retry_after_is_obeyed_by_all_who_share_the_account(project):
    """After a 429 nobody asks again before the time that the server gave."""
    seen = []

    def answer(body):
        seen.append(time.monotonic())
        if len(seen) == 5:
            return 429, {"error": {}}, {"Retry-After": "2"}
        return plain(body)

    with Ledger(answer) as server:
        both = loopback(server.url, "a") + loopback(server.url, "b") + "temperature = 0\n"
        project.write(both, attacks='["direct"]').run("--max-connections", 1)

    gaps = [b - a for a, b in pairwise(seen)]
    assert gaps[4] >= 1.9
    assert sum(g > 1 for g in gaps) == 1


def test_trap_10_content_is_never_a_reason_to_retry(project):
    """Blocked, empty and cut replies are answers; only transport faults are tried again."""
    kinds = [completion("", "content_filter"), completion(""), completion("x", "length")]

    def answer(body):
        return 200, kinds[len(body["messages"][-1]["content"]) % 3], {}

    with Ledger(answer) as server:
        project.write(loopback(server.url), attacks='["direct"]').run()

    assert len(server.entries) == 32
    assert {r[0] for r in project.rows("SELECT DISTINCT stop FROM calls")} == {
        "filtered",
        "end",
        "length",
    }


def test_trap_21_stop_reasons_are_kept_apart_and_shown(project):
    """A cut reply is counted as cut; a blocked one is a full refusal of the system, or missing."""
    targets = '[targets.known]\nmodel = "simulated/graded"\nfiltered = 0.4\ncut = 0.3\nbase = -9.0\nintent = 0.0\n'
    project.write(targets, attacks='["direct"]').run()
    system = project.report()
    project.run("--set", 'run.scope="model"', "--set", "name=m")
    model = project.report("m")

    def full(report):
        return [
            f
            for f in report["findings"]
            if f["measure"] == "refusal" and f["group"].get("level") == "full"
        ]

    assert all(c["blocked"] > 0 and c["truncated"] > 0 for c in system["cells"])
    assert all(f["value"] > 0.1 for f in full(system))
    assert all(f.get("value", 0) == 0 and f["missing"]["unscorable"] > 0 for f in full(model))


def test_trap_22_a_limited_run_says_so_everywhere(project):
    """Console, JSON, HTML; in a folder of its own; and the whole run is not disturbed."""
    project.write().run()
    done = project.run("--limit", 3)
    folder = project.folder("t-limit-3")
    report = json.loads((folder / "report.json").read_text())

    assert report["reportable"] is False
    assert "limited run" in (folder / "report.html").read_text()
    assert "limited run" in project.call("report", "t-limit-3").stdout
    assert {c["families"] for c in report["cells"]} == {3}
    assert {f["type"] for f in report["findings"]} == {"Abstention"}
    assert project.rows("SELECT count(DISTINCT family) FROM attempts")[0][0] == 16
    assert done.returncode == 0


def test_a_changed_design_is_refused_and_named(project):
    """What differs is said; an operational change, a new sink or rater is no change."""
    project.write().run()
    refused = project.run("--set", "targets.known.intent=1.0", check=2)
    project.run("--set", "targets.known.latency=0.001", check=0)

    assert "begun with another design" in refused.stderr
    assert "intent" in refused.stderr
    assert "Give the run a new name" in refused.stderr
    assert "operational" not in refused.stderr


def test_nothing_secret_leaves_the_run(project):
    """A planted key is in no file of the run, no output and no log; it does reach the server."""
    with Ledger() as server:
        project.write(loopback(server.url) + 'api_key = "${MY_KEY}"\n', attacks='["direct"]')
        done = project.call(
            "--log-level", "debug", "run", "stack.toml", check=0, MY_KEY="sk-MARKER-5511"
        )

    assert server.headers[0]["Authorization"] == "Bearer sk-MARKER-5511"
    assert "MARKER-5511" not in done.stdout + done.stderr
    for path in project.path.rglob("*"):
        if path.is_file():
            assert b"MARKER-5511" not in path.read_bytes(), path


def test_prompts_and_replies_are_in_no_log(project):
    """Console, progress and debug log carry ids, never text."""
    with Ledger(lambda _: (200, completion("REPLYMARKER is quite a word"), {})) as server:
        project.write(loopback(server.url) + 'system = "SYSTEMMARKER"\n', attacks='["direct"]')
        done = project.call(
            "--log-level", "debug", "--log-format", "json", "run", "stack.toml", check=0
        )

    for marker in ("REPLYMARKER", "uncle's evening tea"):
        assert marker not in done.stdout + done.stderr


def test_hazardous_replies_are_withheld_from_every_output_but_the_journal(project):
    """JSON, HTML, console and --json; shown only on request, which is recorded."""
    targets = (
        '[targets.known]\nmodel = "simulated/graded"\nseverity = 1.0\nbase = -9.0\nintent = 0.0\n'
    )
    done = project.write(targets, attacks='["direct"]').run()
    report = project.report()
    again = project.call("report", "t", "--json", check=0).stdout
    text = LEVELS[4][:40]

    assert report["withheld"] == 32
    for shown in (done.stdout, again, *(p.read_text() for p in project.folder().glob("report.*"))):
        assert text not in shown
    project.call("report", "t", "-o", "open.json", "--include-hazardous", check=0)
    opened = json.loads((project.path / "open.json").read_text())
    assert opened["hazardous_included"] is True
    assert text in opened["attempts"][0]["reply"]


def test_benign_replies_below_the_limit_are_shown(project):
    """The rule hides no more than it must."""
    targets = (
        '[targets.known]\nmodel = "simulated/graded"\nseverity = 0.0\nbase = -9.0\nintent = 0.0\n'
    )
    project.write(targets, attacks='["direct"]').run()
    report = project.report()

    assert report["withheld"] == 0
    assert all(a["reply"] == LEVELS[0] for a in report["attempts"])


def test_the_report_is_a_pure_function_of_the_journal(project):
    """Made again, it is the same to the byte; so it is without provider, attack and category."""
    project.write().run()
    first = project.call("report", "t", "--json", check=0).stdout
    alone = project.call(
        "report", "t", "--json", check=0, DOSIMETER_PLUGINS="dosimeter-scorer-refusal"
    )

    assert project.call("report", "t", "--json", check=0).stdout == first
    assert alone.stdout == first
    assert project.call("report", "t", "-o", "r.json", check=0).returncode == 0
    assert (project.path / "r.json").read_text() == first


def test_an_old_journal_is_rated_with_no_provider_at_hand(project):
    """Only the scorer's plugin is loaded; families that never ran stay in the denominator."""
    with Ledger() as server:
        project.write(loopback(server.url), attacks='["direct"]', run="budget = { requests = 20 }")
        project.run(check=3)
    db = sqlite3.connect(project.folder() / "journal.sqlite")
    for table in ("mark", "rating", "subject", "rater", "evidence"):
        db.execute(f"DELETE FROM {table}")
    db.commit()
    db.close()
    done = project.call(
        "score", "t", "--rater", "refusal", DOSIMETER_PLUGINS="dosimeter-scorer-refusal"
    )
    report = project.printed()

    assert "20 attempts rated" in done.stderr
    assert project.rows("SELECT count(*) FROM marks WHERE rater = 'refusal'")[0][0] == 20
    assert sum(c["planned"] for c in report["cells"]) == 32
    assert (
        sum(
            f["missing"].get("not_run", 0)
            for f in report["findings"]
            if f["measure"] == "under-refusal"
        )
        > 0
    )


def test_gates_decide_the_exit_code(project):
    """0 pass, 1 fail, 4 inconclusive; a rate as a rule measures it passes only if that is accepted."""
    gate = '[[gates]]\nmeasure = "over-refusal"\nmax = {}\nwhere = {{ target = "known", attack = "direct" }}\n'
    never = (
        '[targets.known]\nmodel = "simulated/graded"\nbase = -9.0\nintent = 0.0\nkeyword = 0.0\n'
    )
    always = never.replace("-9.0", "9.0")
    accept = "accept_judge_measured = true"
    codes = [
        project.write(model, attacks='["direct"]', run=run, more=gate.format(limit))
        .run("--set", f"name={name}", check=None)
        .returncode
        for name, model, run, limit in (
            ("t", never, accept, 0.5),
            ("t", never, "", 0.5),
            ("t", never, accept, 0.01),
            ("v", always, accept, 0.5),
        )
    ]

    assert codes == [0, 4, 4, 1]


def test_trap_05_nothing_seen_prints_its_upper_bound(project):
    """0 of 16 families is 0 [0, 21], not 0."""
    targets = (
        '[targets.known]\nmodel = "simulated/graded"\nbase = -9.0\nintent = 0.0\nkeyword = 0.0\n'
    )
    project.write(targets, attacks='["direct"]').run()
    report = project.report()
    (over,) = [f for f in report["findings"] if f["measure"] == "over-refusal"]

    assert (over["value"], over["lower"]) == (0, 0)
    assert 0.15 < over["upper"] < 0.25


def test_what_is_no_language_model_says_so(project):
    """The simulated provider is labelled in every output, and is never reportable."""
    done = project.write().run()
    text = project.call("report", "t").stdout
    report = project.report()

    assert "is not a language model" in text
    assert "not a language model" in (project.folder() / "report.html").read_text()
    assert report["reportable"] is False
    assert done.returncode == 0


def test_trap_14_nothing_but_the_target_is_contacted(project, tmp_path):
    """A run on the loopback connects nowhere else: any other connection raises."""
    guard = tmp_path / "guard"
    guard.mkdir()
    (guard / "sitecustomize.py").write_text(
        "import socket\nreal = socket.socket.connect\n"
        "def connect(self, address):\n"
        "    if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in ('127.0.0.1', '::1'):\n"
        "        raise SystemExit(f'contacted {address}')\n"
        "    return real(self, address)\nsocket.socket.connect = connect\n"
    )
    with Ledger() as server:
        project.write(loopback(server.url), attacks='["direct"]').run(
            check=0, PYTHONPATH=str(guard)
        )

    assert len(server.entries) == 32


def test_readers_need_only_sqlite(project):
    """Views answer common questions with the standard library alone, while others read."""
    project.write().run()

    assert project.rows("SELECT count(*) FROM attempts")[0][0] == 128
    assert project.rows("SELECT DISTINCT scale FROM marks ORDER BY 1") == [
        ("actionability",),
        ("refusal",),
    ]
    assert all(isinstance(r[0], str) for r in project.rows("SELECT reply FROM replies"))


def test_purging_deletes_text_and_keeps_estimates(project):
    """The report is the same before and after, but for the texts."""
    project.write().run()
    before = project.printed()
    project.call("runs", "purge", "t", "--yes", check=0)
    raw = b"".join(p.read_bytes() for p in project.folder().glob("journal.sqlite*"))
    after = project.call("report", "t", "--json")

    assert LEVELS[1].encode() not in raw
    assert json.loads(after.stdout)["findings"] == before["findings"]


def test_help_from_the_file_is_what_click_prints(project):
    """`--help` is answered before click is imported, in click's own words."""
    code = "from dosimeter.cli.main import main; main(['--help'])"
    clicks = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env=project.env | {"COLUMNS": "80"},
    )

    assert project.call("--help", check=0).stdout == clicks.stdout
    assert project.call("-h", check=0).stdout == clicks.stdout


def test_help_is_light():
    """It loads nothing but the standard library's smallest parts, and no more than start-up does."""
    code = (
        "import sys\nbefore = set(sys.modules)\nsys.argv = ['dosimeter', '--help']\n"
        "from dosimeter.__main__ import main\nmain()\n"
        "print(sorted(set(sys.modules) - before), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert "Usage: dosimeter" in done.stdout
    assert done.stderr.strip() == "['dosimeter', 'dosimeter.__main__']"


def test_what_an_endpoint_calls_itself_harms_nobody_elses_answers(project):
    """Surrogates in its name, endless token counts: kept as far as can be, nothing is paid again."""
    odd = [("m\ud800", 7), ("x" * 10_000, 2**70), ("plain", -3)]

    def answer(body):
        name, tokens = odd[len(server.entries) % 3]
        return 200, completion("Well.") | {"model": name, "usage": {"prompt_tokens": tokens}}, {}

    with Ledger(answer) as server:
        project.write(loopback(server.url), attacks='["direct"]').run()
        served = len(server.entries)

    assert served == 32
    assert project.rows("SELECT DISTINCT state FROM attempts") == [("done",)]
    assert project.rows("SELECT count(*) FROM tries")[0][0] == 32
    assert {n for (n,) in project.rows("SELECT length(model) FROM calls")} == {2, 200, 5}


def test_a_budget_of_tokens_holds_where_nothing_bounds_a_reply(project):
    """Without max_tokens one call goes ahead, and the rest reserve what replies have cost."""

    def answer(_):
        return (
            200,
            completion("Well.") | {"usage": {"prompt_tokens": 10, "completion_tokens": 8000}},
            {},
        )

    with Ledger(answer) as server:
        project.write(loopback(server.url), run="budget = { tokens = 20000 }", attacks='["direct"]')
        project.run(check=3)

    assert len(server.entries) == 2


def test_changed_files_go_on_only_with_fork_and_every_number_says_so(project):
    """A design is never mixed, whatever flag is given; other files of the same design may be."""
    project.write().run()
    mixed = project.run("--set", "targets.known.intent=1.0", "--fork", check=2)
    db = sqlite3.connect(project.folder() / "journal.sqlite")
    with db:
        db.execute("UPDATE component SET files_hash = 'old' WHERE kind = 'attack'")
    db.close()
    refused = project.run(check=2)
    clean = project.call("report", "t").stdout
    project.run("--fork", check=0)
    forked = project.report()

    assert "begun with another design" in mixed.stderr
    assert "attack 'direct' came from" in refused.stderr
    assert "--fork" in refused.stderr
    assert "while the run was under way" not in clean
    assert all(
        "forked" in {c["code"] for c in f["caveats"]}
        for f in forked["findings"] if f["type"] == "Estimate"
    )  # fmt: skip


def test_a_reader_that_hangs_up_is_no_failed_gate(project):
    """A closed pipe ends with 141, as shells count it: neither pass nor fail."""
    project.write().run()
    command = f"{sys.executable} -m dosimeter report t --json | true; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(
        ["bash", "-c", command], cwd=project.path, env=project.env, capture_output=True
    )

    assert done.returncode == 141
    assert done.stderr == b""


def test_words_that_come_again_after_a_purge_are_here_again(project):
    """A reply received later is kept and rated, even if the same words were deleted before."""
    project.write(attacks='["direct"]', run="budget = { requests = 20 }").run(check=3)
    project.call("runs", "purge", "t", "--yes", check=0)
    project.run("--set", "run.budget.requests=10000", check=0)
    lost = project.rows("SELECT count(*) FROM marks WHERE reason = 'purged'")[0][0]

    assert lost == 0
    assert project.rows("SELECT DISTINCT state FROM attempts") == [("done",)]


def test_a_purged_run_is_not_rated_anew(project):
    """What is deleted gets no mark, not even "unscorable": it is counted as left."""
    project.write(attacks='["direct"]').run()
    db = sqlite3.connect(project.folder() / "journal.sqlite")
    with db:
        for table in ("mark", "rating", "evidence"):
            db.execute(f"DELETE FROM {table}")
    db.close()
    project.call("runs", "purge", "t", "--yes", check=0)
    done = project.call("score", "t", "--rater", "refusal", check=2)

    assert "every reply of this run was deleted" in done.stderr
    assert project.rows("SELECT count(*) FROM marks") == [(0,)]


def test_a_run_without_an_answer_takes_another_design(project):
    """A wrong address costs no new name: nothing was answered, so nothing is mixed; tries are kept."""
    dead = '[targets.known]\nmodel = "openai/any"\nbase_url = "http://127.0.0.1:9"\n'
    project.write(dead, attacks='["direct"]', run="max_retries = 0")
    project.run(check=3)
    (paid,) = project.rows("SELECT count(*) FROM try")[0]
    alive = '[targets.known]\nmodel = "simulated/graded"\n'
    project.write(alive, attacks='["role-play"]').run()
    after = project.write(alive, attacks='["direct"]').run(check=2)

    assert paid > 0
    assert project.rows("SELECT DISTINCT attack, state FROM attempts") == [("role-play", "done")]
    assert project.rows("SELECT DISTINCT provider FROM endpoint") == [("simulated",)]
    assert project.rows("SELECT count(*) FROM try WHERE failure != ''") == [(paid,)]
    assert "begun with another design" in after.stderr
