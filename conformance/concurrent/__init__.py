"""Several threads, several processes."""
