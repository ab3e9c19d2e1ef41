"""Locks of what several may change at once: a store in memory by threads, a directory by processes too."""

import contextlib
import os
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

if sys.platform != "win32":
    import fcntl

PAUSE = 0.002
"""Seconds between two looks at a lock that another process holds."""


class ThreadLock:
    """What the threads that share a store take; one that holds it may take it again, as a handler of a signal does."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._process = os.getpid()

    @contextlib.contextmanager
    def held(self, seconds: float) -> Iterator[bool]:
        """Hold it, or give False after so many seconds."""
        if self._process != os.getpid():  # a fork, whose other threads are not there to give it back
            self._lock, self._process = threading.RLock(), os.getpid()
        lock = self._lock
        held = lock.acquire(timeout=seconds)
        try:
            yield held
        finally:
            if held:
                lock.release()


class DirectoryLock(ThreadLock):
    """What the processes that share a directory take as well; it is given back when its holder dies.

    Nothing is written for it: the directory itself is locked.
    """

    def __init__(self, directory: Path) -> None:
        super().__init__()
        self._directory = directory

    @contextlib.contextmanager
    def held(self, seconds: float) -> Iterator[bool]:
        """Hold it, or give False after so many seconds.

        Raises:
            OSError: there is no such directory, and it cannot be made.
        """
        end = time.monotonic() + seconds
        with super().held(seconds) as held:
            if sys.platform == "win32" or not held:  # there, the threads of one backend alone are kept apart
                yield held
                return
            if self._directory in (own := _own()):  # by another backend, whose change this one is called in
                yield True
                return
            descriptor = self._opened()
            try:
                own.add(self._directory)
                yield _locked(descriptor, end)
            finally:
                own.discard(self._directory)
                fcntl.flock(descriptor, fcntl.LOCK_UN)  # which a process that was forked meanwhile would keep
                os.close(descriptor)

    def _opened(self) -> int:
        try:
            return os.open(self._directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except FileNotFoundError:
            self._directory.mkdir(parents=True, exist_ok=True)
            return os.open(self._directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)


_threads = threading.local()


def _own() -> set[Path]:
    """The directories that this thread holds the locks of."""
    found: set[Path] = _threads.__dict__.setdefault("directories", set())
    return found


def _locked(descriptor: int, end: float) -> bool:
    while sys.platform != "win32":
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= end:
                return False
            time.sleep(PAUSE)
        else:
            return True
    return False
