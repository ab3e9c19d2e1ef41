"""Which argument of a class or callable says where its store lives, so that a target need be no more than its name.

A store that is put nowhere in particular lives where its author's default says: in the working directory, perhaps
beside what is dear to somebody. So an argument with a default is given a place as well, and what only may be one is
asked about. The first row that applies:

| an argument                                                    | what is done                                       |
|----------------------------------------------------------------|----------------------------------------------------|
| is required, beside others that are                            | asked: write a Subject                             |
| is required, or has a default, and is called like a directory  | it is given a new directory                        |
| is required, or has a default, and is called like a file       | it is given the name of a file in a new directory  |
| is required, and is called otherwise                           | asked                                              |
| has a default that is a path, or is annotated as one           | asked                                              |

A default of ":memory:" names no file, and stays.
"""

import inspect
import os
from collections.abc import Iterator
from typing import Any

import attrs

DIRECTORY_NAMES = frozenset(
    f"{name}{what}"
    for name in ("base_", "root_", "store_", "storage_", "data_", "db_", "work_", "")
    for what in ("directory", "dir", "folder", "path", "root")
) - {"db_path"} | {"root", "location", "dirname"}
"""Names of an argument that asks for a directory."""

FILE_NAMES = frozenset(
    f"{name}{what}"
    for name in ("db_", "database_", "store_", "storage_", "data_", "")
    for what in ("file", "filename", "file_name", "filepath", "file_path")
) | {"db_path", "database_path"}
"""Names of one that asks for a file."""

NO_FILE = ":memory:"
SUFFIXES = (".db", ".sqlite", ".sqlite3", ".json", ".pickle", ".pkl", ".dbm", ".lmdb", ".mdb", ".zip", ".txt")


@attrs.frozen
class PlaceArgument:
    """The argument that says where a store lives.

    Args:
        name: its name.
        is_file: whether it is a file, and not a directory.
    """

    name: str
    is_file: bool

    def value(self, place: str) -> str:
        """What it is given, on a place that is a directory."""
        return os.path.join(place, "store") if self.is_file else place  # noqa: PTH118

    @property
    def expression(self) -> str:
        """The same as source text."""
        return 'f"{place}/store"' if self.is_file else "place"


@attrs.frozen
class Doubt:
    """Arguments of which it is not known what to give them; why, in words."""

    names: tuple[str, ...]
    why: str


def place_argument(found: Any) -> PlaceArgument | Doubt | None:
    """The argument of a callable that says where its store lives, a doubt, or None where there is none."""
    every = list(_parameters(found))
    required = [one for one in every if one.default is one.empty]
    known = [one for one in required or every if _is_known(one)]
    if len(required) > 1 or (required and not known):
        names = tuple(one.name for one in required)
        return Doubt(names, f"needs arguments ({', '.join(names)})")
    if known:
        return PlaceArgument(known[0].name, known[0].name in FILE_NAMES)
    doubtful = [one for one in every if _may_be_place(one)]
    if doubtful:
        one = doubtful[0]
        why = f"has an argument that may say where it keeps its files ({one.name}={one.default!r})"
        return Doubt((one.name,), why)
    return None


def _parameters(found: Any) -> Iterator[inspect.Parameter]:
    try:
        parameters = inspect.signature(found).parameters.values()
    except (TypeError, ValueError):
        return
    for parameter in parameters:
        if parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            yield parameter


def _is_known(one: inspect.Parameter) -> bool:
    return one.name in DIRECTORY_NAMES | FILE_NAMES and one.default != NO_FILE


def _may_be_place(one: inspect.Parameter) -> bool:
    """Whether an argument with a default may be a path, by its default or its annotation."""
    if isinstance(one.default, os.PathLike):
        return True
    if isinstance(one.default, str) and one.default != NO_FILE:
        starts = one.default.startswith(("./", "../", "/", "~")) or one.default in (".", "..")
        return starts or one.default.endswith(SUFFIXES)
    annotation = one.annotation if isinstance(one.annotation, str) else repr(one.annotation)
    return one.annotation is not one.empty and ("Path" in annotation)
