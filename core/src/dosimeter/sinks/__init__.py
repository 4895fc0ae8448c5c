"""The sinks that come with the core: console, JSON, CSV and the system card."""
