"""Copying a small directory fast."""

import hashlib
import os
import stat
from pathlib import Path

COPIED_BYTES = 1 << 20


def snapshot(place: "str | os.PathLike[str]", destination: "str | os.PathLike[str]") -> None:
    """Copy a directory's files, directories and symbolic links, with their modes, to a new or empty directory.

    What vanishes meanwhile is left out; sockets, pipes and devices are not copied.

    Raises:
        FileExistsError: the destination has a file of that name.
        FileNotFoundError: there is no such place, or no directory for the destination to be in.
        PermissionError: something may not be read.
    """
    target = Path(destination)
    target.mkdir(exist_ok=True)
    _copied(Path(place), target)


def _copied(source: Path, target: Path) -> None:
    with os.scandir(source) as entries:
        for entry in entries:
            path = target / entry.name
            try:
                if entry.is_symlink():
                    path.symlink_to(Path(entry.path).readlink())
                elif entry.is_dir():
                    path.mkdir()
                    _copied(Path(entry.path), path)
                elif entry.is_file():
                    _file(entry.path, path)
            except FileNotFoundError:
                continue
    target.chmod(stat.S_IMODE(source.stat().st_mode))


def _file(source: str, target: Path) -> None:
    reading = os.open(source, os.O_RDONLY | os.O_CLOEXEC)
    try:
        write_image(target, contents(reading), stat.S_IMODE(os.fstat(reading).st_mode))
    finally:
        os.close(reading)


def fingerprint(place: "str | os.PathLike[str]") -> str:
    """A text that two directories share if the same files, directories and links are in them, with the same content."""
    digest, root = hashlib.blake2b(), Path(place)
    for path in sorted(root.rglob("*")):
        status = path.lstat()
        link = str(path.readlink()) if stat.S_ISLNK(status.st_mode) else ""
        data = path.read_bytes() if stat.S_ISREG(status.st_mode) else b""
        digest.update(repr((path.relative_to(root).as_posix(), status.st_mode, link, len(data))).encode())
        digest.update(data)
    return digest.hexdigest()


def contents(descriptor: int) -> bytes:
    """What is in an open file, from its beginning on."""
    blocks, offset = [], 0
    while block := os.pread(descriptor, COPIED_BYTES, offset):
        blocks.append(block)
        offset += len(block)
    return b"".join(blocks)


def write_image(path: Path, data: bytes, mode: int) -> None:
    """Make a new file.

    Raises:
        FileExistsError: there is one.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        os.fchmod(descriptor, mode)
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(descriptor, rest) :]
    finally:
        os.close(descriptor)
