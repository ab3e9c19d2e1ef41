"""A correct store over a directory, for faults to be planted in."""

import contextlib
import errno
import functools
import itertools
import os
import pathlib
import string
import tempfile
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import unquote

from conformance.faults.stores.plain import ID_KEY, PlainStore
from spec_store import InvalidKeyError, Key, StoreBackendError

PLAIN = frozenset(string.ascii_lowercase + string.digits + "_-")
SUFFIX = ".v"
EMPTY = "%"
"""The name for an empty element."""

MORE = "+"
"""What the name of a directory ends with whose name goes on in the next one."""

TEMPORARY = "+new"
LONGEST = 200
"""How long a name may be, in characters, before it is split."""

_numbers = itertools.count()


MOST_BYTES = 4096
"""How long a path may be on Linux; where it may be shorter, the system says so."""


def new_directory() -> tempfile.TemporaryDirectory[str]:
    """A new empty place."""
    return tempfile.TemporaryDirectory(prefix="faults-")


@functools.lru_cache(maxsize=4096)
def encoded(element: str) -> str:
    """A name that no other element has, on file systems that fold case too."""
    if not element:
        return EMPTY
    if PLAIN.issuperset(element):
        return element
    letters = (chr(byte) for byte in element.encode("utf-8", "surrogatepass"))
    return "".join(letter if letter in PLAIN else f"%{ord(letter):02X}" for letter in letters)


def decoded(name: str) -> str:
    """The element that has the name."""
    return "" if name == EMPTY else unquote(name, errors="surrogatepass")


def make_directories(path: str) -> None:
    """Make a directory and those that it is in; not by `os.makedirs`, which calls itself for each of a thousand."""
    missing: list[str] = []
    while not os.path.isdir(path):
        missing.append(path)
        path = os.path.dirname(path)
    for each in reversed(missing):
        with contextlib.suppress(FileExistsError):
            os.mkdir(each)


def in_place(path: str, step: Callable[[], None]) -> None:
    """Do a step, the directory of `path` being there, though others may remove it again and again."""
    if len(os.fsencode(path)) >= MOST_BYTES:  # else a hundred directories are made before the system says so
        raise OSError(errno.ENAMETOOLONG, os.strerror(errno.ENAMETOOLONG), path)
    for _ in range(1000):
        make_directories(os.path.dirname(path))
        with contextlib.suppress(FileNotFoundError):
            return step()
    raise FileNotFoundError(path)


class FileStore(PlainStore):
    """A directory for each element but the last, and a file for that; text alone, as UTF-8."""

    def __init__(self, directory: str, **options: Any) -> None:
        super().__init__(**options)
        self.directory = os.fspath(directory)
        self._arguments["directory"] = self.directory
        self._opened()

    # Names

    def _encoded(self, element: str) -> str:
        return encoded(element)

    def _names(self, key: Key) -> Iterator[str]:
        """The names on the way to the file of a key, a long one in several pieces."""
        for element in key:
            name = self._encoded(element)
            while len(name) > LONGEST:
                yield name[:LONGEST] + MORE
                name = name[LONGEST:]
            yield name

    def _path(self, key: Key) -> str:
        return os.path.join(self.directory, *(self._names(key) if key else [""])) + SUFFIX

    def _is_file(self, key: Key) -> bool:
        return os.path.isfile(self._path(key))

    # Values

    def _validate_value(self, value: Any) -> None:
        if not isinstance(value, str):
            raise TypeError(f"{type(self).__name__} stores text, not {type(value).__name__}")

    def _bytes(self, value: str) -> bytes:
        return value.encode("utf-8")

    def _text(self, content: bytes) -> Any:
        return content.decode("utf-8")

    def _write(self, path: str, value: str) -> None:
        self._put(path, value, os.replace)

    def _put(self, path: str, value: str, place: Callable[[str, str], None]) -> None:
        content = self._bytes(value)
        new = f"{self.directory}/{TEMPORARY}{os.getpid()}-{next(_numbers)}"
        try:
            with open(new, "wb") as file:
                file.write(content)
            in_place(path, lambda: place(new, path))
        except BaseException:
            raise
        finally:
            pathlib.Path(new).unlink(missing_ok=True)

    def _read(self, path: str) -> Any:
        with open(path, "rb") as file:
            return self._text(file.read())

    # The interface

    def _get(self, key: Key) -> Any:
        if not self._is_file(key):
            raise InvalidKeyError(f"{key!r} is not there")
        try:
            return self._read(self._path(key))
        except FileNotFoundError as error:  # another thread or process has removed it
            raise InvalidKeyError(f"{key!r} is not there") from error

    def _set(self, key: Key, value: Any, **kwargs: Any) -> Any:
        try:
            self._write(self._path(key), value)
        except OSError as error:
            raise StoreBackendError(f"cannot store {key!r}: {error}") from error

    def add(self, key: Key, value: Any, **kwargs: Any) -> Any:
        self._validate_key(key)
        self._validate_value(value)
        self._create(key, value)

    def _create(self, key: Key, value: str) -> None:
        """Store a value if the key is missing."""
        try:
            self._put(self._path(key), value, os.link)
        except FileExistsError as error:
            raise StoreBackendError(f"{key!r} is there already") from error
        except (OSError, ValueError) as error:
            raise StoreBackendError(f"cannot store {key!r}: {error}") from error

    def _stored_id(self) -> Any:
        if not self._has_key(ID_KEY):
            with contextlib.suppress(StoreBackendError):
                self._create(ID_KEY, self._id_text(self._first_id()))
        return self._parsed_id(self.get(ID_KEY))

    def _move(self, source_key: Key, dest_key: Key, **kwargs: Any) -> Any:
        source, dest = pathlib.Path(self._path(source_key)), pathlib.Path(self._path(dest_key))
        if not self._is_file(source_key):
            raise InvalidKeyError(f"{source_key!r} is not there")

        def rename() -> None:
            if not self._is_file(source_key):
                raise InvalidKeyError(f"{source_key!r} is not there")
            source.replace(dest)

        try:
            in_place(str(dest), rename)
        except OSError as error:
            raise StoreBackendError(f"cannot move to {dest_key!r}: {error}") from error
        self._prune(source.parent)

    def _has_key(self, key: Key) -> Any:
        return self._is_file(key)

    def _every_key(self) -> list[Key]:
        return list(self._walk(self.directory, (), ""))

    def _walk(self, directory: str, parent: Key, beginning: str) -> Iterator[Key]:
        """The keys in a directory; `beginning` is what the names of its parents say of an element not yet ended."""
        found = [(directory, parent, beginning)]  # not by calling itself: a key may have a thousand elements
        while found:
            directory, parent, beginning = found.pop()
            try:
                names = os.listdir(directory)
            except FileNotFoundError:  # another thread or process has removed the last key in it
                continue
            for name in names:
                path = f"{directory}/{name}"
                if name.endswith(SUFFIX):
                    whole = beginning + name.removesuffix(SUFFIX)
                    yield (*parent, self._decoded(whole)) if whole else parent
                elif name.endswith(MORE):
                    found.append((path, parent, beginning + name.removesuffix(MORE)))
                elif not name.startswith(TEMPORARY):
                    found.append((path, (*parent, self._decoded(beginning + name)), ""))

    def _decoded(self, name: str) -> str:
        return decoded(name)

    def _drop(self, key: Key) -> bool:
        if not self._is_file(key):
            return False
        path = pathlib.Path(self._path(key))
        try:
            path.unlink()
        except FileNotFoundError:  # another thread or process has removed it
            return False
        self._prune(path.parent)
        return True

    def _prune(self, directory: pathlib.Path) -> None:
        """Remove directories that are empty now, but for the store's own."""
        with contextlib.suppress(OSError):
            while len(directory.parts) > len(pathlib.Path(self.directory).parts):
                directory.rmdir()
                directory = directory.parent

    def get_url_for_key(self, key: Key, protocol: str | None = None) -> Any:
        return pathlib.Path(self._path(key)).absolute().as_uri()
