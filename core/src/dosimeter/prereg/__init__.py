"""Preregistration: a plan as a file, and what differs from it (decision 0053)."""
