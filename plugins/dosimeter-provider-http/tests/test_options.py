"""What a stack says of an endpoint is checked before anything is sent, and shows no key."""

import pytest

from dosimeter import StackError
from dosimeter_provider_http.options import HttpOptions

URL = 'url = "https://bot.example/api/chat"'
REQUEST = """request = '{"q": "{{prompt}}"}'"""
REPLY = 'reply = "answer.text"'
KEY = "sk-live-0123456789ABCDEF"


def test_a_plain_endpoint_is_valid(loaded):
    """Three lines."""
    stack, _ = loaded(f"{URL}\n{REQUEST}\n{REPLY}")

    assert [t.model for t in stack.targets] == ["bot"]


@pytest.mark.parametrize(
    ("request_", "why"),
    [("""'{"q": "{{promt}}"}'""", r"request: .*unknown placeholder 'promt'; did you mean 'prompt'"),
     ("""'{"q": {{prompt}}}'""", r"request: is no JSON: .* in line 1, column 8; a placeholder stands in"),
     ("""'{"q": "{{system}}"}'""", r"request: asks nothing: \{\{prompt\}\}"),
     ("""'{"q": "a {{messages}}", "p": "{{prompt}}"}'""", r"messages\}\}, which is a list, inside"),
     ("""'{"{{prompt}}": "{{prompt}}"}'""", r"placeholder in the name of a field"),
     ("""'{"q": "{{prompt}} {{"}'""", r"has a \{\{ that begins no placeholder"),
     ("""'{"q": "{{prompt}}", "x": NaN}'""", r"NaN is no number that JSON has"),
     ("""'{"q": "{{prompt}}", "x": "{{secret}}"}'""", r"request holds \{\{secret\}\}: say what it is"),
     ("""'{"q": "{{prompt}}", "x": "{{sk-live-0123456789ABCDEF}}"}'""", r"unknown placeholder; there are"),
     (f"'{'[' * 9000}'", r"request: is nested too deep|request: is no JSON")],
)  # fmt: skip
def test_a_bad_template_is_a_fault_of_the_stack(loaded, request_, why):
    """With its place, and the nearest word."""
    with pytest.raises(StackError, match=why) as caught:
        loaded(f"{URL}\nrequest = {request_}\n{REPLY}")
    assert KEY not in str(caught.value)


@pytest.mark.parametrize(
    ("line", "why"),
    [('reply = "$.answer"', r"a\.reply: is no JMESPath expression at column 1; .* not JSONPath"),
     ('reply = "a["', r"a\.reply: is no JMESPath expression at column 3"),
     ('reply = "tostring(a)"', r"a\.reply: calls a function that .*; did you mean 'to_string'"),
     ('reply = "to_string(a)"', r"reply finds something in an empty answer"),
     ('reply = "a"\nrefused = "b || foo(c)"', r"a\.refused: calls a function"),
     ('reply = "a"\nfailed = "ok != `true`"', r"failed is true of an empty answer"),
     ('reply = ""', r"say where the answer stands: reply"),
     ('reply = "a"\nplain_text = true', r"plain_text answers have no paths: leave out reply"),
     ('reply = "a"\nlabel = "b"', r"label is of a guardrail, which needs blocked too"),
     ('reply = "a"\nblocked = "b"', r"blocked makes it a guardrail, .*: leave out reply"),
     ("""blocked = "b == 'x'" """, r"blocked is false of an empty answer, .*: say allowed too"),
     ("""blocked = "b == 'x'"\nallowed = "!(c)" """, r"allowed is true of an empty answer"),
     ('reply = "a"\npoll = "/jobs/{{id}}"', r"polled by poll, poll_id, poll_done together: poll_id is"),
     ('reply = "a"\npoll = "https://x/{{id}}"', r"a\.poll: expected a path on the host of url"),
     ('reply = "a"\npoll = "//x/{{id}}"', r"a\.poll: expected a path on the host of url"),
     ('reply = "a"\npoll = "/jobs"', r"a\.poll: expected \{\{id\}\} once"),
     ('reply = "a"\nrole_names = ["bot=model"]', r"a\.role_names: expected 'role=what the"),
     ("""reply = "a"\nmessage = '{"r": "{{role}}"}'""", r"a\.message: has no \{\{content\}\}"),
     ('reply = "a"\nmethod = "GET"', r"a\.method: expected one of POST, PUT"),
     ('rply = "a"', r"a\.rply: unknown key; did you mean 'reply'")],
)  # fmt: skip
def test_a_bad_path_is_a_fault_of_the_stack(loaded, line, why):
    """As is what does not go together, and what would take nothing for an answer."""
    with pytest.raises(StackError, match=why):
        loaded(f"{URL}\n{REQUEST}\n{line}")


@pytest.mark.parametrize(
    ("line", "why"),
    [(f'headers = ["X-Api-Key: {KEY}"]', r"headers: holds what is named like a key"),
     (f'headers = ["Authorization: Bearer {KEY}"]', r"headers: holds what is named like a key"),
     ('headers = ["X-Team: ${TEAM}"]', r"headers: \$\{\.\.\.\} is for secrets only"),
     (f'headers = ["{KEY}"]', r"headers: line 1 is no header"),
     ('headers = ["X-A: b\\u0000c"]', r"headers: line 1 holds a sign"),
     ('headers = ["X-A: b", "x-a: c"]', r"headers: line 2 names a header that stands before"),
     ('headers = ["Content-Length: 3"]', r"headers: line 1 is a header that the connection sets"),
     (f'query = ["access_token={KEY}"]', r"query: holds what is named like a key"),
     ('query = ["x"]', r"query: expected 'name=value'"),
     (f'secret_headers = "X-Api-Key: {KEY}"', r"secret_headers: a secret is written out"),
     ('secret_headers = ["X-Api-Key: ${BOT_KEY}"]', r"secret_headers: a secret is one text with"),
     ('secret_headers = "${BOT_KEY}"', r"secret_headers: line 1 is no header"),
     ('secret_headers = "X-Key: ${TWO_LINES}"', r"secret_headers: line 2 is no header"),
     ('secret = "${BOT_KEY}"', r"secret is set, and request has no \{\{secret\}\}"),
     (f'poll = "/jobs/{{{{id}}}}?key={KEY}"', r"poll: holds what is named like a key")],
)  # fmt: skip
def test_a_key_in_the_wrong_place_is_refused_and_not_shown(loaded, line, why):
    """Wherever it is put."""
    with pytest.raises(StackError, match=why) as caught:
        loaded(f"{URL}\n{REQUEST}\n{REPLY}\n{line}",
               {"BOT_KEY": KEY, "TWO_LINES": f"a\n{KEY}"})  # fmt: skip
    assert KEY not in str(caught.value)


@pytest.mark.parametrize(
    ("address", "why"),
    [(f"https://h/x?key={KEY}", r"url: the address holds a query .*write query"),
     ("bot.example/api", r"url: expected http\(s\)://HOST.*https:// is missing in front"),
     ("https://h/{{prompt}}", r"url: only \{\{model\}\} may stand in the address"),
     ("https://{{model}}/x", r"url: only \{\{model\}\} may stand in the address, and not in the host"),
     (f"https://me:{KEY}@h/x", r"url: the address holds a user or password")],
)  # fmt: skip
def test_a_bad_address_is_told_by_what_is_wrong_with_it(loaded, address, why):
    """And a key in it is not shown."""
    with pytest.raises(StackError, match=why) as caught:
        loaded(f'url = "{address}"\n{REQUEST}\n{REPLY}')
    assert KEY not in str(caught.value)


def test_secrets_are_in_no_part_of_the_stack(loaded):
    """Neither what is journalled nor what is printed; several stand in one text."""
    lines = """secret_headers = "X-Key: ${BOT_KEY}\\nX-Team-Key: ${TEAM_KEY}" """
    stack, secrets = loaded(f"{URL}\n{REQUEST}\n{REPLY}\n{lines}",
                            {"BOT_KEY": KEY, "TEAM_KEY": "team"})  # fmt: skip

    assert secrets.of("a") == {"secret_headers": f"X-Key: {KEY}\nX-Team-Key: team"}
    assert KEY not in f"{stack!r}{stack.text}{secrets!r}"
    assert KEY not in repr(
        HttpOptions(url="http://h/", request='"{{prompt}}"', reply="a", secret_headers=f"X: {KEY}")
    )


def test_a_stack_can_be_validated_without_its_keys(loaded):
    """The variable is a warning."""
    lines = 'secret_headers = "X-Key: ${BOT_KEY}"'
    _, secrets = loaded(f"{URL}\n{REQUEST}\n{REPLY}\n{lines}", sends=False)

    assert [path for path, _ in secrets.lacking] == ["targets.a.secret_headers"]


@pytest.mark.parametrize(
    ("line", "place"),
    [("temperature = 0", "temperature"), ("top_p = 0.5", "top_p"), ("max_tokens = 9", "max_tokens"),
     ('stop = ["x"]', "stop"), ('system = "Be brief."', "system")],
)  # fmt: skip
def test_a_setting_without_a_place_is_a_fault_of_the_stack(loaded, line, place):
    """Before anything is sent; with its place in the request it is none."""
    with pytest.raises(StackError, match=rf"targets\.a\.{place}: request has no place for it"):
        loaded(f"{URL}\n{REQUEST}\n{REPLY}\n{line}")
    placed = f"""request = '{{"q": "{{{{prompt}}}}", "x": "{{{{{place}}}}}"}}'"""

    assert loaded(f"{URL}\n{placed}\n{REPLY}\n{line}")[0].targets
