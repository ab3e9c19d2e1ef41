"""Targets that give the kit a hard time, for its bad-input tests."""

import contextlib
import ctypes
import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

from conformance.subject.subject import Subject
from spec_store import InMemoryStoreBackend
from tests.short_campaigns import shorten_programs

if os.environ.get("SHORT_CAMPAIGNS"):  # in the worker process of a run that a test has started
    shorten_programs()

number = 7


class RaisesOnOpen(InMemoryStoreBackend):
    def __init__(self, **options):
        raise ConnectionError("no server there")


class ExitsOnOpen(InMemoryStoreBackend):
    def __init__(self, **options):
        os._exit(3)


class NeedsArguments(InMemoryStoreBackend):
    def __init__(self, url, table, **options):
        super().__init__(**options)


class Hangs(InMemoryStoreBackend):
    def _move(self, source_key, dest_key, **kwargs):
        if source_key == dest_key:
            threading.Event().wait()
        return super()._move(source_key, dest_key)


class HangsInNativeCode(InMemoryStoreBackend):
    def remove_key(self, key):
        if self.has_key(key):
            ctypes.PyDLL(None).sleep(600)  # keeps the interpreter's lock: no signal handler runs
        return super().remove_key(key)


class Exits(InMemoryStoreBackend):
    def _move(self, source_key, dest_key, **kwargs):
        os._exit(0)


class Crashes(InMemoryStoreBackend):
    def has_key(self, key):
        if key == ("b",):
            os.abort()
        return super().has_key(key)


class ExitsInACheck(InMemoryStoreBackend):
    def is_ignored_key(self, key):
        return super().is_ignored_key(key) if len(key) > 1 else os._exit(4)


class NamesNoModule(InMemoryStoreBackend):
    @property
    def config(self):
        return {name: value for name, value in super().config.items() if name != "module_name"}


class Prints(InMemoryStoreBackend):
    def _get(self, key):
        print("getting", key)
        os.write(1, b"noise\n")
        return super()._get(key)


class SysExits(InMemoryStoreBackend):
    def _has_key(self, key):
        return super()._has_key(key) if key == self.STORE_BACKEND_ID_KEY else sys.exit("bye")


class Interruptible(InMemoryStoreBackend):
    """Tells on a file when the run is well under way."""

    def _move(self, source_key, dest_key, **kwargs):
        marker = os.environ.get("TEST_MARKER")
        if marker:
            Path(marker).touch()
        return super()._move(source_key, dest_key)


shared = {("already", "there"): "precious"}


class Dict(InMemoryStoreBackend):
    def __init__(self, values, **options):
        super().__init__(**options)
        self._values.update(values)


full = Subject(open=lambda place, **options: Dict(shared, **options), name="full")


@contextlib.contextmanager
def no_place() -> Iterator[None]:
    raise OSError("no such bucket")
    yield


placeless = Subject(open=lambda place, **options: InMemoryStoreBackend(**options), place=no_place, name="placeless")
