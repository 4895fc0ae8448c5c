"""Whether a guardrail blocked, from its verdict, for dosimeter."""
