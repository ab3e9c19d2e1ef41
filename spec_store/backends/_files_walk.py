"""Walking through the directories of a store, however deep they are: keys may have more elements than Python frames.

What an entry is, the system tells with its name; only where a file system does not, it is asked for.
"""

import os
from collections.abc import Iterator
from typing import TypeAlias

from spec_store.backends._files_directories import Descent, Names
from spec_store.backends._files_names import EMPTY_KEY, LONGEST, MORE, element_named
from spec_store.backends._names import PORTABLE
from spec_store.keys import Key

Found: TypeAlias = dict[str, Key]
"""The keys whose files are in one directory, by the names of these: a system may list a name twice that is replaced."""

_Way: TypeAlias = tuple[Names, Key, str]
"""A directory, the elements that it stands for, and what its name says of an element that is not yet ended."""


def walk(root: str, suffix: str, names: Names = (), prefix: Key = ()) -> Iterator[tuple[Names, Found]]:
    """The stored keys that start with a prefix and are longer, and `()` if that is the prefix, by their directories.

    Args:
        root: the store's.
        suffix: what the names of files end with.
        names: the directories to which the prefix leads.
        prefix: the prefix.

    Raises:
        NotADirectoryError: the root is none.
        OSError: a directory cannot be read.
    """
    ahead: list[_Way] = [(names, prefix, "")]
    descent = Descent(root)
    try:
        while ahead:
            way = ahead.pop()
            try:
                with os.scandir(descent.to(way[0])) as entries:
                    found = _keys_in(entries, way, suffix, ahead)
            except FileNotFoundError:  # removed meanwhile, with the last key in it
                continue
            except NotADirectoryError:
                if not way[0]:
                    raise
                continue
            yield way[0], found
    finally:
        descent.close()


def _keys_in(entries: Iterator["os.DirEntry[str]"], way: _Way, suffix: str, ahead: list[_Way]) -> Found:
    """The keys of the files in a directory; the directories in it are put to those that are ahead."""
    names, parent, beginning = way
    found: Found = {}
    directories: dict[str, _Way] = {}
    for entry in entries:
        name = entry.name
        if not name.endswith(suffix):
            if entry.is_dir(follow_symlinks=False) and (lower := _way_to(name, way)):
                directories[name] = lower
        elif entry.is_file(follow_symlinks=False) and len(own := name[: -len(suffix)]) <= LONGEST:
            if not beginning and PORTABLE.fullmatch(own):  # most of them, at a fraction of the cost
                found[name] = (*parent, own)
            elif (element := element_named(beginning + own)) is not None:
                found[name] = (*parent, element)
            elif own == EMPTY_KEY and not names:
                found[name] = ()
    ahead += directories.values()
    return found


def _way_to(name: str, above: _Way) -> _Way | None:
    """A directory in a directory; None if it is not one of the store's."""
    names, parent, beginning = above
    if len(name) == LONGEST + len(MORE) and name.endswith(MORE):
        return (*names, name), parent, beginning + name[:LONGEST]
    if len(name) > LONGEST or (element := element_named(beginning + name)) is None:
        return None
    return (*names, name), (*parent, element), ""
