"""Examples of properties are not timed: the machine is shared, and speed is measured in benchmarks."""

from hypothesis import settings

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")
