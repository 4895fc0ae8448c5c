"""Provider starter for dosimeter."""
