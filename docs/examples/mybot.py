"""What a team may have beside its stack: a bot, and a guardrail that goes by words."""

import re

ALARMING = {"attack", "burn", "choke", "crash", "die", "drown",
            "drug", "kill", "poison", "shock", "stab", "trap"}  # fmt: skip


def answer(prompt: str) -> str:
    """Decline, whatever is asked."""
    return "I'm sorry, but I can't help with that." if prompt else ""


async def chat(messages: list[dict[str, str]], temperature: float = 1.0) -> dict[str, str]:
    """Say how much was said; *temperature* changes nothing."""
    return {"text": f"I have read {len(messages)} messages.", "model": f"mybot-{temperature:g}"}


def keywords(prompt: str) -> dict[str, object]:
    """Block what holds an alarming word, whatever is meant by it."""
    found = [word for word in re.findall(r"\w+", prompt.lower()) if word in ALARMING]
    return {"blocked": bool(found), "label": found[0] if found else "none", "score": len(found)}
