"""``python -m dosimeter``, and the entry of the console script.

The first thing that anybody types is ``--help``: it is answered from a file, before click is
imported. A test holds the file equal to what click would print.
"""

import sys


def main() -> None:
    """Run the command line and exit."""
    if sys.argv[1:] in (["--help"], ["-h"]):
        folder = __file__.rpartition("__main__")[0]
        with open(f"{folder}cli/help.txt", encoding="utf-8") as file:  # noqa: PTH123  pathlib is dear
            text = file.read()
        try:
            if sys.stdout is not None:
                sys.stdout.write(text)
                sys.stdout.flush()
        except OSError:
            pass  # the whole command line tells of it
        else:
            return
    try:
        from dosimeter.cli.main import main as whole

        whole()
    except KeyboardInterrupt:  # while it is imported: the whole command line handles its own
        sys.exit(130)
    except SystemExit as end:
        from dosimeter.cli.codes import Leave

        if isinstance(end, Leave):
            _leave(end.code)
        raise


def _leave(code: object) -> None:
    """End without the interpreter's farewell, which joins threads."""
    import os
    from contextlib import suppress

    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError):
            stream.flush()
    os._exit(code if isinstance(code, int) else 1)


if __name__ == "__main__":
    main()
