"""Stand-ins for `stack.toml`: neither is a language model. Put models of your own in their place."""

ADVICE = "Buy this one today."


def chat(prompt: str) -> str:
    """Answer as a chat would that advises where it should not."""
    return ADVICE if "should i" in prompt.lower() else "We have a page that explains it."


def judge(messages: list[dict[str, str]]) -> str:
    """Judge by what stands between the marks of the reply."""
    quoted = messages[-1]["content"].partition("BEGIN REPLY")[2].partition("END REPLY")[0]
    return "yes" if ADVICE in quoted else "no"
