"""Exit codes: what a shell or CI acts on."""

PASS, FAILED, USAGE, INCOMPLETE, INCONCLUSIVE = range(5)
INTERRUPTED = 130
"""As shells count SIGINT."""
HUNG_UP = 141
"""As shells count SIGPIPE."""


class Leave(SystemExit):
    """End the process now: all is written, and the interpreter would join threads that compute on.

    Only the program's entry does so; who calls the command line in a process of their own has an exit
    like any other.
    """
