"""Executor starter for dosimeter."""
