"""Walking through the directories of a store, however deep they are: keys may have more elements than Python frames.

What an entry is, the system tells with its name; only where a file system does not, it is asked for.
"""

import os
from collections.abc import Iterator
from typing import TypeAlias

from spec_store.backends._files_directories import Descent, Names
from spec_store.backends._files_names import EMPTY_KEY, LONGEST, MORE, element_named, plain_files
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
    files: list[str] = []
    directories: dict[str, _Way] = {}
    for entry in entries:
        name = entry.name
        if name.endswith(suffix):
            if entry.is_file(follow_symlinks=False):
                files.append(name)
        elif entry.is_dir(follow_symlinks=False) and (lower := _way_to(name, way)):
            directories[name] = lower
    ahead += directories.values()
    _, parent, beginning = way
    if not beginning and plain_files(suffix).fullmatch("/".join(files)):
        end = -len(suffix)
        return {name: (*parent, name[:end]) for name in files}
    return {name: key for name in files if (key := _key_of(name[: -len(suffix)], way)) is not None}


def _key_of(name: str, above: _Way) -> Key | None:
    """The key of a file in a directory, by its name without the suffix; None if it is not one of the store's."""
    names, parent, beginning = above
    if len(name) > LONGEST:
        return None
    if (element := element_named(beginning + name)) is not None:
        return (*parent, element)
    return () if name == EMPTY_KEY and not names else None


def _way_to(name: str, above: _Way) -> _Way | None:
    """A directory in a directory; None if it is not one of the store's."""
    names, parent, beginning = above
    if len(name) == LONGEST + len(MORE) and name.endswith(MORE):
        return (*names, name), parent, beginning + name[:LONGEST]
    if len(name) > LONGEST or (element := element_named(beginning + name)) is None:
        return None
    return (*names, name), (*parent, element), ""
