"""Places that the kit makes itself, for backends that need no more than a directory."""

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

IN_MEMORY = "/dev/shm"
"""Where Linux keeps files in memory."""

CHOSEN_BY = ("TMPDIR", "TEMP", "TMP")


def temporary_parent(environment: Mapping[str, str] = os.environ) -> str | None:
    """Where to make directories: in memory, where there is such a place and the environment names no other.

    A run makes some thousand small directories, and on a disk most of its time goes into that.
    """
    chosen = any(environment.get(name) for name in CHOSEN_BY)
    return IN_MEMORY if not chosen and os.access(IN_MEMORY, os.W_OK | os.X_OK) else None


@contextmanager
def new_directory() -> Iterator[str]:
    """A new empty directory, inside another temporary one, so that what leaves it by `..` is cleaned up as well.

    It is in memory where Linux has a place for that; set TMPDIR to have it elsewhere, on a disk for one.
    """
    with tempfile.TemporaryDirectory(prefix="conformance-", dir=temporary_parent()) as outer:
        inner = Path(outer, "store")
        inner.mkdir()
        yield str(inner)
