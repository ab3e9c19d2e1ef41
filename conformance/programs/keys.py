"""What the kit has to know of keys: the id's, which are related, which lead out, which are of a permitted length."""

import posixpath
from collections.abc import Sequence

from spec_store import StoreBackend
from spec_store.keys import Key, starts_with

ID_KEY: Key = StoreBackend.STORE_BACKEND_ID_KEY


def escapes(key: Key) -> bool:
    """Whether a key, joined to a path, would lead out of a directory: by `..`, or as an absolute path.

    A run performs such keys only where the checks of KEY-8 have shown that they stay inside.
    """
    path = "/".join(key).replace("\\", "/")
    absolute = path.startswith("/") or (len(path) > 1 and path[1] == ":")
    return absolute or posixpath.normpath(path).startswith("..")


def related(left: Key, right: Key) -> bool:
    """Whether two different keys are such that one starts with the other."""
    return left != right and (starts_with(left, right) or starts_with(right, left))


def fit(key: Key, lengths: tuple[int, int], filler: str = "a") -> Key:
    """`key` cut or filled up to a permitted length."""
    fewest, most = lengths
    return (*key[:most], *(filler,) * max(0, fewest - len(key)))


def fit_all(keys: Sequence[Key], lengths: tuple[int, int], filler: str = "a") -> tuple[Key, ...]:
    """Each of `keys` fitted to the permitted lengths, each result once."""
    return tuple(dict.fromkeys(fit(key, lengths, filler) for key in keys))
