"""In-process GGUF models for dosimeter, with a small bundled default."""
