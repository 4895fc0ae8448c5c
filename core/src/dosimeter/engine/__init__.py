"""Plan, then run: what is attempted, and how answers are got and kept."""
