"""Stores with a generated fault: each call that the fault is about is performed as its effect says.

Only the outermost call counts: an `add` that is made of `has_key` and `set` is a call of `add`.
"""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

from hypothesis import strategies

from conformance.faults.generated.answers import Stale
from conformance.faults.generated.calls import NOTHING, WRITES, Call, Handle, Memory, Scene
from conformance.faults.generated.fault import ANY, FILES, GeneratedFault, drawn
from conformance.faults.stores.dict_store import DictStore, Shelf, new_shelf
from conformance.faults.stores.file_store import FileStore, new_directory
from conformance.faults.stores.plain import PlainStore
from conformance.subject.origin import UNKNOWN, Origin
from conformance.subject.subject import Claims, Subject
from spec_store import Key

CHANGING = frozenset({*WRITES, "move", "remove_key"})
VALUES = strategies.one_of(
    strategies.text(),
    strategies.binary(),
    strategies.integers(),
    strategies.booleans(),
    strategies.none(),
    strategies.floats(allow_nan=False),
    strategies.lists(strategies.integers()),
    strategies.dictionaries(strategies.text(), strategies.integers()),
    strategies.tuples(strategies.integers(), strategies.text()),
)
"""What a dict for values of any type claims to take."""

_REMEMBERED: dict[str, Memory] = {}
"""What was done on each directory that is in use, by the stores of this process."""


class _Faulty(PlainStore):
    """Puts a fault before each method of the store that it is mixed into."""

    fault_: ClassVar[GeneratedFault]
    _inside = True

    def _begin(self, memory: Memory) -> None:
        """Go on from the constructor, which is no call but where the place was opened before."""
        memory.openings += 1
        self._memory, self._handle = memory, Handle(memory.openings, used=memory.clock)
        self._inside = False
        if memory.openings > 1:
            self._performed(Call("reopen"), lambda call: None)

    def _performed(self, call: Call, act: Callable[[Call], Any]) -> Any:
        """Perform a call, faultily if it is the fault's turn."""
        if self._inside or not call.plain:
            return act(call)
        memory, handle = self._memory, self._handle
        memory.clock += 1
        handle.total += 1
        handle.calls[call.name] += 1
        self._inside = True
        scene, fires = Scene(self, memory, handle), False
        try:
            with contextlib.suppress(Exception):  # of storage that a check makes fail: then nothing is to be known
                fires = self.fault_.fires(call, scene)
            with _remembering(call, scene, fires, isinstance(self.fault_.effect, Stale)):
                return self.fault_.effect.on(call, scene, act) if fires else act(call)
        finally:
            self._inside = False

    # The methods of the interface

    def get(self, key: Any, **kwargs: Any) -> Any:
        plain = super().get
        return self._performed(Call("get", key), lambda call: plain(key, **kwargs))

    def set(self, key: Any, value: Any, **kwargs: Any) -> Any:
        plain = super().set
        return self._performed(Call("set", key, value=value), lambda call: plain(key, call.value, **kwargs))

    def add(self, key: Any, value: Any, **kwargs: Any) -> Any:
        plain = super().add
        return self._performed(Call("add", key, value=value), lambda call: plain(key, call.value, **kwargs))

    def update(self, key: Any, value: Any, **kwargs: Any) -> Any:
        plain = super().update
        return self._performed(Call("update", key, value=value), lambda call: plain(key, call.value, **kwargs))

    def add_or_update(self, key: Any, value: Any, **kwargs: Any) -> Any:
        plain = super().add_or_update
        return self._performed(Call("add_or_update", key, value=value), lambda call: plain(key, call.value, **kwargs))

    def move(self, source_key: Any, dest_key: Any, **kwargs: Any) -> Any:
        plain = super().move
        return self._performed(Call("move", source_key, dest_key), lambda call: plain(source_key, dest_key, **kwargs))

    def has_key(self, key: Any) -> Any:
        plain = super().has_key
        return self._performed(Call("has_key", key), lambda call: plain(key))

    def list_keys(self, prefix: Any = ()) -> Any:
        plain = super().list_keys
        return self._performed(Call("list_keys", prefix), lambda call: plain(prefix))

    def remove_key(self, key: Any) -> Any:
        plain = super().remove_key
        return self._performed(Call("remove_key", key), lambda call: plain(key))

    def get_all(self) -> Any:
        plain = super().get_all
        return self._performed(Call("get_all"), lambda call: plain())

    @property
    def store_backend_id(self) -> Any:
        return self._performed(Call("store_backend_id"), lambda call: self._construct_store_backend_id())

    @property
    def store_backend_id_warnings_suppressed(self) -> Any:
        return self._performed(Call("store_backend_id"), lambda call: self._construct_store_backend_id(True))


@contextlib.contextmanager
def _remembering(call: Call, scene: Scene, fires: bool, values: bool) -> Iterator[None]:
    """Note what a call has done; what its keys held before only if `values` are asked for."""
    memory, changes = scene.memory, call.name in CHANGING
    before: dict[Key, Any] = {}
    with contextlib.suppress(Exception):  # of storage that a check makes fail
        if changes and values:
            before = {key: scene.value(key) for key in call.keys}
        elif changes:
            before = {key: None if scene.store.has_key(key) else NOTHING for key in call.keys}
    try:
        yield
    finally:
        scene.handle.used = memory.clock
        if fires:
            memory.stored = None
        with contextlib.suppress(Exception):
            if changes:
                _note(call, scene, before)


def _note(call: Call, scene: Scene, before: dict[Key, Any]) -> None:
    memory = scene.memory
    memory.wrote[scene.handle.number] = memory.clock
    memory.previous.update(before)
    memory.last = call.keys
    if call.name != "remove_key":
        memory.written[call.keys[-1]] += 1
    for key, held in before.items():
        stored = scene.store.has_key(key)
        if held is not NOTHING and not stored:
            memory.removed.add(key)
        if memory.stored is not None and stored:
            memory.stored.add(key)
        elif memory.stored is not None:
            memory.stored.discard(key)


class FaultyDict(_Faulty, DictStore):
    """A fault in a store over a dict."""

    def __init__(self, shelf: Shelf | None = None, **options: Any) -> None:
        super().__init__(shelf, **options)
        self._begin(self.shelf.marks.setdefault("generated", Memory()))


class FaultyFiles(_Faulty, FileStore):
    """A fault in a store over files."""

    def __init__(self, directory: str, **options: Any) -> None:
        super().__init__(directory, **options)
        self._begin(_REMEMBERED.setdefault(self.directory, Memory()))


@contextlib.contextmanager
def new_remembered_directory() -> Iterator[str]:
    """A new empty place for files; what was done there is forgotten with it."""
    with new_directory() as directory:
        try:
            yield directory
        finally:
            _REMEMBERED.pop(directory, None)


def store_class(fault: GeneratedFault) -> type[PlainStore]:
    """The class of stores with the fault."""
    base: type[PlainStore] = FaultyFiles if fault.base == FILES else FaultyDict
    return type(fault.name, (base,), {"fault_": fault, "__module__": __name__, "__doc__": fault.description})


def subject_of_fault(fault: GeneratedFault) -> Subject:
    """The store with the fault, to be judged; it claims what its base does."""
    return _subject(store_class(fault), fault.base, fault.name)


def subject_of_base(base: str) -> Subject:
    """The store without the fault."""
    return _subject(FileStore if base == FILES else DictStore, base, base)


def _subject(cls: type[PlainStore], base: str, name: str) -> Subject:
    claims = Claims(durable=True, values=VALUES if base == ANY else None)
    place: Any = new_remembered_directory if base == FILES else new_shelf
    return Subject(cls, place, claims, name)


def origin_of_fault(fault: GeneratedFault) -> Origin:
    """How another process opens it; none does what is in a dict."""
    if fault.base != FILES:
        return UNKNOWN
    numbers = f"{fault.seed}, {fault.number}, {fault.attempt}"
    place = f"{new_remembered_directory.__module__}.{new_remembered_directory.__name__}()"
    return Origin((f"import {__name__}",), f"{__name__}.{opened.__name__}({numbers}, place{{options}})", place)


def opened(seed: int, number: int, attempt: int, place: Any, **options: Any) -> PlainStore:
    """The store with the fault that was drawn by these numbers, opened on a place."""
    store: PlainStore = subject_of_fault(drawn(seed, number, attempt)).open(place, **options)
    return store
