"""Our functions under the names and in the shapes of the oracle file: one table, `FUNCS`.

``python ../shared/oracles/check.py ../shared/oracles/statistics.json tests/oracles/adapter.py``
compares every case. The functions stand by subject in the modules beside this one.
"""

import importlib.util
import sys
from pathlib import Path


def beside(name):
    """Load a module that lies beside this one, however this one was loaded; others then import it."""
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def merged(*tables):
    """Put tables together; no statistic may be in two."""
    found = {}
    for table in tables:
        twice = found.keys() & table.keys()
        if twice:
            msg = f"statistics defined twice: {', '.join(sorted(twice))}"
            raise ValueError(msg)
        found |= table
    return found


cdflib, shapes = beside("cdflib"), beside("oracle_shapes")
SUBJECTS = ("of_rates", "of_pairs", "of_plans", "of_sequences", "of_agreement", "of_raters", "of_items",
            "of_fairness", "of_behaviour", "of_memory")  # fmt: skip
FUNCS = merged(*(beside(name).FUNCS for name in SUBJECTS))
