"""``python launch.py FILE COMMAND...`` runs a command and writes to FILE what the kernel says it took.

A process's peak of memory is never less than that of the one it was forked from, up to its exec: this
one is small.
"""

import os
import sys

report, *command = sys.argv[1:]
pid = os.posix_spawnp(command[0], command, os.environ)
_, status, usage = os.wait4(pid, 0)
with open(report, "w") as file:  # noqa: PTH123  pathlib would double what this takes
    print(usage.ru_utime + usage.ru_stime, usage.ru_maxrss, file=file)
os._exit(os.waitstatus_to_exitcode(status) & 0xFF)
