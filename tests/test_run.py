"""A run as a user meets it: from a stack to a report, whatever happens in between."""

import csv
import json
import time
from hashlib import sha256
from itertools import pairwise

import pytest
from ledger import Ledger, completion, plain
from project import ALWAYS, GATE, NEVER, answers, findings, remote, simulated, wait_until

from dosimeter.journal.lock import engine_lock


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
    project.write(simulated(flaky), run="max_retries = 8")
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


def test_a_second_engine_is_refused_by_name(project):
    """The message names the process that holds the run."""
    with Ledger(latency=0.2) as server:
        project.write(remote(server.url), run="max_connections = 1")
        first = project.start("--quiet")
        wait_until(first, lambda: server.entries)
        second = project.run(check=2)
        first.kill()
        first.wait()

    assert f"is being run by process {first.pid}" in second.stderr


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
        targets = remote(slow.url, "slow") + remote(quick.url, "quick")
        project.write(targets, attacks='["direct"]', run="max_connections = 2")
        process = project.start("--quiet")
        wait_until(
            process, lambda: answers(project) and project.rows(rated)[0][0] == 32, every=0.05
        )
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
        project.write(remote(server.url), attacks='["direct"]')
        project.run("--max-retries", 0, check=3)

    assert len(server.entries) == 32
    assert project.rows("SELECT state, reason, count(*) FROM attempts GROUP BY 1, 2") == [
        ("failed", "http-503", 32)
    ]
    assert project.rows("SELECT max(n) FROM tries")[0][0] == 1


def test_the_same_command_asks_again_what_failed(project):
    """Once the server is mended; what was answered is not asked again."""
    down = {"first": True}

    def answer(body):
        broken = down["first"] and len(server.arrivals) > 10
        return (503, {"error": {}}, {}) if broken else plain(body)

    with Ledger(answer) as server:
        project.write(remote(server.url), '["direct"]', run="max_retries = 0\nmax_connections = 1")
        project.run(check=3)
        first = project.rows("SELECT state, count(*) FROM attempts GROUP BY 1 ORDER BY 1")
        down["first"] = False
        project.run(check=0)

    assert first == [("done", 10), ("failed", 22)]
    assert project.rows("SELECT state, count(*) FROM attempts GROUP BY 1") == [("done", 32)]
    assert len(server.entries) == 32 + 22


def test_retry_after_is_obeyed_by_all_who_share_the_account(project):
    """After a 429 nobody asks again before the time that the server gave."""
    seen = []

    def answer(body):
        seen.append(time.monotonic())
        if len(seen) == 5:
            return 429, {"error": {}}, {"Retry-After": "2"}
        return plain(body)

    with Ledger(answer) as server:
        both = remote(server.url, "a") + remote(server.url, "b") + "temperature = 0\n"
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
        project.write(remote(server.url), attacks='["direct"]').run()

    assert len(server.entries) == 32
    assert {r[0] for r in project.rows("SELECT DISTINCT stop FROM calls")} == {
        "filtered",
        "end",
        "length",
    }


def test_trap_21_stop_reasons_are_kept_apart_and_shown(project):
    """A cut reply is counted as cut; a blocked one is a full refusal of the system, or missing."""
    project.write(simulated(NEVER + "filtered = 0.4\ncut = 0.3\n"), attacks='["direct"]').run()
    system = project.report()
    project.run("--set", 'run.scope="model"', "--set", "name=m")
    model = project.report("m")

    assert all(c["blocked"] > 0 and c["truncated"] > 0 for c in system["cells"])
    assert all(f["value"] > 0.1 for f in findings(system, "refusal", level="full"))
    for found in findings(model, "refusal", level="full"):
        assert found["value"] == 0
        assert found["missing"]["unscorable"] > 0


WORDS = "I can't help with that."


@pytest.mark.parametrize("scope", ["system", "model"])
def test_trap_21_a_refusal_in_a_field_of_its_own_counts_as_in_the_answer(project, scope):
    """Whichever way a provider hands a model's words over: they are rated, and no block."""

    def answers(field):
        def answer(body):
            refuses = len(body["messages"][-1]["content"]) % 3
            body = completion(WORDS if refuses else "Herons wade in shallow water.")
            if refuses and field == "refusal":
                body["choices"][0]["message"] |= {"content": None, "refusal": WORDS}
            return 200, body, {}

        return answer

    told = {}
    for field in ("content", "refusal"):
        with Ledger(answers(field)) as server:
            project.write(remote(server.url), attacks='["direct"]', run=f'scope = "{scope}"')
            project.run("--set", f"name={field}")
        told[field] = project.report(field)

    assert told["content"]["findings"] == told["refusal"]["findings"]
    assert told["content"]["cells"] == told["refusal"]["cells"]
    assert {r[0] for r in project.rows("SELECT DISTINCT stop FROM calls", "refusal")} == {
        "end",
        "refused",
    }


def test_trap_21_a_refusal_without_words_is_a_block_in_cells_and_numbers_alike(project):
    """Also where there is a message, of reasoning alone; and what a filter cut is one whatever came."""

    def answer(body):
        kind = len(body["messages"][-1]["content"]) % 4
        done = completion("", "refusal")
        if kind == 1:
            done["choices"][0]["message"]["reasoning_content"] = "Hm."
        if kind > 1:
            done = completion("First,", "content_filter" if kind == 2 else "stop")
        return 200, done, {}

    with Ledger(answer) as server:
        project.write(remote(server.url), attacks='["direct"]').run()
    report = project.report()

    counted = {c["intent"]: c["blocked"] for c in report["cells"]}
    assert sum(counted.values()) > 16
    for found in report["findings"]:
        if found["measure"] in {"refusal", "actionability"}:
            assert found["missing"]["blocked"] == counted[dict(found["group"])["intent"]]


def test_trap_22_a_limited_run_says_so_everywhere(project):
    """Console, JSON, HTML; in a folder of its own; and the whole run is not disturbed."""
    project.write().run()
    project.run("--limit", 3)
    report = project.report("t-limit-3")

    assert report["reportable"] is False
    assert "limited run" in (project.folder("t-limit-3") / "report.html").read_text()
    assert "limited run" in project.call("report", "t-limit-3").stdout
    assert {c["families"] for c in report["cells"]} == {3}
    assert {f["type"] for f in report["findings"]} == {"Abstention"}
    assert project.rows("SELECT count(DISTINCT family) FROM attempts")[0][0] == 16


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
        project.write(remote(server.url) + 'api_key = "${MY_KEY}"\n', attacks='["direct"]')
        done = project.call(
            "--log-level", "debug", "run", "stack.toml", check=0, MY_KEY="sk-MARKER-5511"
        )

    assert server.headers[0]["Authorization"] == "Bearer sk-MARKER-5511"
    assert "MARKER-5511" not in done.stdout + done.stderr
    for path in project.path.rglob("*"):
        if path.is_file():
            assert b"MARKER-5511" not in path.read_bytes(), path


def test_the_resolved_stack_is_in_report_and_journal(project):
    """Endpoints with all options, attacks, raters and seed; of a secret nothing, not even its key."""
    asked = 'system = "Be brief."\ntemperature = 0.5\napi_key = "${MY_KEY}"\n'
    attacks = '["direct", { id = "translation", languages = ["de"] }]'
    with Ledger() as server:
        project.write(remote(server.url) + asked, attacks=attacks)
        project.run("--limit", 1, MY_KEY="sk-MARKER-5511")
    ((text,),) = project.rows("SELECT value FROM run WHERE key = 'stack'", "t-limit-1")
    journal, report = json.loads(text), project.report("t-limit-1")["stack"]

    for stack, options in (
        (report, dict),
        (journal, lambda pairs: {k: json.loads(v) for k, v in pairs}),
    ):
        (target,), (category,) = stack["targets"], stack["categories"]
        assert (target["name"], target["provider"], target["model"]) == ("remote", "openai", "any")
        assert options(target["identity"])["base_url"] == server.url
        assert options(target["operational"])["verify_tls"] is True
        assert target["sampling"]["temperature"] == 0.5
        assert target["system_prompt"] == "Be brief."
        assert [a["id"] for a in category["attacks"]] == ["direct", "translation"]
        assert options(category["attacks"][1]["identity"])["languages"] == ["de"]
        assert (category["choice"]["id"], category["panel"]) == ("physical", "quickstart")
        assert [r["choice"]["id"] for r in stack["raters"]] == ["refusal", "actionability"]
        assert stack["run"]["seed"] == 7
        for secret in ("api_key", "MY_KEY", "MARKER-5511"):
            assert secret not in json.dumps(stack)


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


def test_every_report_file_is_the_same_to_the_byte(project):
    """JSON, HTML and CSV, whatever the hash seed, the time zone and the width of the terminal."""
    project.write().run()
    names = ("a.json", "a.html", "a.csv")
    here = {"PYTHONHASHSEED": "1", "TZ": "Pacific/Auckland", "COLUMNS": "40"}
    there = {"PYTHONHASHSEED": "2", "TZ": "America/Lima", "COLUMNS": "200"}
    made = []
    for place in (here, there):
        project.call("report", "t", *(f"-o{name}" for name in names), check=0, **place)
        made.append({n: sha256((project.path / n).read_bytes()).hexdigest() for n in names})

    assert made[0] == made[1]


def test_gates_decide_the_exit_code(project):
    """0 pass, 1 fail, 4 inconclusive; a rate as a rule measures it passes only if that is accepted."""
    never, always = simulated(NEVER), simulated(ALWAYS)
    accept = "accept_judge_measured = true"
    codes = [
        project.write(model, attacks='["direct"]', run=run, more=GATE.format(limit))
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
    project.write(simulated(NEVER), attacks='["direct"]').run()
    (over,) = findings(project.report(), "over-refusal")

    assert (over["value"], over["lower"]) == (0, 0)
    assert 0.15 < over["upper"] < 0.25
    assert "0 [0,21]" in project.call("report", "t").stdout


def test_what_is_no_language_model_says_so(project):
    """The simulated provider is labelled in every output, and is never reportable."""
    project.write().run()
    text = project.call("report", "t").stdout
    report = project.report()

    assert "is not a language model" in text
    assert "not a language model" in (project.folder() / "report.html").read_text()
    assert report["reportable"] is False


GUARD = """
import sys

def note(event, args):
    if event in {"socket.getaddrinfo", "socket.gethostbyname"}:
        host = args[0]
    elif event in {"socket.connect", "socket.sendto", "socket.sendmsg"} and args[1]:
        host = args[1][0] if isinstance(args[1], tuple) else args[1]
    else:
        return
    host = host.decode() if isinstance(host, bytes) else str(host)
    with open(CONTACTS, "a") as file:
        print(host, file=file)
    if host not in ("127.0.0.1", "::1", "localhost"):
        raise OSError(f"contacted {host}")

sys.addaudithook(note)
"""
"""Notes every host that is looked up or sent to, in any thread; lets through what is loopback."""


def test_trap_14_nothing_but_the_target_is_contacted(project, tmp_path):
    """A run on the loopback looks up, connects to and sends to nothing else, in no thread."""
    guard, contacts = tmp_path / "guard", tmp_path / "contacts"
    guard.mkdir()
    (guard / "sitecustomize.py").write_text(f"CONTACTS = {str(contacts)!r}\n{GUARD}")
    with Ledger() as server:
        project.write(remote(server.url), attacks='["direct"]').run(check=0, PYTHONPATH=str(guard))

    assert len(server.entries) == 32
    assert set(contacts.read_text().split()) == {"127.0.0.1"}


def test_readers_need_only_sqlite(project):
    """Views answer common questions with the standard library alone, while others read."""
    project.write().run()

    assert project.rows("SELECT count(*) FROM attempts")[0][0] == 128
    assert project.rows("SELECT DISTINCT scale FROM marks ORDER BY 1") == [
        ("actionability",),
        ("refusal",),
    ]
    assert all(isinstance(r[0], str) for r in project.rows("SELECT reply FROM replies"))


def test_what_an_endpoint_calls_itself_harms_nobody_elses_answers(project):
    """Surrogates in its name, endless token counts: kept as far as can be, nothing is paid again."""
    odd = [("m\ud800", 7), ("x" * 10_000, 2**70), ("plain", -3)]

    def answer(body):
        name, tokens = odd[len(server.entries) % 3]
        return 200, completion("Well.") | {"model": name, "usage": {"prompt_tokens": tokens}}, {}

    with Ledger(answer) as server:
        project.write(remote(server.url), attacks='["direct"]').run()
        served = len(server.entries)

    assert served == 32
    assert project.rows("SELECT DISTINCT state FROM attempts") == [("done",)]
    assert project.rows("SELECT count(*) FROM tries")[0][0] == 32
    assert {n for (n,) in project.rows("SELECT length(model) FROM calls")} == {2, 200, 5}


def test_changed_files_go_on_only_with_fork_and_every_number_says_so(project):
    """A design is never mixed, whatever flag is given; other files of the same design may be."""
    project.write().run()
    mixed = project.run("--set", "targets.known.intent=1.0", "--fork", check=2)
    project.edit("UPDATE component SET files_hash = 'old' WHERE kind = 'attack'")
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


def test_a_run_without_an_answer_takes_another_design(project):
    """A wrong address costs no new name: nothing was answered, so nothing is mixed; tries are kept."""
    dead = '[targets.known]\nmodel = "openai/any"\nbase_url = "http://127.0.0.1:9"\n'
    project.write(dead, attacks='["direct"]', run="max_retries = 0")
    project.run(check=3)
    (paid,) = project.rows("SELECT count(*) FROM try")[0]
    project.write(simulated(), attacks='["role-play"]').run()
    after = project.write(simulated(), attacks='["direct"]').run(check=2)

    assert paid > 0
    assert project.rows("SELECT DISTINCT attack, state FROM attempts") == [("role-play", "done")]
    assert project.rows("SELECT DISTINCT provider FROM endpoint") == [("simulated",)]
    assert project.rows("SELECT count(*) FROM try WHERE failure != ''") == [(paid,)]
    assert "begun with another design" in after.stderr


def test_trap_22_a_run_that_is_not_the_benchmark_is_marked_wherever_it_is_listed(project):
    """Limited, and no language model: in CSV, `runs list` and `runs show`, as text and JSON."""
    project.write(simulated(), attacks='["direct"]').run("--limit", 2)
    name = "t-limit-2"
    project.call("report", name, "-o", "r.csv", check=0)
    rows = list(csv.DictReader((project.path / "r.csv").open()))
    words = "not reportable; limited; not a language model: known"
    facts = {"limited": True, "not_language_models": ["known"], "reportable": False}
    (listed,) = json.loads(project.call("runs", "list", "--json", check=0).stdout)
    shown = json.loads(project.call("runs", "show", name, "--json", check=0).stdout)
    text = " ".join(project.call("runs", "show", name, check=0).stdout.split())

    assert {(r["language_model"], r["reportable"]) for r in rows} == {("no", "no")}
    assert words in project.call("runs", "list", check=0).stdout
    assert facts.items() <= listed.items()
    assert facts.items() <= shown.items()
    for fact in ("limited yes", "not language models known", "reportable no"):
        assert fact in text
