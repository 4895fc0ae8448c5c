"""Words of others, made fit for a terminal."""


def safe(text: str, keep: str = "") -> str:
    """Give *text* with what could steer a terminal or turn its direction shown by name.

    Args:
        text: Any text.
        keep: Characters that stay as they are.
    """
    return "".join(c if c.isprintable() or c in keep else f"\\x{ord(c):02x}" for c in text)
