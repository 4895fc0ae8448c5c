"""Judge starter for dosimeter."""
