"""Places that the kit makes itself, for backends that need no more than a directory."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def new_directory() -> Iterator[str]:
    """A new empty directory, inside another temporary one, so that what leaves it by `..` is cleaned up as well."""
    with tempfile.TemporaryDirectory(prefix="conformance-") as outer:
        inner = Path(outer, "store")
        inner.mkdir()
        yield str(inner)
