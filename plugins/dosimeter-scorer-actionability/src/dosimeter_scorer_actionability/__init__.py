"""Rates how actionable a text is, 1 to 5, by its form, for dosimeter."""
