"""Watching what this process does to paths, by Python's audit events. It knows nothing of stores.

Code that is not Python's own (SQLite, an extension module) opens its files unseen.
"""

import os
import pathlib
import sys
from collections.abc import Callable
from typing import Any

AUDIT_MESSAGE = "spec_store.audit"
PATHS = {
    "open": 1,
    "os.chmod": 1,
    "os.link": 2,
    "os.listdir": 1,
    "os.mkdir": 1,
    "os.remove": 1,
    "os.rename": 2,
    "os.rmdir": 1,
    "os.scandir": 1,
    "os.symlink": 2,
    "os.truncate": 1,
    "os.utime": 1,
    "sqlite3.connect": 1,
}
READING = ("os.listdir", "os.scandir", "sqlite3.connect")
DIRECTORIES = {
    "os.chmod": (2,),
    "os.link": (2, 3),
    "os.mkdir": (2,),
    "os.remove": (1,),
    "os.rename": (2, 3),
    "os.rmdir": (1,),
    "os.symlink": (None, 2),
    "os.utime": (3,),
}
DESCRIPTORS = "/proc/self/fd"


def audited(watch: "Callable[[list[str], bool], None]", function: "Callable[[], Any]") -> "Any":
    """What `function()` returns; `watch(paths, writing)` is told each access to paths before it is made.

    What `watch` raises, the access raises instead of being made. A hook cannot be taken out of a process, so there
    is one for all calls, which gives its list of watchers to whoever asks by an audit event of our own.
    """
    found: list[list[Any]] = []
    sys.audit(AUDIT_MESSAGE, found)
    if not found:
        active: list[Any] = []

        def hook(event: str, arguments: "tuple[Any, ...]") -> None:
            if event == AUDIT_MESSAGE:
                arguments[0].append(active)
            elif active and event in PATHS:
                paths = paths_of(event, arguments)
                flags = arguments[2] if event == "open" else os.O_CREAT
                writes = bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)) and event not in READING
                for each in tuple(active):
                    each(paths, writes)

        sys.addaudithook(hook)
        found.append(active)
    found[0].append(watch)
    try:
        return function()
    finally:
        found[0].remove(watch)


def paths_of(event: str, arguments: "tuple[Any, ...]") -> "list[str]":
    """The paths of an access: absolute where they are relative to a directory whose descriptor the event tells.

    Of an open by such a descriptor the event tells only the name.
    """
    found: list[str] = []
    for number, one in enumerate(arguments[: PATHS[event]]):
        at = DIRECTORIES.get(event, ())[number : number + 1]
        descriptor = arguments[at[0]] if at and at[0] is not None else -1
        if isinstance(one, int) and event != "open":
            found.append(opened_path(one))
        elif isinstance(one, str | bytes | os.PathLike):
            path = os.fsdecode(one)
            found.append(str(pathlib.Path(opened_path(descriptor), path)) if descriptor >= 0 else path)
    return found


def opened_path(descriptor: int) -> str:
    """The path of what a descriptor is open on, or "" where that cannot be told."""
    try:
        return str(pathlib.Path(DESCRIPTORS, str(descriptor)).readlink())
    except OSError:
        return ""


def inside(path: str, directory: str) -> bool:
    """Whether a path, its links followed, is a directory or in it."""
    return pathlib.Path(path).resolve().is_relative_to(pathlib.Path(directory).resolve())


def may_be_inside(path: str, directory: str) -> bool:
    """Whether a path is, or may be: a relative one may be of any directory that this process has a descriptor of."""
    if inside(path, directory):
        return True
    if pathlib.Path(path).is_absolute() or not pathlib.Path(DESCRIPTORS).is_dir():
        return False
    opened = [pathlib.Path(opened_path(int(one.name))) for one in pathlib.Path(DESCRIPTORS).iterdir()]
    return any(inside(str(each / path), directory) for each in opened if each.is_absolute())
