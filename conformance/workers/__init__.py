"""A campaign in another process, which may die."""
