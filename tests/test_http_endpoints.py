"""A team's own endpoint, measured as its documentation describes it."""

import itertools
from urllib.parse import quote

import pytest
from ledger import Ledger

KEY = "sk-live-MARKED0KEY0123456789"
REFUSES = "I'm sorry, but I can't help with that."
GATE = """
[[gates]]
measure = "over-refusal"
at_most = {}
where = {{ target = "bot", attack = "direct" }}
"""


def table(
    url,
    name="bot",
    request='{"message": "{{prompt}}", "history": "{{history}}"}',
    reply='reply = "answer.text"',
):
    return f"""
[targets.{name}]
model = "http/support-bot"
url = "{url}/chat/completions"
secret_headers = "X-Api-Key: ${{BOT_KEY}}"
request = '{request}'
{reply}
"""


def answering(text):
    return lambda body: (200, {"answer": {"text": text}, "model": "bot-7"}, {})


def reasons(project):
    return set(project.rows("SELECT attack, state, reason FROM attempts"))


def holders(folder, secret):
    """Give the files of *folder* in which *secret* stands, as it is or as an address has it."""
    forms = {secret.encode(), quote(secret, safe="").encode()}
    return [
        path for path in folder.rglob("*")
        if path.is_file() and any(form in path.read_bytes() for form in forms)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "most", "code"), [(REFUSES, 0.3, 1), ("Here is how kites are made: fold it.", 0.3, 0)]
)
def test_a_gate_decides_on_an_endpoint_of_any_form(project, text, most, code):
    """From the stack to the exit code, several turns too, with all that was said in order."""
    with Ledger(answering(text)) as server:
        project.write(table(server.url), run="accept_judge_measured = true", more=GATE.format(most))
        project.run(check=code, BOT_KEY=KEY)

    assert reasons(project) == {("direct", "done", ""), ("multi-turn", "done", "")}
    assert {h["x-api-key"] for h in server.headers} == {KEY}
    later = [b for b in server.bodies if b["history"]]
    assert later
    assert all(
        [m["role"] for m in b["history"]] == ["user", "assistant"] * (len(b["history"]) // 2)
        and b["history"][1]["content"] == text and b["message"]
        for b in later
    )  # fmt: skip


def test_the_key_is_in_no_byte_that_is_written(project):
    """Not in journal, reports and logs, whether it is accepted, refused, or the endpoint is not there."""
    turn = itertools.count()

    def answer(_):
        status = (401, 500, 302, 200)[next(turn) % 4]
        return (
            status,
            {"error": {"code": KEY, "message": KEY}},
            {"Location": f"http://127.0.0.1:9/{KEY}"},
        )

    with Ledger(answer) as server:
        project.write(
            table(server.url) + table("http://127.0.0.1:9/v1", "nobody"), run="max_retries = 1"
        )
        done = [
            project.call("--log-level", "debug", "run", "stack.toml", "--set", f"name={name}", *more,
                         BOT_KEY=KEY)
            for name, more in {"a": ["--max-connections", "1"], "b": ["--include-hazardous"]}.items()
        ]  # fmt: skip
        validated = project.call("validate", "stack.toml", "--json", BOT_KEY=KEY, check=0)

    assert server.entries
    assert holders(project.path, KEY) == []
    assert not [one for one in (*done, validated) if KEY in one.stdout + one.stderr]
    assert holders(project.path, "support-bot")


def test_an_endpoint_of_one_message_is_never_asked_without_its_history(project):
    """Its attempts of several turns fail by name; those of one are measured. What to do is told."""
    with Ledger(answering(REFUSES)) as server:
        project.write(table(server.url, request='{"message": "{{prompt}}"}'))
        done = project.run(check=3, BOT_KEY=KEY)

    assert reasons(project) == {
        ("direct", "done", ""),
        ("multi-turn", "failed", "history-has-no-place"),
    }
    assert "history-has-no-place: the item or the attack has several turns" in done.stderr
    assert "{{messages}}" in done.stderr


def test_a_path_that_finds_nothing_is_missing_and_no_refusal(project):
    """The attempts fail with a reason, and the report has no reply of theirs."""
    with Ledger(answering(REFUSES)) as server:
        project.write(table(server.url, reply='reply = "answer.txt"'), attacks='["direct"]')
        done = project.run(check=3, BOT_KEY=KEY)

    assert reasons(project) == {("direct", "failed", "no-reply-at-path")}
    assert project.rows("SELECT count(*) FROM replies") == [(0,)]
    assert "no-reply-at-path: compare reply with an answer" in done.stderr


def test_a_guardrail_gives_verdicts_and_no_text(project):
    """They are in the journal as such, and no rater of words takes them for an answer."""
    verdict = """blocked = "action == 'BLOCK'"\nallowed = "action == 'ALLOW'" """
    with Ledger(lambda _: (200, {"action": "BLOCK"}, {})) as server:
        project.write(table(server.url, reply=verdict), attacks='["direct"]')
        project.run(check=None, BOT_KEY=KEY)

    assert project.rows("SELECT DISTINCT stop FROM calls") == [("verdict",)]
    assert project.rows("SELECT count(*) FROM marks WHERE outcome = 'scored'") == [(0,)]


def test_a_run_that_its_budget_stopped_goes_on(project):
    """The same command asks only what has no answer yet."""
    with Ledger(answering(REFUSES)) as server:
        project.write(table(server.url), attacks='["direct"]', run="budget = { requests = 5 }")
        project.run(check=3, BOT_KEY=KEY)
        first = len(server.entries)
        project.write(table(server.url), attacks='["direct"]')
        project.run(BOT_KEY=KEY)

    keys = [key for _, key, _ in server.entries]
    assert first <= 5
    assert len(keys) == len(set(keys)) == 32
