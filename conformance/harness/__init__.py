"""A subject under operation: opened, performed on within the time limit, closed."""
