"""The command line, called in this process: as users call it, without the time of a start."""

import contextlib
import io

from dosimeter.cli.main import main


def call(*arguments):
    """Call `dosimeter`; give exit code, standard output and standard error."""
    streams = [io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2)]
    out, err = streams
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main([str(one) for one in arguments])
        except SystemExit as done:
            code = done.code
    for one in streams:
        one.flush()
    return code, *(one.buffer.getvalue().decode("utf-8") for one in streams)
