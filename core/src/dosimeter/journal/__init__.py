"""The durable record of a run: one SQLite file, single writer, any number of readers."""
