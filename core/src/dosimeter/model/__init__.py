"""Frozen records. Imports attrs and the standard library only."""
