"""Exit codes: what a shell or CI acts on."""

PASS, FAILED, USAGE, INCOMPLETE, INCONCLUSIVE = range(5)
INTERRUPTED = 130
"""As shells count SIGINT."""
HUNG_UP = 141
"""As shells count SIGPIPE."""
