"""Values of real engines: text, kept as UTF-8 bytes, so that no engine changes a character of it (GET-1, SET-4)."""

from spec_store.errors import StoreBackendError
from spec_store.keys import Key


def require_text(value: object, owner: type) -> None:
    """Refuse what is no text that UTF-8 can hold.

    Args:
        value: what a caller gave as a value.
        owner: the backend's class, which the message names.

    Raises:
        TypeError: it is no `str`; subclasses are none, for they would come back as `str`.
        StoreBackendError: it has a lone surrogate in it.
    """
    if type(value) is not str:
        raise TypeError(f"{owner.__name__} stores values of {str}, not {type(value)}")
    try:
        value.encode("utf-8")
    except UnicodeEncodeError as error:
        raise StoreBackendError(
            f"{owner.__name__} stores UTF-8, which has no lone surrogates: {error.reason}"
        ) from None


def encoded(value: str) -> bytes:
    """A value as it is stored."""
    return value.encode("utf-8")


def decoded(content: bytes | memoryview, key: Key) -> str:
    """The value that was stored as `content`.

    Raises:
        StoreBackendError: it is no UTF-8, so that no store wrote it.
    """
    try:
        return str(content, "utf-8")
    except UnicodeDecodeError as error:
        raise StoreBackendError(f"what is stored under {key!r} is no UTF-8, so that no store wrote it") from error
