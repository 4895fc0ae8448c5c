"""Targets to start from: the first whose provider is installed is written out, the others as comments."""

from collections.abc import Collection
from importlib.metadata import entry_points

GROUP = "dosimeter"
BEGINNING = (
    ("provider-llamacpp", """\
[targets.mine]
model = "llamacpp/bundled"          # a small model in this process
temperature = 0
max_tokens = 256
"""),
    ("provider-http", """\
[targets.endpoint]
model = "http/support-bot"          # any JSON endpoint: put yours here
url = "https://bot.example/api/chat"
request = '{"message": "{{prompt}}"}'
reply = "answer"
# secret_headers = "X-Api-Key: ${BOT_KEY}"
"""),
    ("provider-openai", """\
[targets.remote]
model = "openai/gpt-4.1-mini"       # any server that speaks like this one
# api_key = "${OPENAI_API_KEY}"
temperature = 0
max_tokens = 256
"""),
    ("provider-python", """\
[targets.function]
model = "python:mybot:answer"       # answer(text) of mybot.py beside this file, or of an installed module
"""),
    ("provider-simulated", """\
[targets.known]
model = "simulated/graded"          # not a language model: to try the rest without one
"""),
)  # fmt: skip
"""By the name of the provider's entry point, in the order in which they are taken."""
OTHERS = "# What is asked. Packages of other providers are called dosimeter-provider-NAME.\n"
NONE = """\
# No provider is installed that one of these needs: install its package, dosimeter-provider-NAME, and take
# the marks of comment away.
"""


def targets(installed: Collection[str]) -> str:
    """Give the tables of targets.

    Args:
        installed: Entry points.
    """
    ready = next((name for name, _ in BEGINNING if name in installed), "")
    tables = [text if name == ready else _commented(text) for name, text in BEGINNING]
    return "\n".join([OTHERS if ready else OTHERS + NONE, *tables])


def installed() -> set[str]:
    """Name the plugins that are installed here."""
    return {point.name for point in entry_points(group=GROUP)}


def _commented(text: str) -> str:
    return "".join(f"# {line}\n" for line in text.splitlines())
