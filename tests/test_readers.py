"""Other people's programs read a journal: nothing of ours is imported for it."""

import json
import math
import shutil
import sqlite3
import subprocess

import pandas as pd
import pytest
from ledger import Ledger, completion
from project import remote

from dosimeter.journal.schema import NAMES

QUERY = """
SELECT m.target, m.family, m.num, m.outcome, r.reply FROM marks m JOIN replies r ON r.attempt = m.attempt
WHERE m.scale = 'actionability' AND m.subject = 'path' ORDER BY m.target, m.family, m.attempt
"""


def answer(body):
    """Answer some with text, some by the field for refusals, with characters of all kinds."""
    n = len(body["messages"][-1]["content"])
    said = completion(f"Well \U0001f9ea é {n}")
    if n % 3 == 0:
        said["choices"][0]["message"] |= {"content": None, "refusal": f"I will not. {n}"}
    return 200, said, {}


@pytest.fixture
def journal(project):
    """A run of a server that refuses some requests in a field of their own."""
    with Ledger(answer) as server:
        project.write(remote(server.url), attacks='["direct"]').run()
    return project.folder() / "journal.sqlite"


def test_pandas_reads_every_view(journal):
    """Types are those of the documentation, a missing mark is NaN, and no reply is lost."""
    with sqlite3.connect(f"file:{journal}?mode=ro", uri=True) as db:
        views = {name: pd.read_sql_query(f"SELECT * FROM {name}", db) for name in NAMES}
        table = pd.read_sql_query(QUERY, db)
    db.close()

    assert {name for name, frame in views.items() if frame.empty} <= {"draws"}
    assert len(views["replies"]) == len(views["attempts"]) == 32
    assert views["replies"].reply.notna().all()
    assert set(views["replies"].codec) == {"utf8", "json"}
    assert (views["replies"].codec == "json").sum() == views["replies"].hex.notna().sum()
    assert table.num.dtype.kind == "f"
    assert table.groupby("target").num.mean().between(1, 5).all()
    assert all(math.isnan(n) for n in table.num[table.outcome != "scored"])


@pytest.mark.skipif(not shutil.which("sqlite3"), reason="no sqlite3 at hand")
def test_the_sqlite3_shell_reads_the_same(journal):
    """Byte for byte what pandas reads."""
    done = subprocess.run(
        ["sqlite3", "-json", f"file:{journal}?mode=ro", QUERY],
        capture_output=True,
        check=True,
        text=True,
    )
    with sqlite3.connect(f"file:{journal}?mode=ro", uri=True) as db:
        table = pd.read_sql_query(QUERY, db)
    db.close()

    assert [row["reply"] for row in json.loads(done.stdout)] == list(table.reply)
