"""The names of the methods that a backend must have, and of those that it may have."""

INTERFACE = ("get", "set", "move", "has_key", "list_keys", "remove_key")
"""What is no store backend without."""

EXTENDED_METHODS = ("add", "update", "add_or_update", "get_all")
"""What Great Expectations 1.x adds; where one is missing, what is about it is not asked."""
