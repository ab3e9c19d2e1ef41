"""A store in a directory: a file for each key, written under a temporary name and renamed into place."""

import contextlib
import os
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal

from spec_store.backends import _files as files
from spec_store.backends._engine import TIMEOUT, Engine, Options
from spec_store.backends._text import decoded, encoded, require_text
from spec_store.errors import InvalidKeyError, StoreBackendError
from spec_store.keys import Key

MISSING = (FileNotFoundError, NotADirectoryError)
ATTEMPTS = 1000
"""How often a directory that another process removes meanwhile is made again; each time, the other one got on."""


class FilesystemStoreBackend(Engine):
    """A store of text in files below a directory, safe for threads, processes and crashes.

    Under `root` there is a directory for each element of a key but the last, and a file for that, whose name ends
    with `suffix`; so a key and a longer one that starts with it live side by side (KEY-6). Names are those of
    `spec_store.keys.name_of`, for the files of any system. Values are UTF-8, to the last character.

    A value is written to a temporary file, which then takes the place of the old one in one step; a key is moved by
    one rename. What processes that died have left is removed when the store is opened. Symbolic links below `root`
    are not followed (KEY-8); `root` itself may be one.

    Args:
        root: the directory; made, with its parents, by the first write.
        suffix: what the names of files end with: a dot, and small letters and digits.
        durability: "process": what an operation has done outlasts the process; "power": and the loss of power, for
            files and directories are synced before an operation returns (POWER-1).
        timeout: as other engines have it; it ends nothing here, where no operation waits for anybody.
        read_only: whether every operation that would change the store is refused; it is given no id then.
        fixed_length_key, suppress_store_backend_id, manually_initialize_store_backend_id, store_name: as for
            `StoreBackend`.

    Raises:
        ValueError: `suffix` or `durability` is something else.
    """

    def __init__(
        self,
        root: str | os.PathLike[str],
        suffix: str = ".txt",
        durability: Literal["process", "power"] = "process",
        *,
        timeout: float = TIMEOUT,
        read_only: bool = False,
        fixed_length_key: bool = False,
        suppress_store_backend_id: bool = False,
        manually_initialize_store_backend_id: str | uuid.UUID | None = "",
        store_name: str | None = "no_store_name",
    ) -> None:
        named = (fixed_length_key, suppress_store_backend_id, manually_initialize_store_backend_id, store_name)
        super().__init__(Options(*named, timeout, read_only))
        self._root = os.fspath(root)
        self._suffix = files.checked_suffix(suffix)
        self._durability = durability
        if durability not in ("process", "power"):
            raise ValueError(f"durability is 'process' or 'power', not {durability!r}")
        self._names = files.Names(os.path.abspath(self._root), suffix)
        if not read_only:
            files.sweep(self._names.temporary)
        self._read_id_at_opening()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._root!r})"

    def get_url_for_key(self, key: Key, protocol: str | None = None) -> str:
        """The `file:` URL of a key's file (URL-1, URL-2)."""
        self._validate_key(key)
        return Path(self._names.path(key)).as_uri()

    def list_keys(self, prefix: Key = ()) -> list[Key]:
        """The stored keys that start with `prefix`, each once (LIST-1, LIST-2); only its directory is read.

        Raises:
            TypeError: `prefix` is no key (KEY-7).
            StoreBackendError: the directory cannot be read.
        """
        self._validate_key(prefix)
        try:
            with self._reported("list the keys"):
                own = [prefix] if self._names.inside(prefix) and files.is_file(self._names.path(prefix)) else []
                return list(dict.fromkeys((*own, *self._names.below(prefix))))
        except InvalidKeyError:
            return []

    def remove_key(self, key: Key) -> bool:
        """Remove the key and its value; True if it was stored (REMOVE-1, REMOVE-3, REMOVE-4).

        Raises:
            TypeError: `key` is no key (KEY-7).
            StoreBackendError: the file cannot be removed.
        """
        self._validate_key(key)
        self._about_to(f"remove {key!r}")
        path = self._names.path(key)
        try:
            with self._reported(f"remove {key!r}"):
                if not self._names.inside(key) or not files.is_file(path):
                    return False
                os.unlink(path)
                self._synced(path)
                self._names.prune(path)
                return True
        except InvalidKeyError:
            return False

    def _validate_value(self, value: object) -> None:
        require_text(value, type(self))

    def _get(self, key: Key) -> str:
        with self._reported(f"read {key!r}"):
            if not self._names.inside(key):
                raise InvalidKeyError(f"{self!r} has no key {key!r}")
            content = files.read(self._names.path(key))
        return decoded(content, key)

    def _has_key(self, key: Key) -> bool:
        try:
            with self._reported(f"look for {key!r}"):
                return self._names.inside(key) and files.is_file(self._names.path(key))
        except InvalidKeyError:
            return False

    def _set(self, key: Key, value: str, **kwargs: Any) -> None:
        self._write(key, value, os.replace)

    def _add(self, key: Key, value: str, **kwargs: Any) -> None:
        def link(written: str, path: str) -> None:
            try:
                os.link(written, path)
                with contextlib.suppress(OSError):  # the value is stored; the next opening removes the other name
                    os.unlink(written)
            except FileExistsError as error:
                raise StoreBackendError(f"{self!r} already has a value under {key!r}") from error

        self._write(key, value, link)

    def _write(self, key: Key, value: str, place: Callable[[str, str], None]) -> None:
        self._about_to(f"store {key!r}")
        content, path = encoded(value), self._names.path(key)

        def placed(written: str) -> None:
            self._into_place(key, lambda: place(written, path))
            self._synced(path)

        try:
            files.write(self._names, content, self._synced_files, placed)
        except (OSError, ValueError) as error:
            raise self._told(f"store {key!r}", error) from error

    def _into_place(self, key: Key, step: Callable[[], None]) -> None:
        """Do `step`, the directories of a key being there."""
        for _ in range(ATTEMPTS):
            if not self._names.inside(key):
                raise StoreBackendError(f"{self!r} cannot store {key!r}: a symbolic link is in the way")
            try:
                step()
            except MISSING:
                self._names.make_parents(key, self._synced_files)
            else:
                return
        raise StoreBackendError(f"{self!r} cannot store {key!r}: its directory is removed again and again")

    def _move(self, source_key: Key, dest_key: Key, **kwargs: Any) -> None:
        self._about_to(f"move {source_key!r} to {dest_key!r}")
        source, dest = self._names.path(source_key), self._names.path(dest_key)
        with self._reported(f"move {source_key!r} to {dest_key!r}"):
            self._into_place(dest_key, lambda: self._rename(source_key, source, dest))
            if source != dest:
                self._synced(dest)
                self._synced(source)
                self._names.prune(source)

    def _rename(self, source_key: Key, source: str, dest: str) -> None:
        try:
            if self._names.inside(source_key) and files.is_file(source):
                os.replace(source, dest)
                return
        except MISSING:
            if files.is_file(source):
                raise
        raise InvalidKeyError(f"{self!r} has no key {source_key!r}")

    @property
    def _synced_files(self) -> bool:
        return self._durability == "power"

    def _synced(self, path: str) -> None:
        """Make the entry of a path in its directory last, where that is asked for."""
        if self._synced_files:
            files.sync_directory(os.path.dirname(path))

    @contextlib.contextmanager
    def _reported(self, what: str) -> Iterator[None]:
        """Turn what the system refuses into the interface's errors."""
        try:
            yield
        except (OSError, ValueError) as error:
            raise self._told(what, error) from error

    def _told(self, what: str, error: OSError | ValueError) -> Exception:
        """The interface's error for one of the system."""
        if isinstance(error, MISSING):
            return InvalidKeyError(f"{self!r} cannot {what}: it is not there")
        reason = error.strerror if isinstance(error, OSError) else error
        return StoreBackendError(f"{self!r} cannot {what}: {reason}")
