"""Attack starter for dosimeter."""
