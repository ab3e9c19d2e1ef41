"""Places that the kit makes itself, for backends that need no more than a directory."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from conformance.system.temporary import temporary_parent


@contextmanager
def new_directory() -> Iterator[str]:
    """A new empty directory, inside another temporary one, so that what leaves it by `..` is cleaned up as well.

    It is in memory where Linux has a place for that; set TMPDIR to have it elsewhere, on a disk for one.
    """
    with tempfile.TemporaryDirectory(prefix="conformance-", dir=temporary_parent()) as outer:
        inner = Path(outer, "store")
        inner.mkdir()
        yield str(inner)
