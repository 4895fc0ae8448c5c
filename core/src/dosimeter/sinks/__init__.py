"""The sinks that come with the core: console and JSON."""
