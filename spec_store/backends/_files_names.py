"""The names of a store's files and directories, and the keys that they stand for."""

import errno
import functools
import os
import re
from typing import TypeAlias

from spec_store.backends._files_directories import Names
from spec_store.backends._names import LETTERS, PORTABLE, RESERVED, element_of, name_of
from spec_store.keys import Key

Place: TypeAlias = tuple[Names, str]
"""Where the file of a key is: the directories below the root, and its name."""

LONGEST = 200
"""How long a name may be before it is split, in characters; file systems take 255 bytes."""

LONGEST_PATH = 4095
"""How long the path of a file may be, in bytes: as Linux has it, so that any program can open the file."""

MORE = "+"
"""What the name of a directory ends with whose name goes on in the next one; no name of an element has it."""

TEMPORARY = "+new"
"""The directory of temporary files; no key leads there."""

MARKER = "+layout"
"""The file that tells the layout, where it is a later one than the first; no key leads there."""

EMPTY_KEY = "+"
"""The name of `()`, which has no element to be named after."""


class TooLongError(OSError):
    """The path of a key's file would be longer than the system takes, so that no store has the key."""


def checked_suffix(suffix: str) -> str:
    """The suffix.

    Raises:
        ValueError: it is not a dot with small letters and digits after it.
    """
    if not re.fullmatch(r"\.[a-z0-9]{1,20}", suffix):
        raise ValueError(f"a suffix is a dot with small letters and digits after it, not {suffix!r}")
    return suffix


def room_below(root: str) -> int:
    """How many bytes a path below the root may have."""
    return LONGEST_PATH - len(os.fsencode(root)) - 1


@functools.lru_cache(maxsize=4096)
def place_of(key: Key, suffix: str, room: int) -> Place:
    """Where the file of a key is.

    Args:
        key: the key.
        suffix: what the names of files end with.
        room: how many bytes its path below the root may have.

    Raises:
        TooLongError: it would have more.
    """
    *parents, last = directories_of(key, room - len(suffix)) or (EMPTY_KEY,)
    return tuple(parents), last + suffix


@functools.lru_cache(maxsize=4096)
def directories_of(key: Key, room: int) -> Names:
    """The directories in which longer keys are that start with a key; the last one is named as its own file is.

    Args:
        key: the key.
        room: how many bytes their path below the root may have; so no more is kept of long keys, either.

    Raises:
        TooLongError: it would have more.
    """
    names: list[str] = []
    for element in key:
        name = name_of(element, True)
        while len(name) > LONGEST:
            names.append(name[:LONGEST] + MORE)
            name = name[LONGEST:]
        names.append(name)
    if sum(map(len, names)) + len(names) - 1 > room:
        raise TooLongError(errno.ENAMETOOLONG, os.strerror(errno.ENAMETOOLONG))
    return tuple(names)


@functools.lru_cache(maxsize=64)
def plain_files(suffix: str) -> re.Pattern[str]:
    """What the names of files match, "/" between them, if the names of all of them are elements before the suffix.

    So a large directory takes one step of this, instead of one for each of its files.
    """
    return re.compile(rf"(?:(?!{RESERVED}\.){LETTERS}{{1,{LONGEST}}}+{re.escape(suffix)}(?:/|\Z))*+")


def element_named(name: str) -> str | None:
    """The element of a key that a name stands for; None for the name of what is not this store's."""
    if PORTABLE.fullmatch(name):
        return name
    try:
        return element_of(name, True)
    except ValueError:
        return None
