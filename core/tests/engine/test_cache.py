"""The file of answers: its key, its bound and its age."""

import pytest

from dosimeter import Endpoint
from dosimeter.engine.cache import Cache, answer_key, cache_file, contents
from dosimeter.model.conversation import Reply, Stop, assistant, user
from dosimeter.model.doing import Role
from dosimeter.model.work import CallDone

END = Endpoint(id="ab", name="a", provider="p", model="m")


def call(n, text="word"):
    return CallDone(
        id=f"{n:032x}", scope_id="s", epoch=1, step=0, index=0, role=Role.TARGET, endpoint="ab",
        request_digest="cd", conversation=(user("q"),),
        reply=Reply(messages=(assistant(text),), stop=Stop.END, model="m-1"),
    )  # fmt: skip


class Clock:
    """A clock that stands until it is moved."""

    now = 1e9

    def __call__(self):
        return self.now


@pytest.fixture
def opened(tmp_path):
    """Open a cache; give it with its clock."""

    def make(**more):
        clock = Clock()
        return Cache(
            tmp_path / "c" / "a.sqlite", **{"days": 7, "hashes": {"p": "h"}, "clock": clock} | more
        ), clock

    return make


@pytest.mark.parametrize("other", [("x", "c", "h"), ("r", "x", "h"), ("r", "c", "x")])
def test_the_key_has_request_call_and_the_files_of_the_provider(other):
    """The call's id has run seed and repeat in it; another version may read an answer otherwise."""
    assert answer_key("r", "c", "h") == answer_key("r", "c", "h")
    assert answer_key(*other) != answer_key("r", "c", "h")


def test_what_was_used_longest_ago_goes_first(opened, tmp_path):
    """The file stays within its bound, and what is asked for again and again stays in it."""
    cache, clock = opened(most=200_000)
    cache.put(END, call(0))
    for n in range(1, 200):
        clock.now += 1
        cache.put(END, call(n, "w" * 4000))
        cache.flush()
        assert cache.get(END, "cd", call(0).id) is not None

    assert cache.get(END, "cd", call(1).id) is None
    assert cache.get(END, "cd", call(199).id).reply == call(199, "w" * 4000).reply
    cache.close()
    (one,) = contents(tmp_path / "c" / "a.sqlite")
    assert 20 < one.answers < 50
    assert (tmp_path / "c" / "a.sqlite").stat().st_size < 300_000


def test_an_answer_is_as_old_as_its_drawing_and_not_as_its_last_use(opened):
    """Else one that is used daily would never be asked for again."""
    cache, clock = opened(days=2)
    cache.put(END, call(0))
    cache.flush()
    clock.now += 86400
    used = cache.get(END, "cd", call(0).id)
    cache.flush()
    clock.now += 1.5 * 86400

    assert used.drawn == 1e9
    assert cache.get(END, "cd", call(0).id) is None
    cache.close()


def test_any_text_comes_back_as_it_was(opened):
    """What no encoding has, and the end of a C string, too."""
    cache, _ = opened()
    done = call(0, "a\ud800b\0c")
    cache.put(END, done)
    cache.flush()

    assert cache.get(END, "cd", done.id).reply == done.reply
    cache.close()


def test_the_place_is_named_by_the_environment():
    """Our own variable first, then the usual one, then the usual place."""
    assert str(cache_file({"DOSIMETER_CACHE_DIR": "d", "XDG_CACHE_HOME": "x"}).parent) == "d"
    assert str(cache_file({"XDG_CACHE_HOME": "x", "HOME": "h"}).parent) == "x/dosimeter"
    assert str(cache_file({"HOME": "h"}).parent) == "h/.cache/dosimeter"
