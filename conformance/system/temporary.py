"""Where temporary files go: into memory, where that can be had."""

import contextlib
import os
from collections.abc import Mapping
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


def remove_deep(directory: str, most: int) -> None:
    """Remove the directories that lie deeper in another than so many levels, with all that is in them.

    Whoever removes the rest may have a frame and an open descriptor for each level, as `shutil.rmtree` has, and so may
    come to an end of either.
    """
    found: list[tuple[str, int]] = [(directory, 0)]
    for path, level in found:  # which grows meanwhile, so that what is below a directory comes after it
        with contextlib.suppress(OSError), os.scandir(path) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    found.append((entry.path, level + 1))
                elif level > most:
                    Path(entry.path).unlink()
    for path, level in reversed(found):
        if level > most:
            with contextlib.suppress(OSError):
                Path(path).rmdir()
