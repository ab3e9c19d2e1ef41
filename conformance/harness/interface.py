"""The names of the methods that a backend must have, and may have; how requirements about each of them begin."""

from collections.abc import Mapping

from spec_store.requirements import RequirementId

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

DEMANDED_BY: Mapping[str, RequirementId] = {
    "store_backend_id": "ID-1",
    "store_backend_id_warnings_suppressed": "ID-6",
    "fixed_length_key": "PROP-1",
    "store_name": "PROP-1",
    "config": "CONFIG-1",
    "is_ignored_key": "IGNORE-1",
    "get_url_for_key": "URL-1",
    "IGNORED_FILES": "CONST-1",
    "STORE_BACKEND_ID_KEY": "CONST-1",
    "STORE_BACKEND_ID_PREFIX": "CONST-1",
    "STORE_BACKEND_INVALID_CONFIGURATION_ID": "CONST-1",
}
"""What a backend must have besides, and the requirement that says so: of any other, a check that fails for want of it
says nothing."""
