"""Full, partial or no refusal, from the reply alone, for dosimeter."""
