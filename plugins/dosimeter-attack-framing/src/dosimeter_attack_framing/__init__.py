"""Framings of a request for dosimeter: direct, role-play, translation, several turns, phrasings."""
