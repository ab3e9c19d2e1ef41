"""Walking through the directories of a store, however deep they are: keys may have more elements than Python frames.

What an entry is, the system tells with its name; only where a file system does not, it is asked for.
"""

import contextlib
import os
from collections.abc import Iterator
from typing import TypeAlias

from spec_store.backends._files_directories import Descent, Names
from spec_store.backends._files_names import EMPTY_KEY, LONGEST, MORE, directories, element_named
from spec_store.keys import Key

Found: TypeAlias = list[tuple[Key, str]]
"""Keys whose files are in one directory, and the names of these."""

_Way: TypeAlias = tuple[Names, Key, str]
"""A directory, the elements that it stands for, and what its name says of an element that is not yet ended."""


def walk(root: str, suffix: str, prefix: Key) -> Iterator[tuple[Names, Found]]:
    """The stored keys that start with `prefix` and are longer, and `()` if that is the prefix, by their directories.

    Raises:
        OSError: a directory cannot be read.
    """
    ahead: list[_Way] = [(directories(prefix), prefix, "")]
    with contextlib.closing(Descent(root)) as descent:
        while ahead:
            way = ahead.pop()
            try:
                with os.scandir(descent.to(way[0])) as entries:
                    found = _keys_in(entries, way, suffix, ahead)
            except (FileNotFoundError, NotADirectoryError):  # removed meanwhile, or never one of the store's
                continue
            yield way[0], found


def _keys_in(entries: Iterator["os.DirEntry[str]"], way: _Way, suffix: str, ahead: list[_Way]) -> Found:
    """The keys of the files in a directory; the directories in it are put to those that are ahead."""
    names, parent, beginning = way
    found: Found = []
    for entry in entries:
        name = entry.name
        if name.endswith(suffix):
            own = name[: -len(suffix)]
            if len(own) > LONGEST or not entry.is_file(follow_symlinks=False):
                continue
            if (element := element_named(beginning + own)) is not None:
                found.append(((*parent, element), name))
            elif own == EMPTY_KEY and not names:
                found.append(((), name))
        elif len(name) <= LONGEST:
            if entry.is_dir(follow_symlinks=False) and (element := element_named(beginning + name)) is not None:
                ahead.append(((*names, name), (*parent, element), ""))
        elif name.endswith(MORE) and len(name) == LONGEST + len(MORE) and entry.is_dir(follow_symlinks=False):
            ahead.append(((*names, name), parent, beginning + name[:LONGEST]))
    return found
