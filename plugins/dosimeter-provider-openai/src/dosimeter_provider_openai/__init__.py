"""OpenAI-compatible chat endpoints for dosimeter."""
