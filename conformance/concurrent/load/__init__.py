"""Several clients that do random operations at once."""
