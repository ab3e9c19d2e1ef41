"""Keys: tuples of `str`, compared element by element, and their paths, by which engines store them."""

from typing import TypeAlias

Key: TypeAlias = tuple[str, ...]
"""A key of a store; the empty tuple is one too (KEY-3)."""


def validate_key(key: object, owner: type) -> None:
    """Refuse what is no key (KEY-1, KEY-2, KEY-3).

    Args:
        key: what a caller gave as a key.
        owner: the backend's class, which the message names.

    Raises:
        TypeError: `key` is not a tuple, or one of its elements is not a `str`.
    """
    if not isinstance(key, tuple):
        raise TypeError(f"Keys in {owner.__name__} must be instances of {tuple}, not {type(key)}")
    for element in key:
        if not isinstance(element, str):
            raise TypeError(
                f"Elements within tuples passed as keys to {owner.__name__} must be instances of {str}, "
                f"not {type(element)}"
            )


def starts_with(key: Key, prefix: Key) -> bool:
    """Whether `key` starts with `prefix`, by whole elements; a key starts with itself and with `()` (LIST-2)."""
    return key[: len(prefix)] == prefix
