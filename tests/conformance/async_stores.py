"""Backends that are asynchronous in one way each, which the kit refuses, and synchronous ones that look like it."""

import asyncio
import functools
from typing import ClassVar

from conformance.subject import Subject
from spec_store import InMemoryStoreBackend


def wrapped(function):
    """A plain function that returns a coroutine, and does not look like it."""

    @functools.wraps(function)
    def method(self, *arguments, **options):
        async def later():
            return function(self, *arguments, **options)

        return later()

    del method.__wrapped__
    return method


class AsyncCall:
    def __init__(self, function):
        self.function = function

    async def __call__(self, *arguments, **options):
        return self.function(*arguments, **options)


class Coroutine(InMemoryStoreBackend):
    async def get(self, key, **kwargs):
        return super().get(key)


class Everything(InMemoryStoreBackend):
    async def get(self, key, **kwargs):
        return super().get(key)

    async def set(self, key, value, **kwargs):
        return super().set(key, value)

    async def move(self, source_key, dest_key, **kwargs):
        return super().move(source_key, dest_key)

    async def has_key(self, key):
        return super().has_key(key)

    async def list_keys(self, prefix=()):
        return super().list_keys(prefix)

    async def remove_key(self, key):
        return super().remove_key(key)


class Generator(InMemoryStoreBackend):
    async def list_keys(self, prefix=()):
        for key in super().list_keys(prefix):
            yield key


class PlainGenerator(InMemoryStoreBackend):
    def list_keys(self, prefix=()):
        async def keys():
            yield ("a",)

        return keys()


class Partial(InMemoryStoreBackend):
    def __init__(self, **options):
        super().__init__(**options)
        self.move = functools.partial(self._later, True)

    async def _later(self, really, source_key, dest_key, **kwargs):
        return self._move(source_key, dest_key)


class CallableObject(InMemoryStoreBackend):
    def __init__(self, **options):
        super().__init__(**options)
        self.remove_key = AsyncCall(super().remove_key)


class PartialOfObject(InMemoryStoreBackend):
    def __init__(self, **options):
        super().__init__(**options)
        self.has_key = functools.partial(AsyncCall(super().has_key))


class Returns(InMemoryStoreBackend):
    """`set` and `list_keys` look like plain functions."""

    set = wrapped(InMemoryStoreBackend.set)
    list_keys = wrapped(InMemoryStoreBackend.list_keys)


class ReturnsFromWrites(InMemoryStoreBackend):
    set = wrapped(InMemoryStoreBackend.set)
    remove_key = wrapped(InMemoryStoreBackend.remove_key)


class Awaitable:
    def __await__(self):
        return iter(())


class ReturnsAwaitable(InMemoryStoreBackend):
    def add_or_update(self, key, value, **kwargs):
        return Awaitable()


class Hook(InMemoryStoreBackend):
    """What the base class calls is asynchronous: `_set`'s coroutine is dropped by `set`."""

    def set(self, key, value, **kwargs):
        self._set(key, value)

    async def _set(self, key, value, **kwargs):
        return super()._set(key, value)


class HookOfBase(InMemoryStoreBackend):
    async def _has_key(self, key):
        return super()._has_key(key)


class FailsToOpen(InMemoryStoreBackend):
    def __init__(self, **options):
        super().__init__(**options)
        self.connect()
        raise RuntimeError("not connected")

    async def connect(self):
        raise NotImplementedError


class AsyncFull(InMemoryStoreBackend):
    """Its place cannot be seen to be empty: nothing may be written there."""

    writes: ClassVar[list[object]] = []

    async def list_keys(self, prefix=()):
        raise NotImplementedError

    def set(self, key, value, **kwargs):
        self.writes.append(key)


async def make(**options):
    return InMemoryStoreBackend(**options)


async def place():
    raise NotImplementedError


unplaced = Subject(open=lambda place, **options: InMemoryStoreBackend(**options), place=place, name="unplaced")


class Drives(InMemoryStoreBackend):
    """Synchronous, by coroutines that it runs itself."""

    def _get(self, key):
        return asyncio.run(self._fetched(key))

    async def _fetched(self, key):
        return super()._get(key)


class Decorated(InMemoryStoreBackend):
    """Synchronous, and wraps a coroutine function."""

    async def _later(self, key):
        return InMemoryStoreBackend.has_key(self, key)

    @functools.wraps(_later)
    def has_key(self, key):
        return asyncio.run(self._later(key))


class AsyncClose(InMemoryStoreBackend):
    """Synchronous in all that the interface has."""

    async def close(self):
        raise NotImplementedError
