"""Rater starter for dosimeter."""
