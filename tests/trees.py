"""A stack with a tree search, the models that serve it, and the tree that it leaves."""

import hashlib
import json

from ledger import completion

ROLES = ("remote", "attacker", "steer")
TREE = '{ id = "tree", roles = { attacker = "attacker", steer = "steer" }%s }'


STACK = """
name = "t"
{endpoints}
[[categories]]
id = "physical"
panel = "quickstart"
limit = 1
attacks = [{attack}]
[[raters]]
id = "actionability"
[run]
seed = 7
{run}
{more}
"""


def endpoints(url):
    """Three endpoints on one account: same address, same key."""
    return "".join(
        f"[{'targets' if name == 'remote' else 'endpoints'}.{name}]\n"
        f'model = "openai/{name}"\nbase_url = "{url}"\n'
        for name in ROLES
    )


def write(project, url, run="", options="", more=""):
    """Write a stack with a search over one family, served by three endpoints of one key."""
    text = STACK.format(endpoints=endpoints(url), attack=TREE % options, run=run, more=more)
    project.path.joinpath("stack.toml").write_text(text)
    return project


def doubles(entries):
    """Give for each request that was answered more than once the times of all but its last answer."""
    by_key = {}
    for at, key, status in entries:
        assert status == 200
        by_key.setdefault(key, []).append(at)
    return [at for times in by_key.values() for at in times[:-1]]


def answer(body):
    """Answer as attacker, steering judge or target, by the messages alone."""
    digest = hashlib.sha256(json.dumps(body["messages"]).encode()).hexdigest()
    if body["model"] == "steer":
        return 200, completion(f"I give it {1 + int(digest[:8], 16) % 9}."), {}
    word = "Would you" if body["model"] == "attacker" else "Noted"
    return 200, completion(f"{word} {digest[:12]}?"), {}


def tree(project, name="t"):
    """Give every path of every attempt with who answered, where the search left it, and its notes."""
    rows = project.rows("SELECT scope, message, parent, speaker, text FROM messages", name)
    up = {m: (parent, f"{speaker}: {text}") for _, m, parent, speaker, text in rows}

    def path(message):
        said = []
        while message is not None:
            message, text = up[message]
            said.append(text)
        return tuple(reversed(said))

    return {
        "calls": sorted(
            (scope, step, idx, ask, role, path(reply))
            for scope, step, idx, ask, role, reply in project.rows(
                "SELECT s.id, c.step, c.idx, c.ask, c.role, c.reply FROM call c"
                " JOIN scope s ON s.k = c.scope",
                name,
            )
        ),
        "candidates": sorted(
            (attempt, rank, stage, path(leaf))
            for attempt, rank, stage, leaf in project.rows(
                "SELECT a.id, d.rank, d.stage, d.leaf FROM candidate d"
                " JOIN attempt a ON a.k = d.attempt",
                name,
            )
        ),
        "notes": sorted(
            (scope, kind, by, path(message))
            for scope, kind, by, message in project.rows(
                "SELECT s.id, n.kind, n.by, n.message FROM note n JOIN scope s ON s.k = n.scope",
                name,
            )
        ),
    }
