"""A sink that looks at everything it is handed."""
