"""The names of the methods that a backend must have, and may have; how requirements about each of them begin."""

from collections.abc import Mapping

INTERFACE = ("get", "set", "move", "has_key", "list_keys", "remove_key")
"""What is no store backend without."""

EXTENDED_METHODS = ("add", "update", "add_or_update", "get_all")
"""What Great Expectations 1.x adds; where one is missing, what is about it is not asked."""

PREFIXES: Mapping[str, str] = {
    **{name: name.upper() for name in ("get", "set", "move", "add", "update")},
    "has_key": "HAS",
    "list_keys": "LIST",
    "remove_key": "REMOVE",
    "add_or_update": "UPSERT",
    "get_all": "ALL",
}
"""How the ids of the requirements begin that are about a method: MOVE-1 to MOVE-5 are about move."""
