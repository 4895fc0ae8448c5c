"""Harm category starter for dosimeter."""
