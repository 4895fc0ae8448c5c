"""Somebody else's results read again: what they support, and what is said of them beyond that."""
