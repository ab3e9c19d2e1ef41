"""A directory of Great Expectations' own files, read without Great Expectations.

`TupleFilesystemStoreBackend` has a file for each key: the elements, as they are, are the names on the way to it, and
the suffix is at the end. Two differences from how that class reads it, so that no key is lost: the key of
`orders/.json` is `("orders", "")`, which Great Expectations writes for the name "orders." and lists as `("orders",)`,
where it then finds nothing; and a value is the whole text, of which Great Expectations takes the last line ends away.
"""

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

from spec_store.backend import StoreBackend
from spec_store.backends._files_directories import flags_of
from spec_store.errors import InvalidKeyError, StoreBackendError
from spec_store.identity import STORE_BACKEND_ID_KEY
from spec_store.keys import Key, starts_with

ID_FILE = STORE_BACKEND_ID_KEY[0]
"""The file that Great Expectations keeps a store's id in, in plain sight, without the suffix."""

IGNORED = frozenset({ID_FILE, ".DS_Store", ".gitignore", ".gitkeep"})
"""Files that are nobody's values."""

READ = flags_of("O_RDONLY", "O_CLOEXEC", "O_BINARY", "O_NONBLOCK")


class GXDirectory(StoreBackend):
    """The store in a directory that Great Expectations wrote; it is only read.

    Args:
        root: the directory (`base_directory`).
        suffix: what the names of files end with (`filepath_suffix`).
    """

    def __init__(self, root: str, suffix: str = ".json") -> None:
        super().__init__(suppress_store_backend_id=True)
        self._root = Path(root)
        self._suffix = suffix

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self._root)!r}, {self._suffix!r})"

    def list_keys(self, prefix: Key = ()) -> list[Key]:
        """The keys that start with `prefix`, each once.

        Raises:
            TypeError: `prefix` is no key (KEY-7).
            StoreBackendError: a directory cannot be read.
        """
        self._validate_key(prefix)
        keys = (self._key(file) for file in files_below(self._root))
        return [key for key in keys if key is not None and starts_with(key, prefix)]

    def remove_key(self, key: Key) -> NoReturn:
        """Refused.

        Raises:
            StoreBackendError: always.
        """
        self._refuse(f"remove {key!r}")

    def left_out(self) -> Iterator[str]:
        """The files that are of no key, by their paths below the root."""
        for file in files_below(self._root):
            if file.name not in IGNORED and self._key(file) is None:
                yield str(file.relative_to(self._root))

    def _key(self, file: Path) -> Key | None:
        """The key of a file; None for one that is no value."""
        path = file.relative_to(self._root).as_posix()
        if not path.endswith(self._suffix) or not _may_be_file(file):
            return None
        return tuple(path.removesuffix(self._suffix).split("/"))

    def _path(self, key: Key) -> Path:
        """The file of a key, which is below the root.

        Raises:
            InvalidKeyError: no file can be its.
        """
        if key == STORE_BACKEND_ID_KEY:
            return self._root / ID_FILE
        *above, last = key or ("..",)
        odd = any(element in ("", ".", "..") for element in above) or last in (".", "..")
        if odd or any(character in element for element in key for character in ("/", os.sep, "\0")):
            raise InvalidKeyError(f"{self!r} has no key {key!r}")
        return self._root.joinpath(*above, f"{last}{self._suffix}")

    def _get(self, key: Key) -> str:
        try:
            return _content(self._path(key)).decode("utf-8")
        except UnicodeDecodeError as error:
            raise StoreBackendError(f"{self!r} cannot read {key!r}: the file is no UTF-8") from error
        except (FileNotFoundError, NotADirectoryError) as error:
            raise InvalidKeyError(f"{self!r} has no key {key!r}") from error
        except OSError as error:
            raise StoreBackendError(f"{self!r} cannot read {key!r}: {error.strerror}") from error

    def _has_key(self, key: Key) -> bool:
        try:
            return self._path(key).is_file()
        except InvalidKeyError:
            return False
        except OSError as error:
            raise StoreBackendError(f"{self!r} cannot look for {key!r}: {error.strerror}") from error

    def _set(self, key: Key, value: Any, **kwargs: Any) -> NoReturn:
        self._refuse(f"store {key!r}")

    def _move(self, source_key: Key, dest_key: Key, **kwargs: Any) -> NoReturn:
        self._refuse(f"move {source_key!r} to {dest_key!r}")

    def _refuse(self, what: str) -> NoReturn:
        raise StoreBackendError(f"{self!r} cannot {what}: a directory of Great Expectations' own is only read")


def files_below(root: Path) -> Iterator[Path]:
    """Everything below a directory that is no directory, and symbolic links to directories, which are not followed.

    Raises:
        StoreBackendError: a directory cannot be read.
    """
    for directory, directories, names in os.walk(root, onerror=_raise):
        directories[:] = [name for name in directories if name not in (*StoreBackend.IGNORED_FILES, ".git")]
        here = Path(directory)
        yield from (here / name for name in names)
        yield from (here / name for name in directories if (here / name).is_symlink())


def _raise(error: OSError) -> NoReturn:
    raise StoreBackendError(f"the directory {error.filename!r} cannot be read: {error.strerror}") from error


def _may_be_file(path: Path) -> bool:
    """Whether there is a file, or something that may not be looked at: to read it tells why."""
    try:
        return path.is_file()
    except OSError:
        return True


def _content(path: Path) -> bytes:
    """What is in a file; a device or a pipe under its name is not waited for."""
    descriptor = os.open(path, READ)
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(0, "it is no file", str(path))
        return file.read()
