"""The sinks that come with the core: console, JSON and CSV."""
