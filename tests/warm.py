"""`dosimeter` without what a start costs: forked from a process that has imported its modules.

Run as a script it is that process: a line of JSON in for each call, a line with its status out.
"""

import gc
import json
import os
import pkgutil
import runpy
import signal
import subprocess
import sys
import tempfile
from importlib import import_module, metadata
from pathlib import Path

LEFT = ("__main__", "scaffold", "testing")
"""What no command but those about plugins needs."""
LONGEST = 300
"""Seconds that a call may take."""


class Warm:
    """The process that waits to be called."""

    def __init__(self):
        quiet = os.environ | {"OPENBLAS_NUM_THREADS": "1"}  # a fork takes no threads along
        self._process = subprocess.Popen(
            [sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            cwd="/", env=quiet,
        )  # fmt: skip

    def call(self, args, cwd, env):
        """Run `dosimeter` with *args*."""
        with tempfile.TemporaryDirectory() as folder:
            out, err = (Path(folder) / name for name in ("stdout", "stderr"))
            asked = {"args": args, "cwd": str(cwd), "env": env, "out": str(out), "err": str(err)}
            print(json.dumps(asked), file=self._process.stdin, flush=True)
            code = os.waitstatus_to_exitcode(int(self._process.stdout.readline()))
            if code == -signal.SIGALRM:
                raise subprocess.TimeoutExpired(args, LONGEST)
            return subprocess.CompletedProcess(args, code, out.read_text(), err.read_text())


def _import_all():
    import dosimeter

    for one in pkgutil.walk_packages(dosimeter.__path__, "dosimeter."):
        if not set(one.name.split(".")) & set(LEFT):
            import_module(one.name)
    for point in metadata.entry_points(group="dosimeter"):
        import_module(point.value)


def _become(asked):
    """Be what `python -m dosimeter` in another folder and environment would be."""
    for stream, name in ((0, os.devnull), (1, asked["out"]), (2, asked["err"])):
        os.dup2(os.open(name, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600), stream)
    os.chdir(asked["cwd"])
    os.environ.clear()
    os.environ.update(asked["env"])
    more = asked["env"].get("PYTHONPATH", "")
    sys.path[:0] = [asked["cwd"], *more.split(os.pathsep)] if more else [asked["cwd"]]
    sys.argv = ["dosimeter", *asked["args"]]
    signal.alarm(LONGEST)


def _serve():
    """Wait for calls; give what is asked in each child, and None at the end."""
    sys.path.pop(0)  # the tests' own folder
    _import_all()
    gc.freeze()
    for line in sys.stdin:
        child = os.fork()
        if not child:
            return json.loads(line)
        print(os.waitpid(child, 0)[1], flush=True)
    return None


if __name__ == "__main__" and (asked := _serve()) is not None:
    _become(asked)
    runpy.run_module("dosimeter", run_name="__main__", alter_sys=True)
