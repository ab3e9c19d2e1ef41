"""What the file system backend calls of `os`: counted, and with something done before one of the calls."""

import os
from collections import Counter
from collections.abc import Callable
from typing import Any, Self
from unittest import mock

from spec_store.backends import _files, _files_directories, _files_walk, filesystem

MODULES = (_files, _files_directories, _files_walk, filesystem)

REACHING = (
    "open", "close", "read", "write", "fsync", "stat", "lstat", "fstat", "scandir", "listdir", "mkdir", "rmdir",
    "unlink", "replace", "rename", "link",
)  # fmt: skip
"""Functions of `os` that reach files."""


class Calls:
    """Counts the calls that the backend makes in a block.

    Args:
        at: before which call something is done, counted from 0.
        act: what is done.

    Attributes:
        names: how many calls there were, by the names of functions.
        current: the name of the last one.
    """

    def __init__(self, at: int = -1, act: Callable[[], object] = lambda: None) -> None:
        self.names: Counter[str] = Counter()
        self.current = ""
        self._at, self._act = at, act
        self._patches = [mock.patch.object(module, "os", self) for module in MODULES]

    @property
    def count(self) -> int:
        """How many calls there were."""
        return self.names.total()

    def __getattr__(self, name: str) -> Any:
        function = getattr(os, name)
        if name not in REACHING:
            return function

        def called(*arguments: Any, **named: Any) -> Any:
            number = self.count
            self.names[name] += 1
            self.current = name
            if number == self._at:
                self._act()
            return function(*arguments, **named)

        return called

    def __enter__(self) -> Self:
        for patch in self._patches:
            patch.start()
        return self

    def __exit__(self, *_: object) -> None:
        for patch in self._patches:
            patch.stop()
