"""A tree search that a steering judge prunes."""
