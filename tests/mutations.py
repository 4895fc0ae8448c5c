"""Stack files that are wrong in every way: valid ones mutated, by table and by byte, and noise."""

import datetime as dt
import json
import math
import random
import re
from copy import deepcopy

BASES = (
    {
        "name": "t",
        "targets": {"a": {"model": "simulated/graded"}},
        "categories": [{"id": "physical", "panel": "quickstart", "attacks": ["direct"]}],
        "raters": [{"id": "refusal"}],
    },
    {
        "name": "t",
        "extends": "base.toml",
        "targets": {
            "a": {
                "model": "simulated/graded", "system": "Be brief.", "compose": "append",
                "replica": 2, "temperature": 0.5, "top_p": 0.9, "max_tokens": 50, "stop": ["x"],
                "base": -1.0, "harm_words": ["harm"], "cut": 0.1, "noise": 0.2,
                "difficulties": [{"text": "harm", "logit": 1.0}],
                "shifts": [{"text": "stage", "refusal": 1.0, "severity": 0.5}],
            },
            "b": {"model": "openai/any", "base_url": "http://127.0.0.1:9/v1", "api_key": "${A_KEY}"},
            "c": {"model": "replay/csv", "path": "x.csv"},
            "d": {"model": "llamacpp/x.gguf"},
        },
        "endpoints": {"judge": {"model": "simulated/graded"}},
        "categories": [
            {"id": "physical", "panel": ["quickstart", "controls"], "limit": 2, "languages": ["en"],
             "attacks": ["direct", {"id": "role-play", "templates": ["stage", "novel"]}]},
        ],
        "raters": [{"id": "refusal", "name": "r", "votes": 1}, {"id": "actionability"}],
        "run": {
            "seed": 1, "repeats": 1, "max_connections": 4, "max_retries": 0, "timeout": 5.0,
            "scope": "model", "confidence": 0.9, "accept_judge_measured": True,
            "requests_per_minute": {"a": 60}, "budget": {"requests": 50, "tokens": 9, "minutes": 1},
        },
        "sinks": [{"id": "json", "path": "x.json"}, {"id": "html", "attempts": 5}, {"id": "csv"}],
        "gates": [{"measure": "over-refusal", "at_most": 0.9, "where": {"target": "a"}}],
        "prices": [{"model": "openai/any", "input": 1.0, "output": 2.0, "date": "2026-01-01"}],
    },
)  # fmt: skip
"""A small stack and one with every key of the core, and options of the providers here."""
WORDS = (
    "", " ", "x", "a", "direct", "physical", "refusal", "simulated/graded", "openai/x", "/", "a/",
    "//x", "${HOME}", "${", "${A_KEY}", "..", "../up", "a/b", "a\\b", "C:\\x", "nul", ".", "~",
    "\x00", "a\x00b", "\x1b[31m", "\r\n", "\u202e", "\u2066", "\ufeff", "\u2028", "\U0001f600", "é",
    "e\u0301", "\ud7ff", "\U0010ffff", "%s%n", "{0}", "{x.__class__}", "=1+1", "'", '"', "<b>",
    "1e999", "nan", "true", "x" * 300, "-1", "0", "en", "EN-us", "https://u:p@h/", "http://[::1",
    "http://h:99999/v1", "harmful", "median", "json", "é" * 200,
    "extends", "s.toml", "base.toml", "base.toml\x00", "/dev/null", "/", ".env", "x" * 5000,
)  # fmt: skip
NUMBERS = (
    0, 1, -1, 2, 2**31, 2**63, 2**64, -(2**63) - 1, 10**40, 10**400, 16**6000, 0.0, -0.0, 0.5, 1.0, 1e308,
    5e-324, -1e308, math.inf, -math.inf, math.nan, True, False,
)  # fmt: skip
MOMENTS = (
    dt.date(2026, 1, 1), dt.time(1, 2, 3), dt.datetime(2026, 1, 1, tzinfo=dt.UTC).replace(tzinfo=None),
    dt.datetime(1, 1, 1, tzinfo=dt.UTC),
)  # fmt: skip
ENCODINGS = ("utf-8-sig", "utf-16", "utf-16-le", "utf-32", "latin-1", "cp1252", "utf-7", "cp037")


def stack(rng: random.Random) -> bytes:
    """Give a stack file: mostly one to eight mutations of a valid one."""
    if rng.random() < 0.05:
        return noise(rng)
    tables = deepcopy(rng.choice(BASES))
    for _ in range(rng.choice((0, 1, 1, 1, 2, 3, 8))):
        _mutate(tables, rng)
    text = toml(tables, rng)
    return _garble(text, rng) if rng.random() < 0.3 else text.encode("utf-8", "surrogatepass")


def noise(rng: random.Random) -> bytes:
    """Give tables of nothing known, or bytes."""
    if rng.random() < 0.5:
        return rng.randbytes(rng.randrange(200))
    return toml({rng.choice(WORDS): _value(rng, 3) for _ in range(5)}, rng).encode()


def _value(rng: random.Random, depth: int = 2) -> object:
    kind = rng.randrange(9 if depth else 6)
    if kind < 3:
        return rng.choice(WORDS)
    if kind < 5:
        return rng.choice(NUMBERS)
    if kind == 5:
        return rng.choice(MOMENTS)
    if kind == 6:
        return {rng.choice(WORDS): _value(rng, depth - 1) for _ in range(rng.randrange(3))}
    return [_value(rng, depth - 1) for _ in range(rng.randrange(4))]


def _holders(at):
    """Give every table and list, with what holds it first."""
    yield at
    for value in at.values() if isinstance(at, dict) else at:
        if isinstance(value, dict | list):
            yield from _holders(value)


def _mutate(tables, rng: random.Random) -> None:
    """Change one place: drop, put, wrap, copy, rename, add."""
    at = rng.choice([h for h in _holders(tables) if h] or [tables])
    keys = list(at) if isinstance(at, dict) else list(range(len(at)))
    if not keys:
        at["x"] = _value(rng)
        return
    key = rng.choice(keys)
    kind = rng.randrange(8)
    if kind == 0:
        del at[key]
    elif kind < 4:
        at[key] = _value(rng)
    elif kind == 4:
        at[key] = rng.choice(({"x": at[key]}, [at[key]], [at[key], at[key]]))
    elif kind == 5 and isinstance(at, list):
        at.append(deepcopy(at[key]))
    elif kind == 5:
        at[rng.choice(WORDS)] = deepcopy(at[key])
    elif kind == 6 and isinstance(at, dict):
        at[_misspelt(key, rng)] = at.pop(key)
    else:
        other = rng.choice(list(_holders(tables)))
        at[key] = deepcopy(other)


def _misspelt(word: str, rng: random.Random) -> str:
    i = rng.randrange(len(word) + 1)
    return rng.choice((word[:i] + word[i + 1 :], word[:i] + "x" + word[i:], word.upper(), word * 2))


def toml(tables: dict, rng: random.Random) -> str:
    """Write *tables* as TOML, in one of the ways in which they may be written."""
    if rng.random() < 0.3:
        return "".join(f"{_key(k)} = {_inline(v)}\n" for k, v in tables.items())
    return "\n".join(_lines(tables, ""))


def _lines(table: dict, path: str):
    """Give a table under headings, what has none first."""
    headed = [k for k, v in table.items() if isinstance(v, dict) or _is_tables(v)]
    for key, value in table.items():
        if key not in headed:
            yield f"{_key(key)} = {_inline(value)}"
    for key in headed:
        value, at = table[key], f"{path}{_key(key)}"
        for one in [value] if isinstance(value, dict) else value:
            yield f"[{at}]" if isinstance(value, dict) else f"[[{at}]]"
            yield from _lines(one, f"{at}.")


def _is_tables(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(v, dict) for v in value)


def _key(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else _inline(key)


def _inline(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_key(k)} = {_inline(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_inline, value)) + "]"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return hex(value) if value > 10**99 else str(value)
    return value.isoformat() if hasattr(value, "isoformat") else repr(value)


def _garble(text: str, rng: random.Random) -> bytes:
    """Break the file as files break: cut, bytes, lines, encodings."""
    data = text.encode("utf-8", "surrogatepass")
    i = rng.randrange(len(data) + 1)
    lines = text.split("\n")
    n = rng.randrange(len(lines))
    return rng.choice((
        lambda: data[:i],
        lambda: data[:i] + rng.randbytes(rng.randrange(1, 4)) + data[i:],
        lambda: data[:i] + rng.choice((b"\0", b"\x1b", b'"', b"[", b"]", b"=", b"#", b"\r")) + data[i:],
        lambda: data[:i] + b"\xff\xfe" + data[i + 1 :],
        lambda: "\n".join([*lines[: n + 1], *lines[n:]]).encode("utf-8", "surrogatepass"),
        lambda: "\n".join(lines[:n] + lines[n + 1 :]).encode("utf-8", "surrogatepass"),
        lambda: f"{'.'.join(['x'] * rng.choice((5, 60, 200)))} = 1\n{text}".encode("utf-8", "surrogatepass"),
        lambda: re.sub("= 1", f"= {'1' * rng.choice((50, 5000))}", text).encode("utf-8", "surrogatepass"),
        lambda: f"targets.a.model = 'x'\n{text}".encode("utf-8", "surrogatepass"),
        lambda: f"{text}\nrun.seed.x = 1\n".encode("utf-8", "surrogatepass"),
        lambda: text.replace("\n", "\r\n").encode("utf-8", "surrogatepass"),
        lambda: text.encode(rng.choice(ENCODINGS), "replace"),
    ))()  # fmt: skip
