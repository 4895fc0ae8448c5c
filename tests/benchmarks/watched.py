"""`dosimeter` with a clock on the journal's commits, for the durability benchmark.

``python watched.py FILE ARGUMENTS...`` runs ``dosimeter ARGUMENTS`` and appends to FILE, for each
call, the time at which its transaction was committed and the seed that went to the endpoint.
"""

import os
import sys
import time

from dosimeter.asking import PROVIDER_SEED_BITS
from dosimeter.cli.main import main
from dosimeter.ids import derive_seed
from dosimeter.journal.store import Store
from dosimeter.journal.writer import Writer

SEEN = []


def watch(path):
    file = os.open(path, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)
    call, commit = Store.call, Writer._commit

    def noting_call(store, done, *rest):
        SEEN.append(done.id)
        return call(store, done, *rest)

    def noting_commit(writer, jobs):
        faults = commit(writer, jobs)
        now = time.time()
        lines = [f"{now:.6f} {derive_seed(i, bits=PROVIDER_SEED_BITS)}\n" for i in SEEN]
        SEEN.clear()
        os.write(file, "".join(lines).encode())
        return faults

    Store.call, Writer._commit = noting_call, noting_commit


if __name__ == "__main__":
    watch(sys.argv.pop(1))
    main()
