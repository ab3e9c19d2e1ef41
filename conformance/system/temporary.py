"""Where temporary files go: into memory, where that can be had."""

import contextlib
import os
from collections.abc import Mapping
from pathlib import Path

IN_MEMORY = "/dev/shm"
"""Where Linux keeps files in memory."""

CHOSEN_BY = ("TMPDIR", "TEMP", "TMP")

BROUGHT_UP = "conformance-raised-"
"""What the names begin with of directories that are brought up to be removed."""


def temporary_parent(environment: Mapping[str, str] = os.environ) -> str | None:
    """Where to make directories: in memory, where there is such a place and the environment names no other.

    A run makes some thousand small directories, and on a disk most of its time goes into that.
    """
    chosen = any(environment.get(name) for name in CHOSEN_BY)
    return IN_MEMORY if not chosen and os.access(IN_MEMORY, os.W_OK | os.X_OK) else None


def flatten(directory: str, most: int) -> None:
    """Bring what lies deeper in a directory than so many levels up to its top, again and again, until nothing does.

    Whoever removes it then may have a frame and an open descriptor for each level, as `shutil.rmtree` has, and may not
    come to an end of either. A path of a thousand levels takes a thousand look-ups each time that it is used; so none
    of more than `most` is.
    """
    found, raised = [(directory, 0)], 0
    while found:
        path, level = found.pop()
        with contextlib.suppress(OSError), os.scandir(path) as entries:
            for below in [entry.path for entry in entries if entry.is_dir(follow_symlinks=False)]:
                if level < most:
                    found.append((below, level + 1))
                    continue
                raised += 1
                top = f"{directory}{os.sep}{BROUGHT_UP}{raised}"
                Path(below).rename(top)
                found.append((top, 1))
