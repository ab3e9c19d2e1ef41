"""Where temporary files go: into memory, where that can be had."""

import os
from collections.abc import Mapping

IN_MEMORY = "/dev/shm"
"""Where Linux keeps files in memory."""

CHOSEN_BY = ("TMPDIR", "TEMP", "TMP")


def temporary_parent(environment: Mapping[str, str] = os.environ) -> str | None:
    """Where to make directories: in memory, where there is such a place and the environment names no other.

    A run makes some thousand small directories, and on a disk most of its time goes into that.
    """
    chosen = any(environment.get(name) for name in CHOSEN_BY)
    return IN_MEMORY if not chosen and os.access(IN_MEMORY, os.W_OK | os.X_OK) else None
