"""Whose a secret is."""

import pytest

from dosimeter import StackError
from dosimeter.stack import load_stack

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
    path.write_text(text.replace('"word"', '"sword"'))
    with pytest.raises(StackError) as caught:
        load({}, sends=False)
    assert [at for at, _ in caught.value.faults] == [
        "raters[0].id", "targets.a.key", "categories[0].seal"
    ]  # fmt: skip
