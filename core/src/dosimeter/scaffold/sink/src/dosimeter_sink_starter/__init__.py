"""Sink starter for dosimeter."""
