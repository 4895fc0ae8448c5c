"""Whose a secret is, and that no fault shows one, wherever it stands."""

from datetime import date

import pytest
from tables import changed, places

from dosimeter import StackError
from dosimeter.limits import got
from dosimeter.stack import load_stack, resolve

STACK = """
name = "n"
[targets.a]
model = "toy/one"
"""
LOCKED = """
@frozen(kw_only=True)
class Options:
    key: str = option(secret=True, default="")

@hookimpl
def dosimeter_attack_generators():
    return [AttackSpec(id="locked", summary="s", factory=f"{__name__}:build", options=Options)]

@hookimpl
def dosimeter_harm_categories():
    return [CategorySpec(id="others", summary="s", factory=f"{__name__}:build", version="1",
                         panels=(PanelInfo(name="p", summary="p"),))]
"""


@pytest.mark.parametrize(
    ("first", "second", "refused"),
    [("${K}", "${K}", False), ("${K}", "${L}", True), ("${K}", "", True), ("", "${K}", True),
     ("", "", False)],
)  # fmt: skip
def test_an_attack_that_two_categories_use_has_one_secret(
    registry_of, toy_source, tmp_path, first, second, refused
):
    """Secrets are kept by id, as they are no part of what is measured: the last would serve both."""
    uses = [f'{{ id = "locked"{f", key = {key!r}" if key else ""} }}' for key in (first, second)]
    text = (
        STACK
        + f'[[categories]]\nid = "toys"\nattacks = [{uses[0]}]\n'
        + f'[[categories]]\nid = "others"\nattacks = [{uses[1]}]\n[[raters]]\nid = "word"\n'
    )
    (tmp_path / "s.toml").write_text(text)
    registry = registry_of(toy=toy_source, locked=LOCKED)

    def load():
        return load_stack(tmp_path / "s.toml", registry=registry, environ={"K": "k1", "L": "k2"})

    if not refused:
        assert load()[1].of("attack:locked") == ({"key": "k1"} if first else {})
        return
    with pytest.raises(StackError) as caught:
        load()
    ((path, why),) = caught.value.faults
    assert path == "categories[1].attacks[0].key"
    assert why.startswith("attack:locked is used elsewhere in this stack with another value")
    assert "k1" not in str(caught.value)
    assert "k2" not in str(caught.value)


def test_a_stack_of_which_nothing_is_sent_needs_no_secret(registry_of, toy_source, tmp_path):
    """One stack with and without it; what is lacking is told beside it, or with its faults."""
    path, registry = tmp_path / "s.toml", registry_of(toy=toy_source)
    text = (
        STACK
        + 'key = "${K}"\n[[categories]]\nid = "toys"\nseal = "${S}"\n[[raters]]\nid = "word"\n'
    )
    path.write_text(text)
    sealed = {"K": "k1", "S": "s" * 16}

    def load(environ, **how):
        return load_stack(path, registry=registry, environ=environ, **how)

    whole, known = load(sealed, sends=False)
    bare, secrets = load({"K": ""}, sends=False)
    assert known.lacking == ()
    assert whole.hash == bare.hash
    assert secrets.lacking == (
        ("targets.a.key", "K of the environment is empty; give it a value"),
        ("categories[0].seal", "the environment has no S; set it or put it in .env"),
    )
    with pytest.raises(StackError, match="the environment has no S"):
        load({"K": "k1"})
    path.write_text(text.replace("${K}", "${gsk_AbC123dEf}"))
    (first, _) = load({}, sends=False)[1].lacking
    assert "its name is not shown, as it may be a key" in first[1]
    assert "gsk" not in first[1]
    path.write_text(text.replace('"word"', '"sword"'))
    with pytest.raises(StackError) as caught:
        load({}, sends=False)
    assert [at for at, _ in caught.value.faults] == [
        "raters[0].id", "targets.a.key", "categories[0].seal"
    ]  # fmt: skip


KEY = "sk-MARKED0KEY"
QUOTING = """
import attrs

def _quoting(instance, attribute, value):
    if value != "x":
        raise ValueError(f"{value} is not x")

def _both(instance, attribute, value):
    if instance.name != value:
        raise ValueError(f"{instance.name!r} and {value!r} differ")

@frozen(kw_only=True)
class Options:
    api_key: str = option(secret=True, default="")
    url: str = option(identity=True, validator=http_address, default="http://x/")
    size: int = option(identity=True, validator=attrs.validators.ge(1), default=1)
    mode: str = option(identity=True, validator=attrs.validators.in_(("a", "b")), default="a")
    like: str = option(identity=True, validator=attrs.validators.matches_re("[a-z]"), default="a")
    quoting: str = option(identity=True, validator=_quoting, default="x")
    name: str = option(identity=True, default="x")
    same: str = option(identity=True, validator=_both, default="x")
    some: tuple[str, ...] = option(identity=True, default=("a",), validator=attrs.validators.deep_iterable(
        attrs.validators.in_(("a", "b")), attrs.validators.min_len(1)))
    on: bool = option(identity=True, default=True)

@hookimpl
def dosimeter_model_providers():
    return [ProviderSpec(id="own", summary="s", factory="nowhere:x", options=Options)]

@hookimpl
def dosimeter_harm_scorers():
    return [ScorerSpec(id="judge", summary="s", factory="nowhere:x", options=Options, judge=True,
                       scales=(Scale(name="on", kind=ScaleKind.BOOLEAN),), roles=(Role.JUDGE,))]
"""
ENDPOINT = {
    "model": "own/one", "system": "s", "compose": "append", "replica": 1, "temperature": 0.5,
    "top_p": 0.5, "max_tokens": 5, "stop": ["x"], "api_key": "${K}", "url": "http://h/v1", "size": 1,
    "mode": "a", "like": "a", "quoting": "x", "name": "x", "same": "x", "some": ["a"], "on": True,
}  # fmt: skip
WHOLE = {
    "targets": {"a": ENDPOINT},
    "endpoints": {"b": {**ENDPOINT, "replica": 2}},
    "categories": [{"id": "toys", "panel": "small", "limit": 2, "languages": ["en"],
                    "attacks": ["direct", {"id": "again"}]}],
    "raters": [{"id": "word", "name": "w", "votes": 1},
               {"id": "judge", "roles": {"judge": "b"}, "api_key": "${K}", "size": 1}],
    "sinks": [{"id": "json", "path": "x.json"}],
    "gates": [{"measure": "under", "at_most": 0.5, "where": {"target": "a"}}],
    "prices": [{"model": "own/one", "input": 1.0, "output": 1.0, "date": "2026-01-01"}],
    "run": {"seed": 1, "repeats": 1, "timeout": 1.0, "scope": "model", "confidence": 0.9,
            "requests_per_minute": {"a": 5}, "budget": {"money": 1}},
}  # fmt: skip
ENVIRON = {"K": "k"}


def everywhere():
    """Give the path of every value of a whole stack, and of a key in each table that nobody knows."""
    known = list(places(WHOLE))
    yield from known
    yield from dict.fromkeys((*path[:-1], "apikey") for path in known if isinstance(path[-1], str))


def told(registry, path, value):
    """Put *value* at a place of a whole stack; give what is said of it, empty if it is taken."""
    try:
        resolve(changed(WHOLE, path, value), file="s.toml", registry=registry, environ=ENVIRON)
    except StackError as exc:
        return f"{exc}{exc.faults}"
    return ""


@pytest.fixture
def whole(registry_of, toy_source):
    made = registry_of(toy=toy_source, quoting=QUOTING)
    resolve(WHOLE, file="s.toml", registry=made, environ=ENVIRON)
    return made


@pytest.mark.parametrize("key", [KEY, "lowercase-words", "MARKED/KEY+AND=="])
def test_no_fault_holds_a_key_that_is_misplaced(whole, key):
    """In targets and endpoints none of any shape; elsewhere none in a table: names are looked up there."""
    shapes = [{"api_key": key}, [{"api_key": key}], {"a": {"b": [key]}}]
    texts = [
        key,
        f"Bearer {key}",
        f"{key}/x",
        f"https://{key}:x/v1",
        [key],
        [1, key],
    ]
    refused, shown = 0, []
    for path in everywhere():
        for value in shapes + texts * (path[0] in {"targets", "endpoints"}):
            said = told(whole, path, value)
            refused += bool(said)
            if key in said:
                shown.append((path, value, said))

    assert refused > 400
    assert not shown, "\n".join(map(str, shown))


@pytest.mark.parametrize("table", ["targets", "endpoints"])
def test_an_endpoint_without_a_name_is_told_how_it_is_written(whole, table):
    """A list of them, or options that stand in no endpoint's table."""
    several = told(whole, (table,), [{"model": "own/one", "api_key": KEY}])
    direct = told(whole, (table,), {"model": "own/one", "api_key": KEY})

    assert f"{table}: expected a table, got a list; write [{table}.NAME]" in several
    assert f"{table}.api_key: expected a table, got text; write [{table}.NAME]" in direct
    assert KEY not in several + direct


@pytest.mark.parametrize(
    ("value", "words"),
    [("many", "'many'"), ("True", "'True'"), ("0.7", "'0.7'"), ("", "''"), (-1.5, "-1.5"), (True, "True"),
     ({}, "a table"), ([], "a list"), (None, "nothing"), (date(2026, 1, 1), "a date or a time")],
)  # fmt: skip
def test_what_no_key_looks_like_is_told(value, words):
    """A word, a number: most mistakes are seen at a glance."""
    assert got(value) == words


@pytest.mark.parametrize(
    "text",
    [
        "sk-1",
        "sk-secret",
        "a-b-c-d",
        "api-Key",
        "hunter2",
        "SECRETWORD",
        "a" * 13,
        "1" * 13,
        "two words",
        "many\n",
    ],
)
def test_any_other_text_may_be_a_key(text):
    """Then only that it is text is told."""
    assert got(text) == "text (not shown, as it may be a key)"


@pytest.mark.parametrize(
    "setting",
    [f"targets.a={KEY}", f"targets.mine={KEY}", f"targets.a.base={KEY}", f"extends={KEY}", KEY,
     f"targets.a.key:{KEY}", f"={KEY}", f"targets.a..key={KEY}", f"targets.a.model.key={KEY}"],
)  # fmt: skip
def test_a_setting_that_is_refused_shows_no_key(toy, tmp_path, setting):
    """With or without its sign, whatever stands after it."""
    (tmp_path / "s.toml").write_text(STACK)
    with pytest.raises(StackError) as caught:
        load_stack(tmp_path / "s.toml", registry=toy, overrides=[setting], environ={})

    assert KEY not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [f"extends = {KEY!r}", f"extends = 'in/{KEY}/x'", f"extends = [{KEY!r}]", f"key = {KEY}",
     f"key = '{KEY}", f"key = {{ key = '{KEY}' ", f"'{KEY}'", f"key = '{KEY}' x", f"key = 1\nkey = '{KEY}'"],
)  # fmt: skip
def test_a_file_that_cannot_be_read_shows_no_key(toy, tmp_path, text):
    """Neither a base that is not there nor a line that is no TOML."""
    (tmp_path / "s.toml").write_text(text)
    with pytest.raises(StackError) as caught:
        load_stack(tmp_path / "s.toml", registry=toy, environ={})

    assert KEY not in str(caught.value)
