"""Mischief with lanterns: a whole category of somebody else's."""
