"""obstore, which does not live on in a process that was forked after its use: such a one gets a copy of its own.

The threads that carry out its requests are not there after a fork, and what waits for them waits for ever. They belong
to the loaded library, and the system loads a file once; so a forked process loads a copy of the file, which starts its
own. That takes some 30 ms, and is done only where obstore was used before the fork.
"""

import importlib
import importlib.machinery
import importlib.util
import os
import shutil
import sys
import tempfile
import threading
from types import ModuleType
from typing import Any

import attrs
import obstore
import obstore.exceptions
import obstore.store

BINARY = "obstore._obstore"


@attrs.frozen(eq=False)
class Library:
    """One loaded obstore: its functions, and what they raise.

    Args:
        api: the module.
        failures: the classes of errors of all that can go wrong.
        missing: of those, what says that an object is not there.
        conflicts: what says that it is not as a condition demands.
        unknown: what says that a store has no such requests.
    """

    api: ModuleType
    failures: tuple[type[Exception], ...]
    missing: tuple[type[Exception], ...]
    conflicts: tuple[type[Exception], ...]
    unknown: tuple[type[Exception], ...]


def _described(api: Any) -> Library:
    found = api.exceptions
    return Library(
        api,
        (found.BaseError, OSError, ValueError, TypeError, NotImplementedError),
        (FileNotFoundError,),
        (found.AlreadyExistsError, found.PreconditionError, found.NotModifiedError),
        (found.NotSupportedError, NotImplementedError),
    )


class _Process:
    """What this process has of obstore."""

    library = _described(obstore)
    is_used = False
    is_lost = False
    loading = threading.Lock()


def _forked() -> None:
    _Process.loading = threading.Lock()
    _Process.is_lost = _Process.is_lost or _Process.is_used


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)


def library() -> Library:
    """obstore, as this process may open stores by it; in a forked process another one than before.

    Raises:
        ImportError: no copy can be loaded.
    """
    if _Process.is_lost:
        with _Process.loading:
            if _Process.is_lost:
                _Process.library = _described(_copied())
                _Process.is_used = _Process.is_lost = False
    return _Process.library


def library_in_use() -> Library:
    """The same, for requests, which start its threads."""
    found = library()
    _Process.is_used = True
    return found


def _copied() -> ModuleType:
    """obstore, loaded again from a copy; what others have imported stays as it is."""
    file = str(sys.modules[BINARY].__file__)
    before = _taken_out()
    try:
        with tempfile.TemporaryDirectory(prefix="obstore-") as directory:
            path = shutil.copy(file, directory)
            loader = importlib.machinery.ExtensionFileLoader(BINARY, path)
            spec = importlib.util.spec_from_file_location(BINARY, path, loader=loader)
            assert spec is not None
            sys.modules[BINARY] = importlib.util.module_from_spec(spec)
            loader.exec_module(sys.modules[BINARY])
            sys.modules[BINARY].__file__ = file  # for the next to copy, in a process forked from this one
            importlib.import_module("obstore.store")
            return importlib.import_module("obstore")
    except OSError as error:
        raise ImportError(f"obstore cannot be loaded again: {type(error).__name__}: {error}") from error
    finally:
        _taken_out()
        sys.modules.update(before)


def _taken_out() -> dict[str, ModuleType]:
    names = [name for name in sys.modules if name == "obstore" or name.startswith("obstore.")]
    return {name: sys.modules.pop(name) for name in names}
