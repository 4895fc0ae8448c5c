"""A provider completes an endpoint's options when a stack is read."""

import json

import jsonschema
import pytest

from dosimeter import StackError
from dosimeter.engine.build import build_categories
from dosimeter.schema import json_schema
from dosimeter.stack import load_stack

STACK = """
[targets.a]
model = "{}"
[[categories]]
id = "toys"
[[raters]]
id = "word"
"""
FINDS = """
@frozen(kw_only=True)
class Found:
    size: int = option(default=0, identity=True)
    place: str = option(default="", operational=True)
    key: str = option(default="", secret=True, env=("SIZED_KEY",))

def prepare(endpoint, options, folder):
    if endpoint.model == "lost":
        raise dosimeter.StackError("x", (("size", "there is no such size"), ("top_p", "it has none")))
    if endpoint.model == "plain":
        raise dosimeter.StackError("it is not there")
    if endpoint.model == "leaky":
        raise dosimeter.StackError("x", (("size", f"not with {options.key}"),))
    if endpoint.model == "broken":
        raise ValueError("a prompt that nobody may read")
    if endpoint.model == "other":
        return folder
    return Found(size=len(endpoint.model), place=str(folder))

@hookimpl
def dosimeter_model_providers():
    return [ProviderSpec(id="sized", summary="s", factory=f"{__name__}:prepare", options=Found,
                         prepare=f"{__name__}:prepare")]
"""


@pytest.fixture
def read(tmp_path, registry_of, toy_source):
    """Read a stack of one model, with a provider that completes its options beside a plain one."""
    registry = registry_of(toy=toy_source, sized=FINDS)

    def go(model, name="stack.toml"):
        (tmp_path / name).write_text(STACK.format(model))
        environ = {"SIZED_KEY": "MARKED-SECRET"}
        return load_stack(tmp_path / name, registry=registry, environ=environ)[0]

    go.registry = registry
    return go


def test_what_a_provider_finds_out_is_part_of_the_target(read, tmp_path):
    """What it finds goes into the id and to workers; where it was found does not make another target."""
    (one,), (other,) = read("sized/abc").targets, read("sized/abcd").targets
    (tmp_path / "deeper").mkdir()
    (moved,) = read("sized/abc", "deeper/stack.toml").targets

    assert dict(one.identity) == {"size": "3"}
    assert json.loads(dict(one.operational)["place"]) == str(tmp_path)
    assert one.id != other.id
    assert one.id == moved.id
    assert one.operational != moved.operational


@pytest.mark.parametrize(
    ("model", "says"),
    [
        ("lost", ("targets.a.size: there is no such size", "targets.a.top_p: it has none")),
        ("leaky", ("targets.a.size: is refused; why is not told",)),
        ("plain", ("targets.a.model: it is not there",)),
        ("broken", ("targets.a.model: provider 'sized' of dosimeter-sized 1.2 could not be prepared: ValueError",)),
        ("other", ("targets.a.model: provider 'sized' prepared PosixPath, not its options",)),
    ],
)  # fmt: skip
def test_what_a_provider_cannot_prepare_is_a_fault_of_the_stack(read, model, says):
    """With its key; words of an exception that is not for users are not told."""
    with pytest.raises(StackError) as caught:
        read(f"sized/{model}")

    assert all(line in str(caught.value) for line in says)
    assert "nobody may read" not in str(caught.value)
    assert "MARKED" not in str(caught.value)


@pytest.mark.parametrize("model", ["org/x:free", "x", "a:b:c", "ftp://x"])
def test_a_colon_may_stand_for_the_first_slash(read, model):
    """As users of other tools write it; both spellings are one model, which editors accept too."""
    (slash,), (colon,) = read(f"toy/{model}").targets, read(f"toy:{model}").targets
    schema = json_schema(read.registry)
    stack = {
        "targets": {"a": {"model": f"toy:{model}"}},
        "categories": [{"id": "toys"}],
        "raters": [{"id": "word"}],
    }

    assert slash == colon
    assert colon.model == model
    jsonschema.validate(stack, schema)


def test_a_model_without_a_provider_is_told_as_before(read):
    """A colon alone makes no provider."""
    with pytest.raises(StackError, match="no loaded plugin provides provider 'toi'"):
        read("toi:x")
    with pytest.raises(StackError, match='expected "provider/model"'):
        read(":x")


OWN = """
@frozen(kw_only=True)
class Own:
    words: str = option(default="plain", identity=True)
    place: str = option(default="", operational=True)

def prepare(options, folder):
    if options.words == "lost":
        raise dosimeter.StackError("x", (("words", "there is no such file"),))
    if options.words == "torn":
        raise dosimeter.StackError("x", (("words", "two are wrong:\\n1: \\x1b\\n2"),))
    return Own(words=options.words.upper(), place=str(folder))

def declare(options):
    from attrs import evolve
    if options.words == "OTHER":
        return evolve(SPEC, id="other")
    if options.words == "NONE":
        return None
    name = "grade"
    scale = Scale(name=name, kind=ScaleKind.REAL, summary=options.words)
    measure = Measure(id="mean-grade", title="t", scale=name, estimator="mean")
    return evolve(SPEC, scales=(scale,), measures=(measure,), languages=("sw",), version="7")

class Items:
    def __init__(self, options):
        self.options = options
    def items(self, panel):
        return []

SPEC = CategorySpec(id="own", summary="s", factory=f"{__name__}:Items", version="1", options=Own,
                    panels=(PanelInfo(name="all", summary="s"),), languages=(),
                    prepare=f"{__name__}:prepare", declare=f"{__name__}:declare")

@hookimpl
def dosimeter_harm_categories():
    return [SPEC]
"""


@pytest.fixture
def own(tmp_path, registry_of, toy_source):
    """Read a stack of a category whose spec its options make; give it with what is built of it."""
    registry = registry_of(toy=toy_source, own=OWN)

    def go(words, more=""):
        text = STACK.format("toy/x").replace(
            'id = "toys"', f'id = "own"\nwords = "{words}"\n{more}'
        )
        (tmp_path / "stack.toml").write_text(text)
        stack, secrets = load_stack(tmp_path / "stack.toml", registry=registry, environ={})
        (part,) = build_categories(stack, registry, secrets)
        return part

    return go


def test_a_category_is_what_its_options_make_it(own, tmp_path):
    """Scales, measures, languages and version; the options as it completed them."""
    part = own("abc", 'languages = ["sw"]')

    assert dict(part.choice.choice.identity) == {"words": '"ABC"'}
    assert json.loads(dict(part.choice.choice.operational)["place"]) == str(tmp_path)
    assert (part.spec.version, part.spec.scales[0].summary) == ("7", "ABC")


@pytest.mark.parametrize(
    ("words", "more", "told"),
    [
        ("lost", "", "categories[0].words: there is no such file"),
        ("other", "", "declares a category 'other'"),
        ("none", "", "declares what it must not"),
        ("abc", 'languages = ["de"]', "categories[0].languages: no items in 'de'"),
        ("abc", '[[gates]]\nmeasure = "mean-grad"\nat_most = 1\n', "did you mean 'mean-grade'"),
    ],
)
def test_what_a_category_cannot_be_made_of_is_a_fault_of_the_stack(own, words, more, told):
    """With its place; gates and languages are held against what it declares."""
    with pytest.raises(StackError) as caught:
        own(words, more)

    assert told in str(caught.value)


@pytest.mark.parametrize("more", ["", "size = 3"])
def test_a_category_that_could_not_be_made_is_told_once(own, more):
    """Whatever a gate asks of it is known to nobody, so the gate has no fault of its own."""
    gate = '[[gates]]\nmeasure = "mean-grade"\nat_most = 1\n'
    with pytest.raises(StackError) as caught:
        own("abc" if more else "lost", f"{more}\n{gate}")

    ((path, _),) = caught.value.faults
    assert path == f"categories[0].{'size' if more else 'words'}"


def test_a_fault_of_several_lines_is_printed_as_lines(own):
    """Further in than a fault stands, so that none looks like one; nothing in it steers the terminal."""
    with pytest.raises(StackError) as caught:
        own("torn")

    assert str(caught.value).splitlines()[1:] == [
        "  categories[0].words: two are wrong:", r"    1: \x1b", "    2",
    ]  # fmt: skip
