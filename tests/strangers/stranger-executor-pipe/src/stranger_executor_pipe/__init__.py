"""A process a lease, at the end of a pipe."""
