"""What a directory holds after the power has failed: only what was synced.

The model:

- `fsync` or `fdatasync` of a file makes what is in it durable, and nothing of its name; so does each write to a file
  that was opened with `O_SYNC` or `O_DSYNC`.
- `fsync` of a directory makes all its entries durable as they are then, and nothing of what is in them.
- `syncfs` of any file under the place makes everything durable. `sync_file_range` and `msync` make nothing durable.
- A rename from one directory to another is one step: the `fsync` of either makes it durable in both, as journaling
  file systems have it, or, where the directory that it goes to is new, makes it so with that directory: until then
  the old name is there. So does no other operation.
- What was there at the start is durable.

After the power has failed, an entry that was not synced is absent, and one that was replaced, removed or renamed since
its directory was synced is back. A file has what was last synced of it, and is empty if nothing was. Real systems may
keep more; they may also keep a part of it, out of order, which is not modelled (but see `names_kept`).
"""

import contextlib
import os
import stat
from collections.abc import Callable
from functools import partial
from pathlib import Path

import attrs

from conformance.probes.syscalls.snapshots import contents, write_image
from conformance.probes.syscalls.stops import Action, Continue, Stop, signed
from conformance.probes.syscalls.tables import CALLS

WRITING_CALLS = ("write", "pwrite64", "writev", "pwritev", "pwritev2", "sendfile", "copy_file_range", "splice")
SYNCS = ("fsync", "fdatasync")
RENAMES = ("rename", "renameat", "renameat2")


@attrs.frozen
class _Entry:
    """An entry of a directory: the number of its inode, its mode, and what it points to if it is a symbolic link."""

    inode: int
    mode: int
    link: str = ""


@attrs.frozen
class _Move:
    """A rename of an entry from a name in one directory to a path in another; directories by their inodes."""

    entry: _Entry
    source: int
    name: str
    target: int
    path: Path
    synced: bool = False


_Tree = dict[int, dict[str, _Entry]]
"""The entries of directories, by their inodes."""


class Power:
    """What of a place would survive a power failure, as the stops of a supervised child go by.

    It is to be made before the child starts, and used so::

        with Power(place) as power:
            supervised(run, place, power.watching(on_stop))

    where `on_stop` may call `power.image`, which may be called after the child has ended, too. It keeps all the files
    of the place in memory, and a descriptor open for each, so it is for places of a few hundred files at most.

    Args:
        place: a directory on one file system.

    Raises:
        OSError: it is no directory, or something in it cannot be read.
    """

    def __init__(self, place: "str | os.PathLike[str]") -> None:
        self._place = Path(place)
        self._root = self._place.stat().st_ino
        self._data: dict[int, bytes] = {}
        self._entries: _Tree = {}
        self._moves: list[_Move] = []
        self._pending: list[Callable[[], None]] = []
        # An inode that is held open keeps its number, so that no other file is taken for it once it is removed.
        self._held: dict[int, int] = {}
        self._nameless: set[int] = set()
        with contextlib.ExitStack() as opened:
            opened.callback(self.close)
            self._all_synced()
            opened.pop_all()

    def __enter__(self) -> "Power":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the descriptors that are held."""
        while self._held:
            os.close(self._held.popitem()[1])

    def watching(self, on_stop: Callable[[Stop], Action]) -> Callable[[Stop], Action]:
        """A decision for `supervised` that takes note of each stop which `on_stop` lets go on."""

        def decided(stop: Stop) -> Action:
            self._settle()
            action = on_stop(stop)
            if isinstance(action, Continue):
                # A file that another process has removed is not synced.
                with contextlib.suppress(FileNotFoundError):
                    self._note(stop)
            return action

        return decided

    def image(self, destination: "str | os.PathLike[str]", *, names_kept: bool = False) -> None:
        """Write what the place would hold if the power failed now.

        Args:
            destination: a directory's path; it is made, or is empty.
            names_kept: write the directories as they are now, synced or not, and lose unsynced data alone: so a
                journaling file system may leave it that writes its journal before the data.

        Raises:
            OSError: it cannot be written.
        """
        self._settle()
        tree = self._tree(self._place) if names_kept else self._entries
        self._write(Path(destination), self._root, tree)

    def _write(self, destination: Path, directory: int, tree: _Tree) -> None:
        destination.mkdir(exist_ok=True)
        for name, entry in tree.get(directory, {}).items():
            path = destination / name
            if stat.S_ISDIR(entry.mode):
                self._write(path, entry.inode, tree)
                path.chmod(stat.S_IMODE(entry.mode))
            elif stat.S_ISLNK(entry.mode):
                path.symlink_to(entry.link)
            elif stat.S_ISREG(entry.mode):
                write_image(path, self._data.get(entry.inode, b""), stat.S_IMODE(entry.mode))

    def _settle(self) -> None:
        """What was noted of calls that were let go on has been done by now."""
        while self._pending:
            self._pending.pop(0)()

    def _note(self, stop: Stop) -> None:
        """Note what a call makes durable once it is made."""
        if stop.name == "syncfs":
            self._pending.append(self._all_synced)
        elif stop.name in RENAMES:
            self._note_rename(Path(stop.paths[0]), Path(stop.paths[1]))
        elif stop.name in SYNCS or stop.name in WRITING_CALLS:
            number = signed(stop.arguments[CALLS[stop.name].descriptor or 0])
            path = Path(f"/proc/{stop.pid}/fd/{number}")
            if stop.name in SYNCS and path.is_dir():
                self._pending.append(partial(self._directory_synced, path.stat().st_ino, self._listed(path)))
            elif stop.name in SYNCS:
                inode = self._file(path)
                self._pending.append(partial(self._data.__setitem__, inode, self._read(inode)))
            elif _writes_through(stop.pid, number):
                self._pending.append(partial(self._file_synced, self._file(path)))

    def _note_rename(self, old: Path, new: Path) -> None:
        source, target = old.parent.stat().st_ino, new.parent.stat().st_ino
        if source != target:
            move = _Move(self._entry(old), source, old.name, target, new)
            self._pending.append(partial(self._moves.append, move))

    def _all_synced(self) -> None:
        self._moves.clear()
        self._entries = self._tree(self._place)
        for entries in self._entries.values():
            for entry in entries.values():
                if stat.S_ISREG(entry.mode):
                    self._file_synced(entry.inode)
        self._let_go()

    def _file_synced(self, inode: int) -> None:
        self._data[inode] = self._read(inode)

    def _directory_synced(self, directory: int, entries: dict[str, _Entry]) -> None:
        self._entries[directory] = entries
        moves, self._moves = self._moves, []
        for move in moves:
            synced = move.synced or directory in (move.source, move.target)
            if synced and (move.target in self._durable_directories() or not _is_there(move)):
                self._complete(move)
            else:
                self._moves.append(attrs.evolve(move, synced=synced))
                if directory == move.source:
                    entries.setdefault(move.name, move.entry)
        self._let_go()

    def _complete(self, move: _Move) -> None:
        """Make a rename durable in both directories."""
        others = self._entries.get(move.source, {})
        if move.name in others and others[move.name].inode == move.entry.inode:
            del others[move.name]
        with contextlib.suppress(OSError):  # it has gone on since, or its directory has
            entry = self._entry(move.path)
            if entry.inode == move.entry.inode:
                self._entries.setdefault(move.target, {})[move.path.name] = entry

    def _durable_directories(self) -> set[int]:
        """The directories to which durable entries lead, by their inodes."""
        found, ahead = set(), [self._root]
        while ahead:
            directory = ahead.pop()
            found.add(directory)
            ahead += [one.inode for one in self._entries.get(directory, {}).values() if stat.S_ISDIR(one.mode)]
        return found

    def _tree(self, directory: Path) -> _Tree:
        """The entries, as they are now, of a directory and of all below it."""
        entries = self._listed(directory)
        tree = {directory.stat().st_ino: entries}
        for name, entry in entries.items():
            if stat.S_ISDIR(entry.mode):
                with contextlib.suppress(FileNotFoundError):
                    tree |= self._tree(directory / name)
        return tree

    def _listed(self, directory: Path) -> dict[str, _Entry]:
        entries = {}
        for path in directory.iterdir():
            with contextlib.suppress(FileNotFoundError):
                entries[path.name] = self._entry(path)
        return entries

    def _entry(self, path: Path) -> _Entry:
        status = self._hold(path, os.O_NOFOLLOW)
        link = str(path.readlink()) if stat.S_ISLNK(status.st_mode) else ""
        return _Entry(status.st_ino, status.st_mode, link)

    def _file(self, path: Path) -> int:
        """The inode of an open file of the child, held."""
        status = self._hold(path, 0)
        if not status.st_nlink:
            self._nameless.add(status.st_ino)
        return status.st_ino

    def _hold(self, path: Path, flags: int) -> os.stat_result:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC | flags)
        status = os.fstat(descriptor)
        if status.st_ino in self._held:
            os.close(descriptor)
        else:
            self._held[status.st_ino] = descriptor
        return status

    def _let_go(self) -> None:
        """Forget what is neither durable nor there."""
        durable = {self._root, *(one.inode for entries in self._entries.values() for one in entries.values())}
        for inode in self._held.keys() - durable - self._nameless:
            if not os.fstat(self._held[inode]).st_nlink:
                os.close(self._held.pop(inode))
                self._data.pop(inode, None)
                self._entries.pop(inode, None)

    def _read(self, inode: int) -> bytes:
        descriptor = os.open(f"/proc/self/fd/{self._held[inode]}", os.O_RDONLY | os.O_CLOEXEC)
        try:
            return contents(descriptor)
        finally:
            os.close(descriptor)


def _is_there(move: _Move) -> bool:
    """Whether the directory that a rename went to is still there."""
    with contextlib.suppress(OSError):
        return move.path.parent.stat().st_ino == move.target
    return False


def _writes_through(pid: int, descriptor: int) -> bool:
    """Whether each write to an open file of a process is synced before it is done."""
    for line in Path(f"/proc/{pid}/fdinfo/{descriptor}").read_text().splitlines():
        if line.startswith("flags:"):
            return bool(int(line.split()[1], 8) & os.O_DSYNC)
    return False
