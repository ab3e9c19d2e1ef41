"""A store in a directory: a file for each key, written under a temporary name and renamed into place."""

import contextlib
import errno
import os
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal

from spec_store.backends import _files as files
from spec_store.backends import _files_directories as directories
from spec_store.backends._engine import TIMEOUT, Engine, Options, written_later
from spec_store.backends._files_directories import Descent, Directory, Names, Spot, entered, left, spot
from spec_store.backends._files_names import (
    MARKER,
    TEMPORARY,
    Place,
    TooLongError,
    checked_suffix,
    directories_of,
    place_of,
    room_below,
)
from spec_store.backends._files_walk import Found, walk
from spec_store.backends._text import decoded, encoded, require_text
from spec_store.errors import InvalidKeyError, StoreBackendError
from spec_store.keys import Key

MISSING = (FileNotFoundError, NotADirectoryError, files.IrregularError, TooLongError)
"""What the system says of a file that is not there, or is none that a store has written."""

ATTEMPTS = 1000
"""How often a directory that another process removes meanwhile is made again; each time, the other one got on."""

LINK: dict[str, Any] = {"follow_symlinks": False} if os.link in os.supports_follow_symlinks else {}


class FilesystemStoreBackend(Engine):
    """A store of text in files below a directory, safe for threads, processes and crashes.

    Under `root` there is a directory for each element of a key but the last, and a file for that, whose name ends
    with `suffix`; so a key and a longer one that starts with it live side by side (KEY-6). Names are those of
    `spec_store.keys.name_of`, for the files of any system. Values are UTF-8, to the last character.

    A value is written to a temporary file, which then takes the place of the old one in one step; a key is moved by
    one rename. What processes that died have left is removed when the store is opened.

    What is not the store's own is left alone: symbolic links below `root` are not followed (KEY-8), whenever they are
    put there, though `root` itself may be one; and what is no regular file, such as a FIFO, counts as missing. It is
    not read, listed, moved or removed; but `set` and `move` take its name for the file that they store.

    A file `+layout` in `root` tells the layout of the files by its number. This release writes none, for its layout is
    that of 0.1.0, the first; a store that has a later one is refused.

    Args:
        root: the directory; made, with its parents, by the first write.
        suffix: what the names of files end with: a dot, and small letters and digits.
        durability: "process": what an operation has done outlasts the process; "power": and the loss of power, for
            files and directories are synced before an operation returns (POWER-1).
        timeout: as other engines have it; it ends nothing here, where no operation waits for anybody but the disk.
        read_only: whether every operation that would change the store is refused; it is given no id then.
        fixed_length_key, suppress_store_backend_id, manually_initialize_store_backend_id, store_name: as for
            `StoreBackend`.

    Raises:
        ValueError: `suffix` or `durability` is something else.
        StoreBackendError: `root` is no directory, or was written by a later version of spec-store.
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
        self._suffix = checked_suffix(suffix)
        self._durability = durability
        if durability not in ("process", "power"):
            raise ValueError(f"durability is 'process' or 'power', not {durability!r}")
        self._directory = os.path.abspath(self._root)
        self._room = room_below(self._directory)
        self._lasts = durability == "power"
        self._flags = directories.READABLE if self._lasts else directories.PASSED
        self._check_layout()
        if not read_only:
            files.sweep(self._directory)
        self._read_id_at_opening()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._root!r})"

    def _check_layout(self) -> None:
        try:
            layout = files.layout_of(self._directory)
        except NotADirectoryError as error:
            raise self._told("open its directory", error) from error
        except (OSError, ValueError) as error:
            raise StoreBackendError(f"{self!r} cannot read {MARKER}, its layout: {_reason(error)}") from error
        if layout > files.LAYOUT:
            raise StoreBackendError(f"{written_later(repr(self), layout, files.LAYOUT)}: upgrade spec-store")

    def get_url_for_key(self, key: Key, protocol: str | None = None) -> str:
        """The `file:` URL of a key's file (URL-1, URL-2).

        Raises:
            TypeError: `key` is no key (KEY-1, KEY-2).
            StoreBackendError: its path would be too long for a file.
        """
        self._validate_key(key)
        try:
            parents, name = self._place(key)
        except OSError as error:
            raise StoreBackendError(f"{self!r} has no file for {key!r}: {_reason(error)}") from error
        return Path(self._directory, *parents, name).as_uri()

    def get_all(self) -> list[str]:
        """Every value but the id's, once each (ALL-1): the directories are listed, and then each one's files are read.

        Raises:
            StoreBackendError: a directory or a file cannot be read.
        """
        values: list[str] = []
        descent = Descent(self._directory)
        try:
            for names, found in [one for one in walk(self._directory, self._suffix) if one[1]]:
                try:
                    values += self._values_in(descent.to(names), found)
                except MISSING:  # the directory was removed meanwhile
                    continue
        except (OSError, ValueError) as error:
            raise self._told("read all values", error) from error
        finally:
            descent.close()
        return values

    def _values_in(self, directory: Directory, found: Found) -> Iterator[str]:
        """The values of these keys, whose files are in a directory."""
        for name, key in found.items():
            if key != self.STORE_BACKEND_ID_KEY:
                try:
                    content = files.read(directory, name)
                except MISSING:  # it was removed meanwhile
                    continue
                yield decoded(content, key)

    def list_keys(self, prefix: Key = ()) -> list[Key]:
        """The stored keys that start with `prefix`, each once (LIST-1, LIST-2); only its directory is read.

        Raises:
            TypeError: `prefix` is no key (KEY-7).
            StoreBackendError: the directory cannot be read.
        """
        self._validate_key(prefix)
        own = [prefix] if prefix and self._has_key(prefix) else []
        try:
            names = directories_of(prefix, self._room)
            for _, found in walk(self._directory, self._suffix, names, prefix):
                own += found.values()
        except TooLongError:
            return []
        except (OSError, ValueError) as error:
            raise self._told("list the keys", error) from error
        return own

    def remove_key(self, key: Key) -> bool:
        """Remove the key and its value; True if it was stored (REMOVE-1, REMOVE-3, REMOVE-4).

        Raises:
            TypeError: `key` is no key (KEY-7).
            StoreBackendError: the file cannot be removed.
        """
        self._validate_key(key)
        self._about_to_change("remove", key)
        try:
            parents, name = self._place(key)
            directory = entered(self._directory, parents, self._flags)
            try:
                if not files.is_file(directory, name):
                    return False
                path, descriptor = spot(directory, name)
                os.unlink(path, dir_fd=descriptor)
                self._synced(directory)
            finally:
                left(directory)
        except (OSError, ValueError) as error:
            return self._false_if_missing("remove", key, error)
        directories.prune(self._directory, parents)
        return True

    def _validate_value(self, value: object) -> None:
        require_text(value, type(self))

    def _place(self, key: Key) -> Place:
        return place_of(key, self._suffix, self._room)

    def _get(self, key: Key) -> str:
        try:
            parents, name = place_of(key, self._suffix, self._room)
            directory = entered(self._directory, parents)
            try:
                content = files.read(directory, name)
            finally:
                left(directory)
        except (OSError, ValueError) as error:
            raise self._told(f"read {key!r}", error) from error
        return decoded(content, key)

    def _has_key(self, key: Key) -> bool:
        try:
            parents, name = place_of(key, self._suffix, self._room)
            directory = entered(self._directory, parents)
            try:
                return files.is_file(directory, name)
            finally:
                left(directory)
        except (OSError, ValueError) as error:
            return self._false_if_missing("look for", key, error)

    def _false_if_missing(self, verb: str, key: Key, error: OSError | ValueError) -> Literal[False]:
        """False if an error of the system says that a key is missing."""
        if isinstance(error, FileNotFoundError):
            return False
        told = self._told(f"{verb} {key!r}", error)
        if isinstance(told, InvalidKeyError):
            return False
        raise told from error

    def _set(self, key: Key, value: str, **kwargs: Any) -> None:
        self._write(key, value, files.replace)

    def _add(self, key: Key, value: str, **kwargs: Any) -> None:
        def link(written: Spot, there: Spot) -> None:
            try:
                os.link(written[0], there[0], src_dir_fd=written[1], dst_dir_fd=there[1], **LINK)
            except FileExistsError as error:
                raise StoreBackendError(f"{self!r} already has a value under {key!r}") from error
            with contextlib.suppress(OSError):  # the value is stored; the next opening removes the other name
                os.unlink(written[0], dir_fd=written[1])

        self._write(key, value, link)

    def _write(self, key: Key, value: str, place: files.Placing) -> None:
        self._about_to_change("store", key)
        parents: Names = ()
        content = encoded(value)
        try:
            parents, name = self._place(key)
            for _ in range(ATTEMPTS):
                try:
                    return self._write_file(content, parents, name, place)
                except files.GoneError:  # another process swept it, before it was locked
                    continue
            raise OSError(errno.EAGAIN, "its temporary file is removed again and again")
        except (OSError, ValueError) as error:
            raise self._refused(f"store {key!r}", error, parents) from error

    def _write_file(self, content: bytes, parents: Names, name: str, place: files.Placing) -> None:
        file = files.written(self._directory, content, self._lasts)
        try:
            self._into_place(
                parents, lambda directory: files.put(file.directory, file.name, spot(directory, name), place)
            )
        except BaseException:
            file.discard()
            raise
        file.close()

    def _into_place(self, parents: Names, step: Callable[[Directory], None]) -> None:
        """Do `step` in a directory, which is made where it is missing.

        Raises:
            OSError: the directory cannot be made, or is removed again and again.
        """
        for _ in range(ATTEMPTS):
            try:
                directory = entered(self._directory, parents, self._flags)
                try:
                    step(directory)
                    self._synced(directory)
                    return
                finally:
                    left(directory)
            except FileNotFoundError:
                with contextlib.suppress(FileNotFoundError):  # another process removes one of them meanwhile
                    directories.make_directories(self._directory, parents, self._lasts)
        raise OSError(errno.EAGAIN, "its directory is removed again and again")

    def _move(self, source_key: Key, dest_key: Key, **kwargs: Any) -> None:
        self._about_to_change("move", source_key)
        try:
            source = self._place(source_key)
            directory = entered(self._directory, source[0], self._flags)
            try:
                if not files.is_file(directory, source[1]):
                    raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
                left_empty = self._moved(directory, source, dest_key)
            finally:
                left(directory)
        except (OSError, ValueError) as error:
            raise self._told(f"move {source_key!r}", error) from error
        if left_empty:
            directories.prune(self._directory, source[0])

    def _moved(self, directory: Directory, source: Place, dest_key: Key) -> bool:
        """Rename a file of this directory; whether that may be empty now.

        Raises:
            FileNotFoundError: the file is not there any more.
            StoreBackendError: the system refuses it.
        """
        parents: Names = ()
        try:
            dest = parents, name = self._place(dest_key)
            if parents != source[0]:
                self._into_place(parents, lambda new: files.put(directory, source[1], spot(new, name)))
            elif dest != source:
                files.replace(spot(directory, source[1]), spot(directory, name))
            else:
                return False
            self._synced(directory)
        except files.GoneError as error:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT)) from error
        except (OSError, ValueError) as error:
            if isinstance(error, FileNotFoundError):
                raise
            raise self._refused(f"store {dest_key!r}", error, parents) from error
        return parents != source[0]

    def _about_to_change(self, verb: str, key: Key) -> None:
        if self._read_only:
            self._about_to(f"{verb} {key!r}")

    def _synced(self, directory: Directory) -> None:
        """Make the entries of a directory last, where that is asked for."""
        if self._lasts:
            directories.sync_directory(directory)

    def _told(self, what: str, error: OSError | ValueError) -> Exception:
        """The interface's error for one of the system about a key that is looked for."""
        if isinstance(error, NotADirectoryError) and (found := directories.obstacle(self._directory, ())):
            return StoreBackendError(f"{self!r} cannot {what}: {found}")
        if isinstance(error, files.IrregularError):
            return InvalidKeyError(f"{self!r} cannot {what}: {error.strerror}")
        if isinstance(error, MISSING):
            return InvalidKeyError(f"{self!r} cannot {what}: it is not there")
        return StoreBackendError(f"{self!r} cannot {what}: {_reason(error)}")

    def _refused(self, what: str, error: OSError | ValueError, parents: Names) -> Exception:
        """The interface's error for one of the system about what was to be written in a directory."""
        reason = _reason(error)
        if isinstance(error, NotADirectoryError):
            for names in (parents, (TEMPORARY,)):
                reason = directories.obstacle(self._directory, names) or reason
        return StoreBackendError(f"{self!r} cannot {what}: {reason}")


def _reason(error: OSError | ValueError) -> str:
    """What the system says, without paths."""
    return (error.strerror if isinstance(error, OSError) else "") or str(error)
