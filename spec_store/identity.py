"""The text that a store keeps its id in (ID-2)."""

import uuid

from spec_store.keys import Key

STORE_BACKEND_ID_KEY: Key = (".ge_store_backend_id",)
"""The key that the id is stored under."""

STORE_BACKEND_ID_PREFIX = "store_backend_id = "
"""What the stored text begins with."""

STORE_BACKEND_INVALID_CONFIGURATION_ID = "00000000-0000-0000-0000-00000000e003"
"""What stands in for the id where none can be had (ID-5, ID-7)."""


def format_id_text(store_id: uuid.UUID) -> str:
    """The text to store for an id: one line, which a file can hold as it is."""
    return f"{STORE_BACKEND_ID_PREFIX}{store_id}\n"


def parse_id_text(text: object) -> uuid.UUID:
    """The id in a stored text.

    Stores outlive the programs that wrote them, so white space around the text and the UUID, such as the line end
    that an editor leaves, is passed over, and the UUID may be in any spelling that `uuid.UUID` reads.

    Args:
        text: what is stored under the id key, whatever it is.

    Raises:
        ValueError: it is something else (ID-7).
    """
    if not isinstance(text, str):
        raise ValueError(f"a store id is kept as str, not {type(text).__name__}")
    before, prefix, spelling = text.partition(STORE_BACKEND_ID_PREFIX)
    if not prefix or before.strip():
        raise ValueError(f"no store id, which begins with {STORE_BACKEND_ID_PREFIX!r}: {text[:80]!r}")
    return uuid.UUID(spelling.strip())
