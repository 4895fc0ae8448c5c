"""A simulated model with known truth, and replay, for dosimeter."""
