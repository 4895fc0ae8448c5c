"""Estimates with their error, usable alone. A leaf: imports numpy, scipy and attrs, nothing of dosimeter.

Modules are named by what a reader looks for: ``from dosimeter.stats import rate``, then
``rate.wilson(3, 100)``. A function gives a frozen record with ``estimate``, ``interval(level)``,
``method``, ``n`` and ``clusters``; undefined is NaN with a reason, never a plausible number.
"""
